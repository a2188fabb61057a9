"""The timeline of changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace
from rich.cells import cell_len

from parity_tui.drift.changes import Change, TimedChange
from parity_tui.history import HistoryUpdate
from parity_tui.model import Severity
from parity_tui.ui.messages import Recalled
from tests.ui.board_user import each_size, opened_board


@each_size
async def test_timeline_shows_times_and_cut_values(size: tuple[int, int]) -> None:
    """Changes seen by earlier boards, changes between two boards, a value longer than the line."""
    change = Change("staging", "database", "TimeZone", "UTC", "Europe/Paris", Severity.CRITICAL)
    now = datetime.now().astimezone()
    days = [(now - timedelta(days=number)).replace(hour=12, minute=number).timestamp() for number in (3, 2, 1)]
    long = replace(change, setting="search_path", before="x" * 300, after="y" * 300)
    async with opened_board(size) as user:
        news = HistoryUpdate(
            past=(TimedChange(days[0], change), TimedChange(days[1], long)),
            missed=(TimedChange(days[2], change, days[0]),),
        )
        user.app.board_screen.post_message(Recalled(news))
        await user.until(lambda: "since you last looked: staging database TimeZone: UTC → Europe/Paris" in user.screen)
        await user.to("TimeZone")
        assert "staging moved UTC → Europe/Paris" in user.screen
        await user.press("t")
        lines = user.modal.splitlines()
        assert all(cell_len(line) <= size[0] - 6 for line in lines)
        (missed,) = (line for line in lines if ":03 - " in line)
        assert "12:01" in missed
        assert next(line for line in lines if "xxx" in line).rstrip().endswith("…")

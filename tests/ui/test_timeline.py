"""The timeline of changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from parity_tui.drift.changes import Change, TimedChange
from parity_tui.history import HistoryUpdate
from parity_tui.model import Severity
from parity_tui.ui.messages import Recalled
from tests.ui import boards
from tests.ui.board_user import each_size, opened_board


@each_size
async def test_timeline_shows_times_and_whole_values(size: tuple[int, int]) -> None:
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
        assert "staging changed UTC → Europe/Paris" in user.screen
        await user.press("t")
        lines = user.modal.splitlines()
        (missed,) = (line for line in lines if ":03 - " in line)
        assert "12:01" in missed
        assert next(line for line in lines if "xxx" in line).rstrip().endswith("y" * 300)


def _event(setting: str, service: str = "database", environment: str = "staging") -> TimedChange:
    return TimedChange(100.0, Change(environment, service, setting, "a", "b", Severity.WARNING))


async def test_timeline_is_filtered_and_enter_leads_to_the_row() -> None:
    async with opened_board((80, 24)) as user:
        past = (_event("max_connections"), _event("TimeZone"), _event("DateStyle", environment="production"))
        user.app.board_screen.post_message(Recalled(HistoryUpdate(past=past)))
        await user.until(lambda: len(user.app.board_screen.changes.seen) == 3)
        await user.press("t")
        assert len(user.modal.splitlines()) == 3
        await user.press("/", *"staging max")
        assert [line.split()[-4] for line in user.modal.splitlines()] == ["max_connections"]
        await user.press("enter", "enter")
        assert (user.under_cursor, user.grid.panes.current) == ("max_connections", 1)
        await user.press("t", "enter")
        assert (user.under_cursor, user.grid.panes.current) == ("DateStyle", 2)  # a row that agrees is shown as well
        await user.press("t", "escape")
        assert user.under_cursor == "DateStyle"


async def test_full_stop_goes_to_the_last_event() -> None:
    async with opened_board((80, 24)) as user:
        await user.press(".")
        assert "no changes recorded yet" in user.screen
        await user.give(boards.changed(boards.full(), "production", "database", "max_connections", "900"))
        await user.press(".")
        assert (user.under_cursor, user.grid.panes.current) == ("max_connections", 2)

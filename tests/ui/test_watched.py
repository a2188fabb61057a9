"""The board names the watcher of its history, and draws the times without one."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from parity_tui.drift.changes import Change, TimedChange
from parity_tui.history import HistoryUpdate, Sighting, WatchStatus
from parity_tui.model import Severity
from parity_tui.ui.messages import Recalled
from parity_tui.ui.view import labels
from tests.ui.board_user import BoardUser, opened_board

NOON = datetime.now().astimezone().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)
WATCHER = Sighting("watcher", "bastion", 7, "1.0", 0.0, 5.0)


def at(hour: int, minute: int = 0) -> float:
    return (NOON + timedelta(hours=hour - 12, minutes=minute)).timestamp()


def event(hour: int, setting: str) -> TimedChange:
    return TimedChange(at(hour), Change("staging", "database", setting, "a", "b", Severity.WARNING))


def words_of(moment: float) -> str:
    return labels.clock(moment, datetime.now().timestamp())


def is_in_first_line(user: BoardUser, words: str) -> bool:
    return words in user.lines[0]


async def test_first_line_names_the_watcher() -> None:
    async with opened_board((200, 50)) as user:
        assert not is_in_first_line(user, "watche")
        for status, words in (
            (WatchStatus(), "no watcher"),
            (WatchStatus((WATCHER,), at(13, 58)), f"watched since {words_of(at(13, 58))}"),
        ):
            user.app.board_screen.post_message(Recalled(HistoryUpdate(watch=status)))
            await user.until(partial(is_in_first_line, user, words))


async def test_gaps_are_lines_of_the_timeline() -> None:
    async with opened_board((120, 40)) as user:
        gaps = ((at(1), at(2)), (at(3), at(4)), (at(9), at(11, 30)))
        past = (event(0, "DateStyle"), event(7, "max_connections"), event(12, "TimeZone"))
        news = HistoryUpdate(past=past, watch=WatchStatus(gaps=gaps))
        user.app.board_screen.post_message(Recalled(news))
        await user.until(lambda: len(user.app.board_screen.changes.seen) == 3)
        await user.press("t")
        lines = user.modal.splitlines()
        assert ["TimeZone" in lines[0], "max_connections" in lines[2], "DateStyle" in lines[4]] == [True] * 3
        assert lines[1] == f"nobody watched {words_of(at(9))} to {words_of(at(11, 30))}"
        assert lines[3] == f"nobody watched {words_of(at(1))} to {words_of(at(4))}, 2 times"
        await user.press("j", "enter")
        assert user.under_cursor == "max_connections"  # the cursor passes over a gap


async def test_gap_before_every_event_is_not_chosen() -> None:
    async with opened_board((120, 40)) as user:
        news = HistoryUpdate(past=(event(7, "TimeZone"),), watch=WatchStatus(gaps=((at(9), at(11)),)))
        user.app.board_screen.post_message(Recalled(news))
        await user.until(lambda: len(user.app.board_screen.changes.seen) == 1)
        await user.press("t")
        assert "nobody watched" in user.modal.splitlines()[0]
        await user.press("enter")
        assert user.under_cursor == "TimeZone"

"""Outages on the board: cell, toast, timeline, and what an earlier board knew."""

from __future__ import annotations

import time

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, ChangeKind, TimedChange
from parity_tui.history import HistoryUpdate
from parity_tui.model import Failure, Outcome, Reason
from parity_tui.ui import app
from parity_tui.ui.messages import Recalled
from tests.ui import boards
from tests.ui.board_user import BoardUser, opened_board

FAILURE = Failure(Reason.REFUSED, "refused the connection")


def cache(board: Board) -> Outcome:
    """Return the outcome of staging's cache."""
    return next(
        outcome
        for outcome in board.outcomes()
        if (outcome.target.environment, outcome.target.service) == ("staging", "cache")
    )


def down(board: Board, seconds: float) -> Board:
    """Return the board after staging's cache began to fail so many seconds ago."""
    return board.with_outcomes([Outcome(cache(board).target, failure=FAILURE, failed_since=time.time() - seconds)])


def up(board: Board) -> Board:
    """Return the board after staging's cache answered again."""
    before = cache(boards.full())
    return board.with_outcomes([replace(before, recovered_at=time.time())])


@pytest.mark.parametrize(
    ("width", "text"),
    [(80, "✗ refused, 40 s"), (200, "✗ refused the connection, 40 s")],
)
async def test_failed_cell_says_since_when(width: int, text: str) -> None:
    async with opened_board((width, 50)) as user:
        await user.give(down(boards.full(), 45))
        assert text in user.line("▾ cache")
        await user.to("cache")
        assert "refused the connection · since " in user.screen


async def test_outage_and_its_end_are_announced() -> None:
    async with opened_board() as user:
        failing = down(boards.full(), 41)
        await user.give(failing)
        assert "staging cache: refused the connection" in user.screen
        await user.give(up(failing))
        assert "staging cache: answers again after 41 s" in user.screen
        lines = await timeline(user)
        assert [line.split("  ", 1)[1] for line in lines] == [
            "✓ staging  cache   answers again after 41 s",
            f"✗ staging  cache   refused the connection, until {lines[0][:5]}",
        ]


async def test_flapping_server_is_one_line_of_the_timeline() -> None:
    async with opened_board() as user:
        for _ in range(3):
            await user.give(down(boards.full(), 0))
            await user.give(up(down(boards.full(), 0)))
        (line,) = await timeline(user)
        assert "3 times since" in line


async def test_outage_during_a_busy_terminal_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened_board() as user:
        monkeypatch.setattr(app, "is_busy", lambda _: True)
        await user.give(down(boards.full(), 41))
        await user.give(up(down(boards.full(), 41)))
        assert "answers again" not in user.screen
        monkeypatch.setattr(app, "is_busy", lambda _: False)
        await user.until(lambda: "staging cache: answers again after 41 s" in user.screen)
        assert [line.split("  ", 1)[1][0] for line in await timeline(user)] == ["✓", "✗"]


async def timeline(user: BoardUser) -> list[str]:
    """Open the timeline and return its events."""
    await user.press("t")
    return [line.rstrip() for line in user.modal.splitlines() if "cache" in line]


async def test_recalled_outage_is_passed_to_the_source() -> None:
    async with opened_board() as user:
        since = {("cache", "staging", ""): 100.0}
        missed = TimedChange(100.0, Change("staging", "cache", kind=ChangeKind.FAILED, message="refused"), 50.0)
        user.app.board_screen.post_message(Recalled(HistoryUpdate(missed=(missed,), outages=since)))
        await user.until(lambda: "since you last looked: staging cache: refused" in user.screen)
        assert user.source.recalled == since

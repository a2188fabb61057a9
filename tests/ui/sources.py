"""A made-up source of boards, and the text that its services would be aligned with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from parity_tui.drift.board import Board
from parity_tui.model import TargetKey
from tests.ui.boards import policy


class FakeSource:
    """Yields the boards it is given, and records the requests it gets."""

    def __init__(self, boards: Sequence[Board] = (), interval: float = 5.0) -> None:
        self.interval = interval
        self.requests: list[str] = []
        self.recalled: dict[TargetKey, float] = {}
        self.starts = 0
        self.ended = False
        self.begin: Board | None = None
        """the board to resume from; None: the one before"""
        self.waiting = False
        """every given board has been taken"""
        self.queue: asyncio.Queue[Board | Exception] = asyncio.Queue()
        self.latest: Board | None = None
        for board in boards:
            self.give(board)

    def give(self, board: Board | Exception) -> None:
        """Yield the board next, or raise the error."""
        self.waiting = False
        self.queue.put_nowait(board)

    async def boards(self) -> AsyncIterator[Board]:
        """Yield the given boards; raise a given error."""
        self.starts += 1
        try:
            while True:
                self.waiting = self.queue.empty()
                board = await self.queue.get()
                if isinstance(board, Exception):
                    self.waiting = True
                    raise board
                self.latest = board
                yield board
        finally:
            self.ended = True

    @property
    def started(self) -> bool:
        """Whether boards have been asked for."""
        return self.starts > 0

    def resume_from(self, before: Board) -> Board:
        """Return the board of its own, or the one before."""
        return self.begin or before

    def recall_outages(self, since: Mapping[TargetKey, float]) -> None:
        """Record the outages."""
        self.recalled.update(since)

    def refresh(self) -> None:
        """Record the request."""
        self.requests.append("refresh")

    def pause(self, on: bool) -> None:
        """Record the request."""
        self.requests.append(f"pause {on}")

    def set_baseline(self, baseline: str) -> None:
        """Record the request and yield the latest board with another baseline."""
        self.requests.append(f"baseline {baseline}")
        if self.latest:
            self.give(self.latest.with_policy(policy(baseline)))


def remediate(row: object, index: int) -> str:
    """Return the statement that would align a made-up setting."""
    setting = getattr(row, "setting", "")
    return f"ALTER SYSTEM SET \"{setting}\" = 'UTC';  -- then SELECT pg_reload_conf()" if setting != "product" else ""

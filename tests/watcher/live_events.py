"""Watches targets on real servers and collects the events between boards."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from parity_tui.config import target
from parity_tui.demo.server import Server
from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, changes
from parity_tui.drift.policy import Policy
from parity_tui.model import Target
from parity_tui.services import kinds
from parity_tui.watcher import Watcher

PATIENCE = 60
"""seconds: longer than any machine needs"""


def target_on(server: Server, user: str = "", *, environment: str = "dev", host: str = "", path: str = "") -> Target:
    """Return the target of a server; ``host`` replaces its address."""
    url = server.url(user, path=path).replace(server.host, host or server.host)
    return target(environment, "it", url, Path("/"), {})


class LiveEvents:
    """A watcher of real servers, and every event that its boards have had so far."""

    def __init__(self, targets: Iterable[Target], *, interval: float = 0.1, renewal: float = 60.0) -> None:
        targets = list(targets)
        names = list(dict.fromkeys(each.environment for each in targets))
        self.watcher = Watcher(names, targets, kinds(), Policy(), interval=interval, timeout=10, renewal=renewal)
        self.events: list[Change] = []
        self.board: Board = self.watcher.board
        self._news = asyncio.Condition()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[LiveEvents]:
        """Watch in a task until the block ends; enter it once every target has answered or failed."""
        task = asyncio.create_task(self._follow())
        try:
            await self.until(lambda: self.board.complete)
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _follow(self) -> None:
        async with aclosing(self.watcher.boards()) as boards:  # type: ignore[type-var]
            async for board in boards:
                async with self._news:
                    self.events += changes(self.board, board)
                    self.board = board
                    self._news.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a board meets the condition."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(condition)

    async def after(self, act: Callable[[], object], *subjects: str) -> list[str]:
        """Act in a thread; wait for events with these subjects and return all events since, as sentences."""
        first = len(self.events)
        await asyncio.to_thread(act)
        try:
            await self.until(lambda: set(subjects) <= {event.subject for event in self.events[first:]})
        except TimeoutError:
            raise AssertionError(f"{subjects} not among {self.events[first:]}") from None
        return [f"{event.subject}: {event.transition}" for event in self.events[first:]]


def resolve(monkeypatch: pytest.MonkeyPatch, names: dict[str, str]) -> dict[str, str]:
    """Resolve these names, which may change, to their addresses, and all others as before."""
    ask = socket.getaddrinfo

    def addresses(host: Any, *arguments: Any, **options: Any) -> Any:
        return ask(names.get(host, host), *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    return names

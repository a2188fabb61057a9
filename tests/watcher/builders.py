"""A made-up kind whose servers each test scripts, and the watcher of one target in each environment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import date

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Dialer, Fact, Failure, Outcome, Reading, ReadOnce, Service, Target
from parity_tui.watcher import Watcher

PATIENCE = 20
"""seconds: longer than any machine needs"""


class ScriptedKind:
    """A kind that reads by calling one function for each environment, and notes its connections."""

    def __init__(self, **reads: ReadOnce) -> None:
        self.reads = reads
        self.connected: list[str] = []
        self.disconnected: list[str] = []
        self.service = Service("Made up", ("made",), self.connect, "none", ())

    @asynccontextmanager
    async def connect(self, target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
        self.connected.append(target.environment)
        try:
            yield self.reads[target.environment]
        finally:
            self.disconnected.append(target.environment)

    def watcher(
        self,
        *,
        once: bool = False,
        interval: float = 0.01,
        timeout: float = 0.3,
        policy: Policy | None = None,
        today: Callable[[], date] = date.today,
        wait_until_available: Callable[[Target], Awaitable[None]] | None = None,
    ) -> Watcher:
        """Make a watcher of one target in each environment."""
        targets = [Target(name, "db", "made", host=f"{name}.example", port=1) for name in self.reads]
        return Watcher(
            list(self.reads), targets, {"made": self.service}, policy or Policy(), interval=interval, timeout=timeout,
            once=once, today=today, wait_until_available=wait_until_available,
        )  # fmt: skip


async def answers() -> Reading:
    return Reading("Thing", "1.0", {"a": Fact("1")})


async def hangs() -> Reading:
    await asyncio.Event().wait()
    raise AssertionError


def fails(error: BaseException) -> ReadOnce:
    """Return a read that raises."""

    async def read() -> Reading:
        raise error

    return read


class UncancellableRead:
    """A read that swallows every cancellation until it is released."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.called = asyncio.Semaphore(0)

    async def __call__(self) -> Reading:
        self.called.release()
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue
        return await answers()


class CountedRead:
    """A read whose reading differs each time; counts the calls."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self) -> Reading:
        self.calls += 1
        return Reading("Thing", str(self.calls), {})


async def read_once(kind: ScriptedKind) -> Board:
    """Read every target once and return the last board."""
    watcher = kind.watcher(once=True)
    async with asyncio.timeout(PATIENCE):
        async for _ in watcher.boards():
            pass
    return watcher.board


async def watch_until(watcher: Watcher, condition: Callable[[Board], bool]) -> Board:
    """Watch until a board meets the condition; return it."""
    async with asyncio.timeout(PATIENCE), aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        async for board in boards:
            if condition(board):
                return board
    raise AssertionError("the boards have ended")


def outcome(board: Board, environment: str) -> Outcome:
    """Return the outcome of the only target of an environment."""
    (found,) = [outcome for outcome in board.outcomes() if outcome.target.environment == environment]
    return found


def failure(board: Board, environment: str = "dev") -> Failure:
    """Return the failure of an environment."""
    found = outcome(board, environment).failure
    assert found is not None
    return found

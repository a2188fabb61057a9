"""The demo's first seconds: a starting server is pending, and none of them has failed."""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing

import pytest

from parity_tui.cli import Exit, main
from parity_tui.cli import board as command
from parity_tui.demo import Demo, demo
from parity_tui.demo.memcached import Memcached
from parity_tui.demo.process import StartError
from parity_tui.demo.servers import Servers
from parity_tui.demo.services import DemoService, entry
from parity_tui.drift.board import Board
from parity_tui.model import Outcome, Target
from parity_tui.ui.protocols import BoardSource


class Late(Memcached):
    """A server that starts when the test permits it."""

    def __init__(self, servers: Servers, permit: threading.Event) -> None:
        super().__init__(servers.home, "late", servers.program("memcached", ""))
        self.permit = permit

    def start(self) -> None:
        assert self.permit.wait(20)
        super().start()


class Broken(Late):
    """A server that fails to start when the test permits it."""

    def start(self) -> None:
        assert self.permit.wait(20)
        raise StartError("it did not come up")


@pytest.fixture
def permit() -> Iterator[threading.Event]:
    """Event that permits the late server to start."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(params=[Late, Broken])
def late(request: pytest.FixtureRequest, permit: threading.Event, monkeypatch: pytest.MonkeyPatch) -> type[Late]:
    """Reduce the demo to one Memcached for each environment; production's is late."""
    kind: type[Late] = request.param

    def sessions(servers: Servers, environment: str) -> DemoService:
        server = kind(servers, permit) if environment == "production" else servers.memcached()
        return DemoService(entry(server.url()), server, starts_late=environment == "production")

    monkeypatch.setattr(demo, "SERVICES", {"sessions": sessions})
    monkeypatch.setattr(demo, "HEAD", 'baseline = "production"\ninterval = "0.1s"\ntimeout = "20s"\n')
    monkeypatch.setattr(demo, "EXPECT", "")
    return kind


Outcomes = tuple[Outcome, ...]


def run_demo(monkeypatch: pytest.MonkeyPatch, done: Callable[[Outcomes], bool]) -> Outcomes:
    """Run `parity-tui demo`, take boards instead of the screen until ``done``, and return the last outcomes."""
    seen: list[Outcomes] = []

    async def watch(boards: AsyncIterator[Board]) -> None:
        async with asyncio.timeout(60), aclosing(boards):  # type: ignore[type-var]
            async for board in boards:
                seen.append(tuple(board.outcomes()))
                if done(seen[-1]):
                    return

    def show(source: BoardSource, *_: object) -> int:
        asyncio.run(watch(source.boards()))
        return 0

    monkeypatch.setattr(command, "show", show)
    assert command.demo(argparse.Namespace(check_only=False, gaps=False)) == 0
    return seen[-1]


def test_starting_server_is_pending_without_blocking_others(
    late: type[Late], permit: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are refreshed meanwhile; the late server ends with a reading or a failure."""
    boards_before = 0

    def done(outcomes: Outcomes) -> bool:
        """Permit the late server once the others have been refreshed; return whether it has an outcome."""
        nonlocal boards_before
        *others, last = outcomes
        if not permit.is_set():
            assert last.pending
            boards_before += all(outcome.reading for outcome in others)
            if boards_before > 20:
                permit.set()
        return not last.pending

    *_, last = run_demo(monkeypatch, done)
    assert boards_before > 20
    if late is Broken:
        assert last.failure is not None
        assert last.failure.reason == "refused"
    else:
        assert last.failure is None
        assert last.reading is not None


async def test_cancelled_waiter_does_not_cancel_other_waiters(late: type[Late], permit: threading.Event) -> None:
    target = Target("production", "sessions", "memcached")
    async with Demo() as demo:
        cancelled, waiting = (asyncio.create_task(demo.wait_until_available(target)) for _ in range(2))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        assert not waiting.done()
        permit.set()
        async with asyncio.timeout(60):
            await waiting
        assert bool(demo.missing) is (late is Broken)


async def test_server_that_is_up_needs_no_waiting(late: type[Late], permit: threading.Event) -> None:
    async with Demo() as demo, asyncio.timeout(60):
        await demo.wait_until_available(Target("dev", "sessions", "memcached"))
        assert not permit.is_set()
        permit.set()


def test_unusable_terminal_is_refused_before_servers_start(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "demo", lambda _: pytest.fail("servers were started"))
    monkeypatch.setattr("os.isatty", lambda _: False)
    assert main(["demo"]) == Exit.USAGE
    assert "`parity-tui demo --check` prints the same as text" in capfd.readouterr().err

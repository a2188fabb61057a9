"""The demo's first seconds: a server that still comes up is being read, and none that failed."""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing

import pytest

from parity_tui.cli import board as command
from parity_tui.demo import Demo, demo
from parity_tui.demo.memcached import Memcached
from parity_tui.demo.process import StartError
from parity_tui.demo.servers import Servers
from parity_tui.demo.services import Part, entry
from parity_tui.drift.board import Board
from parity_tui.model import Outcome, Target
from parity_tui.ui.protocols import BoardSource


class Late(Memcached):
    """A server that is started when a test lets it."""

    def __init__(self, servers: Servers, permit: threading.Event) -> None:
        super().__init__(servers.home, "late", servers.program("memcached", ""))
        self.permit = permit

    def start(self) -> None:
        """Wait for the test."""
        assert self.permit.wait(20)
        super().start()


class Broken(Late):
    """A server that does not come up either when it is let."""

    def start(self) -> None:
        """Wait for the test, in vain."""
        assert self.permit.wait(20)
        raise StartError("it did not come up")


@pytest.fixture
def permit() -> Iterator[threading.Event]:
    """Let the late server start."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(params=[Late, Broken])
def late(request: pytest.FixtureRequest, permit: threading.Event, monkeypatch: pytest.MonkeyPatch) -> type[Late]:
    """Make a demo of one Memcached in each environment, of which production's is late."""
    kind: type[Late] = request.param

    def sessions(servers: Servers, environment: str) -> Part:
        """Make the store of sessions, or prepare it."""
        server = kind(servers, permit) if environment == "production" else servers.memcached()
        return Part(entry(server.url()), server, waits=environment == "production")

    monkeypatch.setattr(demo, "SERVICES", {"sessions": sessions})
    monkeypatch.setattr(demo, "HEAD", 'baseline = "production"\ninterval = "0.1s"\ntimeout = "20s"\n')
    monkeypatch.setattr(demo, "EXPECT", "")
    return kind


Outcomes = tuple[Outcome, ...]


def look(monkeypatch: pytest.MonkeyPatch, enough: Callable[[Outcomes], bool]) -> Outcomes:
    """Run `parity-tui demo`; where the board would be, look at all outcomes until it is enough; return the last."""
    found: list[Outcomes] = []

    async def watch(boards: AsyncIterator[Board]) -> None:
        """Take the boards, as the board on the screen does."""
        async with asyncio.timeout(60), aclosing(boards):  # type: ignore[type-var]
            async for board in boards:
                found.append(tuple(board.outcomes()))
                if enough(found[-1]):
                    return

    def show(source: BoardSource, *_: object) -> int:
        """Look in an event loop of its own, as the board does."""
        asyncio.run(watch(source.boards()))
        return 0

    monkeypatch.setattr(command, "_show", show)
    assert command.demo(argparse.Namespace(check_only=False)) == 0
    return found[-1]


def test_a_server_that_still_comes_up_is_being_read_and_holds_up_no_other(
    late: type[Late], permit: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are read again and again meanwhile; then it is read, or said why it cannot be."""
    boards_before = 0

    def seen(outcomes: Outcomes) -> bool:
        """Let the late server start once the others have been read for a while; tell whether it was heard of."""
        nonlocal boards_before
        *others, last = outcomes
        if not permit.is_set():
            assert last.pending
            boards_before += all(outcome.reading for outcome in others)
            if boards_before > 20:
                permit.set()
        return not last.pending

    *_, last = look(monkeypatch, seen)
    assert boards_before > 20
    if late is Broken:
        assert last.failure is not None
        assert last.failure.reason == "refused"
    else:
        assert last.failure is None
        assert last.reading is not None


async def test_one_who_waits_no_longer_spoils_it_for_no_other(late: type[Late], permit: threading.Event) -> None:
    """A board that is left while a server comes up leaves whoever else waits for it waiting."""
    target = Target("production", "sessions", "memcached")
    async with Demo() as demo:
        left, waits = (asyncio.create_task(demo.wait_until_available(target)) for _ in range(2))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        assert not waits.done()
        permit.set()
        async with asyncio.timeout(60):
            await waits
        assert bool(demo.missing) is (late is Broken)


async def test_what_does_not_come_up_late_is_admitted_at_once(late: type[Late], permit: threading.Event) -> None:
    """Nobody waits for the servers that are up before the board is."""
    async with Demo() as demo, asyncio.timeout(60):
        await demo.wait_until_available(Target("dev", "sessions", "memcached"))
        assert not permit.is_set()
        permit.set()

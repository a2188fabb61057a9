"""Three hundred targets: a limited number connects at once, all are read, and keys are answered meanwhile."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from parity_tui.drift.policy import Policy
from parity_tui.model import Target
from parity_tui.services import kinds
from parity_tui.ui.app import ParityApp
from parity_tui.ui.protocols import BoardServices
from parity_tui.ui.terminal.capabilities import Terminal
from parity_tui.ui.widgets.grid import Grid
from parity_tui.watcher import MAX_CONNECTING, Watcher
from tests.faults.observed_target import MEGABYTE, PATIENCE
from tests.proxy import listening

ENVIRONMENTS = [f"region-{number}" for number in range(60)]
SERVICES = [f"cache-{number}" for number in range(5)]
SETTINGS = b"".join(b"STAT setting_%d %d\r\n" % (number, number) for number in range(100))
ANSWER = b"STAT pid 1\r\nSTAT version 1.6.18\r\nEND\r\n" + SETTINGS + b"END\r\n"


class Crowd:
    """A Memcached that answers no client until the test opens it."""

    def __init__(self) -> None:
        self.clients = 0
        self.waiting = 0
        """connected clients without an answer"""
        self.most = 0
        """the most clients that have waited at once"""
        self.open = asyncio.Event()
        self._limit = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients += 1
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.waiting == MAX_CONNECTING:
            self._limit.set()
        await self.open.wait()
        await reader.readuntil(b"settings\r\n")
        self.waiting -= 1
        writer.write(ANSWER)
        await reader.read()

    async def until_limit(self) -> None:
        """Wait until as many clients wait as may connect at once."""
        await self._limit.wait()


@asynccontextmanager
async def crowded() -> AsyncIterator[tuple[Crowd, Watcher]]:
    """Yield a server, and a watcher of three hundred targets on it."""
    crowd = Crowd()
    async with listening(crowd.serve) as port:
        targets = [
            Target(environment, service, "memcached", "memcached", "127.0.0.1", port)
            for environment in ENVIRONMENTS
            for service in SERVICES
        ]
        yield crowd, Watcher(ENVIRONMENTS, targets, kinds(), Policy(), interval=60, timeout=PATIENCE)


def resident() -> int:
    """Return the resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_many_targets_connect_within_the_limit() -> None:
    """Fault 43: Waiting for a connection does not count against the deadline; memory is bounded."""
    before = resident()
    async with crowded() as (crowd, watch), asyncio.timeout(PATIENCE), aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        await anext(boards)
        more = asyncio.ensure_future(anext(boards))
        await crowd.until_limit()
        await asyncio.sleep(0.1)  # time for connections beyond the limit
        assert crowd.clients == MAX_CONNECTING
        crowd.open.set()
        board = await more
        while not board.complete:
            board = await anext(boards)
    assert board.summary.failed == 0
    assert crowd.clients == len(ENVIRONMENTS) * len(SERVICES)
    assert crowd.most <= MAX_CONNECTING
    assert resident() - before < 150 * MEGABYTE


async def test_keys_are_answered_while_many_targets_connect() -> None:
    """Fault 43: The cursor moves before the first answer, during all of them, and afterwards."""
    async with crowded() as (crowd, watch):
        app = ParityApp(watch, watch.board, BoardServices(), Terminal())
        async with app.run_test(size=(120, 40)) as pilot, asyncio.timeout(PATIENCE):
            grid = app.board_screen.query_one(Grid)
            await crowd.until_limit()
            await pilot.press("j")
            assert (grid.cursor, watch.board.complete) == (1, False)
            crowd.open.set()
            moved = 0
            while not watch.board.complete:
                at = grid.cursor
                await pilot.press("j" if at == 0 else "k")
                moved += grid.cursor != at
            await pilot.press("g", "j")
            assert grid.cursor == 1
    assert moved >= 1
    assert watch.board.summary.failed == 0

"""Sixty environments of five services against a made-up server: few at a time, all in the end, and keys meanwhile."""

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
    """A Memcached that lets its clients wait for their first answer until it is told to let them in."""

    def __init__(self) -> None:
        self.clients = 0
        self.waiting = 0
        """who has connected and not been answered yet"""
        self.most = 0
        """who has waited at once"""
        self.open = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let one client wait, then answer all its questions."""
        self.clients += 1
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await self.open.wait()
        await reader.readuntil(b"settings\r\n")
        self.waiting -= 1
        writer.write(ANSWER)
        await reader.read()


@asynccontextmanager
async def crowded() -> AsyncIterator[tuple[Crowd, Watcher]]:
    """Give a server and what watches it three hundred times."""
    crowd = Crowd()
    async with listening(crowd.serve) as port:
        targets = [
            Target(environment, service, "memcached", "memcached", "127.0.0.1", port)
            for environment in ENVIRONMENTS
            for service in SERVICES
        ]
        yield crowd, Watcher(ENVIRONMENTS, targets, kinds(), Policy(), interval=60, timeout=PATIENCE)


def resident() -> int:
    """Return the bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_three_hundred_targets_are_connected_to_a_few_at_a_time_and_all_are_filled() -> None:
    """Fault 43: Never more than the limit at once; those that wait are outside their deadline; memory has a bound."""
    before = resident()
    async with crowded() as (crowd, watch), asyncio.timeout(PATIENCE), aclosing(watch.boards()) as boards:  # type: ignore[type-var]
        await anext(boards)
        more = asyncio.ensure_future(anext(boards))
        while crowd.waiting < MAX_CONNECTING:  # noqa: ASYNC110 - as many as may be have come
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # time for those that may not
        assert crowd.clients == MAX_CONNECTING
        crowd.open.set()
        board = await more
        while not board.complete:
            board = await anext(boards)
    assert board.summary.failed == 0
    assert crowd.clients == len(ENVIRONMENTS) * len(SERVICES)
    assert crowd.most <= MAX_CONNECTING
    assert resident() - before < 150 * MEGABYTE


async def test_keys_are_answered_while_three_hundred_targets_are_read() -> None:
    """Fault 43: The cursor moves while nothing has been heard, while all comes in, and afterwards."""
    async with crowded() as (crowd, watch):
        app = ParityApp(watch, watch.board, BoardServices(), Terminal())
        async with app.run_test(size=(120, 40)) as pilot, asyncio.timeout(PATIENCE):
            grid = app.board_screen.query_one(Grid)
            while crowd.waiting < MAX_CONNECTING:
                await pilot.pause(0.01)
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

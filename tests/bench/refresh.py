"""Chapter two: a refresh on connections that are kept: time, round trips, bytes, CPU."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from parity_tui import config
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, ReadOnce, Target
from parity_tui.services import kinds, redact_reading
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.event_loop import run
from tests.bench import libraries
from tests.bench.fleet import Place, written
from tests.bench.line import Line, Lines
from tests.bench.table import Figure, against, within

Ask = Callable[[], Awaitable[Any]]


def measure(places: Sequence[Place], folder: Path, times: int) -> list[Figure]:
    """Return the figures of each kind, and those of fifteen targets together."""
    figures = []
    for kind in dict.fromkeys(place.kind for place in places):
        place = next(place for place in places if place.kind == kind)
        with Lines() as lines:
            figures += run(_counted(place, lines, folder))
        figures.append(run(_timed([place], folder, times * 3, f"{kind}: a refresh")))
    fifteen = [msgspec.structs.replace(p, service=f"{p.service}{n}") for n in range(5) for p in places][:15]
    figures.append(run(_timed(fifteen, folder, times * 3, "15 targets: a refresh")))
    figures.append(run(_burden(fifteen, folder, times * 3)))
    return figures


@asynccontextmanager
async def _kept(places: Sequence[Place], folder: Path) -> AsyncIterator[list[tuple[Target, ReadOnce]]]:
    """Give what reads each place, on our own connections."""
    targets = config.load(written(places, folder, "refresh")).targets
    async with AsyncExitStack() as stack:
        reads = []
        for target in targets:
            service = kinds()[target.kind]
            reads.append((target, await stack.enter_async_context(service.connect(target, NetworkDialer(target, 30)))))
            await reads[-1][1]()
        yield reads


async def _counted(place: Place, lines: Lines, folder: Path) -> list[Figure]:
    """Return round trips and bytes of one refresh, seen from between."""
    line = lines.to(place.port)
    http = lines.to(place.management) if place.management else Line(0, 0)
    there = msgspec.structs.replace(place, port=line.port, management=http.port)
    async with _kept([there], folder) as reads:
        for each in (line, http):
            each.forget()
        await reads[0][1]()
        turns, up, down = max(line.turns, http.turns), line.up + http.up, line.down + http.down
    return [
        within(f"{place.kind}: round trips of a refresh", turns, "", 1),
        Figure(f"{place.kind}: bytes of a refresh", f"{up:,} up, {down:,} down"),
    ]


async def _timed(places: Sequence[Place], folder: Path, times: int, what: str) -> Figure:
    """Return how long it takes to read all at once, beside the libraries by hand."""
    async with _kept(places, folder) as reads:
        asks: list[libraries.Read] = []
        for place in places:
            asks.append(await libraries.KINDS[place.kind](msgspec.to_builtins(place)))
            await asks[-1]()
        ours, beside = [], []
        for _ in range(times):
            ours.append(await _seconds([read for _, read in reads]))
            beside.append(await _seconds(asks))
    return against(what, ours, beside, "the libraries by hand")


async def _seconds(asks: Sequence[Ask]) -> float:
    """Return how long it takes until all have answered."""
    began = time.perf_counter()
    await asyncio.gather(*(ask() for ask in asks))
    return time.perf_counter() - began


async def _burden(places: Sequence[Place], folder: Path, times: int) -> Figure:
    """Return the CPU that a refresh of all takes, comparing included."""
    spent = []
    async with _kept(places, folder) as reads:
        names = tuple(dict.fromkeys(target.environment for target, _ in reads))
        board = Board.of(names, [target for target, _ in reads], kinds(), Policy())
        for _ in range(times):
            began = time.process_time()
            readings = await asyncio.gather(*(read() for _, read in reads))
            board = board.with_outcomes(
                Outcome(target, redact_reading(reading, kinds()[target.kind]))
                for (target, _), reading in zip(reads, readings, strict=True)
            )
            spent.append(time.process_time() - began)
    return within(f"{len(places)} targets: CPU of a refresh", sorted(spent)[len(spent) // 2] * 1000, "ms", 20)

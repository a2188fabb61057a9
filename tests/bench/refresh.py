"""Chapter two: a refresh on open connections: time, round trips, bytes, CPU."""

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
from tests.bench.delay import DelayedPort, DelayedPorts
from tests.bench.fleet import ServerAddress, write_config
from tests.bench.table import Figure, against, within

Read = Callable[[], Awaitable[Any]]


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures of each kind, and those of fifteen targets together."""
    figures = []
    for kind in dict.fromkeys(address.kind for address in addresses):
        address = next(address for address in addresses if address.kind == kind)
        with DelayedPorts() as ports:
            figures += run(_count(address, ports, folder))
        figures.append(run(_time([address], folder, times * 3, f"{kind}: a refresh")))
    fifteen = [msgspec.structs.replace(p, service=f"{p.service}{n}") for n in range(5) for p in addresses][:15]
    figures.append(run(_time(fifteen, folder, times * 3, "15 targets: a refresh")))
    figures.append(run(_cpu(fifteen, folder, times * 3)))
    return figures


@asynccontextmanager
async def open_connections(
    addresses: Sequence[ServerAddress], folder: Path
) -> AsyncIterator[list[tuple[Target, ReadOnce]]]:
    """Yield the target and the reading function of each address, each connected and read once."""
    targets = config.load(write_config(addresses, folder, "refresh")).targets
    async with AsyncExitStack() as stack:
        reads = []
        for target in targets:
            service = kinds()[target.kind]
            reads.append((target, await stack.enter_async_context(service.connect(target, NetworkDialer(target, 30)))))
            await reads[-1][1]()
        yield reads


async def _count(address: ServerAddress, ports: DelayedPorts, folder: Path) -> list[Figure]:
    """Return round trips and bytes of one refresh."""
    port = ports.to(address.port)
    http = ports.to(address.management) if address.management else DelayedPort(0, 0)
    counted = msgspec.structs.replace(address, port=port.port, management=http.port)
    async with open_connections([counted], folder) as reads:
        for each in (port, http):
            each.reset()
        await reads[0][1]()
        trips = max(port.round_trips, http.round_trips)
        up, down = port.up + http.up, port.down + http.down
    return [
        within(f"{address.kind}: round trips of a refresh", trips, "", 1),
        Figure(f"{address.kind}: bytes of a refresh", f"{up:,} up, {down:,} down"),
    ]


async def _time(addresses: Sequence[ServerAddress], folder: Path, times: int, what: str) -> Figure:
    """Return the time of reading all at once, beside the libraries alone."""
    async with open_connections(addresses, folder) as reads:
        reference: list[libraries.Read] = []
        for address in addresses:
            reference.append(await libraries.KINDS[address.kind](msgspec.to_builtins(address)))
            await reference[-1]()
        ours, beside = [], []
        for _ in range(times):
            ours.append(await _seconds([read for _, read in reads]))
            beside.append(await _seconds(reference))
    return against(what, ours, beside, "the libraries by hand")


async def _seconds(reads: Sequence[Read]) -> float:
    """Return the seconds until all have been read."""
    began = time.perf_counter()
    await asyncio.gather(*(read() for read in reads))
    return time.perf_counter() - began


async def _cpu(addresses: Sequence[ServerAddress], folder: Path, times: int) -> Figure:
    """Return the CPU time of a refresh, comparing included."""
    spent = []
    async with open_connections(addresses, folder) as reads:
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
    return within(f"{len(addresses)} targets: CPU of a refresh", sorted(spent)[len(spent) // 2] * 1000, "ms", 20)

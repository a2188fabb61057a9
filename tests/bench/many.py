"""Chapter five: 300 targets at once, and memory. ``python -m tests.bench.many CONFIG`` reads one configuration once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from parity_tui import config
from parity_tui.drift.policy import Policy
from parity_tui.services import kinds
from parity_tui.transport.event_loop import run
from parity_tui.watcher import MAX_CONNECTING, Watcher
from tests.bench.board import MINUTE, resting
from tests.bench.delay import DelayedPorts
from tests.bench.fleet import ServerAddress, delayed, write_config
from tests.bench.run import ROOT, variables
from tests.bench.table import Figure, within
from tests.bench.terminal import peak_of

ENVIRONMENTS, SERVICES = 60, 5
TICK = 0.005
"""seconds between two checks that the event loop is free"""


class Measurement(msgspec.Struct):
    """Printed by a process that has read everything once."""

    seconds: float
    """until the last target answered"""
    cpu: float
    pause: float
    """the longest time in seconds that the event loop was busy"""
    peak: float
    """MB"""
    failed: int


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures at a round trip of 50 ms."""
    with DelayedPorts() as ports:
        distant = delayed(addresses, ports, 0.05)
        one = [_measure(write_config([address], folder, "one")) for address in distant]
        many = _measure(write_config(_many(distant), folder, "many"))
        seconds = sum(each.seconds for each in one) / len(one)
        few = _measure(write_config(distant, folder, "few"))
        figures = [
            within("300 targets at RTT 50 ms: the last is filled", many.seconds, "s", _most(seconds)),
            Figure("one connect and reading, in the mean", f"{seconds * 1000:.0f} ms"),
            Figure("300 targets: CPU, and the longest pause", f"{many.cpu:.1f} s", f"{many.pause * 1000:.0f} ms"),
            Figure("300 targets: not read", str(many.failed), promise="none", kept=many.failed == 0),
            within("300 targets: peak memory of reading them", many.peak, "MB", 300),
            within(f"{len(addresses)} targets: peak memory of reading them", few.peak, "MB", 90),
        ]
    _, cpu, peak = resting(write_config(_many(addresses), folder, "many-near", interval="5s", timeout="30s"))
    return [
        *figures,
        within("300 targets at rest, every 5 s: CPU", cpu * 100 / MINUTE, "% of a core", 8),
        within("300 targets: peak memory of the board", peak, "MB", 300),
    ]


def _most(one: float) -> float:
    """Return twice the seconds that 300 targets take when MAX_CONNECTING of them connect at once."""
    return round(2 * ENVIRONMENTS * SERVICES / MAX_CONNECTING * one, 2)


def _many(addresses: Sequence[ServerAddress]) -> list[ServerAddress]:
    """Return five services in sixty environments, all on the same few servers."""
    kinds_of = ("postgres", "redis", "memcached", "redis", "memcached")
    by_kind = {kind: [address for address in addresses if address.kind == kind] for kind in kinds_of}
    return [
        msgspec.structs.replace(
            by_kind[kind][number % len(by_kind[kind])], environment=f"region-{number}", service=f"service-{turn}"
        )
        for turn, kind in enumerate(kinds_of)
        if by_kind[kind]
        for number in range(ENVIRONMENTS)
    ]


def _measure(path: Path) -> Measurement:
    """Read a configuration once in a new process."""
    command = [sys.executable, "-m", "tests.bench.many", str(path)]
    return msgspec.json.decode(subprocess.check_output(command, cwd=ROOT, env=variables()), type=Measurement)


async def _read(path: Path) -> Measurement:
    """Read everything once; drivers are imported before the clock starts."""
    found = config.load(path)
    names = [environment.name for environment in found.environments]
    for targets in (found.targets[:1], found.targets):
        watch = Watcher(names, targets, kinds(), Policy(), timeout=30, once=True)
        pauses: list[float] = []
        ticking = asyncio.create_task(_tick(pauses))
        began, spent = time.perf_counter(), time.process_time()
        async for _ in watch.boards():
            pass
        seconds, cpu = time.perf_counter() - began, time.process_time() - spent
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
    return Measurement(seconds, cpu, max(pauses, default=0.0), peak_of("self"), watch.board.summary.failed)


async def _tick(pauses: list[float]) -> None:
    """Record the delay of each tick."""
    while True:
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        pauses.append(time.perf_counter() - due)


if __name__ == "__main__":
    print(msgspec.json.encode(run(_read(Path(sys.argv[1])))).decode())  # noqa: T201

"""The last chapter: 300 targets at once. ``python -m tests.bench.many CONFIG`` reads one configuration once."""

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
from tests.bench.delay import DelayedPorts
from tests.bench.fleet import ENVIRONMENTS_OF_MANY, SERVICES_OF_MANY, ServerAddress, delayed, repeated, write_config
from tests.bench.run import ROOT, variables
from tests.bench.table import Figure, within
from tests.bench.terminal import peak_of

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
        many = _measure(write_config(repeated(distant), folder, "many"))
        seconds = sum(each.seconds for each in one) / len(one)
        few = _measure(write_config(distant, folder, "few"))
        return [
            within("300 targets at RTT 50 ms: the last is filled", many.seconds, "s", _most(seconds)),
            Figure("one connect and reading, in the mean", f"{seconds * 1000:.0f} ms"),
            Figure("300 targets: CPU", f"{many.cpu:.1f} s"),
            within("300 targets: longest time in which the event loop was busy", many.pause * 1000, "ms", 100),
            Figure("300 targets: not read", str(many.failed), promise="none", kept=many.failed == 0),
            within("300 targets: peak memory of reading them", many.peak, "MB", 300),
            within(f"{len(addresses)} targets: peak memory of reading them", few.peak, "MB", 90),
        ]


def _most(one: float) -> float:
    """Return twice the seconds that 300 targets take when MAX_CONNECTING of them connect at once."""
    return round(2 * ENVIRONMENTS_OF_MANY * SERVICES_OF_MANY / MAX_CONNECTING * one, 2)


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

"""Chapter four: a real board on which nothing moves: bytes, CPU and memory of a minute, of 15 and 300 targets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.bench.fleet import ServerAddress, repeated, write_config
from tests.bench.paint import APPS, board
from tests.bench.table import Figure, shown, within
from tests.bench.terminal import Usage, opened

MINUTE, CYCLE = 60.0, 5.0
"""seconds of a board at rest, and between two of its readings"""


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures; the floor of memory is a blank Textual app."""
    floor = shown(_blank().resident, "MB")
    written, cpu, usage = _resting(write_config(addresses, folder, "rest", interval="5s"))
    many = repeated(addresses)
    _, of_many, usage_of_many = _resting(write_config(many, folder, "many-rest", interval="5s", timeout="30s"))
    count = len(addresses)
    return [
        within(f"at rest, {count} targets", written / MINUTE, "B/s", 0, "0 B/s"),
        within(f"at rest, {count} targets: CPU", cpu * 100 / MINUTE, "% of a core", 1),
        within(f"at rest, {count} targets: CPU of a cycle", cpu * 1000 * CYCLE / MINUTE * 15 / count, "ms of 15", 20),
        within(f"at rest, {len(many)} targets: CPU", of_many * 100 / MINUTE, "% of a core", 8),
        within(f"memory, {count} targets", usage.resident, "MB", 64, floor),
        within(f"memory, {len(many)} targets", usage_of_many.resident, "MB", 157, floor),
        Figure("peak memory of both", f"{shown(usage.peak, 'MB')}; {shown(usage_of_many.peak, 'MB')}"),
    ]


def _blank() -> Usage:
    with opened([*APPS, "blank"]) as terminal:
        terminal.settle(1.0)
        return terminal.usage()


def _resting(config: Path) -> tuple[int, float, Usage]:
    """Return the bytes and the seconds of CPU of a board's minute at rest, and its memory then."""
    with opened(board(config)) as terminal:
        terminal.settle(2.0)
        terminal.listen(2 * CYCLE)
        before = terminal.usage()
        written = terminal.listen(MINUTE)
        after = terminal.usage()
    return written, after.cpu - before.cpu, after

"""Chapter one: `parity-tui check` as a process, against a program on the libraries alone and against a script."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench.delay import DelayedPorts
from tests.bench.fleet import ServerAddress, delayed, write_config
from tests.bench.run import Run, in_turns, ours
from tests.bench.table import Figure, against

PROGRAMS = {"postgres": "psql", "redis": "redis-cli", "rabbitmq": "curl", "memcached": "bash"}
"""the script's clients"""


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures at two round-trip times."""
    figures = []
    with DelayedPorts() as ports:
        for words, seconds in (("RTT 0", 0.0), ("RTT 50 ms", 0.05)):
            reached = delayed(addresses, ports, seconds) if seconds else addresses
            config = write_config(reached, folder, f"check-{seconds}")
            contenders = {"ours": ours(config), "libraries": by_libraries(reached), **by_script(reached)}
            figures += _figures(words, in_turns(contenders, times))
    return figures


def by_libraries(addresses: Sequence[ServerAddress]) -> list[str]:
    """Return the command that reads the same with the libraries alone."""
    return [sys.executable, "-m", "tests.bench.libraries", msgspec.json.encode(addresses).decode()]


def by_script(addresses: Sequence[ServerAddress]) -> dict[str, list[str]]:
    """Return the command of the script; nothing if one of its programs is missing."""
    if not all(shutil.which(PROGRAMS[address.kind]) for address in addresses):
        return {}
    words = [
        word
        for p in addresses
        for word in (p.kind, p.environment, p.service, str(p.port), p.user, p.password, str(p.management))
    ]
    return {"script": ["bash", str(Path(__file__).with_name("script.sh")), *words]}


def _figures(words: str, runs: dict[str, list[Run]]) -> list[Figure]:
    """Return the figures of one round-trip time."""
    time = {name: [run.seconds for run in each] for name, each in runs.items()}
    cpu = {name: [run.cpu for run in each] for name, each in runs.items()}
    figures = [
        against(f"check, {words}", time["ours"], time["libraries"], "the libraries by hand", 1.15),
        against(f"check, {words}, CPU", cpu["ours"], cpu["libraries"], "the libraries by hand"),
    ]
    if "script" in time:
        figures.append(against(f"check, {words}", time["ours"], time["script"], "psql, redis-cli … in turn"))
    return figures

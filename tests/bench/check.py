"""Chapter one: `parity-tui check` as a process, beside programs on raw sockets and on the libraries, and a script."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tests.bench.delay import DelayedPorts
from tests.bench.fleet import ServerAddress, delayed, write_config
from tests.bench.run import Run, in_turns, ours, report
from tests.bench.table import Figure, against, shown, within

PROGRAMS = {"postgres": "psql", "redis": "redis-cli", "rabbitmq": "curl", "memcached": "bash", "mysql": "mariadb"}
"""the script's clients"""

IN_TURN, AT_ONCE = "in turn", "at once"


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int, before: Path | None = None) -> list[Figure]:
    """Return the figures at two round-trip times, which differ in what is promised; ``before`` is another checkout."""
    figures = _beside_before(write_config(addresses, folder, "check"), before, times) if before else []
    with DelayedPorts() as ports:
        for words, seconds, owed in (("RTT 0", 0.0, {"libraries": 0.8}), ("RTT 50 ms", 0.05, {AT_ONCE: 0.9})):
            reached = delayed(addresses, ports, seconds) if seconds else addresses
            config = write_config(reached, folder, f"check-{seconds}")
            contenders = {
                "ours": ours(config),
                "floor": by_sockets(reached),
                "libraries": by_libraries(reached),
                **by_script(reached),
            }
            figures += _figures(words, in_turns(contenders, times), owed)
    return figures


def _beside_before(config: Path, before: Path, times: int) -> list[Figure]:
    """Return the time of `check` beside that of another checkout, and whether both print the same report."""
    runs = in_turns({"ours": ours(config), "before": ours(config)}, times, {"before": before})
    whole = ours(config, "--all")
    same = report(whole) == report(whole, before)
    one, other = runs["ours"], runs["before"]
    peer = "the other checkout"
    return [
        against("check, RTT 0", [run.seconds for run in one], [run.seconds for run in other], peer),
        against("check, RTT 0, CPU", [run.cpu for run in one], [run.cpu for run in other], peer),
        Figure("the report of both", "identical" if same else "differs", promise="identical", kept=same),
    ]


def by_libraries(addresses: Sequence[ServerAddress]) -> list[str]:
    """Return the command that reads the same with the libraries alone."""
    return [sys.executable, "-m", "tests.bench.libraries", msgspec.json.encode(addresses).decode()]


def by_sockets(addresses: Sequence[ServerAddress]) -> list[str]:
    """Return the command that reads the same by raw sockets."""
    return [sys.executable, "-m", "tests.bench.floor", msgspec.json.encode(addresses).decode()]


def by_script(addresses: Sequence[ServerAddress]) -> dict[str, list[str]]:
    """Return the commands of the script, one server after the other and all at once.

    Empty if one of its programs is missing.
    """
    if not all(shutil.which(PROGRAMS[address.kind]) for address in addresses):
        return {}
    words = [
        word
        for p in addresses
        for word in (p.kind, p.environment, p.service, str(p.port), p.user, p.password, str(p.management))
    ]
    script = str(Path(__file__).with_name("script.sh"))
    return {mode: ["bash", script, mode, *words] for mode in (IN_TURN, AT_ONCE)}


def _figures(words: str, runs: dict[str, list[Run]], owed: Mapping[str, float]) -> list[Figure]:
    """Return the figures of one round-trip time; ``owed``: contender -> the promised maximum of the ratio."""
    time = {name: [run.seconds for run in each] for name, each in runs.items()}
    titles = {"libraries": "the libraries by hand", IN_TURN: "psql, redis-cli … in turn", AT_ONCE: "… all at once"}
    figures = [
        against(f"check, {words}", time["ours"], time[name], title, owed.get(name), floor=time["floor"])
        for name, title in titles.items()
        if name in time
    ]
    cpu, least = (statistics.median(run.cpu for run in runs[name]) * 1000 for name in ("ours", "floor"))
    return [*figures, within(f"check, {words}, CPU", cpu, "ms", 250, shown(least, "ms"))]

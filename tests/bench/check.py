"""Chapter one: `parity-tui check` as a whole process, against the libraries by hand and against a script."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench.fleet import Place, far, written
from tests.bench.line import Lines
from tests.bench.run import Run, in_turns, ours
from tests.bench.table import Figure, against

PROGRAMS = {"postgres": "psql", "redis": "redis-cli", "rabbitmq": "curl", "memcached": "bash"}
"""what the script asks with"""


def measure(places: Sequence[Place], folder: Path, times: int) -> list[Figure]:
    """Return the figures at both distances."""
    figures = []
    with Lines() as lines:
        for words, seconds in (("RTT 0", 0.0), ("RTT 50 ms", 0.05)):
            there = far(places, lines, seconds) if seconds else places
            config = written(there, folder, f"check-{seconds}")
            contenders = {"ours": ours(config), "libraries": by_libraries(there), **by_script(there)}
            figures += _figures(words, in_turns(contenders, times))
    return figures


def by_libraries(places: Sequence[Place]) -> list[str]:
    """Return the command that asks the same with the libraries by hand."""
    return [sys.executable, "-m", "tests.bench.libraries", msgspec.json.encode(places).decode()]


def by_script(places: Sequence[Place]) -> dict[str, list[str]]:
    """Return the command of the script, nothing where its programs are not all there."""
    if not all(shutil.which(PROGRAMS[place.kind]) for place in places):
        return {}
    words = [
        word
        for p in places
        for word in (p.kind, p.environment, p.service, str(p.port), p.user, p.password, str(p.management))
    ]
    return {"script": ["bash", str(Path(__file__).with_name("script.sh")), *words]}


def _figures(words: str, runs: dict[str, list[Run]]) -> list[Figure]:
    """Return the lines of one distance."""
    time = {name: [run.seconds for run in each] for name, each in runs.items()}
    cpu = {name: [run.cpu for run in each] for name, each in runs.items()}
    figures = [
        against(f"check, {words}", time["ours"], time["libraries"], "the libraries by hand", 1.15),
        against(f"check, {words}, CPU", cpu["ours"], cpu["libraries"], "the libraries by hand"),
    ]
    if "script" in time:
        figures.append(against(f"check, {words}", time["ours"], time["script"], "psql, redis-cli … in turn"))
    return figures

"""Chapter six: the history of a year, of 3 environments, 10 services and 400 settings, with 40 changes a day."""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.history.location import open_for_reading, open_store
from parity_tui.history.path import SUFFIX, history_path
from parity_tui.history.record import SCHEMA, Record, ServerKey, of_change, to_datetime
from parity_tui.history.store.watched import this_process
from parity_tui.model import Severity
from tests.bench.fleet import ServerAddress
from tests.bench.run import run
from tests.bench.table import Figure

DAY = 86_400.0
ENVIRONMENTS = ("dev", "staging", "production")
SERVERS = [(name, f"service-{number}", "") for name in ENVIRONMENTS for number in range(10)]
SETTINGS = [f"some_group.setting_{number:03d}" for number in range(400)]
CHANGES_A_DAY = 40


def make_year(path: Path, end: float, changes_a_day: int = CHANGES_A_DAY) -> None:
    """Write a history as a board does that is opened every morning; each batch of records is a day."""
    chance = random.Random(12)
    values = {server: dict.fromkeys(SETTINGS, "some value of 30 characters…") for server in SERVERS}
    store = open_store(path, this_process("board", complete=True, every=5.0))
    state = store.load()
    begin = to_datetime(end - 365 * DAY)
    store.write([Record(SCHEMA, begin, *server[:2], values=values[server], program="1.0") for server in SERVERS], state)
    for day in range(365):
        at = end - (365 - day) * DAY
        store.write(list(_day(chance, values, at, changes_a_day)), state)
        store.confirm(dict.fromkeys(SERVERS, at), {}, state, at)
    store.close()


def _day(chance: random.Random, values: dict[ServerKey, dict[str, str]], at: float, count: int) -> Iterator[Record]:
    """Yield the events of a day: settings, some of them long, and for one in twenty an outage with its end."""
    for number in range(count):
        at += DAY / count
        server = chance.choice(SERVERS)
        if number % 20 == 0:
            failed = Change(*server[:2], severity=Severity.CRITICAL, kind=ChangeKind.FAILED, reason="refused",
                            message="refused the connection")  # fmt: skip
            yield of_change(failed, at)
            yield of_change(Change(*server[:2], kind=ChangeKind.RECOVERED, reason="refused", seconds=41.0), at + 41)
            continue
        setting = chance.choice(SETTINGS)
        before, length = values[server][setting], 240 if number % 10 == 1 else chance.randrange(2, 40)
        after = values[server][setting] = f"{at:.0f} ".ljust(length, "x")
        yield of_change(Change(*server[:2], setting, before, after, Severity.WARNING), at)


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures."""
    config = folder / "history.toml"
    roles = "".join(f"service-{number} = 'memory://'\n" for number in range(10))
    config.write_text("".join(f"[environments.{name}.services]\n{roles}" for name in ENVIRONMENTS))
    os.environ.pop("XDG_STATE_HOME", None)  # as for the commands that are measured
    path, now = history_path([config]), time.time()
    try:
        make_year(path, now)
        return list(_figures(path, config, times, now))
    finally:
        for file in path.parent.glob(f"{path.stem}{SUFFIX}*"):
            file.unlink()


def _figures(path: Path, config: Path, times: int, now: float) -> Iterator[Figure]:
    size = path.stat().st_size / 1e6
    yield Figure("a year in the file", f"{size:.1f} MB", promise="at most 50 MB", kept=size <= 50)
    observer = this_process("board", complete=True, every=5.0)

    def opened() -> None:
        open_store(path, observer).close()

    def loaded() -> None:
        store = open_store(path, observer)
        store.load()
        store.close()

    def asked(since: float | None) -> None:
        store = open_for_reading(path)
        assert store
        store.load_events(since)
        store.close()

    yield _timed("to open it", opened, times, 50)
    yield _timed("and to load what a board needs", loaded, times)
    yield _timed("the last 24 hours", lambda: asked(now - DAY), times, 100)
    yield _timed("all events", lambda: asked(None), times)
    for words in (["--since", "24h"], []):
        command = [sys.executable, "-m", "parity_tui", "history", "--config", str(config), *words]
        seconds = statistics.median(run(command).seconds for _ in range(times))
        bare = statistics.median(run([sys.executable, "-m", "parity_tui", "--version"]).seconds for _ in range(times))
        yield Figure(
            f"parity-tui history {' '.join(words)}".strip(), f"{seconds * 1000:.0f} ms", f"{bare * 1000:.0f} ms",
            "parity-tui --version", seconds / bare,
        )  # fmt: skip


def _timed(what: str, action: Callable[[], None], times: int, most: float | None = None) -> Figure:
    runs = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        runs.append((time.perf_counter() - began) * 1000)
    middle = statistics.median(runs)
    promise = "" if most is None else f"at most {most:g} ms"
    return Figure(what, f"{middle:.1f} ms", promise=promise, kept=None if most is None else middle <= most)

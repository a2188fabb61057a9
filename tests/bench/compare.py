"""Chapter four: comparing 20 environments x 10 services x 400 settings, made up, without any server."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path
from typing import Any

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Outcome, Reading, Rule, Service, Severity, Target, ValueType
from tests.bench.fleet import Place
from tests.bench.table import Figure, against

ENVIRONMENTS = tuple(f"region-{number}" for number in range(20))
SERVICES = tuple(f"service-{number}" for number in range(10))


def named(number: int) -> str:
    """Return the name of a setting, a new text each time."""
    return f"setting_{number:03d}"


SETTINGS = tuple(map(named, range(400)))

Plain = dict[tuple[str, str], dict[str, str]]
"""by environment and service: what the prototypes compare"""


def _nothing(*_: Any) -> Any:
    """Connect to nothing."""
    raise NotImplementedError


TABLE = Service(
    "Made up",
    ("made-up",),
    _nothing,
    "none",
    (
        *(Rule(name, Severity.WARNING, "It matters.") for name in SETTINGS[::4]),
        *(Rule(name, Severity.IGNORED, "It does not.") for name in SETTINGS[1::40]),
        Rule("setting_2*", Severity.CRITICAL, "It matters much."),
    ),
)
TARGETS = tuple(Target(environment, service, "made-up") for service in SERVICES for environment in ENVIRONMENTS)


def outcomes(changed: int = 0) -> list[Outcome]:
    """Return what every target says, names and values being new texts in memory; 1 in 16 settings differs."""
    return [
        Outcome(target, Reading("Made up", "1.0", dict(_facts(number, 0 if number else changed))))
        for number, target in enumerate(TARGETS)
    ]


def _facts(target: int, changed: int) -> Iterator[tuple[str, Fact]]:
    """Yield the facts of one target, the first of them changed where there is something to change."""
    for number in range(len(SETTINGS)):
        odd = number % 16 == 0 and target % len(ENVIRONMENTS) == number % 20
        value = str(number * 1024 + odd + (changed if number == 7 else 0))
        kind, unit = (ValueType.NUMBER, "kB") if number % 3 == 0 else (ValueType.TEXT, "")
        yield named(number), Fact(value, kind, unit, source="a file" if odd else "default")


def measure(places: Sequence[Place], folder: Path, times: int) -> list[Figure]:
    """Return the figures."""
    before = outcomes()
    empty = Board.of(ENVIRONMENTS, TARGETS, {"made-up": TABLE}, Policy())
    board = empty.with_outcomes(before)
    plain = _plain(before)
    anew, changed = outcomes(), outcomes(1)
    ours: dict[str, Callable[[], object]] = {
        "nothing": lambda: empty.with_outcomes(before),
        "unchanged": lambda: board.with_outcomes(anew),
        "changed": lambda: board.with_outcomes(changed),
    }
    dicts = {"unchanged": _plain(anew), "changed": _plain(changed)}
    beside: dict[str, Callable[[], object]] = {
        "nothing": lambda: _prototype(before),
        "unchanged": lambda: _moved(plain, dicts["unchanged"]),
        "changed": lambda: _moved(plain, dicts["changed"]),
    }
    spent = {name: _in_turns(ours[name], beside[name], times) for name in ours}
    return [
        against("from nothing", *spent["nothing"], "a careful prototype", 3),
        *_deepdiff(spent["nothing"][0], plain),
        against("unchanged, read anew", *spent["unchanged"], "dict against dict"),
        against("one changed cell", *spent["changed"], "dict against dict", 2),
    ]


def _in_turns(ours: Callable[[], object], beside: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Return how long each takes, so often, after a round that does not count."""
    spent: tuple[list[float], list[float]] = ([], [])
    for turn in range(times + 1):
        for seconds, call in zip(spent, (ours, beside), strict=True):
            gc.collect()
            began = time.process_time()
            call()
            if turn:
                seconds.append(time.process_time() - began)
    return spent


def _plain(said: Sequence[Outcome]) -> Plain:
    """Return the raw texts alone."""
    return {
        (outcome.target.environment, outcome.target.service): {
            name: fact.raw or "" for name, fact in (outcome.reading.facts if outcome.reading else {}).items()
        }
        for outcome in said
    }


def _moved(before: Plain, after: Plain) -> list[tuple[str, str]]:
    """Return which targets say something else: dict against dict."""
    return [place for place, values in after.items() if before[place] != values]


def _prototype(said: Sequence[Outcome]) -> list[dict[str, object]]:
    """Return a row for each setting of each service, the worst first: quantities made alike, the majority decides."""
    rows: list[dict[str, object]] = []
    table = {row.name: row.severity for row in TABLE.rules}
    for service in SERVICES:
        readings = [o.reading.facts for o in said if o.reading and o.target.service == service]
        for name in dict.fromkeys(name for reading in readings for name in reading):
            cells = [reading.get(name) for reading in readings]
            counted = Counter([_alike(cell) for cell in cells]).most_common()
            severity = table.get(name) or (Severity.CRITICAL if fnmatch(name, "setting_2*") else Severity.INFO)
            rows.append({"name": name, "cells": cells, "drift": len(counted) > 1, "severity": severity})
    return sorted(rows, key=lambda row: (not row["drift"], row["severity"]))


def _alike(fact: Fact | None) -> str:
    """Return a value in one way of writing it."""
    if fact is None:
        return ""
    raw = (fact.raw or "").strip()
    return f"{int(raw) * 1024} B" if fact.unit == "kB" and raw.isdigit() else raw


def _deepdiff(ours: Sequence[float], plain: Plain) -> list[Figure]:
    """Return the figure beside deepdiff, each environment against the first, where it is installed."""
    try:
        from deepdiff import DeepDiff
    except ImportError:
        return []
    began = time.process_time()
    for environment in ENVIRONMENTS[1:]:
        for service in SERVICES:
            DeepDiff(plain[ENVIRONMENTS[0], service], plain[environment, service])
    spent = time.process_time() - began
    return [against("from nothing", ours, [spent] * len(ours), "deepdiff", 0.2)]

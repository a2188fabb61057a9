"""Chapter four: comparing made-up readings of 20 environments, 10 services and 400 settings."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, ValueType
from tests.bench.fleet import ServerAddress
from tests.bench.table import Figure, against
from tests.builders import service, target

ENVIRONMENTS = tuple(f"region-{number}" for number in range(20))
SERVICES = tuple(f"service-{number}" for number in range(10))


def setting_name(number: int) -> str:
    """Return a new text at each call."""
    return f"setting_{number:03d}"


SETTINGS = tuple(map(setting_name, range(400)))

Plain = dict[tuple[str, str], dict[str, str]]
"""raw values by environment and service, for the reference programs"""


TABLE = service(
    *(Rule(name, Severity.WARNING, "It matters.") for name in SETTINGS[::4]),
    *(Rule(name, Severity.IGNORED, "It does not.") for name in SETTINGS[1::40]),
    Rule("setting_2*", Severity.CRITICAL, "It matters much."),
)
TARGETS = tuple(target(environment, service=name) for name in SERVICES for environment in ENVIRONMENTS)


def outcomes(changed: int = 0) -> list[Outcome]:
    """Return outcomes of all targets, with new texts in memory; 1 setting in 16 differs."""
    return [
        Outcome(target, Reading("Made up", "1.0", dict(_facts(number, 0 if number else changed))))
        for number, target in enumerate(TARGETS)
    ]


def _facts(target: int, changed: int) -> Iterator[tuple[str, Fact]]:
    """Yield the facts of one target; `changed` is added to one of them."""
    for number in range(len(SETTINGS)):
        odd = number % 16 == 0 and target % len(ENVIRONMENTS) == number % 20
        value = str(number * 1024 + odd + (changed if number == 7 else 0))
        kind, unit = (ValueType.NUMBER, "kB") if number % 3 == 0 else (ValueType.TEXT, "")
        yield setting_name(number), Fact(value, kind, unit, source="a file" if odd else "default")


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures."""
    before = outcomes()
    empty = Board.of(ENVIRONMENTS, TARGETS, {"made-up": TABLE}, Policy())
    board = empty.with_outcomes(before)
    plain = _plain(before)
    unchanged, changed = outcomes(), outcomes(1)
    alike = [changed[0], *before[1:]]  # as of the watcher: a target that sends the same bytes has the same reading
    after, same = _plain(changed), _plain(unchanged)
    contenders: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "nothing": (lambda: empty.with_outcomes(before), lambda: _prototype(before)),
        "unchanged": (lambda: board.with_outcomes(unchanged), lambda: _moved(plain, same)),
        "changed": (lambda: board.with_outcomes(changed), lambda: _moved(plain, after)),
        "alike": (lambda: board.with_outcomes(alike), lambda: _moved(plain, after)),
    }
    spent = {name: _in_turns(*both, times) for name, both in contenders.items()}
    return [
        against("from nothing", *spent["nothing"], "a careful prototype", 1.7),
        *_deepdiff(spent["nothing"][0], plain),
        against("nothing changed, every reading another object", *spent["unchanged"], "dict against dict"),
        against("one changed cell, every reading another object", *spent["changed"], "dict against dict"),
        against("one changed cell, all others unchanged", *spent["alike"], "dict against dict", 1.17),
    ]


def _in_turns(ours: Callable[[], object], beside: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Return the CPU seconds of both, in turns, without a first round."""
    spent: tuple[list[float], list[float]] = ([], [])
    for turn in range(times + 1):
        for seconds, call in zip(spent, (ours, beside), strict=True):
            gc.collect()
            began = time.process_time()
            call()
            if turn:
                seconds.append(time.process_time() - began)
    return spent


def _plain(outcomes: Sequence[Outcome]) -> Plain:
    return {
        (outcome.target.environment, outcome.target.service): {
            name: fact.raw or "" for name, fact in (outcome.reading.facts if outcome.reading else {}).items()
        }
        for outcome in outcomes
    }


def _moved(before: Plain, after: Plain) -> list[tuple[str, str]]:
    """Return the keys of changed targets, by comparing dicts."""
    return [address for address, values in after.items() if before[address] != values]


def _prototype(outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    """Return a row for each setting of each service, worst first; quantities are normalized."""
    rows: list[dict[str, object]] = []
    table = {row.name: row.severity for row in TABLE.rules}
    for service_name in SERVICES:
        readings = [o.reading.facts for o in outcomes if o.reading and o.target.service == service_name]
        for name in dict.fromkeys(name for reading in readings for name in reading):
            cells = [reading.get(name) for reading in readings]
            counted = Counter([_normalized(cell) for cell in cells]).most_common()
            severity = table.get(name) or (Severity.CRITICAL if fnmatch(name, "setting_2*") else Severity.INFO)
            rows.append({"name": name, "cells": cells, "drift": len(counted) > 1, "severity": severity})
    return sorted(rows, key=lambda row: (not row["drift"], row["severity"]))


def _normalized(fact: Fact | None) -> str:
    if fact is None:
        return ""
    raw = (fact.raw or "").strip()
    return f"{int(raw) * 1024} B" if fact.unit == "kB" and raw.isdigit() else raw


def _deepdiff(ours: Sequence[float], plain: Plain) -> list[Figure]:
    """Return the figure beside deepdiff, if it is installed, comparing each environment with the first."""
    try:
        from deepdiff import DeepDiff
    except ImportError:
        return []
    began = time.process_time()
    for environment in ENVIRONMENTS[1:]:
        for name in SERVICES:
            DeepDiff(plain[ENVIRONMENTS[0], name], plain[environment, name])
    spent = time.process_time() - began
    return [against("from nothing", ours, [spent] * len(ours), "deepdiff", 0.2)]

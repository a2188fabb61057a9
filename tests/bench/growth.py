"""Readings that change one by one: how the cost of all that follows grows with the number of environments."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.changes import changes
from parity_tui.drift.grades import Grader
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Outcome
from parity_tui.ui.view.visible_lines import View
from parity_tui.ui.view.visible_rows import VisibleRows
from tests.bench.compare import SERVICES, SETTINGS, TABLE
from tests.bench.fleet import ServerAddress
from tests.bench.table import Figure, shown
from tests.builders import reading, target

SIZES = (10, 20, 40)
"""environments"""
_SCREEN = 40
"""lines"""


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the exponent of the growth, and the cost of one changed reading in 20 environments."""
    spent = [{size: _round(size) for size in SIZES} for _ in range(times)]
    middle = {size: statistics.median(turn[size] for turn in spent) for size in SIZES}
    exponent = _slope([math.log(size) for size in SIZES], [math.log(middle[size]) for size in SIZES])
    each = middle[20] / (20 * len(SERVICES)) * 1000
    return [
        Figure("readings one by one: exponent of environments", f"{exponent:.2f}", promise="at most 1.1", floor="1",
               kept=exponent <= 1.1),
        Figure("one changed reading of 20 x 10, all that follows", shown(each, "ms")),
    ]  # fmt: skip


def _round(size: int) -> float:
    """Return the CPU seconds in which every target changes once: rows, events, letters, lines."""
    names = tuple(f"region-{number}" for number in range(size))
    targets = [target(name, service=service) for service in SERVICES for name in names]
    first = [Outcome(each, reading(_facts(n % size), instance=f"run-{n}")) for n, each in enumerate(targets)]
    board = Board.of(names, targets, {"made-up": TABLE}, Policy(baseline=names[0])).with_outcomes(first)
    grader, rows, view = Grader(), VisibleRows(), View()
    grader.grades(board), rows.lines(board, view)
    news = [_changed(outcome, number) for number, outcome in enumerate(first)]
    gc.collect()
    began = time.process_time()
    for outcome in news:
        before, board = board, board.with_outcomes([outcome])
        changes(before, board), grader.grades(board), board.summary
        for line in rows.lines(board, view)[:_SCREEN]:
            assert line.counts is not None
    return time.process_time() - began


def _facts(environment: int) -> dict[str, Fact | str]:
    """Return the facts of one environment; as many rows differ, within the first few, whatever their number."""
    odd = {name for at, name in enumerate(SETTINGS) if at % 16 == 0 and environment == 1 + at // 16 % 5}
    return {name: Fact("odd" if name in odd else "even") for name in SETTINGS}


def _changed(outcome: Outcome, number: int) -> Outcome:
    """Return the outcome of a newer reading, in which one of three settings has another value."""
    assert outcome.reading
    facts = {name: replace(fact) for name, fact in outcome.reading.facts.items()}
    name = SETTINGS[7 + number % 3]
    facts[name] = replace(facts[name], raw=f"{number}x")
    return Outcome(outcome.target, replace(outcome.reading, facts=facts))


def _slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    slope, _ = statistics.linear_regression(xs, ys)
    return slope

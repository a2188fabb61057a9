"""How many rows of a service carry each mark, environment by environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from operator import attrgetter
from types import MappingProxyType

from parity_tui.drift.row import Row
from parity_tui.drift.rows import Rows
from parity_tui.model import Severity, State, Verdict

MarkCounts = Mapping[str, int]
"""by the name of a symbol, worst first: "critical", "warning", "info", "unknown"; zeros are left out"""
NO_COUNTS: Mapping[str, MarkCounts] = MappingProxyType({})

MARKS = (Severity.CRITICAL.value, Severity.WARNING.value, "unknown", Severity.INFO.value)
"""names of the counted symbols, the most important first"""
_UNSEEN = (State.UNKNOWN, State.HIDDEN)


def count_marks(rows: Rows, environments: Sequence[str]) -> Mapping[str, MarkCounts]:
    """Return, by environment, how many listed rows carry each mark.

    Drift counts for the outliers, or for every environment where nothing decides which ones these are; a blind spot
    for every environment that does not show the value.
    """
    found: dict[str, dict[str, int]] = {name: dict.fromkeys(MARKS, 0) for name in environments}
    for row in takewhile(attrgetter("listed"), rows):
        mark = "unknown" if row.verdict is Verdict.UNKNOWN else row.severity.value
        if row.verdict is not Verdict.EXPECTED:
            for name in marked(row, environments):
                found[name][mark] += 1
    return {name: {mark: count for mark, count in counts.items() if count} for name, counts in found.items()}


def marked(row: Row, environments: Sequence[str]) -> Sequence[str]:
    """Return the environments that a row marks: the outliers, or those that do not show the value."""
    if row.verdict is Verdict.UNKNOWN:
        cells = zip(environments, row.cells, strict=False)
        return [name for name, fact in cells if fact.state in _UNSEEN]
    if row.verdict in (Verdict.DRIFT, Verdict.EXPECTED):
        return row.odd or _comparable(row, environments)
    return ()


def _comparable(row: Row, environments: Sequence[str]) -> list[str]:
    """Return the environments to which the setting applies: others are absent with a note."""
    cells = zip(environments, row.cells, strict=False)
    return [name for name, fact in cells if not (fact.state is State.ABSENT and fact.note)]

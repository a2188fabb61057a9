"""How many rows of a service carry each mark, environment by environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """Return, by environment, how many listed rows carry each mark; counted once for the rows of a board.

    Drift counts for the outliers, or for every environment where nothing decides which ones these are; a blind spot
    for every environment that does not show the value.
    """
    if rows.marks is None:
        if rows.marked_before is None:
            rows.marks = _count(rows, environments)
        else:
            rows.marks = _recounted(*rows.marked_before, environments)
            rows.marked_before = None
    return rows.marks


def _recounted(
    before: Mapping[str, MarkCounts], moved: Iterable[tuple[Row | None, Row | None]], environments: Sequence[str]
) -> Mapping[str, MarkCounts]:
    """Return the marks after a few rows changed; most of these mark the same environments as before."""
    found = dict(before)
    for old, new in moved:
        lost, won = (set(_counted(row, environments)) for row in (old, new))
        if _mark(old) == _mark(new):
            lost, won = lost - won, won - lost
        _add(found, _mark(old), lost, -1)
        _add(found, _mark(new), won, 1)
    return found


def _count(rows: Rows, environments: Sequence[str]) -> Mapping[str, MarkCounts]:
    found = {name: dict.fromkeys(MARKS, 0) for name in environments}
    for row in takewhile(attrgetter("listed"), rows):
        for name in _counted(row, environments):
            found[name][_mark(row)] += 1
    return {name: {mark: count for mark, count in counts.items() if count} for name, counts in found.items()}


def _add(found: dict[str, MarkCounts], mark: str, names: Iterable[str], by: int) -> None:
    for name in names:
        counts = {**dict.fromkeys(MARKS, 0), **found[name]}
        counts[mark] += by
        found[name] = {each: count for each, count in counts.items() if count}


def _counted(row: Row | None, environments: Sequence[str]) -> Sequence[str]:
    """Return the environments for which a row counts."""
    return marked(row, environments) if row and row.listed and row.verdict is not Verdict.EXPECTED else ()


def _mark(row: Row | None) -> str:
    return "" if row is None else "unknown" if row.verdict is Verdict.UNKNOWN else row.severity.value


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

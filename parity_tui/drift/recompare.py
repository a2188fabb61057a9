"""Compares again only the settings whose values changed: the common case of a board that is open for days."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from parity_tui.drift.compare import Context, cells_of, order
from parity_tui.drift.compare_row import compare_row
from parity_tui.drift.grade import NOT_KNOWN
from parity_tui.drift.row import CHANGED_DEFAULT, Row
from parity_tui.drift.rows import Rows
from parity_tui.model import Outcome, Reading, Verdict


def recompared(rows: Rows, before: Sequence[Outcome | None], after: Sequence[Outcome | None]) -> Rows | None:
    """Return the rows after some values changed; None if rows of other settings may have changed with them.

    Args:
        rows: those of ``before``.
        before: an outcome for each environment, None for one without this service.
        after: the newer outcomes of the same targets.
    """
    basis, changed = rows.basis, _changed_settings(before, after)
    if basis is None or not basis.apart or changed is None:
        return None
    contexts = {kind: _with_outcomes(context, after) for kind, context in basis.contexts.items()}
    found: dict[int, Row] = {}
    for kind, names in changed.items():
        context = contexts[kind]
        if not names.isdisjoint(context.causes):
            return None
        found |= {at: row for at, row in _compared(context, rows, names.union(context.overrides)) if row != rows[at]}
    if any(_concerns_others(rows[at]) or _concerns_others(row) for at, row in found.items()):
        return None
    moved = any(order(rows[at]) != order(row) for at, row in found.items())
    if moved and len(contexts) > 1:  # kinds may have a setting of the same name: their order is not the name's
        return None
    again = Rows(_moved(rows, found) if moved else _replaced(rows, found))
    again.basis = replace(basis, contexts=contexts)
    again.marked_before = (rows.marks, [(rows[at], row) for at, row in found.items()]) if rows.marks else None
    return again


def _with_outcomes(context: Context, outcomes: Sequence[Outcome | None]) -> Context:
    return replace(context, group=replace(context.group, outcomes=tuple(outcomes)))


def _changed_settings(
    before: Sequence[Outcome | None], after: Sequence[Outcome | None]
) -> Mapping[str, set[str]] | None:
    """Return the settings whose facts changed, by kind; None if more changed than facts."""
    names: dict[str, set[str]] = {}
    for old, new in zip(before, after, strict=True):
        if old is new:
            continue
        if old is None or new is None or old.reading is None or new.reading is None or not _same_server(old, new):
            return None
        was, now = old.reading.facts, new.reading.facts
        if was is not now:
            changed = names.setdefault(new.target.kind, set())
            changed.update(name for name, fact in now.items() if fact != was[name])
    return names


def _same_server(old: Outcome, new: Outcome) -> bool:
    """Whether nothing is new about a target, and its nodes, but the values of the same settings."""
    if old.failure != new.failure or len(old.nodes) != len(new.nodes):
        return False
    if old.failure and old.reading is not new.reading:
        return False
    same = old.reading is new.reading or (old.reading and new.reading and _alike(old.reading, new.reading))
    return bool(same) and all(map(_same_server, old.nodes, new.nodes))


def _alike(old: Reading, new: Reading) -> bool:
    """Whether two readings come from one run of a server that shows the same settings."""
    return (
        old.facts.keys() == new.facts.keys()
        and (old.product, old.version, old.package, old.hidden) == (new.product, new.version, new.package, new.hidden)
        and (old.instance, old.address) == (new.instance, new.address)
    )


def _compared(context: Context, rows: Sequence[Row], names: set[str]) -> Iterable[tuple[int, Row]]:
    """Yield the place of the row of each of these settings, and its new row."""
    kind, group = context.group.table.kind, context.group
    places = {row.setting: at for at, row in enumerate(rows) if row.setting in names and row.kind == kind}
    for name, cells in cells_of(group, tuple(places)):
        yield places[name], compare_row(group, name, cells, context.explaining)


def _concerns_others(row: Row) -> bool:
    """Whether a change of a row may change another one: a blind spot, or a note that counts folded rows."""
    counted = bool(row.explained_by) or CHANGED_DEFAULT in row.note
    return counted or row.verdict is Verdict.UNKNOWN or any(cell.state in NOT_KNOWN for cell in row.cells)


def _replaced(rows: Sequence[Row], found: Mapping[int, Row]) -> list[Row]:
    replaced = list(rows)
    for at, row in found.items():
        replaced[at] = row
    return replaced


def _moved(rows: Sequence[Row], found: Mapping[int, Row]) -> list[Row]:
    """Return the rows with some replaced, each in its new place."""
    moved = [row for at, row in enumerate(rows) if at not in found]
    for row in found.values():
        insort(moved, row, key=order)
    return moved

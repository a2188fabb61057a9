"""Compares again only the settings whose values changed: the common case of a board that is open for days."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from parity_tui.drift.compare import Context, cells_of, order
from parity_tui.drift.compare_row import compare_row
from parity_tui.drift.grade import NOT_KNOWN
from parity_tui.drift.row import CHANGED_DEFAULT, FOLDING, Row
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
    found: dict[int, Row | None] = {}
    added: list[Row] = []
    for kind, names in changed.items():
        context, at = contexts[kind], _places(rows, kind, names.union(contexts[kind].overrides))
        if not names.isdisjoint(context.causes) or not (at.keys() >= names or _stands_alone(context)):
            return None
        for name, row in _compared(context, {*names, *at}):
            if name in at and row != rows[at[name]]:
                found[at[name]] = row
            elif name not in at and row is not None:
                added.append(row)
    pairs = [*((rows[at], row) for at, row in found.items()), *((None, row) for row in added)]
    if any(_concerns_others(row) for pair in pairs for row in pair if row is not None):
        return None
    moved = bool(added) or any(row is None or order(rows[at]) != order(row) for at, row in found.items())
    if moved and len(contexts) > 1:  # kinds may have a setting of the same name: their order is not the name's
        return None
    again = Rows(_moved(rows, found, added) if moved else _replaced(rows, found))
    again.basis = replace(basis, contexts=contexts)
    again.marked_before = (rows.marks, pairs) if rows.marks else None
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
            changed.update(name for name, fact in now.items() if fact != was.get(name))
            changed.update(was.keys() - now.keys())
            changed.difference_update(FOLDING)  # attributes of a reading, which are the same
    return names


def _same_server(old: Outcome, new: Outcome) -> bool:
    """Whether nothing is new about a target, and its nodes, but settings and their values."""
    if old.failure != new.failure or len(old.nodes) != len(new.nodes):
        return False
    if old.failure and old.reading is not new.reading:
        return False
    same = old.reading is new.reading or (old.reading and new.reading and _alike(old.reading, new.reading))
    return bool(same) and all(map(_same_server, old.nodes, new.nodes))


def _alike(old: Reading, new: Reading) -> bool:
    """Whether two readings come from one run of a server that hides the same settings."""
    return (old.product, old.version, old.package, old.hidden) == (
        new.product,
        new.version,
        new.package,
        new.hidden,
    ) and (old.instance, old.address) == (new.instance, new.address)


def _places(rows: Sequence[Row], kind: str, names: set[str]) -> Mapping[str, int]:
    return {row.setting: at for at, row in enumerate(rows) if row.setting in names and row.kind == kind}


def _stands_alone(context: Context) -> bool:
    """Whether a setting that appears or vanishes changes no other: none is hidden, overridden or named as a cause."""
    group = context.group
    readings = (outcome.reading for outcome in group.outcomes if outcome and outcome.reading)
    table = group.table
    return not (table.names_causes or table.service.overridden or any(reading.hidden for reading in readings))


def _compared(context: Context, names: set[str]) -> Iterator[tuple[str, Row | None]]:
    """Yield each setting with its new row, None if no environment has it any more."""
    group = context.group
    facts = [reading.facts for index in group.members if (reading := group.reading(index))]
    for name, cells in cells_of(group, tuple(names)):
        known = any(name in each for each in facts)
        yield name, compare_row(group, name, cells, context.explaining) if known else None


def _concerns_others(row: Row) -> bool:
    """Whether a change of a row may change another one: a blind spot, or a note that counts folded rows."""
    counted = bool(row.explained_by) or CHANGED_DEFAULT in row.note
    return counted or row.verdict is Verdict.UNKNOWN or any(cell.state in NOT_KNOWN for cell in row.cells)


def _replaced(rows: Sequence[Row], found: Mapping[int, Row | None]) -> list[Row]:
    replaced = list(rows)
    for at, row in found.items():
        if row is not None:
            replaced[at] = row
    return replaced


def _moved(rows: Sequence[Row], found: Mapping[int, Row | None], added: Iterable[Row]) -> list[Row]:
    """Return the rows with some replaced, gone or added, each in its place."""
    moved = [row for at, row in enumerate(rows) if at not in found]
    for row in (*filter(None, found.values()), *added):
        insort(moved, row, key=order)
    return moved

"""Values that a session gets, whether the server has them or a role or a database overrides them."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui.drift.row import Group, Row
from parity_tui.drift.values import comparison_key
from parity_tui.model import Fact, Severity, State


def effective_cells(group: Group, setting: str, cells: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Return the cells, where a file in one environment and an override in another give the same value.

    A setting that only some environments override is the same where all others have that value anyway. A server's
    own value that an override hides is the same where every session gets the value that all others have.
    """
    if group.table.service.overridden is None:
        return cells
    for cell in cells:
        if cell.state is State.ABSENT or cell.state is State.UNKNOWN:
            break
    else:
        return cells
    override = group.override(setting)
    if override is None:
        return _own_cells(group, setting, cells)
    overridden, in_app = override
    return _override_cells(group, setting, overridden, in_app, cells) if overridden else cells


def _override_cells(
    group: Group, setting: str, overridden: str, in_app: bool, cells: tuple[Fact, ...]
) -> tuple[Fact, ...]:
    rule = group.table.rule(overridden)
    keys = {comparison_key(cells[i], rule) for i in group.members if cells[i].state is State.VALUE}
    changed = list(cells)
    for i in group.members:
        reading = group.reading(i)
        own = reading.facts.get(overridden) if reading else None
        if cells[i].state is not State.ABSENT or own is None or not (own.state is State.VALUE or in_app):
            continue
        effective = _effective(own)
        if effective is not None and comparison_key(effective, rule) in keys:
            changed[i] = replace(effective, note=f"by {overridden}, which is not overridden")
    return tuple(changed)


def _own_cells(group: Group, setting: str, cells: tuple[Fact, ...]) -> tuple[Fact, ...]:
    rule = group.table.rule(setting)
    if rule.severity is Severity.IGNORED:
        return cells
    changed = list(cells)
    for i in group.members:
        outcome = group.outcomes[i]
        effective = _effective(cells[i])
        if effective is None or outcome is None or outcome.failure is not None:
            return cells
        changed[i] = effective
    same = len({comparison_key(changed[i], rule) for i in group.members}) == 1
    return tuple(changed) if same else cells


def hiding_override(group: Group, row: Row) -> str:
    """Return the override because of which a server's own value is unknown, "" unless that is the only reason."""
    if group.table.service.overridden is None:
        return ""
    found = ""
    for i in group.members:
        outcome = group.outcomes[i]
        if row.cells[i].state in (State.VALUE, State.ABSENT):
            continue
        if outcome is None or outcome.failure is not None or _effective(row.cells[i]) is None:
            return ""
        reading = group.reading(i)
        names = (name for name in reading.facts if group.override(name) == (row.setting, True)) if reading else ()
        found = found or next(iter(names), "")
    return found


def _effective(fact: Fact) -> Fact | None:
    """Return the fact as the value that a session gets, None if that is not known."""
    if fact.state is State.VALUE:
        return fact
    return replace(fact, state=State.VALUE) if fact.state is State.UNKNOWN and fact.raw is not None else None

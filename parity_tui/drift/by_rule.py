"""Compares a setting by its rule's own comparison, where equal or not equal does not say enough."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from parity_tui.drift.grade import NOT_KNOWN, grade_agreement
from parity_tui.drift.policy import match_expectations
from parity_tui.drift.row import Group, Row
from parity_tui.model import Comparing, Comparison, Severity, Verdict

_DAY = 86400.0


def compare_by_rule(group: Group, row: Row) -> Row | None:
    """Return the row as its rule compares it, None if the rule does not understand the values."""
    known = [i for i in group.members if row.cells[i].state not in NOT_KNOWN]
    compared = _compared(group, row, known)
    if compared is None:
        return None
    row = replace(row, cells=tuple(compared.facts.get(i, cell) for i, cell in enumerate(row.cells)))
    if compared.severity is None:
        return grade_agreement(group, row, known)
    if row.severity is Severity.IGNORED:
        return replace(row, verdict=Verdict.IGNORED, note=row.rule.why)
    names = group.environments
    facts = {names[i]: row.cells[i] for i in known}
    expected = match_expectations(group.policy, group.service, row.rule, row.setting, facts)
    by_user = group.policy.severity(row.kind, row.setting)
    row = replace(row, severity=by_user or compared.severity, listed=True)
    rest = _compared(group, row, [i for i in known if names[i] not in expected.environments])
    if expected.environments and (rest is None or rest.severity is None):
        odd = tuple(names[i] for i in compared.odd)
        return replace(row, verdict=Verdict.EXPECTED, odd=odd, note="; ".join(expected.notes))
    odd = tuple(names[i] for i in (rest or compared).odd)
    notes = filter(None, (*expected.notes, (rest or compared).note))
    return replace(row, verdict=Verdict.DRIFT, odd=odd, note="; ".join(notes))


def _compared(group: Group, row: Row, indexes: Iterable[int]) -> Comparison | None:
    compare, policy = row.rule.compare, group.policy
    facts = {i: row.cells[i] for i in indexes}
    if compare is None or any(fact.parts for fact in facts.values()):
        return None
    days = policy.migrations_age / _DAY
    return compare(Comparing(group.environments, facts, policy.baseline, policy.today, days))

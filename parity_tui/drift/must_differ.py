"""Grades a setting that must have another value in every environment: those that share one are drift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from parity_tui.drift.grade import grade_agreement
from parity_tui.drift.policy import match_expectations
from parity_tui.drift.row import Group, Row
from parity_tui.drift.severity import at_most_warning, at_risk
from parity_tui.drift.values import comparison_key
from parity_tui.drift.words import listing
from parity_tui.model import Fact, Rule, Severity, State, Verdict

_KNOWN = (State.VALUE, State.SECRET)


def grade_sharing(group: Group, row: Row) -> Row:
    """Return the row of a setting whose rule has `must_differ`: drift where environments share a value.

    An environment without the setting shares nothing; one whose value is unknown leaves the row unknown.
    """
    names = group.environments
    known = {i: keys for i in group.members if (keys := _keys(row.cells[i], row.rule))}
    origins = {i: group.origin(i) for i in known}
    shared = _shared(known, origins)
    if not shared or row.severity is Severity.IGNORED:
        return grade_agreement(group, row, known)
    facts = {names[i]: row.cells[i] for i in known}
    expected = match_expectations(group.policy, group.service, row.rule, row.setting, facts)
    rest = _shared({i: keys for i, keys in known.items() if names[i] not in expected.environments}, origins)
    named = [[names[i] for i in same] for same in rest or shared]
    row = replace(row, severity=_severity(group, row, named), odd=_odd(group, named), listed=True)
    if not rest:
        return replace(row, verdict=Verdict.EXPECTED, note="; ".join(expected.notes))
    reasons = (f"{listing(each)} have the same value, which must differ" for each in named)
    return replace(row, verdict=Verdict.DRIFT, note="; ".join((*expected.notes, *reasons)))


def _keys(fact: Fact, rule: Rule) -> frozenset[str]:
    """Return the comparison keys of an environment: of each of its nodes' values if they disagree, none if unknown.

    >>> nodes, absent = Fact("2 values", parts=(Fact("a"), Fact("b"))), Fact(state=State.ABSENT)
    >>> [len(_keys(fact, Rule("key"))) for fact in (nodes, absent)]
    [2, 0]
    """
    return frozenset(comparison_key(each, rule) for each in fact.parts or (fact,) if each.state in _KNOWN)


def _shared(known: Mapping[int, Iterable[str]], origins: Mapping[int, str]) -> list[list[int]]:
    """Return the groups of environments that share a value; two moments of one environment share nothing.

    >>> _shared({0: ["a"], 1: ["b"], 3: ["a", "c"], 4: ["b"]}, {0: "dev", 1: "prod", 3: "qa", 4: "prod"})
    [[0, 3]]
    """
    holders: dict[str, list[int]] = {}
    for i, keys in known.items():
        for key in keys:
            holders.setdefault(key, []).append(i)
    return sorted(
        {tuple(same): list(same) for same in holders.values() if len({origins[i] for i in same}) > 1}.values()
    )


def _severity(group: Group, row: Row, shared: Iterable[Iterable[str]]) -> Severity:
    risky = {*at_risk(group)} & {*group.environments}
    if group.policy.severity(row.kind, row.setting) is not None or not risky:
        return row.severity
    return row.severity if any(risky.intersection(same) for same in shared) else at_most_warning(row.severity)


def _odd(group: Group, shared: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the environments that use the value of another: all that share one, but for production or the baseline."""
    owners = {*at_risk(group), group.policy.baseline}
    odd: set[str] = set()
    for same in shared:
        odd.update({*same} - owners or same)
    return tuple(name for name in group.environments if name in odd)

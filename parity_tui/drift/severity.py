"""Severity of one difference: by direction, by size, by distance of versions, and by who gets the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import inf

from msgspec.structs import replace

from parity_tui.drift.row import Group, Row
from parity_tui.drift.values import canonical_text, comparison_key, quantity
from parity_tui.model import Fact, Rule, Severity, State, ValueType

_CAPACITY_FACTOR = 4
_PRODUCTION = re.compile(r"(?:prod|prd|live)", re.IGNORECASE)
"""how the names of environments begin that bear the risk of a weaker setting"""


def is_production(name: str) -> bool:
    """Return whether the name of an environment says that it bears the risk."""
    return _PRODUCTION.match(name) is not None


def severity_of(group: Group, row: Row, known: Mapping[int, str]) -> Severity:
    """Return the severity of a difference between known values.

    Args:
        group: the environments that are compared.
        row: the row, with the rule for its setting.
        known: comparison keys by the index of the environment.
    """
    if group.policy.severity(row.kind, row.setting) is not None:
        return row.rule.severity
    severity = _severity(group, row, known)
    return at_most_warning(severity) if group.other_baseline else severity


def _severity(group: Group, row: Row, known: Mapping[int, str]) -> Severity:
    override = group.override(row.setting)
    if override is None:
        return _by_rule(group, row, row.rule, known)
    setting, in_app = override
    rule = group.table.rule(setting) if setting else row.rule
    severity = min(_by_rule(group, row, rule, known), Severity.INFO, key=_rank)  # it differs, whatever its nature
    return severity if in_app else at_most_warning(severity)


def _by_rule(group: Group, row: Row, rule: Rule, known: Mapping[int, str]) -> Severity:
    facts = [fact for i in known for fact in _facts(row, i)]
    if row.setting == "version":
        releases = {_release(fact.raw or "", group.table.service.release) for fact in facts}
        return rule.severity if len(releases) > 1 or rule.severity is Severity.INFO else Severity.WARNING
    absent = any(fact.state is State.ABSENT for fact in facts)
    if absent and rule.safer != "complete" and rule.presence is not None:
        return rule.presence
    if rated := {rule.by_value[raw] for fact in facts if (raw := fact.raw or "") in rule.by_value}:
        return Severity.IGNORED if rated == {Severity.IGNORED} else min(*rated, rule.severity, key=_rank)
    if absent and rule.safer != "complete" and not rule.capacity:
        return rule.severity
    if rule.capacity:
        amounts = [quantity(fact, rule) for fact in facts]
        sizes = [amount for amount in amounts if amount]
        near = len(sizes) == len(amounts) and max(sizes) <= _CAPACITY_FACTOR * min(sizes)
        return Severity.INFO if near else Severity.WARNING
    return _by_direction(group, row, rule, known) if rule.safer else rule.severity


def environments_at_risk(names: Iterable[str], baseline: str) -> list[str]:
    """Return the environments that users depend on: production by its name, else the baseline, which may be ""."""
    return [name for name in names if is_production(name)] or [baseline]


def _by_direction(group: Group, row: Row, rule: Rule, known: Iterable[int]) -> Severity:
    """Return the rule's severity if an environment at risk has a weaker value, else a warning at most."""
    names = group.environments
    risky = at_risk(group)
    if rule.safer == "complete":
        return _by_completeness(row, rule, [i for i in known if names[i] in risky], known)
    strengths = {names[i]: [_strength(fact, rule) for fact in _facts(row, i)] for i in known}
    ranks = [rank for ranks in strengths.values() for rank in ranks if rank is not None]
    if not any(risky) or len(ranks) < sum(map(len, strengths.values())):
        return rule.severity
    endangered = [rank for name in risky for rank in strengths.get(name, ()) if rank is not None]
    return rule.severity if endangered and min(endangered) < max(ranks) else at_most_warning(rule.severity)


def at_risk(group: Group) -> list[str]:
    """Return the environments that bear the risk of a weaker value: those named production, else the baseline."""
    return environments_at_risk(group.environments, group.policy.baseline)


def _by_completeness(row: Row, rule: Rule, risky: Iterable[int], known: Iterable[int]) -> Severity:
    """Return the rule's severity if an environment at risk lacks a member that another has, else a warning at most."""
    held = [_members(fact, rule) for i in risky for fact in _facts(row, i)]
    members = {member for i in known for fact in _facts(row, i) for member in _members(fact, rule)}
    return rule.severity if not held or any(members - each for each in held) else at_most_warning(rule.severity)


def _members(fact: Fact, rule: Rule) -> set[str]:
    """Return the members of a set; any other value is a member of its own, an absent one is none.

    >>> from parity_tui.model import ABSENT
    >>> rule = Rule("libraries", type=ValueType.SET)
    >>> sorted(_members(Fact("b, a"), rule)), _members(Fact("1.2"), Rule("plugin.x")), _members(ABSENT, rule)
    (['a', 'b'], {'1.2'}, set())
    """
    if fact.state is State.ABSENT:
        return set()
    key = comparison_key(fact, rule)
    return set(filter(None, key.split(", "))) if (rule.type or fact.type) is ValueType.SET else {key}


def _strength(fact: Fact, rule: Rule) -> float | None:
    """Return how safe a value is, None if unknown.

    >>> rule = Rule("flush", safer=("0", "*", "1"))
    >>> [_strength(Fact(raw), rule) for raw in ("0", "2", "1")]
    [0, 1, 2]
    >>> _strength(Fact("5"), Rule("keep", safer="lower")), _strength(Fact("off"), Rule("keep", safer="lower"))
    (-5.0, None)
    >>> _strength(Fact("0"), Rule("limit", safer="higher", special={"0": "no limit"}))
    inf
    """
    if isinstance(rule.safer, str):
        if rule.safer == "higher" and canonical_text(fact, rule) in ("no limit", "-1"):
            return inf
        amount = quantity(replace(fact, raw=fact.canonical) if fact.canonical else fact, rule)
        return None if amount is None else float(amount) * (1 if rule.safer == "higher" else -1)
    key = comparison_key(fact, rule)
    keys = [comparison_key(Fact(raw, fact.type, fact.unit), rule) for raw in rule.safer]
    return keys.index(key) if key in keys else rule.safer.index("*") if "*" in rule.safer else None


def _facts(row: Row, index: int) -> tuple[Fact, ...]:
    """Return the values of an environment, of each node where they disagree."""
    return row.cells[index].parts or (row.cells[index],)


def at_most_warning(severity: Severity) -> Severity:
    """Return the severity, a critical one as a warning."""
    return max(severity, Severity.WARNING, key=_rank)


def _rank(severity: Severity) -> int:
    return severity.rank


def _release(version: str, numbers: int) -> tuple[str, ...]:
    """Return the leading numbers of a version, as text: 8.10 is not 8.1.

    >>> _release("8.10.2", 2), _release("16.14", 1)
    (('8', '10'), ('16',))
    """
    return tuple(re.findall(r"\d+", version)[:numbers])

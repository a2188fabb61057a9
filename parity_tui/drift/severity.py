"""Severity of one difference: by direction, by size, by distance of versions, and by who gets the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from parity_tui.drift.row import Group, Row
from parity_tui.drift.values import comparison_key, quantity
from parity_tui.model import Fact, Rule, Severity, State

_CAPACITY_FACTOR = 4
_PRODUCTION = re.compile(r"(?:prod|prd|live)", re.IGNORECASE)
"""how the names of environments begin that bear the risk of a weaker setting"""


def severity_of(group: Group, row: Row, known: Mapping[int, str]) -> Severity:
    """Return the severity of a difference between known values.

    Args:
        group: the environments that are compared.
        row: the row, with the rule for its setting.
        known: comparison keys by the index of the environment.
    """
    if group.policy.severity(row.kind, row.setting) is not None:
        return row.rule.severity
    override = group.override(row.setting)
    if override is None:
        return _by_rule(group, row, row.rule, known)
    setting, in_app = override
    rule = group.table.rule(setting) if setting else row.rule
    severity = min(_by_rule(group, row, rule, known), Severity.INFO, key=_rank)  # it differs, whatever its nature
    return severity if in_app else _at_most_warning(severity)


def _by_rule(group: Group, row: Row, rule: Rule, known: Mapping[int, str]) -> Severity:
    facts = [fact for i in known for fact in _facts(row, i)]
    if row.setting == "version":
        releases = {_release(fact.raw or "", group.table.service.release) for fact in facts}
        return rule.severity if len(releases) > 1 or rule.severity is Severity.INFO else Severity.WARNING
    absent = any(fact.state is State.ABSENT for fact in facts)
    if absent and (rule.presence is not None or not rule.capacity):
        return rule.severity if rule.presence is None else rule.presence
    if rule.capacity:
        amounts = [quantity(fact, rule) for fact in facts]
        sizes = [amount for amount in amounts if amount]
        near = len(sizes) == len(amounts) and max(sizes) <= _CAPACITY_FACTOR * min(sizes)
        return Severity.INFO if near else Severity.WARNING
    return _by_direction(group, row, rule, known) if rule.safer else rule.severity


def _by_direction(group: Group, row: Row, rule: Rule, known: Iterable[int]) -> Severity:
    """Return the rule's severity if an environment at risk has a weaker value, else a warning at most."""
    names = group.environments
    risky = [name for name in names if _PRODUCTION.match(name)] or [group.policy.baseline]
    strengths = {names[i]: [_strength(fact, rule) for fact in _facts(row, i)] for i in known}
    ranks = [rank for ranks in strengths.values() for rank in ranks if rank is not None]
    if not any(risky) or len(ranks) < sum(map(len, strengths.values())):
        return rule.severity
    at_risk = [rank for name in risky for rank in strengths.get(name, ()) if rank is not None]
    return rule.severity if at_risk and min(at_risk) < max(ranks) else _at_most_warning(rule.severity)


def _strength(fact: Fact, rule: Rule) -> float | None:
    """Return how safe a value is, None if unknown.

    >>> rule = Rule("flush", safer=("0", "*", "1"))
    >>> [_strength(Fact(raw), rule) for raw in ("0", "2", "1")]
    [0, 1, 2]
    >>> _strength(Fact("5"), Rule("keep", safer="lower")), _strength(Fact("off"), Rule("keep", safer="lower"))
    (-5.0, None)
    """
    if isinstance(rule.safer, str):
        amount = quantity(fact, rule)
        return None if amount is None else float(amount) * (1 if rule.safer == "higher" else -1)
    key = comparison_key(fact, rule)
    keys = [comparison_key(Fact(raw, fact.type, fact.unit), rule) for raw in rule.safer]
    return keys.index(key) if key in keys else rule.safer.index("*") if "*" in rule.safer else None


def _facts(row: Row, index: int) -> tuple[Fact, ...]:
    """Return the values of an environment, of each node where they disagree."""
    return row.cells[index].parts or (row.cells[index],)


def _at_most_warning(severity: Severity) -> Severity:
    return max(severity, Severity.WARNING, key=_rank)


def _rank(severity: Severity) -> int:
    return severity.rank


def _release(version: str, numbers: int) -> tuple[str, ...]:
    """Return the leading numbers of a version, as text: 8.10 is not 8.1.

    >>> _release("8.10.2", 2), _release("16.14", 1)
    (('8', '10'), ('16',))
    """
    return tuple(re.findall(r"\d+", version)[:numbers])

"""What the user has decided: the baseline, expected drift, severities of their own; and who is odd."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from msgspec import Struct, field

from parity_tui.drift.values import comparison_key, display_text, printable
from parity_tui.model import Fact, Rule, Severity


class Expectation(Struct, frozen=True):
    """Drift that is meant to be: one [[expect]] of the configuration."""

    service: str
    setting: str
    """name or glob"""
    reason: str
    environments: tuple[str, ...] = ()
    """whose value may differ; none named: all"""
    values: Mapping[str, str] = field(default_factory=dict)
    """by environment, what the value has to be for the drift to be expected"""
    owner: str = ""
    until: date | None = None
    """the last day on which it is expected"""


class Policy(Struct, frozen=True):
    """Everything that the user decides about comparing."""

    baseline: str = ""
    expectations: tuple[Expectation, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    """("kind.setting" or glob, severity); the first match counts"""
    today: date = date.min

    def severity(self, kind: str, setting: str) -> Severity | None:
        """Return the user's own severity for a setting, None where there is none."""
        name = f"{kind}.{setting}"
        return next((severity for pattern, severity in self.severities if matches(pattern, name)), None)


class ExpectedMatch(Struct, frozen=True):
    """What the expectations say of one row."""

    environments: frozenset[str] = frozenset()
    """whose value may differ"""
    notes: tuple[str, ...] = ()
    """reasons, or why an expectation does not hold any more"""


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    """Return a glob as a pattern: * and ? only, so that brackets in names need no escape."""
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Tell whether a name fits a glob.

    >>> matches("enable_*", "enable_sort"), matches("jit", "jit_above_cost"), matches("database[*]", "database[app]")
    (True, False, True)
    """
    return pattern == name or (("*" in pattern or "?" in pattern) and _pattern(pattern).fullmatch(name) is not None)


def outliers(keys: Mapping[str, str], baseline: str, why: str = "is not known here") -> tuple[tuple[str, ...], str]:
    """Return the environments that are odd, and a word on how that was decided where it is not plain.

    ``keys`` has the environments whose value is known, in order, and their values; ``why`` is said of a baseline that
    is not among them.

    >>> outliers({"dev": "1", "staging": "2", "production": "2"}, "")
    (('dev',), '')
    >>> outliers({"dev": "1", "production": "2"}, "")
    ((), 'no value has a majority')
    >>> outliers({"dev": "1", "staging": "1", "production": "2"}, "production")
    (('dev', 'staging'), '')
    >>> outliers({"dev": "1", "staging": "2"}, "production", "has something else")
    ((), 'production has something else, and no value has a majority')
    """
    if baseline in keys:
        return tuple(name for name in keys if keys[name] != keys[baseline]), ""
    value, count = Counter(keys.values()).most_common(1)[0]
    word = f"{baseline} {why}" if baseline else ""
    if count * 2 <= len(keys):
        return (), ", and ".join(filter(None, (word, "no value has a majority")))
    return tuple(name for name in keys if keys[name] != value), word and f"{word}: the majority decides"


def match_expectations(
    policy: Policy, service: str, rule: Rule, setting: str, facts: Mapping[str, Fact]
) -> ExpectedMatch:
    """Return whose difference is expected; ``facts`` are those of the environments compared."""
    excused: set[str] = set()
    notes: list[str] = []
    for expectation in policy.expectations:
        if not (matches(expectation.service, service) and matches(expectation.setting, setting)):
            continue
        broken = _broken(expectation, policy.today, rule, facts)
        if broken:
            notes.append(broken)
        else:
            excused.update(expectation.environments or facts)
            owner = f" ({expectation.owner})" if expectation.owner else ""
            notes.append(f"expected: {expectation.reason}{owner}")
    return ExpectedMatch(frozenset(excused), tuple(notes))


def _broken(expectation: Expectation, today: date, rule: Rule, facts: Mapping[str, Fact]) -> str:
    """Return why an expectation does not hold now, "" where it does."""
    if expectation.until is not None and today > expectation.until:
        return f"was expected until {expectation.until.isoformat()}: {expectation.reason}"
    for environment, wanted in expectation.values.items():
        fact = facts.get(environment)
        if fact is not None and not _holds(wanted, fact, rule):
            return (
                f"expected {printable(wanted)} in {environment}, not {display_text(fact, rule)}: {expectation.reason}"
            )
    return ""


def _holds(wanted: str, fact: Fact, rule: Rule) -> bool:
    """Tell whether a value is the one that was written into the configuration, as a person may write it."""
    if wanted == fact.raw or _squeezed(wanted) == _squeezed(display_text(fact, rule)):
        return True
    written = Fact(wanted, fact.type, fact.unit)
    return not fact.canonical and comparison_key(written, rule) == comparison_key(fact, rule)


def _squeezed(text: str) -> str:
    """Return the text without blanks, in lower case: "128 MB" as "128mb"."""
    return "".join(text.split()).casefold()

"""The user's decisions: baseline, expected drift, own severities, the repository."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from msgspec import Struct, field

from parity_tui.drift.ancestry import Ancestry
from parity_tui.drift.lifecycle import Lifecycle
from parity_tui.drift.values import comparison_key, display_text, printable
from parity_tui.model import Fact, Rule, Severity


class Expectation(Struct, frozen=True):
    """Drift that is intended, or a blind spot that is accepted: one [[expect]] of the configuration."""

    service: str
    setting: str
    """name or glob; likewise `service`"""
    reason: str
    environments: tuple[str, ...] = ()
    """those whose value may differ; empty: all"""
    values: Mapping[str, str] = field(default_factory=dict)
    """environment -> value; the drift is expected only while these environments have these values"""
    owner: str = ""
    until: date | None = None
    """the last day on which it is expected"""
    hidden: bool = False
    """it accepts that the setting cannot be seen, and no drift"""

    def ended(self, today: date) -> bool:
        """Return whether its last day has passed."""
        return self.until is not None and today > self.until

    @property
    def words(self) -> str:
        """Its reason and its owner, as the note of a row."""
        return f"expected: {self.reason}" + (f" ({self.owner})" if self.owner else "")


class Policy(Struct, frozen=True):
    """Everything that the user decides about the comparison."""

    baseline: str = ""
    expectations: tuple[Expectation, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    """("kind.setting" or glob, severity); the first match counts"""
    today: date = date.min
    ancestry: Ancestry = Ancestry()
    """the answers of the user's repository"""
    migrations_age: float = 14 * 86400.0
    """seconds; an environment that lacks a migration which another has had for longer gets a warning"""
    lifecycle: Lifecycle | None = None
    """facts on release lines; None: their ends are not looked at"""

    def severity(self, kind: str, setting: str) -> Severity | None:
        """Return the severity that the user gave to a setting, None for none."""
        name = f"{kind}.{setting}"
        return next((severity for pattern, severity in self.severities if matches(pattern, name)), None)


class ExpectedMatch(Struct, frozen=True):
    """The expectations that apply to one row."""

    environments: frozenset[str] = frozenset()
    """those whose value may differ"""
    notes: tuple[str, ...] = ()
    """the reason of each expectation, or why it no longer holds"""


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Not fnmatch: names contain brackets, which must not need an escape. Atomic: many stars must not take long.
    first, *middle = (re.escape(part).replace(r"\?", ".") for part in re.sub(r"\*+", "*", pattern).split("*"))
    last = f".*{middle.pop()}" if middle else ""
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + last, re.DOTALL)


@lru_cache(maxsize=4096)
def literal_head(pattern: str) -> str:
    """Return a glob up to its first * or ?: most names differ from it there."""
    return re.split("[*?]", pattern, maxsplit=1)[0]


def is_glob(name: str) -> bool:
    """Return whether a name is a pattern of :func:`matches`."""
    return "*" in name or "?" in name


def matches(pattern: str, name: str) -> bool:
    """Return whether a name matches a glob of * and ?.

    >>> matches("enable_*", "enable_sort"), matches("jit", "jit_above_cost"), matches("database[*]", "database[app]")
    (True, False, True)
    """
    head = literal_head(pattern)
    if not name.startswith(head):
        return False
    rest = pattern[len(head) :]
    return rest == "*" or (_compiled(pattern).fullmatch(name) is not None if rest else name == head)


@lru_cache(maxsize=4096)
def overlap(one: str, other: str) -> bool:
    """Return whether two globs have a name in common.

    >>> overlap("plugin.*", "*"), overlap("server/*", "*/limit"), overlap("policy.a.*", "plugin.*")
    (True, True, False)
    """
    seen, left = {(0, 0)}, [(0, 0)]  # positions up to which a common name exists
    while left:
        i, j = left.pop()
        a, b = one[i : i + 1], other[j : j + 1]
        if not a and not b:
            return True
        steps = [(i + 1, j)] if a == "*" else []
        steps += [(i, j + 1)] if b == "*" else []
        if a and b and "*" not in (a, b) and (a == b or "?" in (a, b)):
            steps.append((i + 1, j + 1))
        if a == "*" and b not in ("", "*"):
            steps.append((i, j + 1))
        if b == "*" and a not in ("", "*"):
            steps.append((i + 1, j))
        left += (step for step in steps if step not in seen)
        seen.update(steps)
    return False


def match_expectations(
    policy: Policy, service: str, rule: Rule, setting: str, facts: Mapping[str, Fact]
) -> ExpectedMatch:
    """Return the expectations that apply to a row; ``facts`` are those of the compared environments."""
    expected: set[str] = set()
    notes: list[str] = []
    for expectation in policy.expectations:
        if expectation.hidden or not _concerns(expectation, service, setting):
            continue
        if violation := _violation(expectation, policy.today, rule, facts):
            notes.append(violation)
        else:
            expected.update(expectation.environments or facts)
            notes.append(expectation.words)
    return ExpectedMatch(frozenset(expected), tuple(notes))


def accepting(policy: Policy, service: str, setting: str, environment: str) -> Expectation | None:
    """Return the expectation that accepts a blind spot; one that has ended only if no other does."""
    found = [
        expectation
        for expectation in policy.expectations
        if expectation.hidden
        and _concerns(expectation, service, setting)
        and environment in (expectation.environments or (environment,))
    ]
    return min(found, key=lambda expectation: expectation.ended(policy.today), default=None)


def _concerns(expectation: Expectation, service: str, setting: str) -> bool:
    return matches(expectation.service, service) and matches(expectation.setting, setting)


def _violation(expectation: Expectation, today: date, rule: Rule, facts: Mapping[str, Fact]) -> str:
    """Return why an expectation does not hold now, "" if it does."""
    if expectation.ended(today):
        return ended_words(expectation)
    for environment, wanted in expectation.values.items():
        fact = facts.get(environment)
        if fact is not None and not _has_value(wanted, fact, rule):
            return (
                f"expected {printable(wanted)} in {environment}, not {display_text(fact, rule)}: {expectation.reason}"
            )
    return ""


def ended_words(expectation: Expectation) -> str:
    """Return the note of an expectation that has ended."""
    assert expectation.until is not None  # noqa: S101
    return f"was expected until {expectation.until.isoformat()}: {expectation.reason}"


def _has_value(wanted: str, fact: Fact, rule: Rule) -> bool:
    """Return whether a fact has the value that a person wrote into the configuration: "128mb" is "128 MB"."""
    if wanted == fact.raw or _loosely(wanted) == _loosely(display_text(fact, rule)):
        return True
    written = Fact(wanted, fact.type, fact.unit)
    return not fact.canonical and comparison_key(written, rule) == comparison_key(fact, rule)


def _loosely(text: str) -> str:
    return "".join(text.split()).casefold()

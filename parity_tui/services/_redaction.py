"""Replaces the secrets of a reading, before anything else sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

from msgspec.structs import replace

from parity_tui.drift.policy import matches
from parity_tui.drift.values import canonical_text
from parity_tui.model import Fact, Reading, Rule, Service, State, ValueType
from parity_tui.secrets import fingerprint
from parity_tui.secrets.detect import is_secret
from parity_tui.secrets.spans import split_literals


def redact_reading(reading: Reading, service: Service) -> Reading:
    """Replace every secret among the facts by its fingerprint, before anything else sees the reading.

    A secret within the name of a fact becomes •••.
    """
    rules = {name: rule for rule in service.rules for name in (rule.name, *rule.aliases)}
    is_secret_name = _matcher(
        tuple(rule.name for rule in service.rules if rule.type is ValueType.SECRET and "*" in rule.name)
    )
    facts: dict[str, Fact] = {}
    literals: dict[str, dict[str, None]] = {}
    for name, fact in reading.facts.items():
        rule = rules.get(name)
        safe_name, secrets = _split_name(name) if rule is None else (name, ())
        if secrets:
            literals.setdefault(safe_name.rpartition("•••")[0], {})["\0".join(secrets)] = None
        while safe_name in facts:
            safe_name += "'"
        facts[safe_name] = _safe_fact(name, fact, rule, is_secret_name(name))
    for prefix, found in literals.items():  # the names are equal then, and the difference is here
        facts[f"{prefix}•••: the secret"] = Fact(fingerprint("\0".join(found)), state=State.SECRET)
    unchanged = not literals and all(facts[name] is fact for name, fact in reading.facts.items())
    return reading if unchanged else replace(reading, facts=facts)


@cache
def _matcher(globs: tuple[str, ...]) -> Callable[[str], bool]:
    """Return the function whether a name matches one of the globs; it remembers, as every refresh has the same."""
    return lru_cache(maxsize=20_000)(lambda name: any(matches(glob, name) for glob in globs))


_TYPED = frozenset(
    {ValueType.BOOL, ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION, ValueType.ENUM, ValueType.OCTAL}
)
"""types that a server declares, whose values are no free text"""


def _safe_fact(name: str, fact: Fact, rule: Rule | None, secret: bool) -> Fact:
    """Return a fact whose value and note hold no secret."""
    if not fact.raw or fact.state is State.SECRET:
        return fact
    if secret or (rule is not None and rule.type is ValueType.SECRET):
        return _concealed(fact, rule)
    # The heads of a ledger are random by design; Alembic's are twelve hexadecimal digits.
    raw, known = fact.raw or "", rule is not None or fact.ledger is not None
    if is_secret(name, raw, typed=fact.type in _TYPED, known=known) or is_secret("", fact.canonical, known=known):
        return _concealed(fact, rule)
    if fact.note and is_secret(name, fact.note.removesuffix(" after a restart"), known=True):
        return replace(fact, note="")
    return fact


@lru_cache(maxsize=20_000)
def _split_name(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a fact's name without the secrets in it, and these."""
    return split_literals(name)


def _concealed(fact: Fact, rule: Rule | None) -> Fact:
    """Return the fact with the fingerprint of its canonical value."""
    return Fact(
        raw=fingerprint(canonical_text(fact, rule or Rule(""))),
        state=State.SECRET,
        default=fact.default,
        source=fact.source,
        description=fact.description,
    )

"""Finds the rule for a setting: a kind's table, the rules common to all kinds, the user's severities."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import cached_property

from msgspec.structs import replace

from parity_tui.drift.policy import Policy, is_glob, literal_head, matches
from parity_tui.model import (
    CertificateStatus,
    Fact,
    Reading,
    ReadOnce,
    Reason,
    Rule,
    Service,
    ServiceError,
    Severity,
    Target,
    ValueType,
)

PRODUCT = Rule(
    "product",
    Severity.CRITICAL,
    "Different product in the same role; client adapters mask it until production.",
)
VERSION = Rule(
    "version",
    Severity.CRITICAL,
    "Features, defaults and bugs differ between releases.",
)

TLS = Rule(
    "tls.version",
    Severity.WARNING,
    "Traffic can be read in transit; old clients or strict policies may fail to negotiate.",
    explained_by="",
)
CERTIFICATE = Rule(
    "tls.certificate",
    Severity.WARNING,
    "Clients refuse a certificate that has expired or is not from a trusted authority.",
    always_report=(CertificateStatus.EXPIRING, CertificateStatus.EXPIRED),
    explained_by=TLS.name,
)
COMMON_RULES = {rule.name: rule for rule in (PRODUCT, VERSION, TLS, CERTIFICATE)}
"""by name, for all kinds"""


def _no_connection(target: Target, dialer: object) -> AbstractAsyncContextManager[ReadOnce]:
    raise ServiceError(Reason.CONFIG, "unknown kind of service")


NO_KIND = Service("not known", (), _no_connection, "none", ())
"""stands in for the kind of a target whose URL is not known (a variable that is not set)"""


def _unknown(name: str) -> Rule:
    """Return the rule for a setting without one: an option of the app's URL is known to change its sessions."""
    if not name.startswith("url."):
        return Rule(name)
    why = "Set by the app's URL: its sessions behave differently on the same server."
    return Rule(name, Severity.WARNING, why, explained_by="")


class RuleTable:
    """The rules of one kind, with the user's severities applied."""

    def __init__(self, service: Service, kind: str = "", policy: Policy | None = None) -> None:
        self.service = service
        self.kind = kind
        self.policy = policy or Policy()
        self._aliases = aliases_of(service)
        self._exact: dict[str, int] = {}
        for index, rule in enumerate(service.rules):
            self._exact.setdefault(rule.name, index)
        self._globs = [
            (i, literal_head(rule.name), rule.name) for i, rule in enumerate(service.rules) if is_glob(rule.name)
        ]
        self._heads = tuple(head for _, head, _ in self._globs)
        self._cache: dict[str, Rule] = {}
        self.revisions = tuple(rule.name for rule in service.rules if rule.type is ValueType.REVISION)
        """settings whose value is a commit"""
        self.explaining = tuple(
            dict.fromkeys(
                cause
                for rule in (*service.rules, CERTIFICATE)
                for cause in (rule.explained_by, *rule.computed_from)
                if isinstance(cause, str) and cause not in ("", "version")
            )
        )
        """settings, besides product and version, under which others are folded"""
        self.names_causes = any(callable(rule.explained_by) for rule in service.rules)
        """whether further such settings follow from the names of others"""

    def rule(self, name: str) -> Rule:
        """Return the rule for a setting; one that the table does not know is compared by its raw value, as INFO."""
        rule = self._cache.get(name)
        if rule is None:
            rule = self._cache[name] = self._look_up(name)
        return rule

    @cached_property
    def named(self) -> tuple[Rule, ...]:
        """The rules of single settings that are compared: the settings that a server of this kind may have."""
        names = dict.fromkeys(rule.name for rule in self.service.rules if not is_glob(rule.name))
        rules = [self.rule(name) for name in names if name not in (PRODUCT.name, VERSION.name)]
        return tuple(rule for rule in rules if rule.severity is not Severity.IGNORED and not is_glob(rule.name))

    @cached_property
    def patterns(self) -> tuple[Rule, ...]:
        """The rules of settings whose names only a server knows; their severity is the user's where a glob gives it."""
        return tuple(self.rule(name) for *_, name in self._globs)

    def _look_up(self, name: str) -> Rule:
        """Return the first matching rule, with the user's severity."""
        rules = self.service.rules
        last = self._exact.get(name, len(rules))
        # Most names begin like no glob: one call tells.
        for index, head, glob in self._globs if name.startswith(self._heads) else ():
            if index < last and name.startswith(head) and matches(glob, name):
                break
        else:
            index = last
        if name in COMMON_RULES and last == len(rules):  # a kind's globs are about its server's own settings
            index = last
        rule = rules[index] if index < len(rules) else COMMON_RULES.get(name) or _unknown(name)
        severity = self.policy.severity(self.kind, name)
        if severity is None:
            return rule
        why = rule.why or (self.service.explain(name) if self.service.explain else "") or "as configured"
        fixed = {"capacity": False, "by_value": {}, "may_differ": False}
        return replace(rule, severity=severity, **fixed, safer=(), presence=None, why=why)

    def resolve(self, reading: Reading) -> Reading:
        """Return the reading with aliases replaced by their rules' names."""
        return with_current_names(reading, self._aliases)


def aliases_of(service: Service) -> dict[str, str]:
    """Return the name of the rule that each older name of a setting stands for."""
    return {alias: rule.name for rule in service.rules for alias in rule.aliases}


def with_current_names(reading: Reading, aliases: Mapping[str, str]) -> Reading:
    """Return the reading with aliases replaced by their rules' names; a fact under the name itself wins."""
    if aliases.keys().isdisjoint(reading.facts.keys()):  # key views: iterates over the shorter one
        return reading
    facts: dict[str, Fact] = {}
    for name, fact in reading.facts.items():
        resolved = aliases.get(name, name)
        if resolved == name or resolved not in reading.facts:
            facts[resolved] = fact
    return replace(reading, facts=facts)


def under_policy(tables: Mapping[str, RuleTable], before: Policy, policy: Policy) -> Mapping[str, RuleTable]:
    """Return the tables by kind under another policy; those whose rows it cannot change stay the same objects."""
    if policy == before:
        return tables
    only_ancestry = replace(policy, ancestry=before.ancestry) == before
    return {
        kind: table if only_ancestry and not table.revisions else RuleTable(table.service, kind, policy)
        for kind, table in tables.items()
    }

"""A kind's table of settings, made ready to be asked."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from msgspec.structs import replace

from parity_tui.drift.policy import Policy, matches
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
)

PRODUCT = Rule(
    "product",
    Severity.CRITICAL,
    "Another product behind the same role: adapters hide the difference until production.",
)
VERSION = Rule(
    "version",
    Severity.CRITICAL,
    "Another release has other features, defaults and bugs.",
)

TLS = Rule(
    "tls.version",
    Severity.WARNING,
    "Without TLS anybody on the way reads along; old clients, or new rules of security, find no common version.",
    explained_by="",
)
CERTIFICATE = Rule(
    "tls.certificate",
    Severity.WARNING,
    "Clients refuse a certificate that has expired, or that nobody vouches for.",
    always_report=(CertificateStatus.EXPIRING, CertificateStatus.EXPIRED),
    explained_by=TLS.name,
)
EVERYWHERE = {rule.name: rule for rule in (PRODUCT, VERSION, TLS, CERTIFICATE)}
"""what every kind has"""


def _no_connection(target: Target, dialer: object) -> AbstractAsyncContextManager[ReadOnce]:
    """Refuse: nobody knows what to connect to."""
    raise ServiceError(Reason.CONFIG, "what kind of service this is cannot be known")


NO_KIND = Service("not known", (), _no_connection, "none", ())
"""what a target is whose URL cannot be known"""


class RuleTable:
    """What a kind knows of its settings, with the user's severities over it."""

    def __init__(self, service: Service, kind: str = "", policy: Policy | None = None) -> None:
        self.service = service
        self.kind = kind
        self.policy = policy or Policy()
        self._aliases = {alias: row.name for row in service.rules for alias in row.aliases}
        self._exact: dict[str, int] = {}
        for index, row in enumerate(service.rules):
            self._exact.setdefault(row.name, index)
        self._globs = [
            (index, row.name) for index, row in enumerate(service.rules) if "*" in row.name or "?" in row.name
        ]
        self._found: dict[str, Rule] = {}
        self.explaining = tuple(
            dict.fromkeys(
                row.explained_by for row in (*service.rules, CERTIFICATE) if row.explained_by not in ("", "version")
            )
        )
        """names of the rows, besides product and version, under which others are folded"""

    def rule(self, name: str) -> Rule:
        """Return what the table says of a name; an unknown setting is compared as it is, for information."""
        rule = self._found.get(name)
        if rule is None:
            rule = self._found[name] = self._look_up(name)
        return rule

    def _look_up(self, name: str) -> Rule:
        """Return the first row that fits, with the user's severity."""
        rows = self.service.rules
        last = self._exact.get(name, len(rows))
        index = next((index for index, glob in self._globs if index < last and matches(glob, name)), last)
        rule = rows[index] if index < len(rows) else EVERYWHERE.get(name, Rule(name))
        own = self.policy.severity(self.kind, name)
        return rule if own is None else replace(rule, severity=own, capacity=False, why=rule.why or "as configured")

    def resolve(self, reading: Reading) -> Reading:
        """Return the reading with every alias under its row's name; a fact under that name itself wins."""
        if self._aliases.keys().isdisjoint(reading.facts.keys()):  # two views: the shorter one is gone through
            return reading
        facts: dict[str, Fact] = {}
        for name, fact in reading.facts.items():
            own = self._aliases.get(name, name)
            if own == name or own not in reading.facts:
                facts[own] = fact
        return replace(reading, facts=facts)

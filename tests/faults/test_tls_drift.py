"""Drift of TLS: versions and certificates compared."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.row import Row
from parity_tui.model import Severity, Verdict
from parity_tui.transport.tls import Tls
from tests import builders
from tests.builders import reading

DAY = 86400.0
GOOD = Tls("TLSv1.3", "A", until=300 * DAY, verified=True)
SOON = replace(GOOD, until=10 * DAY)


def rows(*connections: Tls, policy: Policy | None = None) -> dict[str, Row]:
    """Return the rows of environments env0, env1 … with these connections."""
    return builders.rows(*(reading(tls.facts("tls", now=0)) for tls in connections), kind="memory", policy=policy)


@pytest.mark.parametrize("both", [Tls(), GOOD, replace(GOOD, verified=False)])
def test_equal_tls_has_no_listed_row(both: Tls) -> None:
    """Certificates that end on different days are equal."""
    other = replace(both, until=both.until and both.until + DAY)
    assert [row.setting for row in rows(both, other).values() if row.listed] == []


def test_missing_tls_is_a_warning_and_explains_certificates() -> None:
    """One listed row, not two."""
    found = rows(GOOD, GOOD, Tls())
    assert (found["tls.version"].verdict, found["tls.version"].severity) == (Verdict.DRIFT, Severity.WARNING)
    assert found["tls.version"].odd == ("env2",)
    assert (found["tls.certificate"].explained_by, found["tls.certificate"].listed) == ("tls.version", False)


@pytest.mark.parametrize(
    ("connections", "odd"),
    [
        ((GOOD, SOON), ("env1",)),
        ((SOON, SOON, GOOD), ("env0", "env1")),
        ((SOON, SOON), ("env0", "env1")),
        ((SOON,), ("env0",)),
        ((Tls(), SOON), ("env1",)),
        ((replace(SOON, until=-DAY), SOON), ("env0", "env1")),
    ],
)
def test_certificate_expiring_soon_is_always_a_warning(connections: tuple[Tls, ...], odd: tuple[str, ...]) -> None:
    """Even if all certificates expire soon; their environments are the outliers."""
    row = rows(*connections)["tls.certificate"]
    assert (row.verdict, row.severity, row.listed) == (Verdict.DRIFT, Severity.WARNING, True)
    assert row.odd == odd


def test_certificate_expiring_soon_can_be_expected() -> None:
    """In the environments of the expectation only."""
    policy = Policy(expectations=(Expectation("it", "tls.certificate", "renewed on Sundays", ("env0",)),))
    assert rows(SOON, policy=policy)["tls.certificate"].verdict is Verdict.EXPECTED
    assert rows(SOON, SOON, policy=policy)["tls.certificate"].verdict is Verdict.DRIFT

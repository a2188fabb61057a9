"""Answers of PostgreSQL, its relatives and hostile servers, parsed without a server."""

from __future__ import annotations

import contextlib
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parity_tui.model import Reading, ServiceError, Severity, State
from parity_tui.services.postgres import SERVICE
from parity_tui.services.postgres.parse import decode, parse


def parsed(body: bytes) -> Reading:
    return parse(decode(body), "parity")


@given(st.binary())
@example(b'{"version": "", "settings": []}')
@example(b'{"version": "PostgreSQL", "settings": [["a", null], ["a", "2"]], "databases": [["\\u001b[2J"]]}')
@example(b'{"version": 1}')
@example(b"[" * 100_000)
def test_any_answer_is_a_reading_or_service_error(body: bytes) -> None:
    """Fault 28: No other exception is raised, whatever the server sends."""
    with contextlib.suppress(ServiceError):
        assert isinstance(parsed(body), Reading)


def test_duplicate_rows_and_markup_stay_raw() -> None:
    """Fault 29, 31: The last of two rows counts; markup in a value is not interpreted."""
    result = parsed(
        b'{"version": "PostgreSQL 16.1", "settings": [["a", "1"], ["a", "[b]\\u001b[2J"], ["server_version_num", "x"]]}'
    )
    assert result.facts["a"].raw == "[b]\x1b[2J"
    assert result.version == "16.1"


@pytest.mark.parametrize(
    ("banner", "product", "version"),
    [
        ("PostgreSQL 15.12-YB-2025.2.3.2-b0 on x86_64", "YugabyteDB", "2025.2.3.2"),
        ("CockroachDB CCL v25.2.22 (x86_64-pc-linux-gnu)", "CockroachDB", "25.2.22"),
        ("PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0.77467", "Amazon Redshift", "1.0.77467"),
        ("PostgreSQL 12.12 (Greenplum Database 7.1.0 build x)", "Greenplum", "7.1.0"),
        (
            "PostgreSQL 16.1 (EnterpriseDB Advanced Server 16.1.0) on x86_64",
            "EDB Postgres Advanced Server",
            "16.1.0",
        ),
    ],
)
def test_relatives_are_named_by_their_own_version(banner: str, product: str, version: str) -> None:
    """Fault 25: The PostgreSQL version of a relative is a claim of compatibility."""
    result = parsed(f'{{"version": "{banner}", "settings": [["server_version_num", "150012"]]}}'.encode())
    assert (result.product, result.version) == (product, version)


def test_aurora_and_its_provider_are_named() -> None:
    """Only Aurora has the function; only Amazon RDS has the settings."""
    result = parsed(
        b'{"version": "PostgreSQL 16", "aurora": true, "settings": [["server_version_num", "160006"], ["rds.x", ""]]}'
    )
    assert (result.product, result.version) == ("Aurora PostgreSQL", "16.6")
    assert "Amazon RDS" in result.notes


@pytest.mark.parametrize(
    ("banner", "package", "debian"),
    [
        (
            "PostgreSQL 16.14 (Debian 16.14-1.pgdg12+1) on x86_64, compiled by gcc (Debian 12.2.0)",
            "16.14-1.pgdg12+1",
            1,
        ),
        ("PostgreSQL 16.14 (Ubuntu 16.14-0ubuntu0.24.04.1) on x86_64", "16.14-0ubuntu0.24.04.1", 1),
        ("PostgreSQL 16.14 on x86_64, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit", "", 0),
    ],
)
def test_compiler_is_not_taken_for_the_package(banner: str, package: str, debian: bool) -> None:
    """Debian's packages have a setting that the others lack."""
    result = parsed(f'{{"version": "{banner}", "settings": [["server_version_num", "160014"]]}}'.encode())
    assert (result.package, "extension_destdir" in dict(result.hidden)) == (package, bool(debian))


def test_settings_of_later_versions_are_not_hidden() -> None:
    body = '{"version": "PostgreSQL %s on x86_64", "settings": [["server_version_num", "%s"]]}'
    hidden = [
        {name for name, _ in parsed((body % version).encode()).hidden}
        for version in (("10.23", "100023"), ("11.22", "110022"), ("12.22", "120022"), ("13.23", "130023"))
    ]
    assert [sorted(later - earlier) for earlier, later in pairwise(hidden)] == [
        ["jit_provider"],
        ["primary_conninfo", "ssl_max_protocol_version", "ssl_min_protocol_version"],
        ["ssl_passphrase_command"],
    ]


def test_every_important_rule_gives_a_reason() -> None:
    """A severity without a reason would be an unproven claim."""
    assert [rule.name for rule in SERVICE.rules if rule.severity is not Severity.INFO and not rule.why] == []
    assert [rule.name for rule in SERVICE.rules if "  " in rule.why] == []


def test_keepalives_are_unknown_through_a_unix_socket() -> None:
    """The server shows those of the connection, 0 where it is no TCP connection: false drift beside one that is."""
    answer = decode(b'{"version": "PostgreSQL 16.1", "settings": [["tcp_keepalives_idle", "0", "i"], ["jit", "on"]]}')
    facts = parse(answer, "app", unix_socket=True).facts
    assert (facts["tcp_keepalives_idle"].state, facts["jit"].state) == (State.UNKNOWN, State.VALUE)
    assert "tcp_user_timeout" not in facts
    assert parse(answer, "app").facts["tcp_keepalives_idle"].state is State.VALUE

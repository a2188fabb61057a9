"""Answers of MySQL and of hostile servers, parsed without a server."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.model import ServiceError, Severity, Verdict
from parity_tui.services.mysql.parse import decode, parse
from parity_tui.services.mysql.queries import Answer, Variable
from tests.services.mysql.builders import LOCAL, drift, rows


@given(st.lists(st.lists(st.none() | st.binary(max_size=40), max_size=8).map(tuple), max_size=12))
def test_any_rows_are_a_reading_or_service_error(result: list[tuple[bytes | None, ...]]) -> None:
    """No other exception is raised, whatever the server sends."""
    hostile = [(b" server", *[b"\xff\x1b[2J"] * 5), (b" started", b"9" * 400), (b" persisted",)]
    answer, infos = decode([*result, *hostile])
    has_version = any(variable.name == "version" and variable.value for variable in answer.variables)
    with nullcontext() if has_version else pytest.raises(ServiceError):
        parse(answer, infos, LOCAL)
    assert parse(decode([*result, (b"VERSION", b"8.0.36")])[0], {}, LOCAL).product


def test_sets_in_any_order_are_equal() -> None:
    values = "ANSI_QUOTES,STRICT_ALL_TABLES", "STRICT_ALL_TABLES,ANSI_QUOTES"
    answers = [
        Answer((Variable("version", "8.0.36"), Variable("sql_mode", value), Variable("tls_version", value)))
        for value in values
    ]
    assert drift(*[parse(answer, {}, LOCAL) for answer in answers]) == set()


def test_names_of_mariadb_and_mysql_share_one_row() -> None:
    """Each side's own name is a note."""
    mariadb = Answer((Variable("version", "10.6.1-MariaDB"), Variable("tx_isolation", "SERIALIZABLE")))
    mysql = Answer((Variable("version", "8.0.36"), Variable("transaction_isolation", "READ-COMMITTED")))
    compared = rows(parse(mariadb, {}, LOCAL), parse(mysql, {}, LOCAL))
    assert compared["transaction_isolation"].severity is Severity.CRITICAL
    assert compared["transaction_isolation"].cells[0].note == "called tx_isolation here"
    assert compared["product"].verdict is Verdict.DRIFT

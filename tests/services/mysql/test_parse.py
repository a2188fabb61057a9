"""Answers of MySQL and of hostile servers, parsed without a server."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.model import ServiceError, Severity, State, Verdict
from parity_tui.services.mysql.parse import cut_variables, decode, parse
from parity_tui.services.mysql.queries import DATABASES, Answer, Variable
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


def test_value_that_may_be_cut_is_unknown() -> None:
    """J12: two values that differ after the last character read would be the same."""
    rows = [(b"version", b"8.0.36"), (b"init_connect", b"x" * 1024), (b"optimizer_switch", b"mrr=on," * 200)]
    whole = (b" whole", b"init_connect", b"x" * 1025, None, None, None)
    answer, infos = decode(rows)
    assert sorted(cut_variables(answer)) == ["init_connect", "optimizer_switch"]
    reading = parse(answer, infos, LOCAL)
    fact = reading.facts["init_connect"]
    assert (fact.state, fact.note) == (State.UNKNOWN, "only its first 1,024 characters can be read")
    assert ("optimizer_switch.*", "the end of optimizer_switch cannot be read") in reading.hidden
    assert decode([*rows, whole])[0].cut == {"optimizer_switch"}


def test_databases_beyond_the_limit_are_unknown() -> None:
    """J12: the limit itself is no cut."""
    databases = (("mysql", "a", "b"), *[("x", "a", "b")] * (DATABASES - 1))
    answer = Answer((Variable("version", "8.0.36"),), databases, plugins=())
    assert parse(answer, {}, LOCAL).hidden == ()
    more = replace(answer, databases=(*(answer.databases or ()), ("y", "a", "b")))
    assert parse(more, {}, LOCAL).hidden == (("database[*]", f"only the first {DATABASES} databases"),)

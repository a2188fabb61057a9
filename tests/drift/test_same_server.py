"""Environments that lead to one server: nothing was compared."""

from __future__ import annotations

from typing import Any

from parity_tui.drift.board import Board
from parity_tui.drift.parity import proved
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Failure, Outcome, Reason, Target, Verdict
from tests.drift.builders import KINDS, board, listed, reading, row

SHARED = reading({"zone": "a"}, instance="run-1")
OTHER = reading({"zone": "a"}, instance="run-2")


def at(*targets: dict[str, Any], policy: Policy | None = None) -> Board:
    """Make a board of targets without an instance that give the same reading."""
    made = [Target(f"env{n}", "db", "database", **fields) for n, fields in enumerate(targets)]
    names = list(dict.fromkeys(target.environment for target in made))
    read = [Outcome(target, reading({"zone": "a"}, address=target.address)) for target in made]
    return Board.of(names, made, KINDS, policy or Policy()).with_outcomes(read)


def test_one_instance_in_two_environments_is_not_parity() -> None:
    made = board(SHARED, SHARED)
    found = row(made, "same server")
    assert (found.verdict, found.note) == (
        Verdict.UNKNOWN,
        "dev and production are the same server: nothing compared",
    )
    assert (listed(made), proved(made)) == (["same server"], False)


def test_other_instances_are_other_servers() -> None:
    assert proved(board(SHARED, OTHER))


def test_third_environment_is_compared() -> None:
    made = board(SHARED, OTHER, SHARED)
    assert row(made, "same server").note.startswith("dev and production are")
    assert row(made, "zone").verdict is Verdict.SAME


def test_equal_process_ids_of_different_hosts_are_no_proof() -> None:
    one, other = (reading({"zone": "a", "port": port}, instance="1") for port in ("5432", "5433"))
    assert proved(board(one, other))


def test_one_address_is_one_server() -> None:
    assert not proved(at({"host": "db", "port": 1}, {"host": "db", "port": 1}))
    assert not proved(at({"host": "localhost", "port": 1}, {"host": "127.0.0.1", "port": 1, "user": "app"}))
    assert not proved(at({"path": "/srv/app.db"}, {"path": "/srv/app.db"}))


def test_one_address_behind_two_hosts_is_two_servers() -> None:
    assert proved(at({"host": "db", "port": 1, "ssh": "a"}, {"host": "db", "port": 1, "ssh": "b"}))
    assert proved(at({"host": "db", "port": 1}, {"host": "db", "port": 2}))
    assert proved(at({"host": "db", "port": 1, "path": "a"}, {"host": "db", "port": 1, "path": "b"}))


def test_failed_server_is_not_called_the_same() -> None:
    made = board(SHARED, SHARED).with_outcomes(
        [Outcome(Target("dev", "db", "database"), SHARED, Failure(Reason.CLOSED, "gone"))]
    )
    assert "same server" not in listed(made)


def test_same_server_is_accepted_by_its_name_only() -> None:
    for setting, accepted in (("same server", True), ("*", False)):
        policy = Policy(expectations=(Expectation("db", setting, "one for both", hidden=True),))
        assert proved(board(SHARED, SHARED, policy=policy)) is accepted

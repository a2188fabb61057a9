"""Changes from one board to the next: values and restarts, and nothing else."""

from __future__ import annotations

from parity_tui.drift.changes import Change, ChangeKind, changes
from parity_tui.model import Failure, Reason, Severity
from tests.drift.change_builders import EMPTY, NODES, TARGETS, answer_of, answered, both, empty_board, reading


def test_change_names_environment_and_both_values() -> None:
    before = both(zone="a", port="1")
    after = answered(before, reading(zone="b", port="2"))
    assert changes(EMPTY, before) == []
    assert changes(before, after) == [Change("dev", "db", "zone", "a", "b", Severity.CRITICAL)]
    assert changes(after, after) == []


def test_change_during_outage_is_found_afterwards() -> None:
    before = both(zone="a")
    away = answered(before, Failure(Reason.REFUSED, "no"))
    assert [c.kind for c in changes(before, away)] == [ChangeKind.FAILED]
    assert [c.after for c in changes(away, answered(away, reading(zone="b")))] == ["b"]


def test_role_change_is_reported_though_ignored() -> None:
    """Fault 18."""
    before = both(role="replica")
    assert changes(before, answered(before, reading(role="primary"))) == [
        Change("dev", "db", "role", "replica", "primary", Severity.INFO, ChangeKind.ROLE)
    ]


def test_restart_includes_change_of_the_version() -> None:
    """Fault 17."""
    before = answered(EMPTY, reading("15.3", "1"), reading("15.3", "1"))
    same = answered(before, reading("15.3", "2"), connection=2)
    other = answered(before, reading("15.4", "2"), connection=2)
    assert [(c.subject, c.transition) for c in changes(before, same)] == [("db restarted", "")]
    assert [(c.subject, c.transition) for c in changes(before, other)] == [("db restarted", "15.3 → 15.4")]


def test_restart_during_outage_is_found_afterwards() -> None:
    """Fault 17."""
    before = answered(EMPTY, reading("15.3", "1"), reading("15.3", "1"))
    away = answered(before, Failure(Reason.REFUSED, "no"))
    assert not any(c.restarted for c in changes(before, away))
    assert [c.restarted for c in changes(away, answered(away, reading("15.3", "2"), connection=2))] == [True]
    assert changes(away, answered(away, reading("15.3", "1"), connection=2)) == []


def test_other_instance_on_same_connection_is_no_restart() -> None:
    before = answered(EMPTY, reading("15.3", "1"), reading("15.3", "1"))
    assert changes(before, answered(before, reading("15.3", "2"))) == []


def test_restart_names_the_node() -> None:
    """Fault 17."""
    nodes = NODES[:2]
    before = empty_board(*nodes).with_outcomes(answer_of(node, reading("1.0", "1")) for node in nodes)
    after = before.with_outcomes([answer_of(nodes[1], reading("1.0", "2"), connection=2)])
    assert [c.subject for c in changes(before, after)] == ["db b:1 restarted"]


def test_boards_of_different_servers_have_no_changes() -> None:
    """Fault 41."""
    other = empty_board(TARGETS[0])
    assert changes(both(zone="a"), answered(other, reading(zone="b"))) == []

"""What has moved from one board to the next: values, servers started anew, and nothing else."""

from __future__ import annotations

from typing import Any, cast

from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, changes
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, Rule, Service, Severity, Target

KIND = Service(
    "A database",
    ("db",),
    cast(Any, None),
    "none",
    (
        Rule("zone", Severity.CRITICAL, "Days shift."),
        Rule("port", Severity.IGNORED, "The address belongs to the host."),
        Rule("uptime", Severity.IGNORED, "A counter."),
        Rule("role", Severity.IGNORED, "A role is no drift.", notify=True),
    ),
)
TARGETS = [Target("dev", "db", "database"), Target("production", "db", "database")]
EMPTY = Board.of(["dev", "production"], TARGETS, {"database": KIND}, Policy())


def reading(version: str = "16.1", instance: str = "", **facts: str) -> Reading:
    """Make a reading of facts."""
    return Reading("Thing", version, {name: Fact(raw) for name, raw in facts.items()}, instance=instance)


def heard(before: Board, *said: Reading | Failure, connection: int = 1) -> Board:
    """Let dev answer or fail, and production where there is a second one."""
    return before.with_outcomes(
        Outcome(target, None, what) if isinstance(what, Failure) else Outcome(target, what, connection=connection)
        for target, what in zip(TARGETS, said, strict=False)
    )


def both(**facts: str) -> Board:
    """Let both say the same."""
    return heard(EMPTY, reading(**facts), reading(**facts))


def test_changes_say_who_moved_from_where_to_where() -> None:
    """What the toast says; the first answer is no change, and neither is an address."""
    before = both(zone="a", port="1")
    after = heard(before, reading(zone="b", port="2"))
    assert changes(EMPTY, before) == []
    assert changes(before, after) == [Change("dev", "db", "zone", "a", "b", Severity.CRITICAL)]
    assert changes(after, after) == []


def test_a_change_while_a_target_was_away_is_seen_when_it_is_back() -> None:
    """Restarted with another value."""
    before = both(zone="a")
    away = heard(before, Failure(Reason.REFUSED, "no"))
    assert changes(before, away) == []
    assert [c.after for c in changes(away, heard(away, reading(zone="b")))] == ["b"]


def test_another_role_is_news_though_it_is_no_drift() -> None:
    """Fault 18: A failover is said, and counts for information."""
    before = both(role="replica")
    assert changes(before, heard(before, reading(role="primary"))) == [
        Change("dev", "db", "role", "replica", "primary", Severity.INFO)
    ]


def test_a_restart_is_said_with_the_version_once() -> None:
    """Fault 17: Be it the same version or another one; the row of the version says nothing more."""
    before = heard(EMPTY, reading("15.3", "1"), reading("15.3", "1"))
    same = heard(before, reading("15.3", "2"), connection=2)
    other = heard(before, reading("15.4", "2"), connection=2)
    assert [(c.subject, c.transition) for c in changes(before, same)] == [("db restarted", "")]
    assert [(c.subject, c.transition) for c in changes(before, other)] == [("db restarted", "15.3 → 15.4")]


def test_a_restart_is_said_when_the_target_is_back() -> None:
    """Fault 17: Most restarts are seen as a failure first."""
    before = heard(EMPTY, reading("15.3", "1"), reading("15.3", "1"))
    away = heard(before, Failure(Reason.REFUSED, "no"))
    assert changes(before, away) == []
    assert [c.restarted for c in changes(away, heard(away, reading("15.3", "2"), connection=2))] == [True]
    assert changes(away, heard(away, reading("15.3", "1"), connection=2)) == []


def test_another_server_on_the_same_connection_is_no_restart() -> None:
    """Behind a pooler each reading may come from another one: that would be news every few seconds."""
    before = heard(EMPTY, reading("15.3", "1"), reading("15.3", "1"))
    assert changes(before, heard(before, reading("15.3", "2"))) == []


def test_of_several_nodes_the_one_that_was_started_anew_is_named() -> None:
    """Fault 17: The others went on."""
    nodes = [replace(TARGETS[0], node=name) for name in ("a:1", "b:1")]
    empty = Board.of(["dev"], nodes, {"database": KIND}, Policy())
    before = empty.with_outcomes([Outcome(node, reading("1.0", "1"), connection=1) for node in nodes])
    after = before.with_outcomes([Outcome(nodes[1], reading("1.0", "2"), connection=2)])
    assert [c.subject for c in changes(before, after)] == ["db b:1 restarted"]


def test_boards_of_another_configuration_have_nothing_in_common() -> None:
    """Fault 41: No change is made up when the configuration is read again."""
    other = Board.of(["dev"], TARGETS[:1], {"database": KIND}, Policy())
    assert changes(both(zone="a"), heard(other, reading(zone="b"))) == []

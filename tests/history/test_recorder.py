"""Boards become records: every change is recorded once, and nothing else."""

from __future__ import annotations

from parity_tui.model import Fact, Failure, Reason, Severity, State
from tests.drift.change_builders import EMPTY, NODES, answer_of, answered, empty_board, reading
from tests.history.stores import RecordedHistory

UNAVAILABLE = Failure(Reason.REFUSED, "no")


def test_change_is_recorded_with_its_old_value() -> None:
    history = RecordedHistory()
    board = answered(EMPTY, reading(zone="a", uptime="1", role="replica"), reading(zone="a"))
    assert history.record(board, 100.0) == ([], [])
    board = answered(board, reading(zone="b", uptime="2", role="primary"))
    assert history.record(board, 101.0) == (["dev db zone a → b", "dev db role replica → primary"], [])
    assert history.record(answered(board, reading(zone="b", uptime="3", role="primary")), 102.0) == ([], [])
    assert history.stored().changes[-2].change.severity is Severity.CRITICAL
    assert not any("uptime" in values for values in history.recorder.state.values.values())


def test_changed_secret_is_recorded_without_a_digest() -> None:
    """Every change of it, although all look alike; digests of another process mean nothing."""
    history = RecordedHistory()
    one, other, third = (Fact(f"{digit}1f2e3d4", state=State.SECRET) for digit in "abc")
    boards = [answered(EMPTY, reading(zone=one), reading(zone=one))]
    boards += [answered(boards[0], reading(zone=other), reading(zone=one))]
    boards += [answered(boards[1], reading(zone=third), reading(zone=one))]
    found = [history.record(board, 100.0 + at) for at, board in enumerate(boards)]
    assert found == [([], []), (["dev db zone has another value"], []), (["dev db zone has another value"], [])]
    assert not any(fact.raw and fact.raw[:4] in history.database.text() for fact in (one, other, third))
    again = RecordedHistory(history.closed())
    assert [timed.change.setting for timed in again.recorder.state.changes] == ["zone", "zone"]
    assert again.record(boards[0], 200.0) == ([], [])


def test_unknown_value_is_no_change() -> None:
    history = RecordedHistory()
    board = answered(EMPTY, reading(zone="a"), reading(zone="a"))
    history.record(board, 100.0)
    away = answered(board, UNAVAILABLE)
    assert history.record(away, 101.0) == ([], [])
    assert history.record(answered(away, reading(zone=Fact(state=State.HIDDEN))), 102.0) == ([], [])
    assert history.record(answered(away, reading(zone="b")), 103.0) == (["dev db zone a → b"], [])


def test_change_between_two_boards_is_missed() -> None:
    first = RecordedHistory()
    first.record(answered(EMPTY, reading(zone="a"), reading(zone="a"), at=500.0), 500.0)
    moved = answered(EMPTY, reading(zone="b"), reading(zone="a"), at=9000.0)
    second = RecordedHistory(first.closed())
    assert second.record(moved, 9000.0) == (["dev db zone a → b"], ["zone after 500"])
    assert RecordedHistory(second.closed()).record(moved, 9900.0) == ([], [])


def test_change_on_an_open_board_is_not_missed() -> None:
    history = RecordedHistory(RecordedHistory().closed())
    board = answered(EMPTY, reading(zone="a"), reading(zone="a"))
    history.record(board, 100.0)
    assert history.record(answered(board, reading(zone="b")), 101.0)[1] == []


def test_restart_is_recorded_once() -> None:
    """Fault 17."""
    history = RecordedHistory()
    board = answered(EMPTY, reading(instance="1", zone="a"), reading(instance="1", zone="a"))
    history.record(board, 100.0)
    again = answered(board, reading(instance="2", zone="a"), connection=2)
    assert history.record(again, 200.0) == (["dev db restarted"], [])
    assert history.record(answered(again, reading(instance="2", zone="b"), connection=2), 201.0) == (
        ["dev db zone a → b"],
        [],
    )


def test_new_version_of_restarted_node_is_recorded_once() -> None:
    """Fault 17."""
    nodes = NODES[:2]
    before = empty_board(*nodes).with_outcomes(answer_of(node, reading(zone="a")) for node in nodes)
    newer = reading("2.0", "2", zone="a")
    history = RecordedHistory()
    history.record(before, 100.0)
    after = before.with_outcomes([answer_of(nodes[1], newer, at=200.0, connection=2)])
    assert history.record(after, 200.0) == (["dev db b:1 restarted 1.0 → 2.0"], [])
    assert RecordedHistory(history.closed()).record(after, 900.0) == ([], [])


def test_added_node_is_no_restart() -> None:
    """Fault 41."""
    history = RecordedHistory()
    for count in (2, 3):
        nodes, run = NODES[:count], reading(instance=str(count), zone="a")
        board = empty_board(*nodes).with_outcomes(answer_of(node, run, at=9.0, connection=count) for node in nodes)
        assert history.record(board, 100.0 * count) == ([], [])


def test_setting_with_non_utf8_name_is_recorded() -> None:
    """Fault 27."""
    history = RecordedHistory()
    board = answered(EMPTY, reading(**{"role.caf\udce9": "a"}), reading(zone="a"))
    assert history.record(board, 100.0) == ([], [])
    moved = answered(board, reading(**{"role.caf\udce9": "b"}))
    assert history.record(moved, 101.0) == (["dev db role.caf\\xe9 a → b"], [])
    assert RecordedHistory(history.closed()).record(moved, 200.0) == ([], [])


def test_secrets_are_never_recorded() -> None:
    history = RecordedHistory()
    history.record(answered(EMPTY, reading(zone=Fact("f1a2", state=State.SECRET)), reading(zone="a")), 100.0)
    assert "f1a2" not in history.database.text()


def test_long_values_are_truncated_and_compared() -> None:
    facts = {f"setting.{number}": "€" * number for number in range(400)}
    facts |= {"n" * 1500: "value", "m" * 5000: "value", "zone": "x" * 1_000_000}
    board = answered(EMPTY, reading(**facts), reading(zone="y"))
    history = RecordedHistory()
    history.record(board, 100.0)
    assert len(history.database.text()) < 300_000
    again = RecordedHistory(history.closed())
    assert again.record(board, 200.0) == ([], [])
    other = answered(board, reading(**{**facts, "zone": "x" * 1_000_001}))
    assert len(again.record(other, 201.0)[0]) == 1

"""Outages are recorded with begin and end, and outlive the board that saw them begin."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.history import failed_since
from parity_tui.model import RETRY_HINT, Failure, Outcome, Reason
from tests.drift.change_builders import EMPTY, NODES, TARGETS, answer_of, answered, empty_board, reading
from tests.history.stores import RecordedHistory

UP = answered(EMPTY, reading(zone="a"), reading(zone="a"), at=100.0)
REFUSED = Failure(Reason.REFUSED, "no answer" + RETRY_HINT)


def down(board: Board, since: float) -> Board:
    """Return the board after dev began to fail."""
    return board.with_outcomes([Outcome(TARGETS[0], failure=REFUSED, failed_since=since)])


def up(board: Board, at: float) -> Board:
    """Return the board after dev answered again."""
    return board.with_outcomes([replace(answer_of(TARGETS[0], reading(zone="a"), at), recovered_at=at)])


def test_outage_is_recorded_with_begin_and_end() -> None:
    history = RecordedHistory()
    history.record(UP, 100.0)
    assert history.record(down(UP, 200.0), 201.0) == (["dev db no answer"], [])
    assert history.record(down(UP, 200.0), 220.0) == ([], [])
    assert history.record(up(down(UP, 200.0), 241.0), 241.5) == (["dev db answers again after 41 s"], [])
    begin, end = history.recorder.state.changes
    assert (begin.at, begin.change.reason, end.at, end.change.seconds) == (200.0, "refused", 241.0, 41.0)
    assert history.stored().changes == history.recorder.state.changes


def test_outage_outlives_the_board() -> None:
    """The next board knows since when, and records it no second time."""
    first = RecordedHistory()
    first.record(UP, 100.0)
    first.record(down(UP, 200.0), 201.0)
    second = RecordedHistory(first.closed())
    assert failed_since(second.recorder.state) == {("db", "dev", ""): 200.0}
    still = down(EMPTY, 900.0).with_outcomes([answer_of(TARGETS[1], reading(zone="a"))])
    assert second.record(still, 901.0) == ([], [])
    assert second.record(up(still, 1000.0), 1000.0) == (["dev db answers again after 13 min"], [])
    assert failed_since(RecordedHistory(second.closed()).recorder.state) == {}


def test_outage_that_began_between_boards_is_missed() -> None:
    first = RecordedHistory()
    first.record(UP, 100.0)
    second = RecordedHistory(first.closed())
    failing = down(EMPTY, 900.0).with_outcomes([answer_of(TARGETS[1], reading(zone="a"))])
    changes, missed = second.record(failing, 901.0)
    assert (changes, missed) == (["dev db no answer"], [" after 100"])


def test_outage_that_ended_between_boards_is_missed() -> None:
    first = RecordedHistory()
    first.record(UP, 100.0)
    first.record(down(UP, 200.0), 300.0)
    second = RecordedHistory(first.closed())
    changes, missed = second.record(answered(EMPTY, reading(zone="a"), reading(zone="a"), at=900.0), 900.0)
    assert (changes, missed) == (["dev db answers again after 11 min"], [" after 300"])


def test_first_failure_of_unknown_server_is_recorded_silently() -> None:
    history = RecordedHistory()
    failing = down(EMPTY, 200.0).with_outcomes([answer_of(TARGETS[1], reading(zone="a"))])
    assert history.record(failing, 201.0) == (["dev db no answer"], [])


def test_wrong_configuration_is_no_outage() -> None:
    history = RecordedHistory()
    board = answered(EMPTY, Failure(Reason.CONFIG, "X is not set"), reading(zone="a"))
    assert history.record(board, 100.0) == ([], [])


def test_outages_of_nodes_are_told_apart() -> None:
    """L3."""
    nodes = NODES[:2]
    board = empty_board(*nodes).with_outcomes(answer_of(node, reading(zone="a")) for node in nodes)
    history = RecordedHistory()
    history.record(board, 100.0)
    dead = board.with_outcomes([Outcome(nodes[1], failure=REFUSED, failed_since=200.0)])
    assert history.record(dead, 200.0)[0] == ["dev db b:1 no answer"]
    returned = dead.with_outcomes([replace(answer_of(nodes[1], reading(zone="z"), at=250.0), recovered_at=250.0)])
    assert history.record(returned, 250.0)[0] == ["dev db b:1 answers again after 50 s", "dev db b:1 zone a → z"]

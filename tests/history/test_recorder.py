"""Boards become records: every change is recorded once, and nothing else."""

from __future__ import annotations

from parity_tui.drift.board import Board
from parity_tui.history.record import MAX_LINE, encode
from parity_tui.history.recorder import Recorder
from parity_tui.history.state import HistoryState
from parity_tui.model import Fact, Failure, Reason, State
from tests.drift.change_builders import EMPTY, NODES, answer_of, answered, empty_board, reading

UNAVAILABLE = Failure(Reason.REFUSED, "no")


class HistoryFile:
    """A recorder, and the file that it writes to."""

    def __init__(self, lines: list[bytes] | None = None) -> None:
        self.lines = lines or []
        state = HistoryState()
        for line in self.lines:
            state.read_line(line)
        self.recorder = Recorder(state)

    def record(self, board: Board, now: float) -> tuple[list[str], list[str]]:
        """Write the records of a board; return its changes, and the missed ones, in short."""
        before = len(self.recorder.state.changes)
        records, missed = self.recorder.record(board, now)
        self.lines += map(encode, records)
        changes = [timed.change for timed in list(self.recorder.state.changes)[before:]]
        return [f"{change.environment} {change.subject} {change.transition}".strip() for change in changes], [
            f"{timed.change.setting} after {timed.since:g}" if timed.since else timed.change.setting for timed in missed
        ]

    def closed(self) -> list[bytes]:
        """Return the lines after the end of the board."""
        return [*self.lines, *map(encode, self.recorder.final_records())]


def test_change_is_recorded_with_its_old_value() -> None:
    file = HistoryFile()
    board = answered(EMPTY, reading(zone="a", uptime="1", role="replica"), reading(zone="a"))
    assert file.record(board, 100.0) == ([], [])
    board = answered(board, reading(zone="b", uptime="2", role="primary"))
    assert file.record(board, 101.0) == (["dev db zone a → b", "dev db role replica → primary"], [])
    assert file.record(answered(board, reading(zone="b", uptime="3", role="primary")), 102.0) == ([], [])
    assert b'"critical"' in file.lines[-2]
    assert not any("uptime" in values for values in file.recorder.state.values.values())


def test_changed_secret_is_recorded_without_a_digest() -> None:
    """Every change of it, although all look alike; digests of another process mean nothing."""
    file = HistoryFile()
    one, other, third = (Fact(f"{digit}1f2e3d4", state=State.SECRET) for digit in "abc")
    boards = [answered(EMPTY, reading(zone=one), reading(zone=one))]
    boards += [answered(boards[0], reading(zone=other), reading(zone=one))]
    boards += [answered(boards[1], reading(zone=third), reading(zone=one))]
    found = [file.record(board, 100.0 + at) for at, board in enumerate(boards)]
    assert found == [([], []), (["dev db zone has another value"], []), (["dev db zone has another value"], [])]
    assert not any(fact.raw and fact.raw[:4].encode() in line for fact in (one, other, third) for line in file.lines)
    again = HistoryFile(file.closed())
    assert [timed.change.setting for timed in again.recorder.state.changes] == ["zone", "zone"]
    assert again.record(boards[0], 200.0) == ([], [])


def test_unknown_value_is_no_change() -> None:
    file = HistoryFile()
    board = answered(EMPTY, reading(zone="a"), reading(zone="a"))
    file.record(board, 100.0)
    away = answered(board, UNAVAILABLE)
    assert file.record(away, 101.0) == ([], [])
    assert file.record(answered(away, reading(zone=Fact(state=State.HIDDEN))), 102.0) == ([], [])
    assert file.record(answered(away, reading(zone="b")), 103.0) == (["dev db zone a → b"], [])


def test_change_between_two_boards_is_missed() -> None:
    first = HistoryFile()
    first.record(answered(EMPTY, reading(zone="a"), reading(zone="a"), at=500.0), 500.0)
    moved = answered(EMPTY, reading(zone="b"), reading(zone="a"), at=9000.0)
    second = HistoryFile(first.closed())
    assert second.record(moved, 9000.0) == (["dev db zone a → b"], ["zone after 500"])
    assert HistoryFile(second.closed()).record(moved, 9900.0) == ([], [])


def test_change_on_an_open_board_is_not_missed() -> None:
    file = HistoryFile(HistoryFile().closed())
    board = answered(EMPTY, reading(zone="a"), reading(zone="a"))
    file.record(board, 100.0)
    assert file.record(answered(board, reading(zone="b")), 101.0)[1] == []


def test_restart_is_recorded_once() -> None:
    """Fault 17."""
    file = HistoryFile()
    board = answered(EMPTY, reading(instance="1", zone="a"), reading(instance="1", zone="a"))
    file.record(board, 100.0)
    again = answered(board, reading(instance="2", zone="a"), connection=2)
    assert file.record(again, 200.0) == (["dev db restarted"], [])
    assert file.record(answered(again, reading(instance="2", zone="b"), connection=2), 201.0) == (
        ["dev db zone a → b"],
        [],
    )


def test_new_version_of_restarted_node_is_recorded_once() -> None:
    """Fault 17."""
    nodes = NODES[:2]
    before = empty_board(*nodes).with_outcomes(answer_of(node, reading(zone="a")) for node in nodes)
    newer = reading("2.0", "2", zone="a")
    file = HistoryFile()
    file.record(before, 100.0)
    after = before.with_outcomes([answer_of(nodes[1], newer, at=200.0, connection=2)])
    assert file.record(after, 200.0) == (["dev db b:1 restarted 1.0 → 2.0"], [])
    assert HistoryFile(file.closed()).record(after, 900.0) == ([], [])


def test_added_node_is_no_restart() -> None:
    """Fault 41."""
    file = HistoryFile()
    for count in (2, 3):
        nodes, run = NODES[:count], reading(instance=str(count), zone="a")
        board = empty_board(*nodes).with_outcomes(answer_of(node, run, at=9.0, connection=count) for node in nodes)
        assert file.record(board, 100.0 * count) == ([], [])


def test_setting_with_non_utf8_name_is_recorded() -> None:
    """Fault 27."""
    file = HistoryFile()
    board = answered(EMPTY, reading(**{"role.caf\udce9": "a"}), reading(zone="a"))
    assert file.record(board, 100.0) == ([], [])
    moved = answered(board, reading(**{"role.caf\udce9": "b"}))
    assert file.record(moved, 101.0) == (["dev db role.caf\\xe9 a → b"], [])
    assert HistoryFile(file.closed()).record(moved, 200.0) == ([], [])


def test_snapshot_holds_all_known_values() -> None:
    file = HistoryFile()
    board = answered(EMPTY, reading(zone="a", b="1"), reading(zone="a"))
    file.record(board, 100.0)
    fresh = HistoryFile([encode(line) for line in file.recorder.snapshot(150.0)])
    assert fresh.recorder.state.values == file.recorder.state.values
    assert fresh.record(answered(EMPTY, reading(zone="z", b="1"), reading(zone="a")), 9000.0) == (
        ["dev db zone a → z"],
        ["zone after 100"],
    )


def test_secrets_are_never_recorded() -> None:
    file = HistoryFile()
    file.record(answered(EMPTY, reading(zone=Fact("f1a2", state=State.SECRET)), reading(zone="a")), 100.0)
    assert not any(b"f1a2" in line for line in file.lines)


def test_no_line_exceeds_one_write() -> None:
    """Fault 56."""
    facts = {f"setting.{number}": "€" * number for number in range(400)}
    facts |= {"n" * 1500: "value", "m" * 5000: "value", "zone": "x" * 1_000_000}
    board = answered(EMPTY, reading(**facts), reading(zone="y"))
    file = HistoryFile()
    file.record(board, 100.0)
    assert 10 < len(file.lines) < 400
    assert all(len(line) <= MAX_LINE for line in file.lines)
    again = HistoryFile(file.closed())
    assert again.record(board, 200.0) == ([], [])
    other = answered(board, reading(**{**facts, "zone": "x" * 1_000_001}))
    assert len(again.record(other, 201.0)[0]) == 1

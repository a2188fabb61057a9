"""From boards to lines: everything that was seen to move is encode once, and nothing that was not."""

from __future__ import annotations

from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.history.recorder import Recorder
from parity_tui.history.state import MAX_LINE, HistoryState, encode
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, State
from tests.drift.test_changes import EMPTY, KIND, TARGETS

GONE = Failure(Reason.REFUSED, "no")


def reading(instance: str = "1", **facts: str | Fact) -> Reading:
    """Make a reading."""
    found = {name: fact if isinstance(fact, Fact) else Fact(fact) for name, fact in facts.items()}
    return Reading("Thing", "1.0", found, instance=instance)


def heard(before: Board, *said: Reading | Failure | None, at: float = 100.0, connection: int = 1) -> Board:
    """Let the targets answer or fail, in their order."""
    return before.with_outcomes(
        Outcome(target, failure=what) if isinstance(what, Failure) else Outcome(target, what, None, 1.0, at, connection)
        for target, what in zip(TARGETS, said, strict=False)
        if what is not None
    )


class Book:
    """A ledger, and the file that it is encode to."""

    def __init__(self, lines: list[bytes] | None = None) -> None:
        self.lines = lines or []
        past = HistoryState()
        for line in self.lines:
            past.read_line(line)
        self.recorder = Recorder(past)

    def enter(self, board: Board, now: float) -> tuple[list[str], list[str]]:
        """Return what has moved and what of it unseen, in short; the lines are kept."""
        before = len(self.recorder.state.changes)
        lines, missed = self.recorder.record(board, now)
        self.lines += map(encode, lines)
        moves = list(self.recorder.state.changes)[before:]
        return [f"{m.change.environment} {m.change.subject} {m.change.transition}".strip() for m in moves], [
            f"{m.change.setting} after {m.since:g}" if m.since else m.change.setting for m in missed
        ]

    def closed(self) -> list[bytes]:
        """Return the file after the end of the board."""
        return [*self.lines, *map(encode, self.recorder.final_records())]


def test_what_moves_is_written_with_what_it_was() -> None:
    """A counter is not, and a role is."""
    book = Book()
    board = heard(EMPTY, reading(zone="a", uptime="1", role="replica"), reading(zone="a"))
    assert book.enter(board, 100.0) == ([], [])
    board = heard(board, reading(zone="b", uptime="2", role="primary"))
    assert book.enter(board, 101.0) == (["dev db zone a → b", "dev db role replica → primary"], [])
    assert book.enter(heard(board, reading(zone="b", uptime="3", role="primary")), 102.0) == ([], [])
    assert b'"critical"' in book.lines[-2]
    assert not any(b"uptime" in line for line in book.lines)


def test_what_cannot_be_read_has_not_moved() -> None:
    """A target that is away, a value that rights hide: the last known value stays the known one."""
    book = Book()
    board = heard(EMPTY, reading(zone="a"), reading(zone="a"))
    book.enter(board, 100.0)
    away = heard(board, GONE)
    assert book.enter(away, 101.0) == ([], [])
    assert book.enter(heard(away, reading(zone=Fact(state=State.HIDDEN))), 102.0) == ([], [])
    assert book.enter(heard(away, reading(zone="b")), 103.0) == (["dev db zone a → b"], [])


def test_what_moved_between_two_boards_is_told_as_missed() -> None:
    """With the moment at which it was last seen to be otherwise; the next board knows it."""
    first = Book()
    first.enter(heard(EMPTY, reading(zone="a"), reading(zone="a"), at=500.0), 500.0)
    moved = heard(EMPTY, reading(zone="b"), reading(zone="a"), at=9000.0)
    second = Book(first.closed())
    assert second.enter(moved, 9000.0) == (["dev db zone a → b"], ["zone after 500"])
    assert Book(second.closed()).enter(moved, 9900.0) == ([], [])


def test_what_moves_while_the_board_is_open_is_not_missed() -> None:
    """It was said when it was seen."""
    book = Book(Book().closed())
    board = heard(EMPTY, reading(zone="a"), reading(zone="a"))
    book.enter(board, 100.0)
    assert book.enter(heard(board, reading(zone="b")), 101.0)[1] == []


def test_a_restart_is_written_once() -> None:
    """Fault 17: With no word of the version beside it."""
    book = Book()
    board = heard(EMPTY, reading("1", zone="a"), reading("1", zone="a"))
    book.enter(board, 100.0)
    again = heard(board, reading("2", zone="a"), connection=2)
    assert book.enter(again, 200.0) == (["dev db restarted"], [])
    assert book.enter(heard(again, reading("2", zone="b"), connection=2), 201.0) == (["dev db zone a → b"], [])


def test_a_node_that_is_another_version_since_its_restart_is_told_once() -> None:
    """Fault 17: As on the screen; and the next board knows the version."""
    nodes = [replace(TARGETS[0], node=name) for name in ("a:1", "b:1")]
    empty = Board.of(["dev"], nodes, {"database": KIND}, Policy())
    before = empty.with_outcomes(Outcome(node, reading(zone="a"), None, 1.0, 100.0, 1) for node in nodes)
    newer = replace(reading("2", zone="a"), version="2.0")
    book = Book()
    book.enter(before, 100.0)
    after = before.with_outcomes([Outcome(nodes[1], newer, None, 1.0, 200.0, 2)])
    assert book.enter(after, 200.0) == (["dev db b:1 restarted 1.0 → 2.0"], [])
    assert Book(book.closed()).enter(after, 900.0) == ([], [])


def test_boards_of_other_servers_have_nothing_in_common() -> None:
    """Fault 41: A node more after the configuration was read again is no restart and no fault."""
    book = Book()
    nodes = [replace(TARGETS[0], node=name) for name in ("a:1", "b:1", "c:1")]
    for count in (2, 3):
        empty = Board.of(["dev"], nodes[:count], {"database": KIND}, Policy())
        said = (Outcome(node, reading(str(count), zone="a"), None, 1.0, 9.0, count) for node in nodes[:count])
        assert book.enter(empty.with_outcomes(said), 100.0 * count) == ([], [])


def test_names_that_are_no_text_are_kept_as_they_are_shown() -> None:
    """Fault 27: A byte that is no UTF-8 in the name of a setting."""
    book = Book()
    board = heard(EMPTY, reading(**{"role.caf\udce9": "a"}), reading(zone="a"))
    assert book.enter(board, 100.0) == ([], [])
    moved = heard(board, reading(**{"role.caf\udce9": "b"}))
    assert book.enter(moved, 101.0) == (["dev db role.caf\\xe9 a → b"], [])
    assert Book(book.closed()).enter(moved, 200.0) == ([], [])


def test_a_new_file_begins_with_all_that_is_known() -> None:
    """Else what moves while nobody looks would not be known to have moved."""
    book = Book()
    board = heard(EMPTY, reading(zone="a", b="1"), reading(zone="a"))
    book.enter(board, 100.0)
    fresh = Book([encode(line) for line in book.recorder.snapshot(150.0)])
    assert fresh.recorder.state.values == book.recorder.state.values
    assert fresh.enter(heard(EMPTY, reading(zone="z", b="1"), reading(zone="a")), 9000.0) == (
        ["dev db zone a → z"],
        ["zone after 100"],
    )


def test_secrets_are_never_written() -> None:
    """Not even what they are compared by: it means nothing to the next board."""
    book = Book()
    book.enter(heard(EMPTY, reading(zone=Fact("f1a2", state=State.SECRET)), reading(zone="a")), 100.0)
    assert not any(b"f1a2" in line for line in book.lines)


def test_no_line_is_too_long_to_be_written_in_one_piece() -> None:
    """Fault 56: Many settings, long values, long names, characters of several bytes."""
    facts = {f"setting.{number}": "€" * number for number in range(400)}
    facts |= {"n" * 1500: "value", "m" * 5000: "value", "zone": "x" * 1_000_000}
    board = heard(EMPTY, reading(**facts), reading(zone="y"))
    book = Book()
    book.enter(board, 100.0)
    assert 10 < len(book.lines) < 400
    assert all(len(line) <= MAX_LINE for line in book.lines)
    again = Book(book.closed())
    assert again.enter(board, 200.0) == ([], [])
    other = heard(board, reading(**{**facts, "zone": "x" * 1_000_001}))
    assert len(again.enter(other, 201.0)[0]) == 1

"""The writer goes on without its store, reports it once, and stores the events later."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from parity_tui.drift.board import Board
from parity_tui.history import Fault, HistoryUpdate, Recording, StoreError, history_path, open_for_reading
from parity_tui.history import writer as module
from parity_tui.history.store import sqlite
from parity_tui.history.store.store import Store
from parity_tui.history.writer import NewerStoreError, Writer
from tests.drift.change_builders import EMPTY, answered, reading
from tests.history.stores import short

FILES = [Path("/srv/shop/parity.toml")]
BOARDS = [EMPTY]
for _zone in "abcdefgh":
    BOARDS.append(answered(BOARDS[-1], reading(zone=_zone), reading(zone="x")))
A, B, C, D = BOARDS[1:5]


@pytest.fixture(autouse=True)
def _state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sqlite, "BUSY", 0.01)
    monkeypatch.setattr(module, "RETRY", 0.0)


class OpenBoard:
    """A writer whose clock counts boards, and its reports."""

    def __init__(self) -> None:
        self.updates: list[HistoryUpdate] = []
        self.now = 1000.0
        self.writer = Writer(FILES, Recording(), lambda: self.now, self.updates.append)

    def record(self, *boards: Board) -> None:
        """Record boards, a second apart."""
        for board in boards:
            self.now += 1
            self.writer.record(board)

    @property
    def problems(self) -> list[str]:
        """The problems that were reported."""
        return [update.problem for update in self.updates if update.problem]


@pytest.fixture
def board() -> Iterator[OpenBoard]:
    """Return a writer that is closed after the test."""
    made = OpenBoard()
    yield made
    made.writer.close()


def path() -> Path:
    return history_path(FILES)


def stored() -> list[str]:
    store = open_for_reading(path())
    assert store
    with closing(store):
        return short(store.load_events())


def test_boards_wait_for_a_store_that_is_locked(board: OpenBoard) -> None:
    """Also from the begin, when the known values cannot be read."""
    earlier = OpenBoard()
    earlier.record(A)
    earlier.writer.leave()
    earlier.writer.close()
    with closing(sqlite3.connect(path(), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE meta SET value = value")
        board.record(B, B, C, C)
        assert board.problems == [
            f"changes are kept only while this board is open: another program holds a lock on {path()}"
        ]
        other.execute("COMMIT")
    board.record(D)
    assert stored() == ["dev db zone a → b", "dev db zone b → c", "dev db zone c → d"]
    assert [timed.change.after for update in board.updates for timed in update.missed] == ["b"]


def test_lost_boards_are_reported(board: OpenBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_HELD", 3)
    path().parent.parent.mkdir()
    path().parent.write_text("a file in place of the folder")
    board.record(*BOARDS[1:])
    path().parent.unlink()
    board.record(BOARDS[-1])
    assert stored() == ["dev db zone a → g", "dev db zone g → h"]
    assert [problem.split(":")[0] for problem in board.problems] == [
        "changes are kept only while this board is open",
        "too many changes for a history that cannot be opened",
    ]


def test_lost_records_are_reported(board: OpenBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_UNWRITTEN", 3)
    board.record(A)
    with closing(sqlite3.connect(path(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        board.record(*BOARDS[2:])
        other.execute("COMMIT")
    board.record(BOARDS[-1])
    assert stored()[-1] == "dev db zone g → h"
    assert len(stored()) == 3
    assert len(board.problems) == 2


def test_removed_file_is_begun_again_with_known_state(board: OpenBoard) -> None:
    board.record(A, B)
    board.writer.confirm()
    for file in path().parent.iterdir():
        file.unlink()
    board.writer.confirm()
    board.record(C)
    assert stored() == ["dev db zone a → b", "dev db zone b → c"]
    assert board.problems == []


def test_file_damaged_meanwhile_is_set_aside(board: OpenBoard) -> None:
    """Fault 57."""
    board.record(A, B)
    board.writer._lose()
    path().write_bytes(b"no history" * 1000)
    board.record(C)
    assert stored() == ["dev db zone a → b", "dev db zone b → c"]
    (problem,) = board.problems
    assert problem.startswith(f"{path()} is damaged: it is kept as {path().name}.damaged-")


def test_pages_damaged_meanwhile_are_set_aside(board: OpenBoard) -> None:
    """Fault 57."""
    board.record(A, B)
    with closing(sqlite3.connect(path())) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path().open("r+b") as file:
        file.seek(4096)
        file.write(b"\xaa" * 200_000)
    board.record(C)
    board.record(D)
    assert stored() == ["dev db zone a → b", "dev db zone b → c", "dev db zone c → d"]
    assert len(board.problems) == 1


def test_page_damaged_meanwhile_is_found_by_writing(board: OpenBoard) -> None:
    """Fault 57: the file can still be opened and its state be read."""
    board.record(A, B)
    with closing(sqlite3.connect(path())) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event_at'").fetchone()
    with path().open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xaa" * 4096)
    board.writer._lose()
    board.record(C)
    board.record(D)
    assert stored() == ["dev db zone a → b", "dev db zone b → c", "dev db zone c → d"]
    assert len(board.problems) == 1


def test_good_file_of_another_board_stays(board: OpenBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    board.record(A, B)
    board.writer._lose()
    path().write_bytes(b"no history" * 1000)
    original = Writer._joined

    def joined(self: Writer, file: Path) -> Store:
        """Let another board replace the file first."""
        monkeypatch.setattr(Writer, "_joined", original)
        other = OpenBoard()
        other.record(A, B)
        other.writer.close()
        raise StoreError(Fault.DAMAGED, "damaged")

    monkeypatch.setattr(Writer, "_joined", joined)
    board.record(C)
    assert len(list(path().parent.glob("*.damaged-*"))) == 1
    assert stored() == ["dev db zone a → b", "dev db zone b → c"]


def test_file_begun_by_another_board_is_joined(board: OpenBoard) -> None:
    other = OpenBoard()
    for each in (A, B):
        board.record(each)
        other.record(each)
    sqlite.set_aside(path())
    for writer in (other, board):
        writer.writer.confirm()
        writer.record(C)
    other.writer.close()
    assert stored() == ["dev db zone a → b", "dev db zone b → c"]


def test_newer_store_ends_the_recording(board: OpenBoard) -> None:
    """Fault 58."""
    board.record(A)
    with closing(sqlite3.connect(path())) as other:
        other.execute("UPDATE meta SET value = '2' WHERE name = 'schema'")
        other.commit()
    later = OpenBoard()
    with pytest.raises(NewerStoreError, match="was written by a newer parity-tui"):
        later.record(B)


def test_board_learns_who_watches_when_that_changes(board: OpenBoard) -> None:
    board.record(A)
    for _ in range(3):
        board.now += 30
        board.writer.confirm()
    (update,) = (update for update in board.updates if update.watch)
    assert update.watch
    assert (update.watch.complete_since, update.watch.watcher, update.watch.gaps) == (1031.0, None, ())


def test_signs_of_life_end_with_the_board(board: OpenBoard) -> None:
    board.record(A)
    board.writer.confirm()
    store = open_for_reading(path())
    assert store
    with closing(store):
        assert store.watch_status(board.now).running
        board.writer.leave()
        assert not store.watch_status(board.now).running

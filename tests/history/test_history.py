"""The thread that records the history: no disk and no error delays or ends the board."""

from __future__ import annotations

import errno
import queue
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui import history
from parity_tui.history import History, HistoryUpdate, file, read
from parity_tui.model import Failure, Outcome, Reason
from tests.drift.change_builders import EMPTY, TARGETS, answer_of, answered, reading

FULL = answered(EMPTY, reading(zone="a"), reading(zone="a"))
PATIENCE = 30
"""seconds: longer than any machine needs"""


@pytest.fixture(autouse=True)
def _state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


class OpenHistory:
    """The history of one configuration, open; its updates wait in a queue."""

    def __init__(self, name: str, clock: Callable[[], float] = time.time) -> None:
        self._updates: queue.Queue[HistoryUpdate] = queue.Queue()
        self.history = History([Path(f"/srv/{name}/parity.toml")], clock)
        self.history.open(self._updates.put)

    def update(self) -> HistoryUpdate:
        """Wait for the next update."""
        return self._updates.get(timeout=PATIENCE)

    def close(self) -> None:
        """Close it and wait for the end of its thread."""
        self.history.close()
        assert self.history._thread is not None
        self.history._thread.join(PATIENCE)


class Disk:
    """Stands in for the writes to the file: counts them, and refuses them while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = threading.Event()
        self.writes: queue.Queue[list[bytes]] = queue.Queue()
        """the lines of each write, refused or not"""
        self._append = file.append
        monkeypatch.setattr(history, "append", self._write)

    def _write(self, path: Path, lines: Iterable[bytes]) -> bool:
        lines = list(lines)
        try:
            if self.full.is_set():
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._append(path, lines)
        finally:
            self.writes.put(lines)


def test_next_board_knows_the_recorded_changes() -> None:
    first = OpenHistory("shop")
    assert first.update() == HistoryUpdate()
    first.history.record(FULL)
    first.close()
    second = OpenHistory("shop")
    second.update()
    second.history.record(answered(FULL, reading(zone="b")))
    second.close()
    (missed,) = second.update().missed
    assert (missed.change.before, missed.change.after) == ("a", "b")
    third = OpenHistory("shop")
    assert [timed.change.after for timed in third.update().past] == ["b"]
    third.close()


def test_outage_shorter_than_the_interval_is_recorded() -> None:
    flapping = OpenHistory("flapping")
    flapping.update()
    flapping.history.record(FULL)
    down = Outcome(TARGETS[0], failure=Failure(Reason.REFUSED, "no"), failed_since=200.0)
    up = replace(answer_of(TARGETS[0], reading(zone="a")), recovered_at=201.0)
    for outcome in (down, up, replace(down, failed_since=202.0), replace(up, recovered_at=203.0)):
        board = (flapping.history._latest or FULL).with_outcomes([outcome])
        flapping.history.record(board)
    flapping.close()
    again = OpenHistory("flapping")
    assert [timed.at for timed in again.update().past] == [200.0, 201.0, 202.0, 203.0]
    again.close()


def test_hanging_disk_delays_neither_board_nor_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55."""
    writing, released = threading.Event(), threading.Event()

    def hang(path: Path, lines: Iterable[bytes]) -> None:
        writing.set()
        released.wait()

    monkeypatch.setattr(history, "append", hang)
    hung = OpenHistory("hung")
    hung.update()
    hung.history.record(FULL)
    assert writing.wait(PATIENCE)
    for _ in range(1000):
        hung.history.record(FULL)
    hung.history.close()
    assert not released.is_set()
    released.set()
    hung.close()


def test_refused_records_are_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55: in their order, and with their own time."""
    disk, now = Disk(monkeypatch), [1000.0]
    monkeypatch.setattr(history, "_INTERVAL", 0)
    full = OpenHistory("full", lambda: now[0])
    full.update()
    disk.full.set()
    full.history.record(FULL)
    disk.writes.get(timeout=PATIENCE)
    assert "no space left on device" in full.update().problem
    now[0] = 2000.0
    moved = answered(FULL, reading(zone="b"))
    full.history.record(moved)
    disk.writes.get(timeout=PATIENCE)
    disk.full.clear()
    now[0] = 9000.0
    full.history.record(answered(moved, reading(zone="c")))
    full.close()
    again = OpenHistory("full")
    past = again.update().past
    again.close()
    assert [(timed.at, timed.change.transition) for timed in past] == [(2000.0, "a → b"), (9000.0, "b → c")]


def test_full_disk_confirms_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55: the end of the board writes nothing either."""
    disk = Disk(monkeypatch)
    disk.full.set()
    full = OpenHistory("full")
    full.update()
    full.history.record(FULL)
    first = disk.writes.get(timeout=PATIENCE)
    full.close()
    assert all(b'"values":{}' not in line for lines in (first, *disk.writes.queue) for line in lines)


def test_rotated_file_starts_with_known_values(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(file, "_MAX_SIZE", 200)
    monkeypatch.setattr(history, "_INTERVAL", 0)
    disk = Disk(monkeypatch)
    opened = OpenHistory("long")
    opened.update()
    board = FULL
    for number in range(20):
        board = answered(board, reading(zone=str(number), limit="7"))
        opened.history.record(board)
        disk.writes.get(timeout=PATIENCE)
    opened.close()
    folder = tmp_path / "parity-tui/history"
    state = read(next(path for path in folder.iterdir() if ".1." not in path.name))
    assert state.values["dev", "db", ""]["limit"] == "7"


def test_own_error_is_reported_and_board_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> history.HistoryState:
        raise ValueError("ours")

    monkeypatch.setattr(history, "read", fail)
    broken = OpenHistory("broken")
    assert broken.update().problem == "no history: ValueError, an internal error of parity-tui"
    broken.history.record(FULL)
    broken.close()


def test_missing_home_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 59."""
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    homeless = OpenHistory("homeless")
    assert "kept only while this board is open" in homeless.update().problem
    homeless.close()

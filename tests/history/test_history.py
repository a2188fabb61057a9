"""The thread that records the history: no disk and no error delays or ends the board."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.history import Fault, History, HistoryState, HistoryUpdate, StoreError, background, read_history
from parity_tui.history.record import Record
from parity_tui.history.store.store import Store
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
        self.history = History([Path(f"/srv/{name}/parity.toml")], clock=clock)
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
    """Stands in for the writes to the store: counts them, and refuses them while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = threading.Event()
        self.writes: queue.Queue[list[Record]] = queue.Queue()
        """the records of each write, refused or not"""
        self._disk_write = Store.write
        monkeypatch.setattr(Store, "write", lambda store, records, state: self._write(store, records, state))

    def _write(self, store: Store, records: Iterable[Record], state: HistoryState) -> None:
        records = list(records)
        try:
            if self.full.is_set():
                raise StoreError(Fault.UNAVAILABLE, "no space left on device: x")
            self._disk_write(store, records, state)
        finally:
            self.writes.put(records)


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

    def hang(store: Store, records: Iterable[Record], state: HistoryState) -> None:
        writing.set()
        released.wait()

    monkeypatch.setattr(Store, "write", hang)
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
    monkeypatch.setattr(background, "INTERVAL", 0)
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
    disk.writes.get(timeout=PATIENCE)
    full.close()
    again = read_history([Path("/srv/full/parity.toml")], lambda store: store.load())
    assert (again.values, again.confirmed) == ({}, {})


def test_own_error_is_reported_and_board_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(store: Store, **options: object) -> HistoryState:
        raise ValueError("ours")

    monkeypatch.setattr(Store, "load", fail)
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

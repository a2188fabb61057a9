"""Running observers, since when a history is complete, and its gaps."""

from __future__ import annotations

import pytest

from parity_tui.history.state import HistoryState
from parity_tui.history.store.store import Store
from parity_tui.history.store.watched import Observer, this_process
from tests.history.stores import MemoryDatabase

BOARD = this_process("board", complete=True, every=5.0)


@pytest.fixture
def database() -> MemoryDatabase:
    """Return a database with tables."""
    made = MemoryDatabase()
    Store(made).create(HistoryState())
    return made


class Watching:
    """An observer that gives signs of life."""

    def __init__(self, database: MemoryDatabase, observer: Observer = BOARD) -> None:
        self._store, self._state = Store(database, observer), HistoryState()

    def beat(self, *times: float) -> None:
        """Give a sign of life at each time."""
        for at in times:
            self._store.confirm({}, {}, self._state, at)

    def through(self, begin: float, end: float) -> None:
        """Give a sign of life every 30 seconds."""
        while begin <= end:
            self.beat(begin)
            begin += 30

    def leave(self, at: float) -> None:
        """End at a time."""
        self._store.leave({}, {}, at)


def test_history_without_observers_is_incomplete(database: MemoryDatabase) -> None:
    status = Store(database).watch_status(1000.0)
    assert (status.running, status.complete_since, status.gaps, status.watcher) == ((), None, (), None)


def test_running_observers_are_listed_watchers_first(database: MemoryDatabase) -> None:
    Watching(database).beat(1000.0, 1030.0)
    Watching(database, Observer("watcher", host="bastion", pid=7)).beat(1010.0)
    ended = Watching(database)
    ended.beat(1000.0)
    ended.leave(1020.0)
    status = Store(database).watch_status(1040.0)
    assert [(sighting.role, sighting.age) for sighting in status.running] == [("watcher", 30.0), ("board", 10.0)]
    assert status.watcher
    assert (status.watcher.host, status.watcher.pid, status.complete_since) == ("bastion", 7, 1000.0)


def test_times_without_observer_are_gaps(database: MemoryDatabase) -> None:
    first = Watching(database)
    first.through(0, 600)
    first.leave(610)
    Watching(database).through(5000, 5600)
    assert Store(database).watch_status(5610).gaps == ((610.0, 5000.0),)
    late = Store(database).watch_status(9000)
    assert (late.complete_since, late.gaps, late.running) == (None, ((610.0, 5000.0), (5600.0, 9000)), ())


def test_timely_successor_leaves_no_gap(database: MemoryDatabase) -> None:
    first = Watching(database)
    first.through(0, 600)
    first.leave(600)
    Watching(database).through(660, 900)
    status = Store(database).watch_status(910)
    assert (status.complete_since, status.gaps) == (0.0, ())


def test_killed_observer_is_gone_after_its_tolerance(database: MemoryDatabase) -> None:
    Watching(database).through(0, 600)
    assert Store(database).watch_status(670).running
    assert Store(database).watch_status(670).complete_since == 0.0
    assert not Store(database).watch_status(680).running
    assert Store(database).watch_status(680).gaps == ((600.0, 680),)


def test_suspended_observer_leaves_a_gap(database: MemoryDatabase) -> None:
    board = Watching(database)
    board.through(0, 600)
    board.through(8000, 8600)
    assert Store(database).watch_status(8600).gaps == ((600.0, 8000.0),)


def test_long_interval_is_no_gap(database: MemoryDatabase) -> None:
    board = Watching(database, this_process("board", complete=True, every=300.0))
    board.beat(0.0, 300.0, 600.0, 900.0)
    assert Store(database).watch_status(1100.0).gaps == ()


def test_board_of_a_part_closes_no_gap(database: MemoryDatabase) -> None:
    first = Watching(database)
    first.through(0, 600)
    first.leave(600)
    Watching(database, this_process("board", complete=False, every=5.0)).through(700, 2000)
    status = Store(database).watch_status(2000)
    assert (status.complete_since, status.gaps) == (None, ((600.0, 2000),))
    assert len(status.running) == 1


@pytest.mark.parametrize("times", [(1000.0, 1030.0, 200.0, 230.0), (1000.0, 1030.0, 9e9, 1060.0, 1090.0)])
def test_jumping_clock_breaks_nothing(database: MemoryDatabase, times: tuple[float, ...]) -> None:
    """Fault 60."""
    board = Watching(database)
    board.beat(*times)
    status = Store(database).watch_status(times[-1] + 5)
    assert (len(status.running), status.complete_since is not None) == (1, True)

"""Several observers of one store: an event that all of them see is stored once."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise

import pytest
from msgspec.structs import replace

from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.history.record import Record, of_change
from parity_tui.model import Fact, Failure, Outcome, Reason, State
from tests.drift.change_builders import EMPTY, TARGETS, answer_of, reading
from tests.history.stores import MemoryDatabase, RecordedHistory

REFUSED = Failure(Reason.REFUSED, "no answer")
DEV = ("dev", "db", "")


class Observer:
    """A board that may be cut off from the store for a while."""

    def __init__(self, database: MemoryDatabase) -> None:
        self.history = RecordedHistory(database)
        self._board = EMPTY
        self._unwritten: list[Record] = []

    def see(self, *outcomes: Outcome, at: float, production: str = "x") -> None:
        """Compare the answers of the servers with the known state."""
        self._board = self._board.with_outcomes([*outcomes, answer_of(TARGETS[1], reading(zone=production), at)])
        records, _ = self.history.recorder.record(self._board, at)
        self._unwritten += records

    def sees_zone(self, zone: str | Fact, at: float) -> None:
        """Read one value from dev."""
        self.see(answer_of(TARGETS[0], reading(zone=zone), at), at=at)

    def write(self, at: float) -> None:
        """Store the records that waited."""
        self.history.write(*self._unwritten)
        self._unwritten = []
        self.history.store.confirm(*self.history.recorder.confirmed(), self.history.recorder.state, at)


def two() -> tuple[Observer, Observer]:
    """Return two observers that know the first value."""
    database = MemoryDatabase()
    one, other = Observer(database), Observer(database)
    for observer in (one, other):
        observer.sees_zone("a", 100.0)
        observer.write(100.0)
    return one, other


def is_subsequence(part: Iterable[str], whole: Iterable[str]) -> bool:
    rest = iter(whole)
    return all(item in rest for item in part)


@pytest.mark.parametrize("seed", range(60))
def test_observers_never_double_or_reorder_events(seed: int) -> None:
    """They come, are cut off and return at random, while a setting counts or flaps."""
    chance = random.Random(seed)
    database, observers, cut_off = MemoryDatabase(), list[Observer](), set[int]()
    truth, now = ["0"], 1000.0
    for step in range(60):
        now += chance.random() * 3
        if len(observers) < 1 + seed % 4 and chance.random() < 0.3:
            observers.append(Observer(database))
        if chance.random() < 0.3:
            value = chance.choice("abc") if seed % 2 else str(step)
            truth += [value] if value != truth[-1] else []
        for number, observer in enumerate(observers):
            if chance.random() < 0.15:
                cut_off ^= {number}
            if chance.random() < 0.7:
                observer.sees_zone(truth[-1], now + number * 0.01)
                if number not in cut_off:
                    observer.write(now)
    for observer in observers:
        observer.sees_zone(truth[-1], now + 1)
        observer.write(now + 1)
    state = RecordedHistory(database).stored()
    moves = [(timed.change.before, timed.change.after) for timed in state.changes]
    assert is_subsequence([after for _, after in moves], truth)
    assert all(first[1] == second[0] for first, second in pairwise(moves))
    assert state.values[DEV]["zone"] == truth[-1]


def test_outage_that_two_see_is_stored_once() -> None:
    one, other = two()
    for observer, delay in ((one, 0.0), (other, 0.4)):
        observer.see(Outcome(TARGETS[0], failure=REFUSED, failed_since=200.0 + delay), at=201.0)
        observer.write(201.0)
    for observer, delay in ((one, 0.0), (other, 0.4)):
        up = replace(answer_of(TARGETS[0], reading(zone="a"), 241.0 + delay), recovered_at=241.0 + delay)
        observer.see(up, at=242.0)
        observer.write(242.0)
    assert one.history.events() == ["dev db no answer", "dev db answers again after 41 s"]


def test_outage_of_cut_off_observer_is_stored_once() -> None:
    one, other = two()
    down = Outcome(TARGETS[0], failure=REFUSED, failed_since=200.0)
    up = replace(answer_of(TARGETS[0], reading(zone="a"), 241.0), recovered_at=241.0)
    for observer in (one, other):
        observer.see(down, at=201.0)
        observer.see(up, at=242.0)
    one.write(242.0)
    other.write(900.0)
    assert one.history.events() == ["dev db no answer", "dev db answers again after 41 s"]


def test_failure_that_only_one_sees_is_not_repeated() -> None:
    """One reaches the server, the other does not: the end that the first records begins no second outage."""
    one, other = two()
    down = Outcome(TARGETS[0], failure=REFUSED, failed_since=200.0)
    other.see(down, at=201.0)
    other.write(201.0)
    third = Observer(one.history.database)
    third.sees_zone("a", 210.0)
    third.write(210.0)
    for at in (220.0, 230.0):
        other.see(replace(down, failed_since=200.0, failure=Failure(Reason.REFUSED, f"no answer {at}")), at=at)
        other.write(at)
    assert one.history.events() == ["dev db no answer", "dev db answers again after 10 s"]


def test_observers_with_different_rights_do_not_alternate() -> None:
    """Each sees another value of a setting: that is no change, however often both look."""
    one, other = two()
    other.sees_zone("b", 110.0)
    other.write(110.0)
    assert one.history.events() == ["dev db zone a → b"]
    for at in range(120, 200, 10):
        for observer, zone in ((one, "a"), (other, "b")):
            answer = answer_of(TARGETS[0], reading(zone=zone, uptime=str(at)), at)
            observer.see(answer, at=at, production=str(at))
            observer.write(at)
    assert [event for event in one.history.events() if event.startswith("dev")] == ["dev db zone a → b"]
    assert len(one.history.events()) == 9


def test_change_of_a_secret_is_stored_once() -> None:
    database = MemoryDatabase()
    one, other = Observer(database), Observer(database)
    for at, digit in enumerate("abc"):
        for observer in (one, other):
            observer.sees_zone(Fact(f"{digit}1f2", state=State.SECRET), 100.0 + at)
            observer.write(100.0 + at)
    assert one.history.events() == ["dev db zone has another value"] * 2


@pytest.mark.parametrize(
    "change",
    [
        Change("dev", "db", "version", "1", "2", kind=ChangeKind.RESTART, instance="7"),
        Change("dev", "db", "db.dev", "10.0.0.1", "10.0.0.2", kind=ChangeKind.ADDRESS),
        Change("dev", "db", "zone", "a", "absent", kind=ChangeKind.VANISHED),
        Change("dev", "db", "revision", "3f7868", "89e6c9", kind=ChangeKind.DEPLOY),
    ],
    ids=lambda change: str(change.kind),
)
def test_every_kind_of_event_is_stored_once(change: Change) -> None:
    one, other = two()
    one.history.write(of_change(change, 200.0))
    other.history.write(of_change(change, 201.0))
    other.write(230.0)
    third = Observer(one.history.database)
    third.history.write(of_change(change, 202.0))
    assert len(one.history.events()) == 1


def test_state_follows_the_events_of_others() -> None:
    one, other = two()
    one.sees_zone("b", 200.0)
    one.write(200.0)
    other.write(201.0)
    assert other.history.recorder.state.values[DEV]["zone"] == "b"


def test_event_starts_from_the_stored_value() -> None:
    one, other = two()
    one.sees_zone("b", 200.0)
    one.write(200.0)
    other.sees_zone("c", 210.0)
    other.write(210.0)
    assert one.history.events() == ["dev db zone a → b", "dev db zone b → c"]

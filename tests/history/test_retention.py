"""Old events are removed, but not those that explain a present value."""

from __future__ import annotations

from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.history.record import of_change
from parity_tui.history.store import retention
from tests.history.stores import RecordedHistory, short

DAY = 86_400.0
NOW = 1000 * DAY


def recorded(*events: tuple[float, Change]) -> RecordedHistory:
    """Return a history with events, by an observer that has watched for an hour."""
    history = RecordedHistory()
    for at, change in events:
        history.write(of_change(change, at))
    for at in (NOW - 3600, NOW):
        history.store.confirm({}, {}, history.recorder.state, at)
    return history


def zone(before: str, after: str) -> Change:
    return Change("dev", "db", "zone", before, after)


def test_old_events_are_removed() -> None:
    history = recorded((NOW - 40 * DAY, zone("a", "b")), (NOW - 20 * DAY, zone("b", "c")))
    history.store.prune(NOW, 30 * DAY)
    assert history.events() == ["dev db zone b → c"]


def test_event_of_a_present_value_or_outage_stays() -> None:
    failed = Change("dev", "mq", kind=ChangeKind.FAILED, reason="refused", message="refused")
    history = recorded((NOW - 50 * DAY, zone("a", "b")), (NOW - 40 * DAY, failed), (NOW, Change("dev", "x", "y", "1")))
    history.store.prune(NOW, 30 * DAY)
    assert history.events()[:2] == ["dev db zone a → b", "dev mq refused"]
    assert "dev db zone a → b" in short(history.store.load_moves())


def test_numbers_of_removed_events_stay_taken() -> None:
    history = recorded((NOW - 40 * DAY, zone("a", "b")), (NOW - 39 * DAY, zone("b", "a")))
    history.store.prune(NOW, 30 * DAY)
    history.write(of_change(zone("a", "c"), NOW))
    assert history.events()[-1] == "dev db zone a → c"
    assert history.database.query("SELECT max(seq) FROM event") == [(3,)]


def test_jump_of_the_clock_removes_nothing() -> None:
    """Fault 60."""
    history = recorded((NOW - 2 * DAY, zone("a", "b")), (NOW - DAY, zone("b", "c")))
    later = NOW + 70 * 365 * DAY
    history.store.confirm({}, {}, history.recorder.state, later)
    history.store.prune(later, 365 * DAY)
    assert len(history.events()) == 2


def test_number_of_events_is_limited() -> None:
    history = recorded(*((NOW - 100 + number, zone(str(number), str(number + 1))) for number in range(50)))
    with history.database.transaction():
        retention.prune(history.database, NOW, 30 * DAY, most=10)
    assert len(history.events()) == 10

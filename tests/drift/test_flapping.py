"""Outages of a flapping server are one event with a count."""

from __future__ import annotations

from parity_tui.drift.changes import Change, ChangeKind, TimedChange, folded
from parity_tui.drift.changes.flapping import WINDOW


def failed(at: float, service: str = "cache", reason: str = "refused") -> TimedChange:
    change = Change("eu", service, kind=ChangeKind.FAILED, reason=reason, message=f"{reason} it")
    return TimedChange(at, change)


def recovered(at: float, service: str = "cache", reason: str = "refused") -> TimedChange:
    return TimedChange(at, Change("eu", service, kind=ChangeKind.RECOVERED, reason=reason, seconds=1))


def short(*changes: TimedChange) -> list[str]:
    """Return the folded events in short, with their times."""
    return [f"{each.at:g} {each.change.service} {each.words(lambda at: f'{at:g}')}" for each in folded(changes)]


def test_single_outage_has_begin_and_end() -> None:
    assert short(failed(10), recovered(51)) == ["10 cache refused it, until 51", "51 cache answers again after 1 s"]
    assert short(failed(10)) == ["10 cache refused it"]


def test_flapping_server_is_one_event_with_a_count() -> None:
    flaps = [event for at in range(10, 80, 10) for event in (failed(at), recovered(at + 2))]
    assert short(*flaps) == ["72 cache refused it, 7 times since 10, answers again"]
    assert short(*flaps[:-1]) == ["70 cache refused it, 7 times since 10"]


def test_other_events_keep_their_place() -> None:
    other = TimedChange(5, Change("eu", "cache", "zone", "a", "b"))
    assert short(failed(1), recovered(2), other, failed(6), failed(7, "queue")) == [
        "5 cache a → b", "6 cache refused it, 2 times since 1", "7 queue refused it",
    ]  # fmt: skip


def test_another_reason_is_another_event() -> None:
    assert len(folded([failed(1), recovered(2), failed(3, reason="auth")])) == 3


def test_outage_after_the_window_is_another_event() -> None:
    assert len(folded([failed(1), recovered(2), failed(3 + WINDOW)])) == 3
    assert len(folded([failed(1), recovered(2), failed(1 + WINDOW)])) == 1


def test_folding_twice_changes_nothing() -> None:
    once = folded([failed(1), recovered(2), failed(3), recovered(4), failed(5)])
    assert folded(once) == once

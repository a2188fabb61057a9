"""Settings that come or go are recorded, also between two boards; doubtful ones are not."""

from __future__ import annotations

import pytest

from parity_tui.history import HistoryState, server_values
from parity_tui.model import Fact, Reading, State
from tests.drift.change_builders import EMPTY, answered, reading
from tests.history.stores import RecordedHistory

HIDES_ZONE = Reading("Thing", "1.0", {}, hidden=(("zo*", "needs a right"),), instance="1")


def news(history: RecordedHistory, dev: Reading, now: float) -> list[str]:
    """Record a board of two environments; return the events of dev."""
    found, _ = history.record(answered(EMPTY, dev, reading(), at=now), now)
    return [event for event in found if event.startswith("dev")]


def both_ways(before: Reading, after: Reading) -> tuple[list[str], list[str]]:
    """Return the events of a change on one board, and of the same change between two boards."""
    one = RecordedHistory()
    assert news(one, before, 100.0) == []
    other = RecordedHistory(one.closed())
    return news(one, after, 101.0), news(other, after, 900.0)


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        (reading(), reading(zone="b"), "dev db zone absent → b"),
        (reading(zone="b"), reading(), "dev db zone b → absent"),
    ],
    ids=["appears", "vanishes"],
)
def test_setting_that_comes_or_goes_is_recorded(before: Reading, after: Reading, event: str) -> None:
    """L1."""
    assert both_ways(before, after) == ([event], [event])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HIDES_ZONE, reading(zone="a")),
        (reading(zone="a"), HIDES_ZONE),
        (reading(zone=Fact("1f", state=State.SECRET)), reading(zone="a")),
        (reading(old="1"), reading("2.0", new="1")),
        (reading(), reading(uptime="1")),
    ],
    ids=["shown", "hidden", "no longer secret", "another version", "ignored"],
)
def test_doubtful_absence_is_no_event(before: Reading, after: Reading) -> None:
    for events in both_ways(before, after):
        assert [event for event in events if "absent" in event] == []


def test_vanished_setting_may_return() -> None:
    history = RecordedHistory()
    news(history, reading(zone="a"), 100.0)
    assert news(history, reading(), 101.0) == ["dev db zone a → absent"]
    assert news(history, reading(), 102.0) == []
    again = RecordedHistory(history.closed())
    assert news(again, reading(zone="a"), 900.0) == ["dev db zone absent → a"]


def test_other_version_of_this_program_reports_no_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may name settings differently."""
    history = RecordedHistory()
    news(history, reading(zone="a"), 100.0)
    monkeypatch.setattr(server_values, "__version__", "0.0.0")
    assert news(RecordedHistory(history.closed()), reading(other="a"), 900.0) == []


def test_file_of_an_older_version_reports_no_absence() -> None:
    old = b'{"schema":1,"at":"2026-11-23T06:00:00Z","environment":"dev","service":"db","values":{"zone":"a"}}'
    state = HistoryState()
    state.read_line(old)
    assert news(RecordedHistory(earlier=state), reading(other="a"), 2e9) == []

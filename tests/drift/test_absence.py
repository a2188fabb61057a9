"""Absent is a known value: a move from or to it is an event; hidden for a while is none."""

from __future__ import annotations

import pytest

from parity_tui.drift.changes import ChangeKind, changes
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, State
from tests.drift.change_builders import EMPTY, TARGETS, answered, both, reading

HIDES_ZONE = Reading("Thing", "1.0", {}, hidden=(("zone", "needs a right"),), instance="1")


def events(*answers: Reading | Failure) -> list[str]:
    """Return the events of dev while it gives one answer after the other."""
    board = answered(EMPTY, answers[0], reading(zone="a"))
    found = []
    for answer in answers[1:]:
        after = answered(board, answer)
        found += [f"{change.kind} {change.setting} {change.transition}" for change in changes(board, after)]
        board = after
    return found


def test_setting_that_comes_and_goes_is_an_event() -> None:
    """L1: also where no other environment has it."""
    assert events(reading(), reading(zone="b"), reading()) == ["appeared zone absent → b", "vanished zone b → absent"]
    assert events(reading(), reading(extra="1"), reading()) == [
        "appeared extra absent → 1", "vanished extra 1 → absent",
    ]  # fmt: skip


def test_setting_hidden_for_a_while_is_no_event() -> None:
    """L1."""
    assert events(reading(zone="a"), HIDES_ZONE, reading(zone="a")) == []
    assert events(reading(zone="a"), reading(zone=Fact(state=State.HIDDEN)), reading()) == []
    assert events(reading(), HIDES_ZONE, reading(zone="a")) == []


def test_secret_that_appears_is_shown_without_value() -> None:
    (event,) = events(reading(), reading(key=Fact("f1a2b3c4d5", state=State.SECRET)))
    assert event == "appeared key absent → ••• f1a2"


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_settings_of_another_version_are_no_events(version: str) -> None:
    """One cause is one event."""
    found = events(reading(old="1"), reading(version, new="1"))
    assert ("release version 1.0 → 2.0" in found) == (version == "2.0")
    assert len(found) == (1 if version == "2.0" else 2)


def test_ignored_setting_that_appears_is_no_event() -> None:
    assert events(reading(), reading(uptime="1")) == []


def test_absence_found_after_an_outage_is_an_event() -> None:
    away = Failure(Reason.REFUSED, "no")
    assert events(reading(zone="a"), away, reading())[-1] == "vanished zone a → absent"


def test_events_name_kind_and_severity() -> None:
    before = both(zone="a")
    (gone,) = changes(before, before.with_outcomes([Outcome(TARGETS[0], reading(), at=200.0, connection=1)]))
    assert (gone.kind, gone.severity, gone.environment) == (ChangeKind.VANISHED, "critical", "dev")

"""When a target is read next."""

from __future__ import annotations

from collections import Counter

import pytest

from parity_tui.watcher import turns as watcher_turns
from parity_tui.watcher.turns import seconds_until_turn, turn_of


@pytest.fixture(autouse=True)
def phase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_turns, "_phase", 0.1234)


@pytest.mark.parametrize(("targets", "turns"), [(1, 1), (20, 1), (21, 2), (300, 15)])
def test_up_to_twenty_targets_are_read_together(targets: int, turns: int) -> None:
    """15 targets of an interval of 5 s wake the process once, and 300 fifteen times, whenever they were read first."""
    due = Counter(
        round((now + seconds_until_turn(5.0, turn_of(number, targets), now)) % 5.0, 4) % 5.0
        for number, now in ((number, 1000 + number / 60) for number in range(targets))
    )
    assert (len(due), max(due.values()) <= 20) == (turns, True)


@pytest.mark.parametrize("interval", [0.01, 1.0, 5.0, 3600.0])
def test_pause_is_an_interval_after_the_first(interval: float) -> None:
    for number in range(200):
        turn, now = turn_of(number, 200), 5000 + number / 7
        first = seconds_until_turn(interval, turn, now)
        assert 0.49 * interval <= first <= 1.51 * interval
        assert seconds_until_turn(interval, turn, now + first) == pytest.approx(interval, rel=0.01)


def test_no_interval_is_no_pause() -> None:
    assert seconds_until_turn(0.0, 0.5, 5000.0) == 0.0

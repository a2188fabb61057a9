"""When a target is read next."""

from __future__ import annotations

import pytest

from parity_tui.watcher.turns import seconds_until_turn


def test_targets_read_at_one_time_share_few_turns() -> None:
    """300 targets of an interval of 5 s wake the process twenty times, not three hundred times."""
    turns = {round(now + seconds_until_turn(5.0, now), 6) for now in (1000 + number / 60 for number in range(300))}
    assert len(turns) <= 24


@pytest.mark.parametrize("interval", [0.0, 0.01, 1.0, 5.0, 3600.0])
def test_pause_is_the_interval_but_for_a_tenth(interval: float) -> None:
    for number in range(200):
        assert seconds_until_turn(interval, 5000 + number / 7) == pytest.approx(interval, rel=0.1, abs=0.001)

"""Times are equal in every spelling, and never by mistake."""

import pytest

from parity_tui.drift.values import comparison_key, quantity
from parity_tui.model import Fact, Rule, ValueType

TIME = Rule("timeout", type=ValueType.DURATION)
SIZE = Rule("size", type=ValueType.SIZE)


def key(raw: str, rule: Rule = TIME) -> str:
    return comparison_key(Fact(raw), rule)


@pytest.mark.parametrize(
    "spellings",
    [
        ["5m", "5min", "300s", "300000ms", "300", "5 m", "4m60s"],
        ["1m30s", "1m 30s", "90s", "1.5m", "90000000us"],
        ["1h 30m", "1h30m", "90m", "5400s"],
        ["1d", "24h", "1440m"],
        ["5us", "5000ns", "5µs", "0.005ms"],
    ],
)
def test_equal_times_in_any_spelling(spellings: list[str]) -> None:
    assert len({key(raw) for raw in spellings}) == 1


def test_different_or_unknown_times_differ() -> None:
    raws = ["5m", "5ms", "5M", "5s", "5mb", "5 MB", "1m30x", "1m30", "5000000", "5ns", "5d", "m"]
    assert len({key(raw) for raw in raws}) == len(raws)


def test_m_is_mega_only_for_sizes() -> None:
    assert key("5m", SIZE) == key("5000000", SIZE)
    assert quantity(Fact("5m", ValueType.DURATION, "s"), Rule("any")) == 300
    assert quantity(Fact("5m", ValueType.SIZE, "B"), Rule("any")) == 5_000_000

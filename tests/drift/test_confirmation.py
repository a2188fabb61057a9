"""A board that only confirms the one before, and boards with news."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.confirmation import confirms
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Reason
from tests.builders import board, reading

BEFORE = board({"dev": reading({"zone": "UTC"}), "prod": reading({"zone": "CET"})})


def later(**fields: Any) -> Board:
    """Return the board after one more outcome of dev, five seconds later."""
    dev = next(BEFORE.servers())
    return BEFORE.with_outcomes([replace(dev, at=dev.at + 5, milliseconds=2.5, **fields)])


def test_newer_times_only_confirm_a_board() -> None:
    assert later() is not BEFORE
    assert confirms(BEFORE, later())


@pytest.mark.parametrize(
    "fields",
    [
        {"reading": reading({"zone": "Asia/Tokyo"})},
        {"reading": reading({"zone": "UTC"}, instance="restarted")},
        {"failure": Failure(Reason.REFUSED, "no answer")},
        {"connection": 2},
        {"recovered_at": 7.0},
        {"peers": (("db.dev", "10.0.0.2"),)},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_every_other_difference_is_news(fields: dict[str, Any]) -> None:
    assert not confirms(BEFORE, later(**fields))


def test_another_day_is_news() -> None:
    """An expectation may have ended."""
    assert not confirms(BEFORE, BEFORE.with_policy(Policy(today=date(2031, 1, 1))))

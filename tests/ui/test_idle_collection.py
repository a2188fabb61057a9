"""Garbage of the oldest generation is collected between keys."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from parity_tui.ui import idle_collection
from parity_tui.ui.idle_collection import IdleCollector
from tests.ui.board_user import opened_board


class Garbage:
    """Stands in for what Python counts, and counts collections."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.due = True
        self.collected = 0
        monkeypatch.setattr(gc, "get_count", lambda: (0, 0, idle_collection._DUE - (not self.due)))
        monkeypatch.setattr(gc, "collect", self._collect)
        monkeypatch.setattr(idle_collection, "_IDLE", 0.05)

    def _collect(self) -> None:
        self.collected += 1


@pytest.fixture
def garbage(monkeypatch: pytest.MonkeyPatch) -> Garbage:
    return Garbage(monkeypatch)


@pytest.fixture
def thresholds() -> Iterator[tuple[int, int, int]]:
    """Return Python's own, which are set again afterwards."""
    before = gc.get_threshold()
    yield before
    gc.unfreeze()
    gc.set_threshold(*before)


async def test_key_postpones_collection(garbage: Garbage) -> None:
    collector, loop = IdleCollector(), asyncio.get_running_loop()
    collector.postpone()
    first = collector._next
    collector.postpone()
    assert first is not None
    assert first.cancelled()
    assert garbage.collected == 0
    done = asyncio.Event()
    loop.call_later(0.1, done.set)
    await done.wait()
    assert garbage.collected == 1


async def test_board_does_not_postpone_collection(garbage: Garbage) -> None:
    collector = IdleCollector()
    collector.collect_soon()
    first = collector._next
    collector.collect_soon()
    assert collector._next is first
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, done.set)
    await done.wait()
    assert (garbage.collected, collector._next) == (1, None)


async def test_little_garbage_is_left_alone(garbage: Garbage) -> None:
    garbage.due = False
    collector = IdleCollector()
    collector.postpone()
    assert collector._next is None


def test_python_still_collects_where_keys_never_stop(thresholds: tuple[int, int, int]) -> None:
    IdleCollector().start()
    assert gc.isenabled()
    assert gc.get_threshold() == (*thresholds[:2], idle_collection._OVERDUE)
    assert gc.get_freeze_count() > 0


async def test_board_collects_after_the_last_key(garbage: Garbage, thresholds: tuple[int, int, int]) -> None:
    garbage.due = False
    async with opened_board((80, 24)) as user:
        garbage.due = True
        await user.press("j", "k")
        collected = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, collected.set)
        await collected.wait()
    assert garbage.collected >= 1

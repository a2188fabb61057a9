"""The queue of a sink: bounded, in order, and its overflow is reported."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.daemon import outbox
from parity_tui.daemon.event import Event, event
from parity_tui.daemon.outbox import MAX_EVENTS, Outbox, SinkError

LAST = MAX_EVENTS + 4


class Scripted:
    """A sink that fails while it is down."""

    name = "the sink"

    def __init__(self) -> None:
        self.down = True
        self.taken: list[str] = []
        self.attempts = 0
        self.tried, self.done = asyncio.Event(), asyncio.Event()

    async def send(self, event: Event) -> None:
        self.attempts += 1
        if self.down:
            if self.attempts == 5:
                self.tried.set()
            raise SinkError("no answer")
        self.taken.append(event.setting)
        if event.setting == str(LAST):
            self.done.set()


async def test_overflow_drops_the_oldest_and_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_FIRST_DELAY", 0.01)
    monkeypatch.setattr(outbox, "_LONGEST_DELAY", 0.01)
    sink, words = Scripted(), list[str]()
    box = Outbox(sink, words.append, lambda: None)
    for number in range(LAST + 1):
        box.put(event(0, "new", ["dev"], "cache", setting=str(number)))
    async with asyncio.timeout(60):
        await sink.tried.wait()
        sink.down = False
        await sink.done.wait()
    await box.leave()
    assert sink.taken == [str(number) for number in range(5, LAST + 1)]
    assert words == [
        "more than 1,000 events wait for the sink: the oldest are dropped",
        "the sink: no answer; its events are kept, and sent once it works",
        "the sink works again: 5 events were dropped",
    ]
    assert box.dropped == 5

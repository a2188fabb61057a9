"""The events that wait for one sink: sent in order, one after the other, again and again until the sink takes them."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from parity_tui.daemon.event import Event
from parity_tui.drift.words import plural

MAX_EVENTS = 1000
"""that may wait"""
_FIRST_DELAY, _LONGEST_DELAY = 1.0, 60.0
"""seconds"""


class SinkError(Exception):
    """A sink has not taken an event; the message is for a person."""

    def __init__(self, words: str, *, final: bool = False) -> None:
        """Create the error; ``final``: another attempt with the same event cannot succeed."""
        super().__init__(words)
        self.final = final


class Sink(Protocol):
    """Takes events."""

    name: str
    """for a person, without secrets"""

    async def send(self, event: Event) -> None:
        """Send one event. Raises SinkError."""


class Outbox:
    """A bounded queue; its overflow drops the oldest events, which is reported."""

    def __init__(
        self,
        sink: Sink,
        say: Callable[[str], None],
        changed: Callable[[], None],
        waiting: Iterable[Event] = (),
        lost: int = 0,
    ) -> None:
        """Create a queue.

        Args:
            sink: takes the events.
            say: prints a sentence for a person.
            changed: called after an event was sent or dropped.
            waiting: events of an earlier run, oldest first.
            lost: events that an earlier run dropped without reporting it.
        """
        self._sink = sink
        self._say = say
        self._changed = changed
        self.waiting = deque(waiting)
        self.lost = lost
        self.dropped = lost
        """events, reported or not"""
        self._wake = asyncio.Event()
        self._problem = ""

    def put(self, event: Event) -> None:
        """Add an event; returns at once."""
        if len(self.waiting) >= MAX_EVENTS:
            self.waiting.popleft()
            if not self.lost:
                self._say(f"more than {MAX_EVENTS:,} events wait for {self._sink.name}: the oldest are dropped")
            self.lost += 1
            self.dropped += 1
        self.waiting.append(event)
        self._wake.set()

    async def run(self) -> None:
        """Send events until cancelled."""
        failures = 0
        while True:
            while self.waiting:
                if await self._send(self.waiting[0]):
                    failures = 0
                else:
                    failures += 1
                    delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(failures - 1, 10))
                    await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            self._wake.clear()
            await self._wake.wait()

    async def _send(self, event: Event) -> bool:
        """Send one event; return whether it is done with."""
        try:
            await self._sink.send(event)
        except SinkError as error:
            self._report(str(error), "dropped" if error.final else "kept, and sent once it works")
            if not error.final:
                return False
        else:
            self._report_end()
        if self.waiting and self.waiting[0] is event:  # else the overflow has dropped it meanwhile
            self.waiting.popleft()
        self._changed()
        return True

    def _report(self, problem: str, fate: str) -> None:
        """Print a problem, each once until the sink works."""
        if problem != self._problem:
            self._say(f"{self._sink.name}: {problem}; its events are {fate}")
        self._problem = problem

    def _report_end(self) -> None:
        if self.lost:
            self._say(f"{self._sink.name} works again: {plural(self.lost, 'event was', 'events were')} dropped")
        elif self._problem:
            self._say(f"{self._sink.name} works again: no event is lost")
        self._problem, self.lost = "", 0

"""The events that wait for one sink: sent in order, one after the other, again and again until the sink takes them."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from parity_tui.daemon.event import Event
from parity_tui.drift.words import plural

MAX_EVENTS = 1000
"""that may wait"""
_FIRST_DELAY, _LONGEST_DELAY = 1.0, 60.0
"""seconds"""
_GRACE = 1.0
"""seconds for a delivery in progress at the end"""


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
    """A bounded queue, which a task of its own empties; its overflow drops the oldest events, which is reported."""

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
        self.sink = sink
        """may be replaced at any time"""
        self._say = say
        self._changed = changed
        self.waiting = deque(waiting)
        self.lost = lost
        self.dropped = lost
        """events, reported or not"""
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._problem = ""
        self._task = asyncio.create_task(self._run(), name=sink.name)

    def put(self, event: Event) -> None:
        """Add an event; returns at once."""
        if len(self.waiting) >= MAX_EVENTS:
            self.waiting.popleft()
            if not self.lost:
                self._say(f"more than {MAX_EVENTS:,} events wait for {self.sink.name}: the oldest are dropped")
            self.lost += 1
            self.dropped += 1
        self.waiting.append(event)
        self._wake.set()

    def stop(self) -> None:
        """Send nothing any more; what waits stays in `waiting`."""
        self._task.cancel()

    async def leave(self) -> None:
        """Stop once a delivery in progress is over, for an event would be sent twice; but do not wait long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await self._idle.wait()
        self.stop()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        failures = 0
        while True:
            while self.waiting:
                if await self._send(self.waiting[0]):
                    failures = 0
                else:
                    failures += 1
                    delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(failures - 1, 10))
                    await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            self._idle.set()
            self._wake.clear()
            await self._wake.wait()

    async def _send(self, event: Event) -> bool:
        """Send one event; return whether it is done with."""
        self._idle.clear()
        try:
            await self.sink.send(event)
        except SinkError as error:
            self._report(str(error), "dropped" if error.final else "kept, and sent once it works")
            if not error.final:
                return False
        else:
            self._report_end()
        finally:
            self._idle.set()
        if self.waiting and self.waiting[0] is event:  # else the overflow has dropped it meanwhile
            self.waiting.popleft()
        self._changed()
        return True

    def _report(self, problem: str, fate: str) -> None:
        """Print a problem, each once until the sink works."""
        if problem != self._problem:
            self._say(f"{self.sink.name}: {problem}; its events are {fate}")
        self._problem = problem

    def _report_end(self) -> None:
        if self.lost:
            self._say(f"{self.sink.name} works again: {plural(self.lost, 'event was', 'events were')} dropped")
        elif self._problem:
            self._say(f"{self.sink.name} works again: no event is lost")
        self._problem, self.lost = "", 0

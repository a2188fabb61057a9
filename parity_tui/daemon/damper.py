"""Holds back messages about a thing that changes again and again: a server that flaps, a setting that two tools set."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui.daemon.event import Event

WINDOW = 600.0
"""seconds in which changes are counted, and for which a thing has to be steady before its last change is sent"""
MOST = 4
"""messages about one thing within a window; the last of them says that further ones are held back"""

UNSTEADY = "changes again and again: the next message comes when it has been steady for 10 min"
STEADY = "steady for 10 min"


State = tuple[str, tuple[str, ...], str | None, str | None, str]
"""kind, environments, both values and reason of an event"""


class Course(Struct):
    """The latest changes of one thing."""

    times: list[float] = field(default_factory=list)
    """seconds since the epoch, of the latest changes"""
    held: Event | None = None
    """the latest one, if it is held back"""
    sent: State | None = None
    """of the message that was sent last"""


class Damper(Struct):
    """Decides which events become messages; plain data, to be stored."""

    courses: dict[str, Course] = field(default_factory=dict)
    """by environment of an outage, or ""; service, node, setting"""

    def pass_on(self, event: Event, now: float) -> Event | None:
        """Return the message on an event, None where it is held back. ``now`` is in seconds since the epoch."""
        # Which environments a drift is in may change with each of its events.
        key = "\0".join(("" if event.setting else event.environment, event.service, event.node, event.setting))
        course = self.courses.setdefault(key, Course())
        course.times = [*(each for each in course.times if now - each < WINDOW), now][-MOST - 1 :]
        if len(course.times) > MOST:
            course.held = event
            return None
        course.held, course.sent = None, _state(event)
        return _with_words(event, UNSTEADY) if len(course.times) == MOST else event

    def steady(self, now: float) -> Iterator[Event]:
        """Yield what was held back of the things that are steady, unless it is the state that was sent last."""
        over = [key for key, course in self.courses.items() if now - course.times[-1] >= WINDOW]
        for course in map(self.courses.pop, over):
            if course.held is not None and _state(course.held) != course.sent:
                yield _with_words(course.held, STEADY)


def _state(event: Event) -> State:
    return event.kind, event.environments, event.before, event.after, event.reason


def _with_words(event: Event, words: str) -> Event:
    return replace(event, text=f"{event.text} ({words})")

"""What has moved: marked for a while, and kept for the timeline."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from parity_tui.drift.changes import Change, TimedChange

MARKED = 10.0
"""seconds for which a value that has changed is marked"""
_KEPT = 5000


class RecentChanges:
    """Every change seen, newest last, be it by an earlier board; marks run by a clock that never jumps."""

    def __init__(self) -> None:
        self.seen: deque[TimedChange] = deque(maxlen=_KEPT)
        self._until: dict[tuple[str, str, str], float] = {}

    def note(self, changes: Iterable[Change], wall: float, now: float) -> None:
        """Keep changes that have just been seen."""
        for change in changes:
            self.seen.append(TimedChange(wall, change))
            self._until[(change.service, change.setting, change.environment)] = now + MARKED

    def recall(self, past: Sequence[TimedChange], missed: Sequence[TimedChange]) -> None:
        """Take what earlier boards have seen, and what moved while there was none."""
        room = _KEPT - len(self.seen)
        self.seen.extendleft(reversed(past[-room:] if room else ()))
        self.seen.extend(missed)

    def fresh(self, service: str, setting: str, environment: str) -> bool:
        """Tell whether a value is to be marked."""
        return (service, setting, environment) in self._until

    def expire(self, now: float) -> float | None:
        """Forget the marks that are over; return in how many seconds the next one is, None if there is none."""
        self._until = {key: until for key, until in self._until.items() if until > now}
        return min(self._until.values()) - now if self._until else None

    def last(self, service: str, setting: str) -> TimedChange | None:
        """Return the latest move of a setting."""
        own = (m for m in reversed(self.seen) if m.change.service == service and m.change.setting == setting)
        return next(own, None)

"""Changes seen so far: highlighted for a while, and kept for the timeline."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from parity_tui.drift.changes import Change, TimedChange

HIGHLIGHTED = 10.0
"""seconds for which a changed value is highlighted"""
_MOST = 5000


class RecentChanges:
    """Every change seen, newest last, by this board or an earlier one; highlights run by a monotonic clock."""

    def __init__(self) -> None:
        self.seen: deque[TimedChange] = deque(maxlen=_MOST)
        self._until: dict[tuple[str, str, str], float] = {}

    def add(self, changes: Iterable[Change], wall: float, now: float) -> None:
        """Add changes seen at ``wall``, seconds since the epoch, and highlight them from ``now``, monotonic."""
        for change in changes:
            self.seen.append(TimedChange(wall, change))
            self._until[(change.service, change.setting, change.environment)] = now + HIGHLIGHTED

    def recall(self, past: Sequence[TimedChange], missed: Sequence[TimedChange]) -> None:
        """Add changes that earlier boards saw, and those between them and this one."""
        room = _MOST - len(self.seen)
        self.seen.extendleft(reversed(past[-room:] if room else ()))
        self.seen.extend(missed)

    def is_highlighted(self, service: str, setting: str, environment: str) -> bool:
        """Return whether a value has just changed."""
        return (service, setting, environment) in self._until

    def expire(self, now: float) -> float | None:
        """End the highlights that are over; return the seconds until the next one is, None without any."""
        self._until = {key: until for key, until in self._until.items() if until > now}
        return min(self._until.values()) - now if self._until else None

    def of(self, service: str, setting: str) -> list[TimedChange]:
        """Return the changes of a setting, newest first."""
        key = (service, setting)
        return [timed for timed in reversed(self.seen) if (timed.change.service, timed.change.setting) == key]

    def last(self, service: str, setting: str) -> TimedChange | None:
        """Return the latest change of a setting."""
        key = (service, setting)
        return next((t for t in reversed(self.seen) if (t.change.service, t.change.setting) == key), None)

"""Changes seen so far: highlighted for a while, and kept for the timeline."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, TimedChange, changes
from parity_tui.history import WatchStatus

HIGHLIGHTED = 10.0
"""seconds for which a changed value is highlighted"""
_MOST = 5000
_NEW = 500
"""changes that wait for their announcement while the terminal takes no output"""

Gaps = tuple[tuple[float, float], ...]
"""times without an observer, oldest first, with no event between them; seconds since the epoch"""


class RecentChanges:
    """Every change seen, newest last, by this board or an earlier one; highlights run by a monotonic clock."""

    def __init__(self, board: Board) -> None:
        self._board = board
        """the latest board, which may be ahead of the one on the screen"""
        self._new: deque[Change] = deque(maxlen=_NEW)
        self.seen: deque[TimedChange] = deque(maxlen=_MOST)
        self.watch: WatchStatus | None = None
        """how complete the history is, None without a history"""
        self._until: dict[tuple[str, str, str], float] = {}

    def start_from(self, board: Board) -> None:
        """Continue with the board of another configuration, to which nothing has changed."""
        self._board = board
        self._new.clear()

    def note(self, board: Board, wall: float, now: float) -> None:
        """Add the changes of the next board, seen at ``wall`` (since the epoch), highlighted from ``now`` (monotonic).

        Every board is noted, shown or not: a busy terminal skips some, and the whole of a short outage with them.
        """
        before, self._board = self._board, board
        for change in changes(before, board):
            self._new.append(change)
            self.seen.append(TimedChange(wall, change))
            self._until[(change.service, change.setting, change.environment)] = now + HIGHLIGHTED

    def take_new(self) -> list[Change]:
        """Return the changes that were noted since the last call: they are to be announced."""
        new = list(self._new)
        self._new.clear()
        return new

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


def with_gaps(changes: Iterable[TimedChange], gaps: Gaps) -> list[TimedChange | Gaps]:
    """Return events, newest first as given, with the gaps of the history before those that are older.

    >>> old, new = (TimedChange(at, Change("eu", "cache", str(at))) for at in (100.0, 500.0))
    >>> [entry if isinstance(entry, tuple) else entry.at for entry in with_gaps([new, old], ((10, 20), (200, 300)))]
    [500.0, ((200, 300),), 100.0, ((10, 20),)]
    """
    rest, entries = list(gaps), list[TimedChange | Gaps]()

    def take(after: float) -> None:
        count = next((index for index, (_, end) in enumerate(reversed(rest)) if end <= after), len(rest))
        if count:
            entries.append(tuple(rest[-count:]))
            del rest[-count:]

    for timed in changes:
        take(timed.at)
        entries.append(timed)
    take(0.0)
    return entries

"""Observers: the processes that read targets, their times, and the times without any."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from itertools import pairwise

from msgspec import Struct

from parity_tui import __version__
from parity_tui.history.store.database import Database, typed
from parity_tui.history.update import HEARTBEAT, Sighting, WatchStatus


class Observer(Struct, frozen=True):
    """A process that reads targets."""

    role: str = "board"
    """"board", or "watcher": without a screen, as a service"""
    complete: bool = True
    """whether it reads all targets of its configuration"""
    every: float = 5.0
    """seconds between two readings of a target"""
    host: str = ""
    pid: int = 0

    @property
    def tolerance(self) -> float:
        """Seconds without a sign of life after which it counts as gone."""
        return max(2.5 * HEARTBEAT, 3 * self.every)


def this_process(role: str, *, complete: bool, every: float) -> Observer:
    """Return this process as an observer."""
    return Observer(role, complete, every, socket.gethostname(), os.getpid())


class Presence:
    """The sign of life of one observer: an interval that grows, and another one after a pause."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self._id = 0
        self._seen = 0.0

    def beat(self, database: Database, now: float) -> None:
        """Prolong the interval, or begin one: at first, after a pause, after a jump of the clock."""
        if self._id and 0 <= now - self._seen <= self.observer.tolerance:
            database.execute("UPDATE watched SET seen = ? WHERE id = ?", [(now, self._id)])
        else:
            self._begin(database, now)
        self._seen = now

    def _begin(self, database: Database, now: float) -> None:
        observer = self.observer
        database.execute("UPDATE watched SET left_at = seen WHERE id = ?", [(self._id,)])
        self._id = typed(database, list[tuple[int]], "SELECT coalesce(max(id), 0) + 1 FROM watched")[0][0]
        row = (
            self._id, observer.role, observer.host, observer.pid, __version__, int(observer.complete),
            observer.tolerance, now, now,
        )  # fmt: skip
        database.execute(
            """INSERT INTO watched (id, role, host, pid, program, complete, tolerance, began, seen)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [row],
        )

    def leave(self, database: Database, now: float) -> None:
        """End the interval: the observer stops."""
        if self._id:
            self.beat(database, now)
            database.execute("UPDATE watched SET left_at = ? WHERE id = ?", [(now, self._id)])
            self._id = 0

    def forget(self) -> None:
        """Begin another interval at the next sign of life: the store is another one."""
        self._id = 0


def status(database: Database, now: float) -> WatchStatus:
    """Return the running observers, and the gaps so far."""
    rows = typed(
        database,
        list[tuple[str, str, int, str, float, float, float | None, int, float]],
        "SELECT role, host, pid, program, began, seen, left_at, complete, tolerance FROM watched ORDER BY id",
    )
    running = [
        Sighting(role, host, pid, program, began, max(now - seen, 0.0))
        for role, host, pid, program, began, seen, left_at, _, tolerance in rows
        if left_at is None and abs(now - seen) <= tolerance
    ]
    running.sort(key=lambda sighting: (sighting.role != "watcher", sighting.age))
    intervals = [
        # one that was not ended, by a power failure for instance, may have lasted a little longer
        (began, left_at if left_at is not None else (now if abs(now - seen) <= tolerance else seen), tolerance)
        for _, _, _, _, began, seen, left_at, complete, tolerance in rows
        if complete and began <= now
    ]
    covered = union(intervals)
    gaps = tuple((end, begin) for (_, end), (begin, _) in pairwise(covered))
    if not covered:
        return WatchStatus(tuple(running))
    since, until = covered[-1]
    if until >= now:
        return WatchStatus(tuple(running), since, gaps)
    return WatchStatus(tuple(running), None, (*gaps, (until, now)))


def union(intervals: Iterable[tuple[float, float, float]]) -> list[tuple[float, float]]:
    """Return the union of intervals (begin, end, tolerance); a pause within the tolerance does not split one.

    >>> union([(60, 90, 5), (0, 10, 5), (14, 20, 5), (15, 18, 5)])
    [(0, 20), (60, 90)]
    """
    covered: list[tuple[float, float]] = []
    for begin, end, tolerance in sorted(intervals):
        if covered and begin - covered[-1][1] <= tolerance:
            covered[-1] = (covered[-1][0], max(covered[-1][1], end))
        else:
            covered.append((begin, end))
    return covered

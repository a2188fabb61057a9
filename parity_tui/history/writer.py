"""Writes boards to the store of their history, and goes on without it while it is away. Used by one thread."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

from parity_tui.drift.board import Board
from parity_tui.history.faults import Fault, StoreError
from parity_tui.history.location import open_hub, open_store
from parity_tui.history.path import history_path
from parity_tui.history.record import Record, ServerKey
from parity_tui.history.recorder import Recorder
from parity_tui.history.state import HistoryState
from parity_tui.history.store import sqlite
from parity_tui.history.store.store import Store
from parity_tui.history.store.watched import this_process
from parity_tui.history.update import HistoryUpdate, Recording, WatchStatus, failed_since
from parity_tui.model import Target

if TYPE_CHECKING:
    from parity_tui.history.hub.readings import Publisher

MAX_UNWRITTEN = 20_000
"""records that may wait for a store"""
MAX_HELD = 200
"""boards with events that may wait for a store that could not be opened yet"""
RETRY = 2.0
"""seconds between two attempts to open a store"""
_LONGEST_RETRY = 30.0
"""seconds, for a hub: a server may count refused logins"""
_REMIND = 600.0
"""seconds after which the same problem is reported again"""
_DAY = 86_400.0


class NewerStoreError(Exception):
    """The store belongs to a newer version of this program: nothing is recorded."""


def _publisher(recording: Recording) -> Publisher:
    from parity_tui.history.hub.readings import Publisher  # here: most histories are files

    return Publisher(whole=recording.complete)


class Writer:
    """Connects, records, and reports problems once."""

    def __init__(
        self,
        files: Sequence[Path],
        recording: Recording,
        clock: Callable[[], float],
        notify: Callable[[HistoryUpdate], None],
        hub: Target | None = None,
    ) -> None:
        self._files = files
        self._hub = hub
        self._recording = recording
        self._clock = clock
        self._notify = notify
        self._observer = this_process(recording.role, complete=recording.complete, every=recording.every)
        self._store: Store | None = None
        self._recorder: Recorder | None = None
        self._preview = Recorder(HistoryState())
        """finds the boards with events until the store's state is known"""
        self._held: deque[tuple[Board, float]] = deque()
        self._unwritten: deque[Record] = deque()
        self._reported: dict[str, float] = {}
        self._next_try = 0.0
        self._retry = RETRY
        self._pruned = -_DAY
        self._publisher = _publisher(recording) if hub else None
        self._publishes = recording.role == "watcher"
        self._moved: set[ServerKey] = set()
        """servers with events since their readings were stored"""
        self._board: Board | None = None
        """the latest that was recorded"""
        self._watch: object = None
        """the last reported watcher, begin and gaps"""

    def connect(self) -> None:
        """Open the store if it is not open, and record the boards that waited for it; reports problems."""
        if self._store is not None or time.monotonic() < self._next_try:
            return
        try:
            self._store = self._opened()
            self._retry = RETRY
        except StoreError as error:
            self._fail(error)
        except OSError as error:
            self._fail(StoreError(Fault.UNAVAILABLE, (error.strerror or str(error)).lower()))
        if self._held and self._recorder is not None:
            held, self._held = self._held, deque()
            self._record(self._recorder, *held)  # together, for others may have recorded the same events

    @property
    def waits(self) -> bool:
        """Whether boards or records wait for the store."""
        return bool(self._held or self._unwritten)

    def _opened(self) -> Store:
        """Open the store; set a damaged file aside and begin another."""
        if self._hub is not None:
            return self._synced(open_hub(self._hub, self._observer))
        path = history_path(self._files)
        before = sqlite.identity(path)
        try:
            return self._joined(path)
        except StoreError as error:
            if error.fault is not Fault.DAMAGED:
                raise
            self._set_aside(path, before, error)
            return self._joined(path)

    def _joined(self, path: Path) -> Store:
        """Open a file and bring it and the known state together; a new one gets the state of this board."""
        return self._synced(open_store(path, self._observer, self._recorder.state if self._recorder else None))

    def _synced(self, store: Store) -> Store:
        """Bring a store and the known state together; close it after an error."""
        try:
            if self._recorder is None:
                state = store.load(waiting_since=self._waiting_since())
                self._notify(HistoryUpdate(past=tuple(state.changes), outages=failed_since(state)))
                self._recorder = Recorder(state)
            elif store.begun:
                self._unwritten.clear()
            else:
                store.follow(self._recorder.state, self._waiting_since())
        except BaseException:
            store.close()
            raise
        return store

    def _waiting_since(self) -> float | None:
        """Return when the oldest board or record was made that waits for a store."""
        times = [self._unwritten[0].at.timestamp()] if self._unwritten else []
        return min([*times, *(at for _, at in self._held)], default=None)

    def _set_aside(self, path: Path, damaged: object, error: StoreError) -> None:
        """Rename a damaged file, unless another board has done so meanwhile."""
        if damaged == sqlite.identity(path):
            aside = sqlite.set_aside(path)
            self._report(f"{error}: it is kept as {aside.name}, and a new history begins")

    def record(self, board: Board) -> None:
        """Store the news of a board, and report the changes that happened while no board was open."""
        now = self._clock()
        self.connect()
        if self._recorder is not None:
            self._record(self._recorder, (board, now))
            return
        records, _ = self._preview.record(board, now)
        if not self._held or any(record.setting or record.kind.outage for record in records):
            if len(self._held) >= MAX_HELD:
                del self._held[1]
                self._report("too many changes for a history that cannot be opened: the oldest are lost")
            self._held.append((board, now))

    def _record(self, recorder: Recorder, *boards: tuple[Board, float]) -> None:
        missed = []
        for board, now in boards:
            records, of_board = recorder.record(board, now)
            self._unwritten.extend(records)
            missed += of_board
            self._board = board
            self._moved |= {record.server for record in records if record.setting or record.kind.outage}
        if len(self._unwritten) > MAX_UNWRITTEN:
            self._report("too many changes for a history that cannot be written: the oldest are lost")
            while len(self._unwritten) > MAX_UNWRITTEN:
                self._unwritten.popleft()
        self._flush(recorder)
        self._publish(self._moved)
        if missed:
            self._notify(HistoryUpdate(missed=tuple(missed)))

    def _flush(self, recorder: Recorder) -> None:
        """Write all records that wait."""
        if self._unwritten and self._store is not None:
            self._attempt(lambda store: store.write(self._unwritten, recorder.state), self._unwritten.clear)

    def confirm(self) -> None:
        """Give a sign of life, and store when the servers were last read; take over the events of others."""
        self.connect()
        recorder = self._recorder
        if self._store is None or recorder is None:
            return
        if not self._store.is_current():
            self._lose()
            self.connect()
        if self._unwritten:  # to confirm values that are not in the store would be wrong
            return
        now = self._clock()
        self._attempt(lambda store: store.confirm(*recorder.confirmed(), recorder.state, now))
        self._attempt(lambda store: self._report_watch(store.watch_status(now)))
        self._publish()
        if time.monotonic() - self._pruned >= _DAY:
            self._pruned = time.monotonic()
            self._attempt(lambda store: store.prune(now, self._recording.keep))

    def _report_watch(self, status: WatchStatus) -> None:
        """Report a change of watcher, begin or gaps; signs of life alone are no news."""
        watcher = status.watcher
        publishes = watcher is None or self._recording.role == "watcher"
        if self._publisher and publishes and not self._publishes:  # meanwhile the watcher has written
            self._publisher.forget()
        self._publishes = publishes
        news = (watcher and (watcher.host, watcher.pid), status.complete_since, status.gaps)
        if news != self._watch:
            self._watch = news
            self._notify(HistoryUpdate(watch=status))

    def _publish(self, moved: Set[ServerKey] | None = None) -> None:
        """Store readings in a hub: those of servers with events, or all at a sign of life."""
        publisher, board = self._publisher, self._board
        if publisher is None or board is None or self._unwritten or not self._publishes:
            return
        now = self._clock()
        self._attempt(lambda store: publisher.publish(store, board, now, moved), self._moved.clear)
        if publisher.mixed:
            self._report("another configuration is watched into the same hub, and settings mix: give each its database")

    def leave(self) -> None:
        """Store the same at the end."""
        recorder = self._recorder
        if recorder is not None and not self._unwritten:
            self._attempt(lambda store: store.leave(*recorder.confirmed(), self._clock()))

    def close(self) -> None:
        """Close the store."""
        self._lose()

    def _attempt(self, action: Callable[[Store], None], then: Callable[[], None] = lambda: None) -> None:
        if self._store is None:
            return
        try:
            action(self._store)
        except StoreError as error:
            self._fail(error)
        else:
            then()

    def _fail(self, error: StoreError) -> None:
        """Report a problem; set a store aside that turns out to be damaged."""
        if error.fault is Fault.NEWER:
            raise NewerStoreError(str(error)) from None
        damaged_file = error.fault is Fault.DAMAGED and self._hub is None
        if damaged_file and self._store is not None:
            path, current = history_path(self._files), self._store.is_current()
            before = sqlite.identity(path) if current else None
            self._lose()
            self._set_aside(path, before, error)
        elif self._store is None:
            self._next_try = time.monotonic() + self._retry
            self._retry = min(2 * self._retry, _LONGEST_RETRY) if self._hub else self._retry
        if not damaged_file:
            self._report(f"changes are kept only while this board is open: {error}")

    def _lose(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store = None
        if self._publisher is not None:
            self._publisher.forget()

    def _report(self, problem: str) -> None:
        now = time.monotonic()
        if now - self._reported.get(problem, -_REMIND) >= _REMIND:
            self._notify(HistoryUpdate(problem=problem))
        self._reported[problem] = now

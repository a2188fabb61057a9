"""The thread that records the history: the board hands itself over and does not wait.

An error of the store is reported once; until it is resolved, changes are remembered only while the board is open, and
stored afterwards.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parity_tui.drift.board import Board
from parity_tui.drift.changes import of_servers
from parity_tui.history.location import NO_SQLITE
from parity_tui.history.update import HEARTBEAT, INTERVAL, HistoryUpdate, Recording
from parity_tui.model import Target

if TYPE_CHECKING:
    from parity_tui.history.writer import Writer

_MAX_BOARDS = 1000
"""boards with outages that may wait to be recorded"""
_RETRY = 2.0
"""seconds after which waiting records are written without a further board: another watcher may lead by now"""
_CLOSE_TIMEOUT = 0.5
"""seconds for the last records"""


class History:
    """Records the changes on the boards of one configuration, which its files identify."""

    def __init__(
        self,
        files: Sequence[Path],
        recording: Recording | None = None,
        clock: Callable[[], float] = time.time,
        hub: Target | None = None,
    ) -> None:
        """Create a recorder; nothing is opened yet.

        Args:
            files: of the configuration.
            recording: how this process records.
            clock: returns the time in seconds since the epoch.
            hub: the database of a shared history, None for a file.
        """
        self._files = files
        self._hub = hub
        self._recording = recording or Recording()
        self._clock = clock
        self._latest: Board | None = None
        self._boards: deque[Board] = deque(maxlen=_MAX_BOARDS)
        """those with the begin or the end of an outage, older than the latest; it may be shorter than the interval"""
        self._lock = threading.Lock()
        """of the latest board and those before it, held for moments"""
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._notify: Callable[[HistoryUpdate], None] = lambda update: None

    def open(self, notify: Callable[[HistoryUpdate], None]) -> None:
        """Start the thread, which calls ``notify``."""
        self._notify = notify
        self._thread = threading.Thread(target=self._run, daemon=True, name="parity-history")
        self._thread.start()

    def record(self, board: Board) -> None:
        """Hand over the latest board; returns at once."""
        events = of_servers(self._latest, board) if self._latest else ()
        with self._lock:
            if any(event.kind.outage for event in events):
                self._boards.append(board)
            self._latest = board
        self._wake.set()

    def close(self) -> None:
        """Write the last records, but do not wait for a disk that hangs."""
        self._closing.set()
        self._wake.set()
        if self._thread:
            self._thread.join(_CLOSE_TIMEOUT)

    def _run(self) -> None:
        """Report any error: the board must not end with its history."""
        try:
            from parity_tui.history.writer import NewerStoreError, Writer  # here: SQLite is large
        except ImportError:
            self._notify(HistoryUpdate(problem=f"no history: {NO_SQLITE}"))
            return
        try:
            writer = Writer(self._files, self._recording, self._clock, self._notify, self._hub)
            try:
                self._record_boards(writer)
            except NewerStoreError as error:
                self._notify(HistoryUpdate(problem=f"no history: {error}"))
            finally:
                writer.close()
        except Exception as error:
            self._notify(HistoryUpdate(problem=f"no history: {type(error).__name__}, an internal error of parity-tui"))

    def _record_boards(self, writer: Writer) -> None:
        writer.connect()
        heartbeat, recorded = time.monotonic(), False
        while not self._closing.is_set():
            self._wake.wait(_RETRY if writer.waits else None)
            self._wake.clear()
            if self._record_latest(writer):
                if not recorded or time.monotonic() - heartbeat >= HEARTBEAT:
                    writer.confirm()
                    heartbeat, recorded = time.monotonic(), True
                self._closing.wait(INTERVAL)
        self._record_latest(writer)
        writer.leave()

    def _record_latest(self, writer: Writer) -> bool:
        """Record the latest boards; false while targets are still pending."""
        if self._latest is None or not self._latest.complete:
            return False
        while True:
            with self._lock:
                board = self._boards.popleft() if self._boards else self._latest
            if board.complete:
                writer.record(board)
            if board is self._latest:
                return True

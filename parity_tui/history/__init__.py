"""Records changes across boards: in a file, by a thread of its own.

A slow disk never delays the board, which hands itself over and does not wait. A disk error is reported once; until it
is resolved, changes are remembered only while the board is open.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from parity_tui.drift.board import Board, TargetKey
from parity_tui.drift.changes import TimedChange, of_servers
from parity_tui.drift.words import plural
from parity_tui.history.file import append, history_path, read
from parity_tui.history.record import Record, encode
from parity_tui.history.recorder import Recorder
from parity_tui.history.state import HistoryState

__all__ = ["History", "HistoryState", "HistoryUpdate", "describe_skipped", "failed_since", "history_path", "read"]

_INTERVAL = 1.0
"""seconds between two boards that are recorded: values that flap in between are not"""
_MAX_BOARDS = 1000
"""boards with outages that may wait to be recorded"""
_MAX_UNWRITTEN = 20_000
"""records that may wait for a disk"""
_CLOSE_TIMEOUT = 0.5
"""seconds for the last records"""


class HistoryUpdate(Struct, frozen=True):
    """News from the history to its board."""

    past: tuple[TimedChange, ...] = ()
    """changes that earlier boards recorded, oldest first"""
    missed: tuple[TimedChange, ...] = ()
    """changes that happened while no board was open"""
    outages: Mapping[TargetKey, float] = field(default_factory=dict)
    """servers that failed when an earlier board last tried them -> since when, seconds since the epoch"""
    problem: str = ""
    """why nothing can be recorded, in words"""


class History:
    """Records the changes on the boards of one configuration, which its files identify."""

    def __init__(self, files: Sequence[Path], clock: Callable[[], float] = time.time) -> None:
        self._files = files
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
        self._unwritten: list[bytes] = []
        self._failing = False

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
            path = history_path(self._files)
            state = read(path)
            if state.newer:
                self._report(f"no history: {path} was written by a newer parity-tui")
            else:
                self._notify(HistoryUpdate(past=tuple(state.changes), outages=failed_since(state)))
                self._record_boards(Recorder(state), path)
        except OSError as error:
            self._report_once(error)
        except Exception as error:
            self._report(f"no history: {type(error).__name__}, an internal error of parity-tui")

    def _record_boards(self, recorder: Recorder, path: Path) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            if self._record_latest(recorder, path):
                self._closing.wait(_INTERVAL)
            if len(self._unwritten) > _MAX_UNWRITTEN:
                self._report("history stopped: too many pending writes")
                return
        self._record_latest(recorder, path)
        if not self._unwritten:  # else the final records would confirm values that are not in the file
            self._write(recorder.final_records(), recorder, path)

    def _record_latest(self, recorder: Recorder, path: Path) -> bool:
        """Write the news of the latest boards and report missed changes; false while targets are still pending."""
        if self._latest is None or not self._latest.complete:
            return False
        while True:
            with self._lock:
                board = self._boards.popleft() if self._boards else self._latest
            if board.complete:
                records, missed = recorder.record(board, self._clock())
                self._write(records, recorder, path)
                if missed:
                    self._notify(HistoryUpdate(missed=tuple(missed)))
            if board is self._latest:
                return True

    def _write(self, records: Iterable[Record], recorder: Recorder, path: Path) -> None:
        """Append records to the file, after those that an earlier error left unwritten."""
        self._unwritten.extend(filter(None, map(encode, records)))
        if not self._unwritten:
            return
        try:
            if append(path, self._unwritten):
                self._unwritten = list(filter(None, map(encode, recorder.snapshot(self._clock()))))
                append(path, self._unwritten)
            self._unwritten = []
            self._failing = False
        except OSError as error:
            self._report_once(error)

    def _report_once(self, error: OSError) -> None:
        if not self._failing:
            reason = ": ".join(filter(None, ((error.strerror or str(error)).lower(), error.filename)))
            self._report(f"changes are kept only while this board is open: {reason}")
        self._failing = True

    def _report(self, problem: str) -> None:
        self._notify(HistoryUpdate(problem=problem))


def failed_since(state: HistoryState) -> dict[TargetKey, float]:
    """Return the begin of each open outage, seconds since the epoch, by the key that boards use."""
    return {
        (service, environment, node): outage.began for (environment, service, node), outage in state.outages.items()
    }


def describe_skipped(state: HistoryState) -> str:
    """Return how many lines of a history could not be read, in words; "" for none."""
    words = []
    if state.broken:
        words.append(f"{plural(state.broken, 'line is', 'lines are')} unreadable in the history and skipped")
    if state.newer:
        words.append("the history contains records of a newer parity-tui, which are skipped")
    return "; ".join(words)

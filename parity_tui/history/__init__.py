"""What has moved, where and when, beyond the end of a board: kept in a file, by a thread of its own.

No disk ever holds up the board: it hands boards over and never waits. What cannot be written is said once, and
the board remembers what it has seen itself for as long as it is open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from parity_tui.drift.board import Board
from parity_tui.drift.changes import TimedChange
from parity_tui.history.file import append, history_path, read
from parity_tui.history.recorder import Recorder
from parity_tui.history.state import HistoryState, Record, written

__all__ = ["History", "HistoryState", "HistoryUpdate", "describe_skipped", "history_path", "read"]

_PAUSE = 1.0
"""seconds between two looks at the board: what moves to and fro meanwhile is not written down"""
_MOST = 20_000
"""lines that wait for a disk that takes none"""
_PATIENCE = 0.5
"""seconds for the last lines, at the end"""


class HistoryUpdate(Struct, frozen=True):
    """What the history has to tell."""

    past: tuple[TimedChange, ...] = ()
    """what moved while earlier boards were open, oldest first"""
    missed: tuple[TimedChange, ...] = ()
    """what moved while no board was open"""
    problem: str = ""
    """what is not right with it, in words"""


class History:
    """Keeps what moves on the boards of one configuration, which is known by its files."""

    def __init__(self, files: Sequence[Path], clock: Callable[[], float] = time.time) -> None:
        self._files = files
        self._clock = clock
        self._newest: Board | None = None
        self._bell = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._tell: Callable[[HistoryUpdate], None] = lambda news: None
        self._left: list[bytes] = []
        self._failing = False

    def open(self, tell: Callable[[HistoryUpdate], None]) -> None:
        """Begin; ``tell`` is called in another thread."""
        self._tell = tell
        self._thread = threading.Thread(target=self._work, daemon=True, name="parity-history")
        self._thread.start()

    def record(self, board: Board) -> None:
        """Hand over the newest board; returns at once."""
        self._newest = board
        self._bell.set()

    def close(self) -> None:
        """Have what is left written; a disk that hangs is not waited for."""
        self._closing.set()
        self._bell.set()
        if self._thread:
            self._thread.join(_PATIENCE)

    def _work(self) -> None:
        """Keep the history; whatever goes wrong with it, the board goes on."""
        try:
            path = history_path(self._files)
            past = read(path)
            if past.newer:
                self._tell(HistoryUpdate(problem=f"no history is kept: {path} was written by a newer parity-tui"))
            else:
                self._tell(HistoryUpdate(past=tuple(past.changes)))
                self._follow(Recorder(past), path)
        except OSError as error:
            self._fail(error)
        except Exception as error:
            self._tell(
                HistoryUpdate(problem=f"no history is kept: {type(error).__name__}, a fault of parity-tui itself")
            )

    def _follow(self, ledger: Recorder, path: Path) -> None:
        """Write down what boards have that is new, until the end."""
        while not self._closing.is_set():
            self._bell.wait()
            self._bell.clear()
            if self._enter(ledger, path):
                self._closing.wait(_PAUSE)
            if len(self._left) > _MOST:
                self._tell(HistoryUpdate(problem="no history is kept any more: too much is left to be written"))
                return
        self._enter(ledger, path)
        if not self._left:  # else that everything is as it was written would not be true
            self._write(ledger.close(), ledger, path)

    def _enter(self, ledger: Recorder, path: Path) -> bool:
        """Write down what the newest board has that is new, and tell what nobody has seen move.

        False before every target has been heard of once.
        """
        if self._newest is None or not self._newest.complete:
            return False
        lines, missed = ledger.enter(self._newest, self._clock())
        self._write(lines, ledger, path)
        if missed:
            self._tell(HistoryUpdate(missed=tuple(missed)))
        return True

    def _write(self, lines: Iterable[Record], ledger: Recorder, path: Path) -> None:
        """Add lines to the file; what the disk does not take is kept, and is first the next time."""
        self._left.extend(filter(None, map(written, lines)))
        if not self._left:
            return
        try:
            if append(path, self._left):
                self._left = list(filter(None, map(written, ledger.everything(self._clock()))))
                append(path, self._left)
            self._left = []
            self._failing = False
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        """Say why nothing is kept; once, until it has worked again."""
        if not self._failing:
            why = ": ".join(filter(None, ((error.strerror or str(error)).lower(), error.filename)))
            self._tell(HistoryUpdate(problem=f"what moves is remembered only while this board is open: {why}"))
        self._failing = True


def describe_skipped(past: HistoryState) -> str:
    """Return how much of a history could not be read, "" where all of it could."""
    words = []
    if past.broken:
        lines = "1 line is" if past.broken == 1 else f"{past.broken} lines are"
        words.append(f"{lines} passed over in the history, and cannot be read")
    if past.newer:
        words.append("a newer parity-tui has written into the history what this one does not know")
    return "; ".join(words)

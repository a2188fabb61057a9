"""Stores in memory, and their contents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from parity_tui.drift.board import Board
from parity_tui.history.path import lines_path
from parity_tui.history.record import Record
from parity_tui.history.recorder import Recorder
from parity_tui.history.state import HistoryState
from parity_tui.history.store.sqlite import SQLiteDatabase
from parity_tui.history.store.store import Store


class MemoryDatabase(SQLiteDatabase):
    """A database without a file, which stays when its stores are closed."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        super().__init__(Path(":memory:"), self.connection)

    def close(self) -> None:
        """Keep it for the next store."""

    def text(self) -> str:
        """Return all that is stored, as SQL."""
        return "\n".join(self.connection.iterdump())


class RecordedHistory:
    """A recorder, and the store that it writes to."""

    def __init__(self, database: MemoryDatabase | None = None, earlier: HistoryState | None = None) -> None:
        self.database = database or MemoryDatabase()
        self.store = Store(self.database)
        self.store.create(earlier or HistoryState())
        self.recorder = Recorder(self.store.load())

    def record(self, board: Board, now: float) -> tuple[list[str], list[str]]:
        """Store a board; return its changes, and the missed ones, in short."""
        before = len(self.recorder.state.changes)
        records, missed = self.recorder.record(board, now)
        self.write(*records)
        changes = [timed.change for timed in list(self.recorder.state.changes)[before:]]
        return [f"{change.environment} {change.subject} {change.transition}".strip() for change in changes], [
            f"{timed.change.setting} after {timed.since:g}" if timed.since else timed.change.setting for timed in missed
        ]

    def write(self, *records: Record) -> None:
        """Store records."""
        self.store.write(records, self.recorder.state)

    def closed(self) -> MemoryDatabase:
        """Return the database after the end of the board."""
        self.store.leave(*self.recorder.confirmed(), now=0.0)
        return self.database

    def stored(self) -> HistoryState:
        """Return the state that the next board starts from."""
        return Store(self.database).load()

    def events(self) -> list[str]:
        """Return the events of the store, in short."""
        return short(self.stored())


def encode(record: Record) -> bytes:
    """Return a record as older versions wrote it."""
    return msgspec.json.encode(record) + b"\n"


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write the file that an older version had beside the path of a store."""
    lines_path(path).parent.mkdir(parents=True, exist_ok=True)
    with lines_path(path).open("ab") as stream:
        stream.writelines(lines)


def short(state: HistoryState) -> list[str]:
    """Return the events of a history, in short."""
    changes = [timed.change for timed in state.changes]
    return [f"{change.environment} {change.subject} {change.transition}".strip() for change in changes]

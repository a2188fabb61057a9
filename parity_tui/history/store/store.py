"""The operations of a store, on any database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from parity_tui.history.record import Record, ServerKey
from parity_tui.history.state import MAX_CHANGES, HistoryState
from parity_tui.history.store import load, merge, schema, watched
from parity_tui.history.store.database import Database
from parity_tui.history.store.retention import prune
from parity_tui.history.store.take_over import seed
from parity_tui.history.store.watched import Observer, Presence
from parity_tui.history.update import WatchStatus

_READING = """INSERT INTO reading (server, at, schema_number, contents) VALUES (?, ?, ?, ?) ON CONFLICT (server)
    DO UPDATE SET at = excluded.at, schema_number = excluded.schema_number, contents = excluded.contents
    WHERE excluded.at NOT BETWEEN reading.at - 86400 AND reading.at - 0.001"""
"""a late observer replaces no newer reading; after a jump of the clock all are replaced"""


class Store:
    """One observer's or reader's view of a history. Every method raises StoreError, unless it says so."""

    def __init__(self, database: Database, observer: Observer | None = None) -> None:
        self._database = database
        self._observer = observer or Observer()
        self._presence = Presence(self._observer)
        self._echoes = merge.Echoes(self._observer.tolerance)
        self._synced = 0
        """the newest event that this observer knows"""
        self.begun = False
        """whether this observer has created it"""

    @property
    def name(self) -> str:
        """The file or the address, for a person."""
        return self._database.name

    def create(self, earlier: HistoryState) -> None:
        """Create the tables and fill them with an earlier history; do nothing if another process has done so."""
        with self._database.transaction():
            if self._database.is_new():
                schema.create(self._database)
                seed(self._database, earlier)
                self.begun = True
        self._synced = merge.last_seq(self._database)

    def load(self, max_changes: int = MAX_CHANGES, waiting_since: float | None = None) -> HistoryState:
        """Return the state with its newest events, on which later records build.

        ``waiting_since``: when the oldest record was made that waits to be written; others may have written its event.
        """
        self._synced = merge.last_seq_before(self._database, waiting_since)
        return load.state(self._database, load.latest_events(self._database, max_changes))

    def follow(self, state: HistoryState, waiting_since: float | None = None) -> None:
        """Bring the state of an observer up to date with a store that another one has begun; see :meth:`load`."""
        self._synced = merge.last_seq_before(self._database, waiting_since)
        load.refresh(self._database, state)

    def load_moves(self) -> HistoryState:
        """Return the state with the event that gave each setting its present value."""
        return load.state(self._database, load.moves(self._database))

    def load_events(self, since: float | None = None) -> HistoryState:
        """Return all events, or those since a time and all outages of servers that failed then; without values."""
        return load.state(self._database, load.events(self._database, since), values=False)

    def write(self, records: Iterable[Record], state: HistoryState) -> None:
        """Store the events and values that others did not; then bring the observer's state up to date with theirs."""
        with self._database.transaction():
            merged = merge.Merge(self._database, self._synced, self._echoes)
            merged.write(records)
        self._synced = merged.seq
        if merged.others:
            load.refresh(self._database, state, merged.others)

    def confirm(
        self, seen: Mapping[ServerKey, float], failing: Mapping[ServerKey, float], state: HistoryState, now: float
    ) -> None:
        """Give a sign of life, and bring the observer's state up to date with others.

        Args:
            seen: when servers were last read; all times are seconds since the epoch.
            failing: when the latest attempt at others failed.
            state: the observer's, nothing of which waits to be written.
            now: the time.
        """
        with self._database.transaction():
            self._presence.beat(self._database, now)
            merge.confirm(self._database, seen, failing)
        self.write((), state)

    def leave(self, seen: Mapping[ServerKey, float], failing: Mapping[ServerKey, float], now: float) -> None:
        """Store the same times at the end of this observer."""
        with self._database.transaction():
            merge.confirm(self._database, seen, failing)
            self._presence.leave(self._database, now)

    def publish(
        self, rows: Mapping[ServerKey, tuple[float, str | None]], notes: Mapping[str, str], number: int
    ) -> None:
        """Store the latest readings of servers, for boards that ask no server.

        Args:
            rows: when each was read, and its contents; None: they are unchanged.
            notes: by name.
            number: the schema of the contents.
        """
        with self._database.transaction():
            servers = merge.Servers(self._database)
            every = [(servers.id_of(key), at, text) for key, (at, text) in rows.items()]
            self._database.execute(_READING, [(id_, at, number, text) for id_, at, text in every if text is not None])
            times = [(at, id_) for id_, at, text in every if text is None]
            self._database.execute("UPDATE reading SET at = ? WHERE server = ?", times)
            for name, value in notes.items():
                schema.set_note(self._database, name, value)

    def note(self, name: str) -> str:
        """Return a note on the store, "" without one."""
        return schema.note(self._database, name)

    def watch_status(self, now: float) -> WatchStatus:
        """Return the running observers, since when the history is complete, and its gaps."""
        return watched.status(self._database, now)

    def prune(self, now: float, keep: float) -> None:
        """Remove events that are older than ``keep`` seconds, as :func:`retention.prune` does."""
        with self._database.transaction():
            prune(self._database, now, keep)

    def is_current(self) -> bool:
        """Return whether its name still leads to this store; raises nothing."""
        return self._database.is_current()

    def close(self) -> None:
        """Close it; raises nothing."""
        self._database.close()

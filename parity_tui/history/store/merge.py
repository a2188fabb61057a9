"""Writes the records of one observer beside those of others: an event that several see is stored once.

Only the writer that moves the state writes the event. An observer that is late, because its file was locked or its
network was away, finds the events that others wrote since it last looked, and drops its own record of each.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from parity_tui.drift.changes import ChangeKind
from parity_tui.history.record import Record, ServerKey
from parity_tui.history.store.alignment import Moved, recorded
from parity_tui.history.store.database import Database, Value, typed
from parity_tui.history.store.schema import ADDRESS, INSTANCE, VALUE, WITHHELD
from parity_tui.secrets import REDACTED

_KINDS = frozenset(kind.value for kind in ChangeKind)
OUTAGE = "outage"
"""aspect of a server, kept in a table of its own"""

EVENT = """INSERT INTO event (seq, server, at, kind, severity, setting, old_value, new_value, since, instance, reason,
    message, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
STATE = """INSERT INTO state (server, aspect, name, value, at, seq) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (server, aspect, name) DO UPDATE SET value = excluded.value, at = excluded.at, seq = excluded.seq"""
_FIRST_SEEN = f"""{STATE} WHERE state.value IS NULL OR state.value <> excluded.value"""
OPEN_OUTAGE = """INSERT INTO outage (server, began, seen, reason, message, seq) VALUES (?, ?, ?, ?, ?, ?)"""


class StateKey(NamedTuple):
    """The part of a server's state that an event changes."""

    server: int
    aspect: str
    name: str = ""


def state_key(server: int, kind: ChangeKind, setting: str) -> StateKey:
    """Return the part of the state that an event of this kind changes."""
    match kind:
        case ChangeKind.FAILED | ChangeKind.RECOVERED:
            return StateKey(server, OUTAGE)
        case ChangeKind.RESTART:
            return StateKey(server, INSTANCE)
        case ChangeKind.ADDRESS:
            return StateKey(server, ADDRESS, setting)
    return StateKey(server, VALUE, setting)


def outcome_of(kind: ChangeKind, new_value: str, instance: str) -> str:
    """Return the state after an event, as text: two observers of one event give the same."""
    match kind:
        case ChangeKind.RESTART:
            return instance
        case ChangeKind.FAILED | ChangeKind.RECOVERED | ChangeKind.VANISHED:
            return f"\0{kind.value}"  # no value is like this
    return new_value


class Echoes:
    """Changes of secrets that others recorded, and that this observer is about to see: no state has their value."""

    def __init__(self, seconds: float = 75.0) -> None:
        self._seconds = seconds
        self._until: dict[StateKey, list[float]] = defaultdict(list)

    def add(self, key: StateKey) -> None:
        """Expect the change of a secret."""
        self._until[key].append(time.monotonic() + self._seconds)

    def take(self, key: StateKey) -> bool:
        """Return whether a change was expected, which then is over."""
        expected = [until for until in self._until.pop(key, ()) if until >= time.monotonic()]
        self._until[key] = expected[1:]
        return bool(expected)


class Servers:
    """The numbers of servers, by their key."""

    def __init__(self, database: Database) -> None:
        self._database = database
        rows = typed(database, list[tuple[int, str, str, str]], "SELECT id, environment, service, node FROM server")
        self.ids: dict[ServerKey, int] = {(environment, service, node): id_ for id_, environment, service, node in rows}

    def id_of(self, server: ServerKey) -> int:
        """Return the number of a server, which is added if it is new; call it in a transaction."""
        if server not in self.ids:
            number = max(self.ids.values(), default=0) + 1
            self._database.execute(
                "INSERT INTO server (id, environment, service, node, program) VALUES (?, ?, ?, ?, '')",
                [(number, *server)],
            )
            self.ids[server] = number
        return self.ids[server]


def last_seq(database: Database) -> int:
    """Return the number of the newest event, 0 without one."""
    return typed(database, list[tuple[int]], "SELECT coalesce(max(seq), 0) FROM event")[0][0]


def last_seq_before(database: Database, at: float | None) -> int:
    """Return the number of the event before the first one of a time or later; that of the newest without any."""
    if at is not None:
        first = typed(database, list[tuple[int | None]], "SELECT min(seq) FROM event WHERE at >= ?", (at,))[0][0]
        if first is not None:
            return first - 1
    return last_seq(database)


class Merge:
    """Writes records in one transaction; ``synced`` is the newest event that their observer knew."""

    def __init__(self, database: Database, synced: int, echoes: Echoes) -> None:
        self._database = database
        self._echoes = echoes
        self._servers = Servers(database)
        self.seq = last_seq(database)
        self._foreign: dict[StateKey, list[Moved]] = defaultdict(list)
        """the events of others meanwhile, oldest first"""
        self._recorded: dict[StateKey, int] = {}
        """how many of the next own events need no record"""
        self.others: set[ServerKey] = set()
        """servers with events of others"""
        if self.seq > synced:
            self._read_foreign(synced)

    def _read_foreign(self, synced: int) -> None:
        names = {number: key for key, number in self._servers.ids.items()}
        sql = "SELECT server, kind, setting, new_value, instance, at FROM event WHERE seq > ? ORDER BY seq"
        rows = typed(self._database, list[tuple[int, str, str, str, str, float]], sql, (synced,))
        for server, word, setting, new_value, instance, at in rows:
            if word not in _KINDS or server not in names:
                continue
            kind = ChangeKind(word)
            key = state_key(server, kind, setting)
            if new_value == REDACTED:
                self._echoes.add(key)
            else:
                self._foreign[key].append((outcome_of(kind, new_value, instance), at))
            self.others.add(names[server])

    def write(self, records: Iterable[Record]) -> None:
        """Write records in their order."""
        records = list(records)
        self._count_recorded(records)
        for record in records:
            server = self._servers.id_of(record.server)
            if record.kind.outage or record.setting:
                self._write_event(server, record)
            else:
                self._write_values(server, record)
            if not record.kind.outage:
                self._database.execute("UPDATE server SET seen = ? WHERE id = ?", [(record.at.timestamp(), server)])

    def _write_values(self, server: int, record: Record) -> None:
        """Store values that are no event, except where another observer has recorded one meanwhile."""
        at = record.at.timestamp()
        foreign = self._foreign
        values = [
            (server, VALUE, name, value, at, None)
            for name, value in (record.values or {}).items()
            if not foreign.get(StateKey(server, VALUE, name))
        ]
        self._database.execute(_FIRST_SEEN, values)
        self._database.execute(_FIRST_SEEN, [(server, WITHHELD, name, "", at, None) for name in record.withheld])
        gone = [(server, VALUE, name) for name in record.gone if not foreign.get(StateKey(server, VALUE, name))]
        self._database.execute("DELETE FROM state WHERE server = ? AND aspect = ? AND name = ?", gone)
        if record.program:
            self._database.execute("UPDATE server SET program = ? WHERE id = ?", [(record.program, server)])

    def _write_event(self, server: int, record: Record) -> None:
        kind = record.kind
        key, outcome = state_key(server, kind, record.setting), outcome_of(kind, record.after, record.instance)
        if record.after == REDACTED:
            if not self._echoes.take(key):
                self._insert(server, record, record.before)
                self._database.execute(
                    _FIRST_SEEN, [(server, WITHHELD, record.setting, "", record.at.timestamp(), None)]
                )
            return
        if self._recorded.get(key):
            self._recorded[key] -= 1
        elif kind.outage:
            self._move_outage(server, record)
        else:
            self._move_state(key, outcome, record)

    def _count_recorded(self, records: Iterable[Record]) -> None:
        """Count the first events of each setting that need no record, because of the events of others."""
        own: dict[StateKey, list[Moved]] = defaultdict(list)
        for record in records if self._foreign else ():
            if record.kind.outage or record.setting:
                key = state_key(self._servers.id_of(record.server), record.kind, record.setting)
                if key in self._foreign and record.after != REDACTED:
                    outcome = outcome_of(record.kind, record.after, record.instance)
                    own[key].append((outcome, record.at.timestamp()))
        for key, moved in own.items():
            self._recorded[key] = recorded(moved, self._foreign[key])

    def _move_outage(self, server: int, record: Record) -> None:
        """Store the begin or the end of an outage, if it is news."""
        at, lasts = record.at.timestamp(), self._database.query("SELECT 1 FROM outage WHERE server = ?", (server,))
        begins = record.kind is ChangeKind.FAILED
        if begins == bool(lasts):
            return
        self._insert(server, record, "")
        if begins:
            self._database.execute(OPEN_OUTAGE, [(server, at, at, record.reason, record.message, self.seq)])
        else:
            self._database.execute("DELETE FROM outage WHERE server = ?", [(server,)])

    def _move_state(self, key: StateKey, outcome: str, record: Record) -> None:
        """Store the new state of a server and its event, if it is news."""
        query = "SELECT value FROM state WHERE server = ? AND aspect = ? AND name = ?"
        rows = typed(self._database, list[tuple[str | None]], query, key)
        current = rows[0][0] if rows else None
        vanished = record.kind is ChangeKind.VANISHED
        if current == (None if vanished else outcome) and (outcome or key.aspect != INSTANCE):
            return
        is_value = key.aspect == VALUE and record.kind is not ChangeKind.DEPLOY
        self._insert(key.server, record, current if current and is_value else record.before)
        value = None if vanished else outcome
        self._database.execute(STATE, [(*key, value, record.at.timestamp(), self.seq)])
        if record.kind is ChangeKind.RESTART:
            self._move_version(key.server, record)

    def _move_version(self, server: int, record: Record) -> None:
        """Store the version after a restart, which moved it only if it is another one."""
        row = (server, VALUE, record.setting, record.after, record.at.timestamp(), self.seq)
        self._database.execute(STATE if record.before != record.after else _FIRST_SEEN, [row])

    def _insert(self, server: int, record: Record, before: str) -> None:
        self.seq += 1
        since = record.since.timestamp() if record.since else None
        row: Sequence[Value] = (
            self.seq, server, record.at.timestamp(), record.kind.value, record.severity.value, record.setting, before,
            record.after, since, record.instance, record.reason, record.message, record.seconds,
        )  # fmt: skip
        self._database.execute(EVENT, [row])


def confirm(database: Database, seen: Mapping[ServerKey, float], failing: Mapping[ServerKey, float]) -> None:
    """Store when servers were last read, and when the latest attempt at others failed."""
    ids = Servers(database).ids
    rows = [(at, ids[server]) for server, at in seen.items() if server in ids]
    database.execute("UPDATE server SET seen = ? WHERE id = ?", rows)
    rows = [(at, ids[server]) for server, at in failing.items() if server in ids]
    database.execute("UPDATE outage SET seen = ? WHERE server = ?", rows)

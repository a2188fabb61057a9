"""The tables of a history, in SQL that SQLite and PostgreSQL have in common.

| table   | one row for each | contents |
|---------|------------------|----------|
| meta    | name             | the schema number, and notes on the store itself |
| server  | server           | when it was last read, and by which version of this program |
| event   | event            | a setting, an outage, a restart, a role, a deploy, in the order of `seq` |
| state   | server, aspect, name | the last known value; since when and by which event |
| outage  | server that fails | since when and why |
| watched | interval         | which process read all targets, from when to when |
| reading | server           | its latest reading, for boards that ask no server |

Times are seconds since the epoch. Clocks may jump: `seq` is the order, never a time.
"""

from __future__ import annotations

from parity_tui.history.faults import Fault, StoreError
from parity_tui.history.store.database import Database

SCHEMA = 1

VALUE, WITHHELD, ADDRESS, INSTANCE = "value", "withheld", "address", "instance"
"""aspects of a server's state: a setting's value, NULL if it vanished; a name or glob of settings that may exist
without a value; the address of a name; the run of the server"""

TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE server (
        id INTEGER PRIMARY KEY, environment TEXT NOT NULL, service TEXT NOT NULL, node TEXT NOT NULL,
        seen DOUBLE PRECISION, program TEXT NOT NULL, UNIQUE (environment, service, node))""",
    """CREATE TABLE event (
        seq INTEGER PRIMARY KEY, server INTEGER NOT NULL, at DOUBLE PRECISION NOT NULL, kind TEXT NOT NULL,
        severity TEXT NOT NULL, setting TEXT NOT NULL, old_value TEXT NOT NULL, new_value TEXT NOT NULL,
        since DOUBLE PRECISION, instance TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,
        seconds DOUBLE PRECISION NOT NULL)""",
    "CREATE INDEX event_at ON event (at)",
    "CREATE INDEX event_outage ON event (server) WHERE kind IN ('failed', 'recovered')",
    """CREATE TABLE state (
        server INTEGER NOT NULL, aspect TEXT NOT NULL, name TEXT NOT NULL, value TEXT, at DOUBLE PRECISION NOT NULL,
        seq INTEGER, PRIMARY KEY (server, aspect, name))""",
    "CREATE INDEX state_seq ON state (seq) WHERE seq IS NOT NULL",
    """CREATE TABLE outage (
        server INTEGER PRIMARY KEY, began DOUBLE PRECISION NOT NULL, seen DOUBLE PRECISION NOT NULL,
        reason TEXT NOT NULL, message TEXT NOT NULL, seq INTEGER NOT NULL)""",
    """CREATE TABLE watched (
        id INTEGER PRIMARY KEY, role TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, program TEXT NOT NULL,
        complete INTEGER NOT NULL, tolerance DOUBLE PRECISION NOT NULL, began DOUBLE PRECISION NOT NULL,
        seen DOUBLE PRECISION NOT NULL, left_at DOUBLE PRECISION)""",
    """CREATE TABLE reading (
        server INTEGER PRIMARY KEY, at DOUBLE PRECISION NOT NULL, schema_number INTEGER NOT NULL,
        contents TEXT NOT NULL)""",
)


def create(database: Database) -> None:
    """Create the tables; call it in a transaction."""
    for statement in TABLES:
        database.execute(statement)
    set_note(database, "schema", str(SCHEMA))


def check(number: int, name: str) -> None:
    """Raise StoreError for the schema of a newer version of this program."""
    if number > SCHEMA:
        raise StoreError(Fault.NEWER, f"{name} was written by a newer parity-tui")


def note(database: Database, name: str) -> str:
    """Return a note on the store, "" without one."""
    rows = database.query("SELECT value FROM meta WHERE name = ?", (name,))
    return str(rows[0][0]) if rows else ""


def set_note(database: Database, name: str, value: str) -> None:
    """Replace a note on the store; call it in a transaction."""
    database.execute("DELETE FROM meta WHERE name = ?", [(name,)])
    database.execute("INSERT INTO meta (name, value) VALUES (?, ?)", [(name, value)])

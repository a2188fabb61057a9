"""SQLite: a database file, and the library that wrote it.

The first 100 bytes of the file hold its persistent settings (journal mode, encoding, page size …) and the version of
the library that wrote it last. They are read without a lock and without creating a side file. Only if a write-ahead
log may hold newer values does the library open the file, read-only. A file of 0 bytes is no database yet.

The ledgers of migration tools are read when the file or its log has changed. Without a log, the file is opened as
immutable: no lock is taken that an app would wait for, and a file that changes meanwhile is read again next time.

All other settings are those of the library that asks. It is Python's, not the app's: such facts are named `library.…`
and are never compared.

Least privilege: to read the file.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from urllib.parse import quote

from msgspec.structs import replace

from parity_tui.model import (
    Dialer,
    Fact,
    Reading,
    ReadOnce,
    Reason,
    Rule,
    Service,
    ServiceError,
    Severity,
    State,
    Target,
    ValueType,
)
from parity_tui.services._migrations import (
    CAP,
    RULE,
    SEPARATOR,
    TABLES,
    Candidate,
    LedgerRow,
    LedgerTable,
    ledger_facts,
    recognize,
)
from parity_tui.transport.foreign import foreign
from parity_tui.transport.threads import in_thread
from parity_tui.transport.user_files import open_file

_EMPTY = "SQLite (empty: no database yet)"
_LIBRARY_NOTE = "belongs to parity-tui's own SQLite library: the app's may differ"
_LIBRARY_PRAGMAS = ("foreign_keys", "recursive_triggers", "case_sensitive_like", "synchronous", "trusted_schema")
_HEADER, _VACUUMS = 100, {"0": "none", "1": "full", "2": "incremental"}
_ENCODINGS = {1: "UTF-8", 2: "UTF-16le", 3: "UTF-16be"}


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield the function that reads the file; nothing stays open in between, so no app waits for a lock."""
    ledgers = _Ledgers(target.path, dialer.timeout)

    async def read() -> Reading:
        reading = parse(target.path, *await in_thread(_fetch, target.path, dialer.timeout))
        return await in_thread(ledgers.added_to, reading) if reading.version else reading

    yield read


def _fetch(path: str, timeout: float) -> tuple[bytes, dict[str, str], dict[str, str]]:
    """Return the file's header, values of its write-ahead log, and the settings of Python's library."""
    import sqlite3

    try:
        with open_file(path) as file:
            header = file.read(_HEADER)
        newer = _read_log(path, timeout) if os.path.exists(f"{path}-wal") else {}
    except FileNotFoundError as error:
        raise ServiceError(Reason.SERVER, f"no file {path}") from error
    except PermissionError as error:
        raise ServiceError(Reason.FORBIDDEN, f"the file {path} cannot be read: no permission") from error
    except (OSError, sqlite3.Error) as error:
        raise ServiceError(Reason.SERVER, f"the file {path} cannot be read: {foreign(error)}") from error
    return header, newer, _read_library()


def _read_log(path: str, timeout: float) -> dict[str, str]:
    """Return the values that may be newer in the write-ahead log than in the header."""
    import sqlite3

    with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=timeout)) as connection:
        names = ("user_version", "application_id", "encoding", "page_size", "auto_vacuum")
        values = {name: str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names}
    return {**values, "auto_vacuum": _VACUUMS.get(values["auto_vacuum"], values["auto_vacuum"])}


class _Ledgers:
    """The ledgers of migrations in one file, read again when it has changed."""

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._state: tuple[tuple[int, ...], ...] = ()
        self._facts: dict[str, Fact] = {}
        self._problem = ""

    def added_to(self, reading: Reading) -> Reading:
        """Return the reading with a fact for each ledger; with all hidden if the file cannot be read."""
        import sqlite3

        state = self._file_state()
        if state != self._state:
            try:
                self._facts, self._problem = _read_ledgers(self._path, self._timeout), ""
            except (OSError, sqlite3.Error) as error:
                self._facts, self._problem = {}, f"the tables cannot be read: {foreign(error)}"
            self._state = state if state == self._file_state() else ()
        facts = {**reading.facts, **self._facts}
        return replace(reading, facts=facts, hidden=(("migrations*", self._problem),) if self._problem else ())

    def _file_state(self) -> tuple[tuple[int, ...], ...]:
        stats = [os.stat(file) for file in (self._path, f"{self._path}-wal") if os.path.exists(file)]
        return tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats)


def _read_ledgers(path: str, timeout: float) -> dict[str, Fact]:
    """Return a fact for each ledger in a file. Raises sqlite3.Error."""
    import sqlite3

    end = time.monotonic() + timeout / 2
    mode = "mode=ro" if os.path.exists(f"{path}-wal") else "immutable=1"
    with closing(sqlite3.connect(f"file:{quote(path)}?{mode}", uri=True, timeout=timeout / 2)) as connection:
        connection.text_factory = lambda text: text.decode(errors="surrogateescape")
        connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
        connection.execute("PRAGMA trusted_schema = OFF")
        columns: dict[str, list[str]] = {}
        for table, column in connection.execute(_CANDIDATES, TABLES):
            columns.setdefault(table, []).append(column)
        tables = recognize(Candidate("", table, tuple(names)) for table, names in columns.items())
        rows = {
            number: [LedgerRow(*map(_text, row)) for row in connection.execute(_select(table))]
            for number, table in enumerate(tables)
        }
    return ledger_facts(tables, rows)


# Virtual tables have no root page; they would run code of their module.
_CANDIDATES = f"""
SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.rootpage > 0 AND m.name IN ({", ".join("?" * len(TABLES))}) LIMIT 2000"""  # noqa: S608


def _select(table: LedgerTable) -> str:
    lists = (table.id, table.state, *((column,) if column else () for column in (table.at, table.by, table.checksum)))
    fields = ", ".join(map(_joined, lists))
    ordered = f" ORDER BY {', '.join(f'{_name(column)} DESC' for column in table.order)}" if table.order else ""
    return f"SELECT {fields} FROM {_name(table.table)}{ordered} LIMIT {CAP + 1}"  # noqa: S608


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _joined(columns: Sequence[str]) -> str:
    """Return an expression for the texts of columns; of a blob the first bytes in hexadecimal."""
    texts = (
        f"CASE typeof({name}) WHEN 'blob' THEN hex(substr({name}, 1, 64)) ELSE substr(ifnull({name}, ''), 1, 255) END"
        for name in map(_name, columns)
    )
    return f" || char({ord(SEPARATOR)}) || ".join(texts) or "''"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _read_library() -> dict[str, str]:
    """Return version, compile options and connection defaults of Python's SQLite library."""
    import sqlite3

    with closing(sqlite3.connect(":memory:")) as connection:
        facts = {"library.version": sqlite3.sqlite_version}
        for (option,) in connection.execute("PRAGMA compile_options"):
            name, _, value = option.partition("=")
            facts[f"library.option.{name}"] = value or "on"
        for name in _LIBRARY_PRAGMAS:
            if (row := connection.execute(f"PRAGMA {name}").fetchone()) is not None:
                facts[f"library.{name}"] = str(row[0])
    return facts


def parse(path: str, header: bytes, newer: dict[str, str], library: dict[str, str]) -> Reading:
    """Return the reading of a file's first 100 bytes; ``newer`` are values of its write-ahead log.

    >>> header = b"SQLite format 3" + bytes.fromhex("00100002024020200000000c") + bytes(73)
    >>> reading = parse("app.db", header, {}, {"library.version": "3.40.1"})
    >>> reading.version, reading.facts["page_size"].raw, reading.facts["journal_mode"].raw
    ('3.40.1', '4096', 'wal')
    """
    if header and not (header.startswith(b"SQLite format 3\0") and len(header) == _HEADER):
        raise ServiceError(Reason.WRONG_SERVICE, f"the file {path} is not a SQLite database")
    if not (header or newer):
        return Reading(_EMPTY, "", {}, address=path)
    facts = {name: Fact(value, note=_LIBRARY_NOTE) for name, value in library.items()}
    facts |= {name: Fact(value) for name, value in {**_persistent(header), **newer}.items()}
    if newer and not _number(header, 44, 4):
        facts["schema_format"] = Fact(state=State.UNKNOWN, note="it is still in the write-ahead log")
    writer = _number(header, 96, 4)
    version = f"{writer // 1_000_000}.{writer // 1000 % 1000}.{writer % 1000}" if writer else library["library.version"]
    note = "the version is that of the library that wrote the file last" if writer else f"the version {_LIBRARY_NOTE}"
    return Reading("SQLite", version, facts, notes=(note,), address=path)


def _persistent(header: bytes) -> dict[str, str]:
    """Return the settings in the header, {} for an empty file."""
    if not header:
        return {}
    page_size = _number(header, 16, 2)
    vacuum = ("incremental" if _number(header, 64, 4) else "full") if _number(header, 52, 4) else "none"
    return {
        "page_size": str(65536 if page_size == 1 else page_size),
        "journal_mode": "wal" if header[18] == 2 else "rollback journal",
        "auto_vacuum": vacuum,
        "encoding": _ENCODINGS.get(_number(header, 56, 4), "not set yet"),
        "user_version": str(_number(header, 60, 4)),
        "application_id": str(_number(header, 68, 4)),
        "schema_format": str(_number(header, 44, 4)),
    }


def _number(header: bytes, offset: int, size: int) -> int:
    """Return a big-endian number of the header, 0 for an empty file."""
    return int.from_bytes(header[offset : offset + size], "big")


_C, _W, _BOOL, _ENUM = Severity.CRITICAL, Severity.WARNING, ValueType.BOOL, ValueType.ENUM
_OF_URL = (
    ("foreign_keys", "_foreign_keys _fk", _C, "When off, foreign keys are not checked.", _BOOL),
    ("case_sensitive_like", "_case_sensitive_like _cslike", _C, "LIKE finds different rows.", _BOOL),
    ("ignore_check_constraints", "_ignore_check_constraints", _C, "When on, CHECK is not checked.", _BOOL),
    ("query_only", "_query_only", _C, "Writes fail.", _BOOL),
    ("mode", "", _C, "Writes fail, or a missing file is created.", _ENUM),
    ("pragma", "_pragma", _C, "Sets foreign_keys and the like in each session, or a key.", ValueType.SECRET),
    ("journal_mode", "_journal_mode _journal", _W, "Readers wait for the writer, or do not.", _ENUM),
    ("synchronous", "_synchronous _sync", _W, "A crash may lose commits.", _ENUM),
    ("busy_timeout", "_busy_timeout _timeout timeout", _W, "A locked database fails sooner or later.", None),
    ("recursive_triggers", "_recursive_triggers _rt", _W, "Triggers fire further triggers.", _BOOL),
    ("defer_foreign_keys", "_defer_foreign_keys _defer_fk", _W, "Foreign keys are checked at the end.", _BOOL),
    ("transaction_mode", "_txlock", _W, "Transactions lock at their begin, or later.", _ENUM),
)
"""what an app's URL sets in each session, and its keys in further client libraries"""

RULES = (
    Rule("version", Severity.CRITICAL, "UPSERT, RETURNING, STRICT tables and JSON functions need a recent version."),
    Rule("journal_mode", Severity.WARNING, "With WAL readers do not wait for the writer; without it they do."),
    Rule("encoding", Severity.WARNING, "Text is stored in a different encoding; it cannot be changed later."),
    Rule("page_size", Severity.INFO, "Limits and speed depend on it.", type=ValueType.SIZE),
    Rule("auto_vacuum", Severity.INFO, "The file shrinks after deletes on one side only."),
    RULE,
    Rule("user_version", Severity.WARNING, "Most apps store their migration number here: the schema differs."),
    Rule("application_id", Severity.INFO, "Identifies the application that owns the file."),
    Rule("schema_format", Severity.INFO, "Old formats lack descending indexes and boolean values."),
    *(
        Rule(f"url.{name}", severity, why, type_, aliases=tuple(f"url.{key}" for key in keys.split()), explained_by="")
        for name, keys, severity, why, type_ in _OF_URL
    ),
    Rule("library.*", Severity.IGNORED, _LIBRARY_NOTE),
)


def remediate(setting: str, wanted: str, fact: Fact) -> str:
    """Return the pragma that sets the value, "" where no pragma does."""
    match setting:
        case "journal_mode":
            return f"PRAGMA journal_mode = {'WAL' if wanted == 'wal' else 'DELETE'};"
        case "user_version" | "application_id":
            return f"PRAGMA {setting} = {wanted};"
        case "page_size" | "auto_vacuum":
            return f"PRAGMA {setting} = {wanted};  -- then VACUUM"
    return ""


SERVICE = Service(
    title="SQLite",
    schemes=("sqlite",),
    scheme_aliases={"sqlite3": "sqlite"},
    drivers=("aiosqlite", "pysqlite", "pysqlcipher"),
    session_options=tuple(key for name, keys, *_ in _OF_URL for key in (name, *keys.split())),
    ignored_options=("cache", "check_same_thread", "connection_limit", "pool", "serverVersion"),
    connect=connect,
    privilege="to read the file",
    rules=RULES,
    release=2,
    role="database",
    remediate=remediate,
)

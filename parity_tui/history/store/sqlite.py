"""A history in an SQLite file: several boards and watchers write to it, one transaction each.

Write-ahead logging, with a sync for each transaction: a power failure costs nothing that was committed. Network file
systems share no memory between hosts, as the log needs: there, and where it is refused, SQLite's rollback journal.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from parity_tui.history.faults import Fault, StoreError
from parity_tui.history.store import schema
from parity_tui.history.store.database import Value
from parity_tui.history.store.mounts import is_network_mount

BUSY = 2.0
"""seconds to wait for the transaction of another process"""
BUSY_READER = 0.5
"""the same for a command that only reads: it waits only for a program that locks the whole file"""

_PAUSE = 0.01
_DAMAGED = {
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_SCHEMA,
}  # fmt: skip
"""with the errors of a table or a row that is not as it was created"""
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_COMPANIONS = ("-wal", "-shm", "-journal")
"""suffixes of the files that SQLite keeps beside a database"""
_PROBE = b"\0" * 65_536


class SQLiteDatabase:
    """One connection to a file."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.name = str(path)
        self._path = path
        self._connection = connection
        self._identity = identity(path)

    def query(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a SELECT."""
        with _described(self._path):
            return self._connection.execute(sql, values).fetchall()

    def execute(self, sql: str, rows: Iterable[Sequence[Value]] = ((),)) -> None:
        """Run one statement for each row of values."""
        with _described(self._path):
            self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the only lock for writing; commit at the end, undo after an exception."""
        with _described(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite itself undoes it after some errors
                    self._connection.execute("ROLLBACK")
                raise

    def is_new(self) -> bool:
        """Return whether it has no tables yet."""
        with _described(self._path):
            return _is_empty(self._connection, self._path)

    def is_current(self) -> bool:
        """Return whether the path still leads to this file: it may have been removed or set aside."""
        return identity(self._path) == self._identity

    def close(self) -> None:
        """Close the connection."""
        with suppress(sqlite3.Error):
            self._connection.close()


def open_file(path: Path) -> SQLiteDatabase:
    """Open a file for writing, create it if need be. Raises StoreError."""
    with _described(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path)
        connection = _connect(path, "mode=rw", BUSY)
        try:
            _is_empty(connection, path)  # raises for a newer version, before anything is written
            _set_journal(connection, path)
        except BaseException:
            connection.close()
            raise
    return SQLiteDatabase(path, connection)


def open_for_reading(path: Path) -> SQLiteDatabase | None:
    """Open a file without writing to it, None if it is missing or has no tables yet. Raises StoreError."""
    with _described(path):
        try:
            _check_regular(path, os.R_OK)
        except FileNotFoundError:
            return None
        writable = _is_allowed(path.parent, os.W_OK)
        # The log cannot be shared without write access to the folder: read the file alone.
        connection = _connect(path, "mode=ro" if writable or _size(f"{path}-wal") else "immutable=1", BUSY_READER)
        try:
            empty = _is_empty(connection, path)
        except BaseException:
            connection.close()
            raise
    if empty:
        connection.close()
        return None
    return SQLiteDatabase(path, connection)


def set_aside(path: Path) -> Path:
    """Rename a damaged file and its companions; return the new path. Raises StoreError."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    with _described(path):
        for suffix in ("", *_COMPANIONS):
            with suppress(FileNotFoundError):  # another board has renamed it
                os.rename(f"{path}{suffix}", f"{aside}{suffix}")
    return aside


def _connect(path: Path, parameters: str, busy: float) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(path))}?{parameters}"
    connection = sqlite3.connect(uri, uri=True, timeout=busy, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _is_empty(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether there are no tables; raise StoreError for those of a newer version or of another program."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names:
        return True
    if "meta" not in names:
        raise StoreError(Fault.DAMAGED, f"{path} is no history")
    numbers = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchall()
    if not numbers or not str(numbers[0][0]).isdecimal():
        raise StoreError(Fault.DAMAGED, f"{path} has no schema number")
    schema.check(int(numbers[0][0]), str(path))
    return False


def _set_journal(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_size_limit = 4194304")
    if is_network_mount(path):
        connection.execute("PRAGMA journal_mode = DELETE")
        return
    deadline = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")  # answers with the old mode where it cannot
        except sqlite3.OperationalError as error:
            if _code(error) in _LOCKED and time.monotonic() < deadline:  # SQLite itself does not wait here
                time.sleep(_PAUSE)
                continue
            if _code(error) in _LOCKED | _DAMAGED:
                raise
            connection.execute("PRAGMA journal_mode = DELETE")
        return


@contextmanager
def _described(path: Path) -> Iterator[None]:
    """Raise errors of the system and of SQLite as StoreError, in words."""
    try:
        yield
    except OSError as error:
        raise StoreError(Fault.UNAVAILABLE, _os_words(error, path)) from None
    except (UnicodeDecodeError, OverflowError):
        raise StoreError(Fault.DAMAGED, f"{path} is damaged") from None
    except sqlite3.Error as error:
        code = _code(error)
        if code in _DAMAGED or str(error).startswith("Could not decode"):
            raise StoreError(Fault.DAMAGED, f"{path} is damaged") from None
        if code in _LOCKED:
            raise StoreError(Fault.UNAVAILABLE, f"another program holds a lock on {path}") from None
        raise StoreError(Fault.UNAVAILABLE, _reason(error, path)) from None


def _code(error: sqlite3.Error) -> int:
    """Return the primary code of an error, -1 for one of the module itself."""
    return int(getattr(error, "sqlite_errorcode", -1)) & 0xFF


def _reason(error: sqlite3.Error, path: Path) -> str:
    """Return the error of the system that SQLite hides, which another file beside it, of its size, meets as well."""
    probe = path.with_name(f"{path.name}.probe")
    try:
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            size = max(_size(f"{path}{suffix}") for suffix in ("", *_COMPANIONS))
            written = os.pwrite(descriptor, _PROBE, size)
            if written < len(_PROBE):  # the next attempt has the reason
                os.pwrite(descriptor, _PROBE, size + written)
        finally:
            os.close(descriptor)
            os.unlink(probe)
    except OSError as reason:
        return _os_words(reason, path)
    return f"{error}: {path}"


def _os_words(error: OSError, path: Path) -> str:
    return f"{(error.strerror or str(error)).lower()}: {path}"


def identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the file at a path, None without a file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _create(path: Path) -> None:
    """Create a file that only its owner may read, unless it exists. Raises OSError."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        _check_regular(path, os.R_OK | os.W_OK)


def _check_regular(path: Path, mode: int) -> None:
    """Refuse links, pipes and folders in place of a file, without opening it: its end would release SQLite's locks."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise OSError(errno.EINVAL, "not a file", str(path))
    if not _is_allowed(path, mode):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _is_allowed(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)

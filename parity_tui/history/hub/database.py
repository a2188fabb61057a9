"""The database of the hub as a store uses it: by one thread, with an event loop of its own.

A lost connection is made again at the next use, so that the store goes on where it was; until then each use fails at
once, but for one attempt after a growing delay.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from parity_tui.history.faults import Fault, StoreError
from parity_tui.history.hub.connection import CHANNEL, CREATE, LOGIN_PAUSE, SCHEMA_NAME, LoginError, connect, described
from parity_tui.history.store import schema
from parity_tui.history.store.database import Value
from parity_tui.model import Target
from parity_tui.transport.event_loop import EventLoop

if TYPE_CHECKING:
    from asyncpg import Connection

T = TypeVar("T")

TIMEOUT = 10.0
"""seconds for one statement"""
FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0
"""seconds between two attempts to connect"""
_SETTINGS = {
    "statement_timeout": "8s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",  # a stopped process must not keep the lock of all others
}
_IDENTITY = f"SELECT pg_catalog.to_regclass('{SCHEMA_NAME}.meta')::pg_catalog.oid::pg_catalog.int8"


class PostgresDatabase:
    """One connection, made again when it is lost."""

    def __init__(self, target: Target) -> None:
        self.name = f"the hub {target.address}"
        self._target = target
        self._loop = EventLoop()
        self._connection: Connection[Any] | None = None
        self._identity: int | None = None
        """of the table meta when it was first seen"""
        self._is_other = False
        self._in_transaction = False
        self._next_try = 0.0
        self._delay = FIRST_DELAY
        self._problem = StoreError(Fault.UNAVAILABLE, f"{self.name} is down")

    def query(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a SELECT."""
        return [tuple(row) for row in self._run(lambda connection: connection.fetch(numbered(sql), *values))]

    def execute(self, sql: str, rows: Iterable[Sequence[Value]] = ((),)) -> None:
        """Run one statement for each row of values."""
        every = [tuple(map(_storable, row)) for row in rows]
        if every == [()]:
            self._run(lambda connection: connection.execute(sql))
        elif every:
            self._run(lambda connection: connection.executemany(numbered(sql), every))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock for writing, which readers do not notice; commit and notify at the end."""
        self.execute("BEGIN")
        self._in_transaction = True
        try:
            self.execute("LOCK TABLE meta IN EXCLUSIVE MODE")
            yield
            self.query("SELECT pg_catalog.pg_notify(?, '')", (CHANNEL,))
            self.execute("COMMIT")
        except BaseException:
            if self._connection is not None:
                with suppress(StoreError):
                    self.execute("ROLLBACK")
            raise
        finally:
            self._in_transaction = False

    def is_new(self) -> bool:
        """Return whether it has no tables yet; raise StoreError for those of a newer version."""
        if self.query(_IDENTITY) == [(None,)]:
            return True
        number = schema.note(self, "schema")
        if not number.isdecimal():
            raise StoreError(Fault.DAMAGED, f"{self.name} has no schema number: {CREATE} makes a history")
        schema.check(int(number), f"the history of {self.name}")
        return False

    def is_current(self) -> bool:
        """Return whether it has the tables that it had at first; an unreachable one may have them."""
        return not self._is_other

    def close(self) -> None:
        """Close the connection, and wait a moment at most."""
        connection, self._connection = self._connection, None
        if self._loop.is_closed():
            return
        if connection is not None:
            with suppress(Exception):
                self._loop.run_until_complete(connection.close(timeout=1.0))
        self._loop.close()

    def _connected(self) -> Connection[Any]:
        if self._connection is not None:
            return self._connection
        if self._in_transaction or time.monotonic() < self._next_try:
            raise self._problem.with_traceback(None)
        try:
            self._connection = self._loop.run_until_complete(connect(self._target, _SETTINGS))
            identity = self._wait(self._connection.fetchval(_IDENTITY))
        except StoreError as error:
            self._problem = error
            pause = LOGIN_PAUSE if isinstance(error, LoginError) else self._delay
            self._next_try = time.monotonic() + pause
            self._delay = min(2 * self._delay, LONGEST_DELAY)
            raise
        self._delay = FIRST_DELAY
        self._identity = self._identity or identity
        self._is_other = identity != self._identity
        return self._connection

    def _run(self, step: Callable[[Connection[Any]], Coroutine[Any, Any, T]]) -> T:
        """Run one step; outside a transaction once more, where an old connection turns out to be lost."""
        is_old = self._connection is not None and not self._in_transaction
        connection = self._connected()
        try:
            return self._wait(step(connection))
        except _LostError:
            if not is_old:
                raise
        return self._wait(step(self._connected()))

    def _wait(self, step: Coroutine[Any, Any, T]) -> T:
        """Wait for one step; its error ends the connection, unless the server has reported it."""
        try:
            return self._loop.run_until_complete(asyncio.wait_for(step, TIMEOUT))
        except Exception as error:
            problem = described(error, self._target)
            if self._connection is None or not (isinstance(error, OSError) or self._connection.is_closed()):
                raise problem from None
            self._connection.terminate()
            self._connection = None
            self._problem = problem
            raise (problem if isinstance(error, TimeoutError) else _LostError(problem.fault, str(problem))) from None


class _LostError(StoreError):
    """The connection is lost; another one may succeed."""


def _storable(value: Value) -> Value:
    """Return a value as PostgreSQL can store it: texts without null characters and surrogates."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return value


@cache
def numbered(sql: str) -> str:
    """Return a statement with PostgreSQL's parameters.

    >>> numbered("SELECT 1 FROM event WHERE at >= ? AND kind = ?")
    'SELECT 1 FROM event WHERE at >= $1 AND kind = $2'
    """
    count = iter(range(1, 100))
    return re.sub(r"\?", lambda match: f"${next(count)}", sql)


def open_hub(target: Target) -> PostgresDatabase:
    """Open the database of a hub. Raises StoreError, also where it has no history yet."""
    database = PostgresDatabase(target)
    try:
        if database.is_new():
            raise StoreError(Fault.UNAVAILABLE, f"{database.name} has no history yet: {CREATE} makes it")
    except BaseException:
        database.close()
        raise
    return database

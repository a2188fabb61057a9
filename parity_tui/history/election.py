"""Elects one of the watchers of a configuration: only the leader asks the servers, the others wait to replace it.

    async with Election(config.files, hub=config.hub, targets=config.targets, every=config.interval) as election:
        while True:
            await election.leading.wait()
            ...  # ask the servers until election.following is set

The lock ends with its process, so that another one leads within two intervals. On a hub it is an advisory lock of
PostgreSQL, else a lock on a file beside the history. A leader goes on while its hub is away, and stops only once
another one leads; a watcher that starts meanwhile leads as well, for to miss events would be worse.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import math
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from parity_tui.history.faults import StoreError
from parity_tui.history.path import history_path
from parity_tui.model import Target

if TYPE_CHECKING:
    from asyncpg import Connection

_LOCKS = 0x70617269
"""first number of our advisory locks"""
_LEAST_IDLE = 2.0
"""seconds"""


class _Lock(Protocol):
    async def acquire(self, *, leads: bool) -> bool:
        """Return whether this process has the lock; ``leads``: it had it so far. Raises StoreError, OSError."""
        ...

    async def release(self) -> None:
        """Give it back; raises nothing."""
        ...


class Election:
    """One candidate; it takes part as long as its block runs."""

    def __init__(
        self, files: Sequence[Path], *, hub: Target | None = None, targets: Iterable[Target] = (), every: float = 5.0
    ) -> None:
        """Create a candidate.

        Args:
            files: of the configuration: with ``targets`` they say which watchers are of one configuration.
            hub: the database of the shared history, None for a history in a file.
            targets: all targets of the configuration.
            every: seconds between two readings of a target.
        """
        self.leading = asyncio.Event()
        """set while this process is to ask the servers"""
        self.following = asyncio.Event()
        """set while another one does"""
        self.problem = ""
        """why nothing is known of the others, in words; "" while all is well"""
        self._beat = max(every / 2, 0.1)
        self._lock: _Lock = _HubLock(hub, number_of(targets), every) if hub else _FileLock(files)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Election:
        """Take part; either event is set afterwards."""
        await self._elect()
        self._task = asyncio.create_task(self._run(), name="election")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Step down: another one leads from now on."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._lock.release()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._beat)
            await self._elect()

    async def _elect(self) -> None:
        """Take the lock if it is free; without any answer everything stays as it is, and the first one leads."""
        try:
            leads = await self._lock.acquire(leads=self.leading.is_set())
            self.problem = ""
        except StoreError as error:
            leads, self.problem = not self.following.is_set(), str(error)
        except OSError as error:
            leads, self.problem = not self.following.is_set(), (error.strerror or str(error)).lower()
        (self.following if leads else self.leading).clear()
        (self.leading if leads else self.following).set()


class _FileLock:
    """A lock on a file beside the history."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._descriptor: int | None = None

    async def acquire(self, *, leads: bool) -> bool:
        if self._descriptor is not None:
            return True
        path = history_path(self._files).with_suffix(".lock")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    async def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class _HubLock:
    """An advisory lock of PostgreSQL, which ends with its connection.

    The server ends a connection that is silent for longer than an interval, that of a stopped host for instance.
    """

    def __init__(self, hub: Target, number: int, every: float) -> None:
        self._hub = hub
        self._number = number
        self._timeout = max(every / 2, 1.0)
        self._idle = max(every, _LEAST_IDLE)
        self._connection: Connection[Any] | None = None
        self._holds = False
        self._every = every
        self._refused: StoreError | None = None
        self._next_login = 0.0
        self._precedence = 0.0
        """until then, the leader of the time before the hub was away takes its lock again: it has events to write"""

    async def acquire(self, *, leads: bool) -> bool:
        from parity_tui.history.hub.connection import LOGIN_PAUSE, LoginError, described

        if self._refused is not None and time.monotonic() < self._next_login:
            raise self._refused.with_traceback(None)
        try:
            async with asyncio.timeout(self._timeout if self._connection else None):
                connection = self._connection = self._connection or await self._connect()
                if self._precedence == math.inf:
                    self._precedence = time.monotonic() + self._every
                if self._holds or (not leads and time.monotonic() < self._precedence):
                    await connection.execute("SELECT 1")
                else:
                    statement = "SELECT pg_catalog.pg_try_advisory_lock($1, $2)"
                    self._holds = bool(await connection.fetchval(statement, _LOCKS, self._number))
        except Exception as error:
            self._drop()
            self._precedence = math.inf
            problem = described(error, self._hub)
            self._refused = problem if isinstance(problem, LoginError) else None
            self._next_login = time.monotonic() + LOGIN_PAUSE
            raise problem from None
        return self._holds

    async def _connect(self) -> Connection[Any]:
        from parity_tui.history.hub.connection import connect

        connection = await connect(self._hub)
        if connection.get_server_version().major >= 14:  # where it is missing, keepalive alone finds a lost host
            await connection.execute(f"SET idle_session_timeout = {int(self._idle * 1000)}")
        return connection

    async def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                await connection.close(timeout=self._timeout)

    def _drop(self) -> None:
        connection, self._connection, self._holds = self._connection, None, False
        if connection is not None:
            connection.terminate()


def number_of(targets: Iterable[Target]) -> int:
    """Return a number of 31 bits for a configuration: the same on every host, whatever its file is called.

    >>> number_of([]) == number_of([]), number_of([]) == number_of([Target("dev", "cache", "redis", host="a")])
    (True, False)
    """
    names = sorted("\0".join((each.environment, each.service, each.kind, each.address, each.path)) for each in targets)
    return int.from_bytes(hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).digest()[:4], "big") >> 1

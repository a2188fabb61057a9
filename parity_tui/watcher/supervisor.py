"""Keeps one target read: one session after the other, deadlines, back-off.

A session that misses its deadline is cancelled and not waited for, so that a driver which ignores cancellation
delays nothing but itself.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from typing import Protocol

from parity_tui.drift.board import target_key
from parity_tui.model import Failure, Outcome, Reading, ReadOnce, Reason, Service, Target
from parity_tui.services import redact_reading
from parity_tui.transport.dialer import NetworkDialer, describe
from parity_tui.transport.ssh import SSHConnections

_NO_AUTOMATIC_RETRY = frozenset({Reason.AUTH, Reason.SECRET, Reason.CONFIG})
"""a rejected password that is tried again locks accounts"""

_FIRST_DELAY, _LONGEST_DELAY = 1.0, 30.0
"""seconds"""

SessionEnd = asyncio.Future[BaseException | None]
"""resolved when a session ends or misses its deadline: the error, None for a planned end"""


class WatchContext(Protocol):
    """The watcher as its supervisors see it; `timeout`, `interval` and `paused` may change at any moment."""

    interval: float
    timeout: float
    once: bool
    paused: bool
    kinds: Mapping[str, Service]
    dialer_factory: Callable[[Target, float, SSHConnections], NetworkDialer]
    wait_until_available: Callable[[Target], Awaitable[None]] | None
    ssh_connections: SSHConnections
    connect_slots: asyncio.Semaphore

    def record(self, outcome: Outcome) -> None:
        """Take the latest outcome of a target."""


class Supervisor:
    """Keeps one target read until it is stopped, whatever happens to its connections."""

    def __init__(self, context: WatchContext, target: Target) -> None:
        self._context = context
        self._target = target
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._attempt_started = 0.0
        self._session_has_read = False
        self._connection_count = 0

    def start(self) -> None:
        """Start reading, in a task of its own."""
        self._task = asyncio.create_task(self._supervise(), name=" ".join(target_key(self._target)).strip())

    def stop(self) -> list[asyncio.Task[None]]:
        """Cancel everything; return the tasks that have not ended yet."""
        tasks = [task for task in (self._task, *self._sessions) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        return tasks

    def refresh(self) -> None:
        """Read now, whatever the pause between two readings or attempts."""
        self._wake.set()

    async def _supervise(self) -> None:
        if self._target.problem is not None:
            self._context.record(Outcome(self._target, failure=self._target.problem))
            return
        if self._context.wait_until_available:
            await self._context.wait_until_available(self._target)
        failures = 0
        while True:
            self._session_has_read = False
            error = await self._run_session()
            if error is None:
                return
            failure = describe(error, self._target, self._context.timeout)
            if self._session_has_read:
                failures = 0
                if failure.reason == Reason.CLOSED:  # servers drop idle connections: reconnect, no failure to report
                    continue
            self._context.record(Outcome(self._target, None, failure, self._elapsed()))
            if self._context.once:
                return
            failures += 1
            await self._back_off(failure, failures)

    async def _run_session(self) -> BaseException | None:
        ended: SessionEnd = asyncio.get_running_loop().create_future()
        session = asyncio.create_task(self._session(ended))
        self._sessions.add(session)
        session.add_done_callback(partial(self._session_done, ended))
        return await ended

    def _session_done(self, ended: SessionEnd, session: asyncio.Task[None]) -> None:
        self._sessions.discard(session)
        error = ConnectionResetError() if session.cancelled() else session.exception()
        if not ended.done():  # else its deadline came first
            ended.set_result(error)

    async def _session(self, ended: SessionEnd) -> None:
        """Connect, then read until something breaks."""
        context, target = self._context, self._target
        service = context.kinds[target.kind]
        dialer = context.dialer_factory(target, context.timeout, context.ssh_connections)
        with self._deadline(ended, dialer):
            await dialer.open_tunnel()
        async with AsyncExitStack() as stack:
            async with context.connect_slots:
                with self._deadline(ended, dialer):
                    read = await stack.enter_async_context(service.connect(target, dialer))
                    reading = await _read(read, dialer, service)
            self._connection_count += 1
            while not ended.done():  # a driver that ignores cancellation comes back here after its deadline
                self._session_has_read = True
                context.record(Outcome(target, reading, None, self._elapsed(), time.time(), self._connection_count))
                if context.once:
                    return
                await self._sleep(context.interval * random.uniform(0.95, 1.05))  # noqa: S311 - no secret
                with self._deadline(ended, dialer):
                    reading = await _read(read, dialer, service)

    @contextmanager
    def _deadline(self, ended: SessionEnd, dialer: NetworkDialer) -> Iterator[None]:
        """End the session when the block takes longer than the timeout."""
        session = asyncio.current_task()
        self._attempt_started = time.monotonic()

        def expire() -> None:
            if not ended.done():
                ended.set_result(dialer.timeout_error())
            if session is not None:
                session.cancel()

        handle = asyncio.get_running_loop().call_later(self._context.timeout, expire)
        try:
            yield
        finally:
            handle.cancel()

    def _elapsed(self) -> float:
        """Milliseconds since the latest attempt started."""
        return round((time.monotonic() - self._attempt_started) * 1000, 1)

    async def _back_off(self, failure: Failure, failures: int) -> None:
        if failure.reason in _NO_AUTOMATIC_RETRY:
            await self._sleep(None)
            return
        delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(failures - 1, 10))
        await self._sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    async def _sleep(self, seconds: float | None) -> None:
        """Wait for the time, or for a refresh; for a refresh only where `seconds` is None or the watcher is paused."""
        self._wake.clear()
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
                    return
            except TimeoutError:
                if not self._context.paused:
                    return
                seconds = None


async def _read(read: ReadOnce, dialer: NetworkDialer, service: Service) -> Reading:
    return redact_reading(dialer.with_connection_facts(await read()), service)

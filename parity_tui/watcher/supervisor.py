"""Keeps one target read: one session after the other, deadlines, back-off.

A session that misses its deadline is cancelled and not waited for, so that a driver which ignores cancellation
delays nothing but itself.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager, nullcontext, suppress
from functools import partial
from typing import Protocol

from msgspec.structs import replace

from parity_tui.model import RETRY_HINT, Failure, Outcome, Reading, Reason, Service, Target, target_key
from parity_tui.secrets import secrets_of
from parity_tui.transport.dialer import HangUpError, NetworkDialer, describe
from parity_tui.transport.errors import own_trouble
from parity_tui.transport.routes import Routes
from parity_tui.watcher.instances import Instances
from parity_tui.watcher.link import Link, leave
from parity_tui.watcher.turns import seconds_until_turn

_NO_AUTOMATIC_RETRY = frozenset({Reason.AUTH, Reason.SECRET, Reason.CONFIG, Reason.TLS, Reason.DRIVER})
"""only a person can mend these; a server that counts failed logins locks out the account or the whole host"""

_OF_ROUTE = frozenset({Reason.TUNNEL, Reason.REFUSED, Reason.DNS})
"""the route may be the cause, and know when it is over"""

_FIRST_DELAY, _LONGEST_DELAY = 1.0, 30.0
"""seconds"""

_IDLE = 10.0
"""seconds between two readings from which no connection is kept: it would hold up DROP DATABASE and shutdowns"""

_RELEASE = 0.25
"""seconds in which a server makes room for another connection after one has left"""

_GRACE = 0.5
"""seconds from the beginning of a login or a reading for which its end is waited for when the watcher stops"""

SessionEnd = asyncio.Future[BaseException | None]
"""resolved when a session ends or misses its deadline: the error, None for a planned end"""


class WatchContext(Protocol):
    """The watcher as its supervisors see it; `timeout`, `interval` and `paused` may change at any moment."""

    interval: float
    renewal: float
    timeout: float
    once: bool
    paused: bool
    kinds: Mapping[str, Service]
    dialer_factory: Callable[[Target, float, Routes], NetworkDialer]
    wait_until_available: Callable[[Target], Awaitable[None]] | None
    routes: Routes
    connect_slots: asyncio.Semaphore

    def record(self, outcome: Outcome) -> None:
        """Take the latest outcome of a target."""


class Supervisor:
    """Keeps one target read until it is stopped, whatever happens to its connections."""

    def __init__(self, context: WatchContext, target: Target, turn: float = 0.0) -> None:
        self._context, self._target, self._turn = context, target, turn
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._attempt_started = 0.0
        self._session_has_read = False
        self._connecting = False
        self._dialer: NetworkDialer | None = None
        """of the latest attempt"""
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._instances = Instances()
        self._peers: dict[str, str] = {}
        """name -> the address that it led to; kept for as long as the name has it"""
        self._names_are_old = False

    def start(self) -> None:
        """Start reading, in a task of its own."""
        self._task = asyncio.create_task(self._supervise(), name=" ".join(target_key(self._target)).strip())

    def stop(self) -> list[asyncio.Task[None]]:
        """Cancel everything; return the tasks that have not ended yet."""
        tasks = [task for task in (self._task, *self._sessions) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        return tasks

    async def leave(self) -> list[asyncio.Task[None]]:
        """Stop once a login or a reading in progress is over: servers log and count those that are broken off."""
        left = self._attempt_started + _GRACE - time.monotonic()
        if self._dialer is not None and self._dialer.connected and left > 0:  # one that takes longer hangs
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._quiet.wait()
        return self.stop()

    def refresh(self) -> None:
        """Look names up again and read now, whatever the pause between two readings or attempts."""
        self._names_are_old = True
        self._wake.set()

    async def _supervise(self) -> None:
        with secrets_of(self._target.environment):
            await self._read_until_stopped()

    async def _read_until_stopped(self) -> None:
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
            if self._connecting and self._dialer is not None:
                error = self._dialer.cause(error)
            failure = describe(error, self._target, self._context.timeout)
            if self._dialer is not None:
                failure = self._dialer.explained(failure)
            if self._session_has_read:
                failures = 0
                if failure.reason is Reason.CLOSED and not self._connecting:
                    continue  # servers drop idle connections: reconnect, no failure to report
                if failure.reason is Reason.SERVER and self._connecting:
                    await asyncio.sleep(_RELEASE)  # perhaps it has room for one connection only
                    continue
            waits = self._waits_for_refresh(error, failure)
            if waits and not self._context.once:
                failure = replace(failure, message=failure.message + RETRY_HINT)
            self._context.record(Outcome(self._target, None, failure, self._elapsed()))
            if self._context.once:
                return
            failures += 1
            with self._woken_by_route(failure):
                await self._back_off(waits, failures)

    def _woken_by_route(self, failure: Failure) -> AbstractContextManager[None]:
        """Wake as soon as the route is up, or leads to the target again, where that is the cause of a failure."""
        if failure.reason not in _OF_ROUTE or self._dialer is None:
            return nullcontext()
        return self._dialer.until_route_is_up(self._route_is_up)

    def _route_is_up(self) -> None:
        if not self._context.paused:
            self._wake.set()

    def _waits_for_refresh(self, error: BaseException, failure: Failure) -> bool:
        if failure.reason in (Reason.TLS, Reason.DRIVER):
            passing = isinstance(error, HangUpError | ssl.SSLEOFError) or not self._connecting or own_trouble(error)
            return failure.reason in _NO_AUTOMATIC_RETRY and not passing
        return failure.reason in _NO_AUTOMATIC_RETRY

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
        """Connect, then read until something breaks; connect again whenever the connection is old, or not kept."""
        context, links = self._context, list[Link]()
        try:
            while True:
                with self._exchange():
                    if links and await self._is_current(links[0]):
                        with self._deadline(ended, links[0].dialer):
                            reading = await links[0].read(context.kinds[self._target.kind])
                    else:
                        reading = await self._renew(ended, links)
                if ended.done():  # a driver that ignores cancellation comes back here after its deadline
                    return
                self._session_has_read = True
                context.record(self._success(reading))
                if context.once:
                    return
                if context.interval >= _IDLE:
                    await leave(links)
                await self._sleep(seconds_until_turn(context.interval, self._turn, time.monotonic()), links)
        finally:
            await leave(links)

    def _success(self, reading: Reading) -> Outcome:
        return Outcome(
            self._target, reading, None, self._elapsed(), time.time(), self._instances.connections,
            peers=tuple(self._peers.items()),
        )  # fmt: skip

    async def _is_current(self, link: Link) -> bool:
        """Return whether a connection is young, and its address still has its name after a refresh."""
        refreshed, self._names_are_old = self._names_are_old, False
        if refreshed:
            link.dialer.ask_everything()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._context.timeout):
                    if await link.dialer.has_left_name():
                        return False
        return asyncio.get_running_loop().time() < link.until

    @contextmanager
    def _exchange(self) -> Iterator[None]:
        self._quiet.clear()
        try:
            yield
        finally:
            self._quiet.set()

    async def _renew(self, ended: SessionEnd, links: list[Link]) -> Reading:
        """Open a connection and read by it; only then leave the old one, if there is one."""
        context, target = self._context, self._target
        service = context.kinds[target.kind]
        dialer = self._dialer = context.dialer_factory(target, context.timeout, context.routes)
        self._connecting, self._names_are_old = True, False
        with self._deadline(ended, dialer):
            await dialer.open_tunnel()
        async with context.connect_slots:
            with self._deadline(ended, dialer):
                stack = AsyncExitStack()
                read_once = await stack.enter_async_context(service.connect(target, dialer))
                until = asyncio.get_running_loop().time() + context.renewal * random.uniform(0.8, 1.0)  # noqa: S311
                link = Link(read_once, dialer, stack, until, links[0].latest if links else None)
                links.append(link)
                reading = await link.read(service)
        self._connecting = False
        await self._instances.note(reading.instance, links[0] if len(links) > 1 else None, context.timeout)
        for name, peer in dialer.peers.items():
            if self._peers.get(name) not in peer.addresses:
                self._peers[name] = peer.answered
        await leave(links, keep=link)
        return reading

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

        loop, timeout = asyncio.get_running_loop(), self._context.timeout
        handles = loop.call_later(timeout, expire), loop.call_later(timeout * 0.5, dialer.suspect)
        try:
            yield
        finally:
            for handle in handles:
                handle.cancel()

    def _elapsed(self) -> float:
        """Milliseconds since the latest attempt started."""
        return round((time.monotonic() - self._attempt_started) * 1000, 1)

    async def _back_off(self, waits: bool, failures: int) -> None:
        if waits:
            await self._sleep(None)
            return
        delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(failures - 1, 10))
        await self._sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    async def _sleep(self, seconds: float | None, links: list[Link] | None = None) -> None:
        """Wait for the time, or for a refresh; for a refresh only where `seconds` is None or the watcher is paused.

        While it is paused, no connection is kept.
        """
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
                await leave(links or [])

"""The only caller of a service: keeps connections, holds deadlines, backs off; gives boards.

Every target has a supervisor of its own, and every connection a session under it. A session that does not
keep its deadline is cancelled and left to die by itself: nobody waits for it, so that a driver which cannot be
interrupted holds up nothing but itself.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import date
from functools import partial

from msgspec.structs import replace

from parity_tui.drift.board import Board, TargetKey, target_key
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Outcome, Reason, Service, Target
from parity_tui.services import redact_reading
from parity_tui.transport.dialer import NetworkDialer, describe
from parity_tui.transport.ssh import SSHConnections

MAX_CONNECTING = 32
"""how many targets are connected to at once; the others wait their turn, outside their deadline"""

_ONLY_WHEN_ASKED = frozenset({Reason.AUTH, Reason.SECRET, Reason.CONFIG})
"""reasons for which nothing is tried again by itself: a rejected password locks accounts"""

_FIRST_DELAY, _LONGEST_DELAY = 1.0, 30.0
_PATIENCE = 0.5
"""seconds for connections to be dropped"""


class Watcher:
    """Reads every target again and again, and tells what came of it."""

    def __init__(
        self,
        environments: Sequence[str],
        targets: Iterable[Target],
        kinds: Mapping[str, Service],
        policy: Policy,
        *,
        interval: float = 5.0,
        timeout: float = 3.0,
        once: bool = False,
        today: Callable[[], date] = date.today,
        dialer_factory: Callable[[Target, float, SSHConnections], NetworkDialer] = NetworkDialer,
        wait_until_available: Callable[[Target], Awaitable[None]] | None = None,
    ) -> None:
        self.interval = interval
        """seconds between refreshes of one target"""
        self.timeout = timeout
        """seconds, for connecting and for each reading, everything included"""
        self.once = once
        """read every target once and end"""
        self.kinds = kinds
        self.dialer_factory = dialer_factory
        """makes the way to a target, of the timeout and the shared lines"""
        self.wait_until_available = wait_until_available
        """waits until a target may be read for the first time, however long; raises nothing"""
        self.targets = tuple(targets)
        self.paused = False
        self._today = today
        self.board = Board.of(environments, self.targets, kinds, replace(policy, today=today()))
        """the latest"""
        self._baseline = policy.baseline
        self._news: dict[TargetKey, Outcome] = {}
        self._unheard = {target_key(target) for target in self.targets}
        self._all_heard = asyncio.Event()
        self._bell = asyncio.Event()
        self._connects = asyncio.Semaphore(MAX_CONNECTING)
        self.ssh_connections = SSHConnections()
        """the connections of ssh that targets share"""
        self._supervisors = [_Supervisor(self, target) for target in self.targets]

    async def boards(self) -> AsyncIterator[Board]:
        """Yield the board as it is, then a new one whenever a target has been heard of.

        Ends by itself only where every target is read once.
        """
        yield self.board
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.ssh_connections.close)
            stack.push_async_callback(self._end)
            for supervisor in self._supervisors:
                supervisor.begin()
            while not (self.once and self.board.complete):
                await self._bell.wait()
                self._bell.clear()
                began = time.monotonic()
                news, self._news = self._news, {}
                self.board = await self._compare(news.values())
                yield self.board
                await self._gather_news(time.monotonic() - began)

    async def _end(self) -> None:
        """Drop all connections; nobody waits long for drivers that do not let go, however many there are."""
        tasks = [task for supervisor in self._supervisors for task in supervisor.end()]
        if tasks:
            await asyncio.wait(tasks, timeout=_PATIENCE)

    async def _gather_news(self, seconds: float) -> None:
        """Let news come together for as long as the last board took, so that comparing many targets leaves time to
        read them; nobody waits once all have been heard of.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._all_heard.wait()

    def resume_from(self, before: Board) -> Board:
        """Begin with what another watch knew of the same servers, until they are read; return the board."""
        known = {target_key(outcome.target): outcome for outcome in before.servers() if outcome.reading}
        pairs = [(known.get(target_key(target)), target) for target in self.targets]
        # By no connection of this watch: a server that was restarted meanwhile is to be told.
        same = [
            replace(old, target=new, connection=0) for old, new in pairs if old and _where(old.target) == _where(new)
        ]
        self.board = self.board.with_outcomes(same)
        return self.board

    def refresh(self) -> None:
        """Read every target now, those too that are only tried again when asked."""
        self.ssh_connections.forget()
        for supervisor in self._supervisors:
            supervisor.wake.set()

    def pause(self, on: bool) -> None:
        """Stop reading, or go on."""
        self.paused = on
        if not on:
            self.refresh()

    def set_baseline(self, baseline: str) -> None:
        """Compare with another baseline from now on, "" for none."""
        self._baseline = baseline
        self._bell.set()

    def record(self, outcome: Outcome) -> None:
        """Take the latest of one target."""
        where = target_key(outcome.target)
        self._news[where] = outcome
        self._unheard.discard(where)
        if not self._unheard:
            self._all_heard.set()
        self._bell.set()

    async def _compare(self, news: Iterable[Outcome]) -> Board:
        """Return the board with the news, under the policy as it is now: expected drift ends with its day.

        Between two services everybody else has their turn: replies are read, and keys are answered.
        """
        board = self.board
        policy = replace(board.policy, baseline=self._baseline, today=self._today())
        for step in self.board.steps(news, policy):
            board = step
            await asyncio.sleep(0)
        return board


def _where(target: Target) -> tuple[object, ...]:
    """Return what makes two targets one server, asked by one user in one way."""
    return (
        target.kind, target.scheme, target.host, target.port, target.path, target.user, target.tls, target.ssh,
        sorted(target.options.items()), target.problem,
    )  # fmt: skip


class _Supervisor:
    """Keeps one target read, whatever becomes of its connections."""

    def __init__(self, watch: Watcher, target: Target) -> None:
        self.watch = watch
        self.target = target
        self.wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._started = 0.0
        self._read_before = False
        self._connection = 0

    def begin(self) -> None:
        """Start reading."""
        self._task = asyncio.create_task(self._supervise(), name=" ".join(target_key(self.target)).strip())

    def end(self) -> list[asyncio.Task[None]]:
        """Drop the connection; return what has to come to its end."""
        tasks = [task for task in (self._task, *self._sessions) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        return tasks

    async def _supervise(self) -> None:
        """Run one session after the other, with growing pauses between those that fail."""
        if self.target.problem is not None:
            self.watch.record(Outcome(self.target, failure=self.target.problem))
            return
        if self.watch.wait_until_available:
            await self.watch.wait_until_available(self.target)
        failures = 0
        while True:
            self._read_before = False
            error = await self._run_session()
            if error is None:
                return
            failure = describe(error, self.target, self.watch.timeout)
            if self._read_before:
                failures = 0
                if failure.reason == Reason.CLOSED:  # an idle connection that the server gave up: not worth a word
                    continue
            self._tell_failure(failure)
            if self.watch.once:
                return
            failures += 1
            await self._rest(failure, failures)

    async def _run_session(self) -> BaseException | None:
        """Return how a connection ended: None if that was the plan."""
        over: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        session = asyncio.create_task(self._session(over))
        self._sessions.add(session)
        session.add_done_callback(partial(self._session_ended, over))
        return await over

    def _session_ended(self, over: asyncio.Future[BaseException | None], session: asyncio.Task[None]) -> None:
        """Note the end of a session, unless its deadline has been noted before."""
        self._sessions.discard(session)
        error = ConnectionResetError() if session.cancelled() else session.exception()
        if not over.done():
            over.set_result(error)

    async def _session(self, over: asyncio.Future[BaseException | None]) -> None:
        """Connect, then read until something breaks."""
        service = self.watch.kinds[self.target.kind]
        dialer = self.watch.dialer_factory(self.target, self.watch.timeout, self.watch.ssh_connections)
        with self._deadline(over, dialer):
            await dialer.open_tunnel()
        async with AsyncExitStack() as stack:
            async with self.watch._connects:
                with self._deadline(over, dialer):
                    read = await stack.enter_async_context(service.connect(self.target, dialer))
                    reading = redact_reading(dialer.with_connection_facts(await read()), service)
            self._connection += 1
            while not over.done():  # given up, but the driver did not care to be cancelled
                self._read_before = True
                self.watch.record(Outcome(self.target, reading, None, self._elapsed(), time.time(), self._connection))
                if self.watch.once:
                    return
                await self._sleep(self.watch.interval * random.uniform(0.95, 1.05))  # noqa: S311 - no secret
                with self._deadline(over, dialer):
                    reading = redact_reading(dialer.with_connection_facts(await read()), service)

    @contextmanager
    def _deadline(self, over: asyncio.Future[BaseException | None], dialer: NetworkDialer) -> Iterator[None]:
        """Hold what is done within to the deadline: when it has passed, the session is given up."""
        loop = asyncio.get_running_loop()
        session = asyncio.current_task()
        self._started = time.monotonic()

        def expire() -> None:
            if not over.done():
                over.set_result(dialer.timeout_error())
            if session is not None:
                session.cancel()

        handle = loop.call_later(self.watch.timeout, expire)
        try:
            yield
        finally:
            handle.cancel()

    def _elapsed(self) -> float:
        """Return how long the latest attempt has taken, in milliseconds."""
        return round((time.monotonic() - self._started) * 1000, 1)

    def _tell_failure(self, failure: Failure) -> None:
        """Say why the target could not be read."""
        self.watch.record(Outcome(self.target, None, failure, self._elapsed()))

    async def _rest(self, failure: Failure, failures: int) -> None:
        """Wait before the next attempt: longer each time, and for ever where only a person can help."""
        if failure.reason in _ONLY_WHEN_ASKED:
            await self._sleep(None)
            return
        delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(failures - 1, 10))
        await self._sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    async def _sleep(self, seconds: float | None) -> None:
        """Wait until the time is over, or until somebody asks for a refresh; while paused, only for that."""
        self.wake.clear()
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self.wake.wait()
                    return
            except TimeoutError:
                if not self.watch.paused:
                    return
                seconds = None

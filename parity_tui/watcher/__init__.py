"""The only caller of a service: keeps connections, enforces deadlines, backs off, and yields boards.

Every target has a supervisor, and every connection a session under it (:mod:`parity_tui.watcher.supervisor`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import date
from functools import partial

from msgspec.structs import replace

from parity_tui.drift.board import Board, LeftOut
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, Service, Target, TargetKey, target_key
from parity_tui.services import identify
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.git import Repository
from parity_tui.transport.head_start import HeadStart
from parity_tui.transport.routes import Routes
from parity_tui.watcher.lineage import Lineage
from parity_tui.watcher.outages import Outages
from parity_tui.watcher.supervisor import Supervisor
from parity_tui.watcher.turns import turn_of

MAX_CONNECTING = 32
"""targets that are connected to at once; the others wait for their turn before their deadline starts"""

RENEWAL = 60.0
"""seconds"""

_WHOLE = 0.9
"""seconds after which services are compared in part too: a progress line counts their answers then"""

_TOGETHER = 0.01
"""seconds in which the first answers are collected: those of one service come together, and are compared once then"""

_SHUTDOWN_TIMEOUT = 0.5
"""seconds for connections to close"""

_network_dialer = partial(NetworkDialer, identify=identify)


class Watcher:
    """Reads every target again and again and yields a board whenever outcomes have arrived."""

    def __init__(
        self,
        environments: Sequence[str],
        targets: Iterable[Target],
        kinds: Mapping[str, Service],
        policy: Policy,
        *,
        interval: float = 5.0,
        timeout: float = 3.0,
        renewal: float = RENEWAL,
        once: bool = False,
        today: Callable[[], date] = date.today,
        dialer_factory: Callable[[Target, float, Routes], NetworkDialer] = _network_dialer,
        wait_until_available: Callable[[Target], Awaitable[None]] | None = None,
        left_out: Iterable[LeftOut] = (),
        repository: Repository | None = None,
        kept: Iterable[Outcome] = (),
        head_start: HeadStart | None = None,
    ) -> None:
        self.interval = interval
        """seconds between two readings of one target"""
        self.timeout = timeout
        """seconds for connecting, and for each reading"""
        self.renewal = renewal
        """longest time in seconds that a connection is kept: a login shows that the server still accepts any"""
        self.once = once
        """read every target once, then end"""
        self.kinds = kinds
        self.dialer_factory = dialer_factory
        """(target, timeout, shared SSH connections) -> dialer"""
        self.wait_until_available = wait_until_available
        """awaited before the first attempt at a target, without a deadline; must not raise"""
        self.targets = tuple(targets)
        self.paused = False
        self.routes = Routes(self.targets, head_start)
        """shared by the targets behind one jump host"""
        self.connect_slots = asyncio.Semaphore(MAX_CONNECTING)
        kept = tuple(kept)
        every = (*self.targets, *(outcome.target for outcome in kept))
        pending = Board.of(environments, every, kinds, replace(policy, today=today()), left_out)
        self.board = pending.with_outcomes(kept) if kept else pending
        """the latest; outcomes of snapshots are ``kept`` in it, for nothing is asked of their servers"""
        self._today = today
        self._baseline = policy.baseline
        self._outages = Outages(dated=not once)
        self._new_outcomes: dict[TargetKey, Outcome] = {}
        self._confirmed: dict[TargetKey, Outcome] = {}
        """outcomes with nothing new but their time; they are shown together, once an interval"""
        self._known: dict[TargetKey, Outcome] = {}
        self._showing: asyncio.TimerHandle | None = None
        self._whole_services = once
        self._pending = {target_key(target) for target in self.targets}
        self._none_pending = asyncio.Event()
        if not self._pending:
            self._none_pending.set()
        self._changed = asyncio.Event()
        self._lineage = Lineage(repository, self._changed.set) if repository else None
        count = len(self.targets)
        self._supervisors = [Supervisor(self, each, turn_of(at, count)) for at, each in enumerate(self.targets)]

    async def boards(self) -> AsyncIterator[Board]:
        """Yield the present board, then a new one whenever outcomes have arrived.

        Ends by itself only with `once`.
        """
        self.routes.head_start.send()
        yield self.board
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.routes.close)
            stack.push_async_callback(self._stop)
            if self._lineage is not None:
                stack.callback(self._lineage.stop)
            for supervisor in self._supervisors:
                supervisor.start()
            if self.once:
                timer = asyncio.get_running_loop().call_later(_WHOLE, self._show_parts)
                stack.callback(timer.cancel)
            while not (self.once and self.board.complete):
                await self._changed.wait()
                if self._pending and not self.once:
                    await self._collect_outcomes(_TOGETHER)
                self._changed.clear()
                started = time.monotonic()
                confirmed, self._confirmed = self._confirmed, {}
                if (outcomes := self._take_outcomes()) is None:
                    continue
                self.board = self.board.with_outcomes(confirmed.values()) if confirmed else self.board
                self.board = await self._compare(outcomes.values())
                yield self.board
                # As long as the board took: comparing many targets leaves time to read them.
                await self._collect_outcomes(time.monotonic() - started)

    def _take_outcomes(self) -> dict[TargetKey, Outcome] | None:
        """Return the new outcomes; with `once` at first only those of whole services, None as long as there are none.

        Each service is compared once then, instead of after each of its answers.
        """
        outcomes, self._new_outcomes = self._new_outcomes, {}
        if not self._whole_services or not self._pending:
            return outcomes
        incomplete = {service for service, *_ in self._pending}
        self._new_outcomes = {key: each for key, each in outcomes.items() if key[0] in incomplete}
        return {key: each for key, each in outcomes.items() if key[0] not in incomplete} or None

    def _show_parts(self) -> None:
        self._whole_services = False
        self._changed.set()

    async def _stop(self) -> None:
        """Drop all connections; wait once for all drivers together, and not long."""
        if self._showing is not None:
            self._showing.cancel()
            self._showing = None
        left = await asyncio.gather(*(supervisor.leave() for supervisor in self._supervisors))
        tasks = [task for tasks in left for task in tasks]
        if tasks:
            await asyncio.wait(tasks, timeout=_SHUTDOWN_TIMEOUT)

    async def _collect_outcomes(self, seconds: float) -> None:
        """Collect outcomes for so many seconds; return at once when no target is pending."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._none_pending.wait()

    def resume_from(self, previous: Board) -> Board:
        """Start with the readings that another watcher has of the same servers; return the board."""
        known = {target_key(outcome.target): outcome for outcome in previous.servers()}
        pairs = [(known.get(target_key(target)), target) for target in self.targets]
        same = [(old, new) for old, new in pairs if old and _server_key(old.target) == _server_key(new)]
        self.recall_outages({target_key(new): old.failed_since for old, new in same if old.failed_since})
        # Connection 0: the first reading comes by another one, and can reveal a restart; names are looked up again.
        self.board = self.board.with_outcomes(
            replace(old, target=new, connection=0, peers=()) for old, new in same if old.reading
        )
        return self.board

    def recall_outages(self, since: Mapping[TargetKey, float]) -> None:
        """Take the begins of outages that another board saw: targets that fail now have failed since then."""
        latest = {target_key(outcome.target): outcome for outcome in self.board.servers()} | self._new_outcomes
        for outcome in self._outages.recall(since, latest.values()):
            self._new_outcomes[target_key(outcome.target)] = outcome
            self._changed.set()

    def refresh(self) -> None:
        """Read every target now, including those that are not retried by themselves."""
        self.routes.forget()
        for supervisor in self._supervisors:
            supervisor.refresh()

    def pause(self, on: bool) -> None:
        """Stop reading, or resume and read at once."""
        self.paused = on
        if not on:
            self.refresh()

    def set_baseline(self, baseline: str) -> None:
        """Compare with another baseline from now on, "" for none."""
        self._baseline = baseline
        self._changed.set()

    def record(self, outcome: Outcome) -> None:
        """Take the latest outcome of one target; the next board contains it."""
        key = target_key(outcome.target)
        known, self._known[key] = self._known.get(key), outcome
        if known is not None and _confirms(outcome, known) and key not in self._new_outcomes and not self.once:
            self._confirmed[key] = self._outages.dated(outcome)
            if self._showing is None:
                self._showing = asyncio.get_running_loop().call_later(self.interval, self._show_confirmed)
            return
        self._new_outcomes[key] = self._outages.dated(outcome)
        self._pending.discard(key)
        if not self._pending:
            self._none_pending.set()
        self._changed.set()

    def _show_confirmed(self) -> None:
        self._showing = None
        self._changed.set()

    async def _compare(self, outcomes: Iterable[Outcome]) -> Board:
        """Return the board with newer outcomes, under today's policy: an expectation can end while a board is open.

        Yields to the event loop between two services, so that replies are read and keys are answered.
        """
        policy = replace(self.board.policy, baseline=self._baseline, today=self._today())
        board = await _last(self.board.steps(outcomes, policy))
        if self._lineage is not None:
            ancestry = await self._lineage.of(board, wait=self.once)
            if ancestry != board.policy.ancestry:
                board = await _last(board.steps((), replace(policy, ancestry=ancestry)))
        return board


def _confirms(outcome: Outcome, known: Outcome) -> bool:
    """Return whether an outcome says the same as the one before."""
    return (
        outcome.reading is not None
        and outcome.reading is known.reading
        and outcome.failure is None
        and known.failure is None
        and (outcome.connection, outcome.peers) == (known.connection, known.peers)
    )


async def _last(steps: Iterator[Board]) -> Board:
    """Return the last of the boards; other tasks run between two."""
    board = next(steps)
    while (further := next(steps, None)) is not None:
        board = further
        await asyncio.sleep(0)
    return board


def _server_key(target: Target) -> tuple[object, ...]:
    """Identify a server together with the user and the route by which it is read."""
    return (
        target.kind, target.scheme, target.host, target.port, target.path, target.user, target.tls, target.ssh,
        target.kube, target.tunnel, target.tls_name, sorted(target.options.items()), sorted(target.session.items()),
        target.problem,
    )  # fmt: skip

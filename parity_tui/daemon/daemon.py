"""Follows the boards of a configuration and passes on what happens, until a signal ends it."""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, suppress
from typing import Any

from msgspec import Struct

from parity_tui.daemon.announcer import Announcer
from parity_tui.daemon.event import of_change
from parity_tui.daemon.learn import learning
from parity_tui.daemon.line_writer import LineWriter
from parity_tui.daemon.metrics import Metrics
from parity_tui.daemon.outbox import Sink
from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, changes
from parity_tui.drift.words import plural
from parity_tui.history import History, HistoryUpdate
from parity_tui.history.election import Election
from parity_tui.model import Severity, Target
from parity_tui.transport.foreign import foreign
from parity_tui.transport.threads import in_thread
from parity_tui.watcher import Watcher

SIGNALLED = 128
"""and the number of the signal: the exit code of a process that a signal ends"""

_INVALID_DELAY = 60.0
"""seconds between two attempts at an invalid configuration"""


class Setup(Struct, frozen=True):
    """One configuration as a watcher uses it."""

    source: Watcher
    name: str
    """of the configuration, for a person"""
    hub: Target | None = None
    """the database of the shared history, None for a file"""
    sinks: Mapping[str, Sink] = {}
    """of its [notify]; names stay the same across restarts"""
    min_severity: Severity = Severity.WARNING
    """of the events that sinks get"""


class Outputs(Struct, frozen=True):
    """Where a watcher writes."""

    say: Callable[[str], None]
    """prints a sentence for a person"""
    descriptor: int = 1
    """of the lines of JSON"""


class Daemon:
    """The board without a screen."""

    def __init__(
        self,
        setup: Setup,
        outputs: Outputs,
        *,
        history: History,
        election: Election | None,
        announcer: Announcer,
        metrics: Metrics,
        services: Sequence[AbstractAsyncContextManager[object]] = (),
        reload: Callable[[], Setup | str],
    ) -> None:
        """Create a daemon; :meth:`run` starts it.

        Args:
            setup: the configuration.
            outputs: where it writes.
            history: records the boards; is opened and closed here.
            election: of the one watcher that asks the servers; None: this one does.
            announcer: remembers what was announced.
            metrics: counts each board.
            services: run as long as the daemon does.
            reload: reads the configuration again, or returns in words why that fails; called in a thread.
        """
        self._setup = setup
        self._outputs = outputs
        self._history = history
        self._election = election
        self._announcer = announcer
        self._metrics = metrics
        self._services = services
        self._load = reload
        self._board: Board = setup.source.board
        self._end: asyncio.Future[int] | None = None
        self._reloading: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None
        self._opened = False
        """whether the history is open: that of a watcher that waits would not know what the leader stores"""
        self._begun = False
        self._stale = False
        """whether a signal asks for a configuration that is not loaded yet"""

    async def run(self) -> int:
        """Watch until a signal; return the exit code. Raises OSError where the output cannot be written."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_ignore_exception)
        self._end = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._finish, SIGNALLED + number)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        lines = LineWriter(self._outputs.descriptor, self._outputs.say, self._fail_from_thread)
        self._announcer.print_line = lines.write
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(self._announcer.running())
                for service in self._services:
                    await stack.enter_async_context(service)
                if self._election is not None:
                    await stack.enter_async_context(self._election)
                stack.push_async_callback(self._stop)
                self._follow()
                return await self._end
        finally:
            self._history.close()
            lines.close()

    def _finish(self, code: int) -> None:
        if self._end is not None and not self._end.done():
            self._end.set_result(code)

    def _fail(self, error: BaseException) -> None:
        if self._end is not None and not self._end.done():
            self._end.set_exception(error)

    def _fail_from_thread(self, error: OSError) -> None:
        if self._end is not None:
            _soon(self._end.get_loop(), self._fail, error)

    def _follow(self) -> None:
        task = self._following = asyncio.create_task(self._run_boards(), name="boards")
        task.add_done_callback(self._followed)

    def _followed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    async def _stop(self) -> None:
        for task in (self._reloading, self._following):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _run_boards(self) -> None:
        """Ask the servers while this watcher leads."""
        election = self._election
        if election is None:
            return await self._take_boards()
        while True:
            if not election.leading.is_set():
                self._outputs.say("another watcher of this configuration asks the servers: this one waits")
                async with learning(self._setup.hub, self._setup.source.board, self._learn):
                    await election.leading.wait()
                self._outputs.say("this watcher asks the servers now")
            boards = asyncio.create_task(self._take_boards())
            following = asyncio.create_task(election.following.wait())
            try:
                await asyncio.wait((boards, following), return_when=asyncio.FIRST_COMPLETED)
                if boards.done():
                    return await boards
            finally:
                for task in (boards, following):
                    task.cancel()
                await asyncio.wait((boards, following))
            self._metrics.board, self._metrics.leading = None, False
            await self._announcer.pause()
            self._setup = await self._renewed()  # a source that was left cannot go on
            self._board = self._setup.source.board

    def _learn(self, board: Board, now: float) -> None:
        """Take a board of the leader."""
        self._announcer.learn(board, now)
        self._metrics.board = board

    async def _renewed(self) -> Setup:
        while isinstance(loaded := await self._loaded(), str):
            self._outputs.say(f"the configuration is invalid, nothing is read until it is mended: {loaded}")
            await asyncio.sleep(_INVALID_DELAY)
        return loaded

    async def _take_boards(self) -> None:
        self._announcer.begin(self._setup.sinks, self._setup.min_severity)
        self._metrics.leading = True
        if not self._opened:
            loop, self._opened = asyncio.get_running_loop(), True
            self._history.open(lambda update: _soon(loop, self._recall, update))
        async with aclosing(self._setup.source.boards()) as boards:  # type: ignore[type-var]
            async for board in boards:
                self._take(board)

    def _take(self, board: Board) -> None:
        """Pass on what has happened since the last board."""
        before, self._board, now = self._board, board, time.time()
        self._announcer.announce_changes(
            of_change(change, now, why_of(board, change)) for change in changes(before, board) if not change.kind.outage
        )
        self._history.record(board)
        self._metrics.board = board
        if board.complete:
            self._announcer.advance(board, now)
            if not self._begun:
                self._begin(board)

    def _begin(self, board: Board) -> None:
        """Report that every target has answered or failed, and exempt present objects from garbage collection."""
        self._begun = True
        servers = list(board.servers())
        failing = sum(server.failure is not None for server in servers)
        failed = f", {plural(failing, 'fails', 'fail')}" if failing else ""
        self._outputs.say(f"watching {plural(len(servers), 'server')} of {self._setup.name}{failed}")
        gc.collect()
        gc.freeze()

    def _recall(self, update: HistoryUpdate) -> None:
        """Take the news of the history."""
        if update.problem:
            self._outputs.say(update.problem)
        if update.outages:
            self._setup.source.recall_outages(update.outages)
        self._announcer.announce_changes(
            of_change(timed.change, timed.at, why_of(self._board, timed.change), timed.since)
            for timed in update.missed
            if not timed.change.kind.outage
        )

    def _reload(self) -> None:
        self._stale = True
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.create_task(self._reload_until_current(), name="reload")

    async def _reload_until_current(self) -> None:
        """Reload, and once more if the configuration changes meanwhile."""
        while self._stale:
            self._stale = False
            await self._reload_now()

    async def _loaded(self) -> Setup | str:
        try:
            return await in_thread(self._load)
        except Exception as error:  # a plug-in may raise anything; the watcher must survive it
            return f"{type(error).__name__}: {foreign(error)}"

    async def _reload_now(self) -> None:
        """Watch by the configuration as it is now; go on with the old one if it is invalid."""
        loaded = await self._loaded()
        if isinstance(loaded, str):
            self._outputs.say(f"the configuration is invalid, the previous one stays in use: {loaded}")
            return
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        self._setup = loaded
        self._board = loaded.source.resume_from(self._board)
        self._outputs.say(f"{loaded.name} is read again")
        self._follow()


def why_of(board: Board, change: Change) -> str:
    """Return why a change matters, "" if no row tells."""
    rows = (row for section in board.sections if section.service == change.service for row in section.rows)
    return next((row.why for row in rows if row.setting == change.setting), "")


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: Any) -> None:
    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(call, *arguments)


def _ignore_exception(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Ignore the failed task of a driver: its caller gets the error as well."""

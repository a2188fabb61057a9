"""Announces events: prints each, sends those that matter to the sinks, and remembers both across restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from parity_tui.daemon.event import NEW, RESOLVED, WORSE, Event
from parity_tui.daemon.outbox import Outbox, Sink
from parity_tui.daemon.standing import Standing
from parity_tui.daemon.state_file import NewerStateError, Remembered, StateError, load, save
from parity_tui.drift.board import Board
from parity_tui.drift.changes import ChangeKind
from parity_tui.model import Severity

NOTIFIED = frozenset({NEW, WORSE, RESOLVED, ChangeKind.FAILED.value, ChangeKind.RECOVERED.value})
"""kinds of events that sinks get: each says that something is other than it should be, or no longer"""
_SAVE_DELAY = 0.2
"""seconds in which deliveries are collected before they are stored"""


class Announcer:
    """Announces the events of one configuration."""

    def __init__(self, path: Path | None, say: Callable[[str], None]) -> None:
        """Create an announcer.

        Args:
            path: where it remembers what was announced; None: nowhere.
            say: prints a sentence for a person.
        """
        self.print_line: Callable[[bytes], None] = lambda line: None
        self._path = path
        self._say = say
        self._remembered = Remembered()
        self._learned: Standing | None = None
        self._least = Severity.INFO
        self._outboxes: dict[str, Outbox] = {}
        self._leads = False
        self._saving: asyncio.TimerHandle | None = None
        self._problem = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let a block run, at whose end deliveries in progress are finished and the rest is stored."""
        try:
            yield
        finally:
            await asyncio.gather(*(outbox.leave() for outbox in self._outboxes.values()))
            self._save()

    def begin(self, sinks: Mapping[str, Sink], least: Severity) -> None:
        """Announce from now on: this watcher asks the servers. The first time, read what was announced so far.

        Args:
            sinks: get the events, by a name that stays the same across restarts.
            least: the severity from which on they get them.
        """
        if not self._leads:
            self._load()
            self._leads = True
        if self._learned is not None:
            self._remembered.standing, self._learned = self._learned, None
        self._least = least
        for name in self._outboxes.keys() - sinks.keys():
            self._take_back(name)
        for name, sink in sinks.items():
            if name in self._outboxes:
                self._outboxes[name].sink = sink
            else:
                waiting, lost = self._remembered.waiting.get(name, ()), self._remembered.lost.get(name, 0)
                self._outboxes[name] = Outbox(sink, self._say, self._save_soon, waiting, lost)

    async def pause(self) -> None:
        """Announce nothing any more: another watcher does."""
        await asyncio.gather(*(outbox.leave() for outbox in self._outboxes.values()))
        self._outboxes, self._leads = {}, False

    def _load(self) -> None:
        if self._path is None:
            return
        try:
            self._remembered = load(self._path)
        except NewerStateError as error:
            self._say(f"{error}: what stands is announced once more, and nothing is remembered")
            self._path = None
        except StateError as error:
            self._say(f"{error}: what stands is announced once more")

    def _take_back(self, name: str) -> None:
        """Keep the events of a sink that is no longer configured, in case it is again."""
        self._keep_queues()
        self._outboxes.pop(name).stop()

    def learn(self, board: Board, now: float) -> None:
        """Take a complete board of the watcher that announces: what stands on it needs no announcement of this one."""
        self._learned = self._learned or Standing()
        self._learned.advance(board, now)

    @property
    def waiting(self) -> Mapping[str, int]:
        """Number of events that wait, by the name of the sink."""
        return {name: len(outbox.waiting) for name, outbox in self._outboxes.items()}

    @property
    def dropped(self) -> Mapping[str, int]:
        """Number of events that were dropped, by the name of the sink."""
        return {name: outbox.dropped for name, outbox in self._outboxes.items()}

    def announce_changes(self, events: Iterable[Event]) -> None:
        """Print events."""
        for event in events:
            self.print_line(event.line())

    def advance(self, board: Board, now: float) -> None:
        """Take a complete board: announce what is new, worse or over."""
        damper = self._remembered.damper
        messages = list(damper.steady(now))
        events = self._remembered.standing.advance(board, now)
        for event in events:
            self.print_line(event.line())
            if self._outboxes and Severity(event.severity).rank <= self._least.rank and event.kind in NOTIFIED:
                messages += filter(None, (damper.pass_on(event, now),))
        for outbox in self._outboxes.values():
            for message in messages:
                outbox.put(message)
        if events or messages:
            self._save()

    def _save_soon(self) -> None:
        if self._saving is None:
            self._saving = asyncio.get_running_loop().call_later(_SAVE_DELAY, self._save)

    def _keep_queues(self) -> None:
        for name, outbox in self._outboxes.items():
            self._remembered.waiting[name] = list(outbox.waiting)
            self._remembered.lost[name] = outbox.lost

    def _save(self) -> None:
        """Store what was announced; a problem is reported once, and what happens is announced all the same."""
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None
        self._keep_queues()
        if self._path is None or not self._leads:
            return
        try:
            save(self._path, self._remembered)
            self._problem = ""
        except OSError as error:
            problem = (error.strerror or str(error)).lower()
            if problem != self._problem:
                self._say(f"{self._path} cannot be written: {problem}; after a restart events may be announced twice")
            self._problem = problem

"""Announces events: prints each, sends those that matter to the sinks, and remembers both across restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from parity_tui.daemon.event import NEW, RESOLVED, WORSE, Event
from parity_tui.daemon.outbox import Outbox, Sink
from parity_tui.daemon.state_file import Remembered, StateError, load, save
from parity_tui.drift.board import Board
from parity_tui.drift.changes import ChangeKind
from parity_tui.model import Severity

NOTIFIED = frozenset({NEW, WORSE, RESOLVED, ChangeKind.FAILED.value, ChangeKind.RECOVERED.value})
"""kinds of events that sinks get: each says that something is other than it should be, or no longer"""
_SAVE_DELAY = 0.2
"""seconds in which deliveries are collected before they are stored"""


class Announcer:
    """The only one who announces anything for one configuration."""

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
        self._least = Severity.INFO
        self._outboxes: dict[str, Outbox] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._saving: asyncio.TimerHandle | None = None
        self._problem = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send events while a block runs."""
        self.reload()
        try:
            yield
        finally:
            for task in self._tasks.values():
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks.values())
            self._save()

    def reload(self) -> None:
        """Read what was announced so far, by another watcher perhaps."""
        if self._path is None:
            return
        try:
            self._remembered = load(self._path)
        except StateError as error:
            self._say(f"{error}: what stands is announced once more")

    @property
    def waiting(self) -> Mapping[str, int]:
        """Number of events that wait, by the name of the sink."""
        return {name: len(outbox.waiting) for name, outbox in self._outboxes.items()}

    @property
    def dropped(self) -> Mapping[str, int]:
        """Number of events that were dropped, by the name of the sink."""
        return {name: outbox.dropped for name, outbox in self._outboxes.items()}

    def use(self, sinks: Mapping[str, Sink], least: Severity) -> None:
        """Send to these sinks from now on, from a severity on; events that wait for one of the same name stay."""
        self._least = least
        self._keep_queues()
        for task in self._tasks.values():
            task.cancel()
        remembered = self._remembered
        self._outboxes = {
            name: Outbox(
                sink, self._say, self._save_soon, remembered.waiting.get(name, ()), remembered.lost.get(name, 0)
            )
            for name, sink in sinks.items()
        }
        self._tasks = {name: asyncio.create_task(box.run(), name=name) for name, box in self._outboxes.items()}

    def announce_changes(self, events: Iterable[Event]) -> None:
        """Print events."""
        for event in events:
            self.print_line(event.line())

    def advance(self, board: Board, now: float) -> None:
        """Take a complete board: announce what is new, worse or over."""
        events = self._remembered.standing.advance(board, now)
        for event in events:
            self.print_line(event.line())
            if Severity(event.severity).rank <= self._least.rank and event.kind in NOTIFIED:
                for outbox in self._outboxes.values():
                    outbox.put(event)
        if events:
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
        if self._path is None:
            return
        try:
            save(self._path, self._remembered)
            self._problem = ""
        except OSError as error:
            problem = (error.strerror or str(error)).lower()
            if problem != self._problem:
                self._say(f"{self._path} cannot be written: {problem}; after a restart events may be announced twice")
            self._problem = problem

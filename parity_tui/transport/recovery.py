"""Tries a broken route again while targets wait for it, and wakes all of them at once when it is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Protocol

from parity_tui.model import ServiceError


class Line(Protocol):
    """A route as its recovery sees it."""

    recovery: Recovery

    @property
    def is_up(self) -> bool:
        """Whether it can be used."""

    @property
    def jump(self) -> Line | None:
        """The connection that it needs first, to a jump host."""

    async def up(self) -> None:
        """Bring it up. Raises ServiceError."""

    def pause(self) -> float:
        """Return the seconds until the next attempt is allowed, infinite where only the user can fix the cause."""

    def forget(self) -> None:
        """End the pause."""


class Recovery:
    """The waiters of one connection, and the task that brings it up for them."""

    def __init__(self, connection: Line) -> None:
        self._connection = connection
        self._waiters: dict[object, Callable[[], None]] = {}
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def waiting(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call ``wake`` whenever the connection comes up, or answers again, while the block runs."""
        key = object()
        self._waiters[key] = wake
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._recover(), name="route recovery")
        try:
            yield
        finally:
            del self._waiters[key]

    def announce(self) -> None:
        """Wake all waiters."""
        for wake in list(self._waiters.values()):
            wake()

    async def _recover(self) -> None:
        """Try again after each pause; a jump host that comes up ends the pause."""
        connection = self._connection
        while self._waiters and not connection.is_up and (pause := connection.pause()) != float("inf"):
            jump_up = asyncio.Event()
            jump = connection.jump
            with jump.recovery.waiting(jump_up.set) if jump else nullcontext(), suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await jump_up.wait()
            if jump_up.is_set():
                connection.forget()
            with suppress(ServiceError):
                await connection.up()

    async def close(self) -> None:
        """End the task."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

"""The start of a route, shared by all that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from parity_tui.model import ServiceError


class SharedStart:
    """One attempt at a time; a cancelled waiter does not cancel it for others."""

    def __init__(self, start: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._start, self._name = start, name
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether an attempt is under way."""
        return self._task is not None and not self._task.done()

    async def finished(self) -> None:
        """Wait for the present attempt, or for a new one. Raises its error; returns also where it was cancelled."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._start(), name=self._name)
            self._task.add_done_callback(_retrieve_exception)
        task = self._task
        await asyncio.wait((task,))
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ServiceError):
            raise ServiceError(error.reason, error.message)
        if error is not None:
            raise error

    async def cancel(self) -> None:
        """End the present attempt."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))


def _retrieve_exception(task: asyncio.Task[None]) -> None:
    """Keep asyncio from logging the failure of an attempt whose waiters were all cancelled."""
    if not task.cancelled():
        task.exception()

"""Whether a route still answers: a hung one must not be mistaken for hung servers behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pulse:
    """Asks the far end of one route for any reply."""

    def __init__(self, ask: Callable[[], Awaitable[None]], on_return: Callable[[], None]) -> None:
        """Create an idle pulse.

        Args:
            ask: returns once the far end has replied, or the route has ended.
            on_return: called when the far end replies although it has been reported as silent.
        """
        self._ask, self._on_return = ask, on_return
        self._task: asyncio.Task[None] | None = None
        self._asked_at = 0.0
        self._reported = False

    def check(self) -> None:
        """Ask, unless the last question is still unanswered."""
        if self._task is None:
            self._asked_at, self._reported = time.monotonic(), False
            self._task = asyncio.create_task(self._run(), name="route pulse")

    async def _run(self) -> None:
        try:
            await self._ask()
        finally:
            self._task = None
        if self._reported:
            self._on_return()

    def silent(self, seconds: float) -> bool:
        """Return whether the last question has been unanswered for ``seconds``."""
        silent = self._task is not None and time.monotonic() - self._asked_at >= seconds
        self._reported = self._reported or silent
        return silent

    async def close(self) -> None:
        """End the question."""
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.wait((task,))

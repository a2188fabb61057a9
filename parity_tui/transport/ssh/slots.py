"""How many sessions a host allows at once: learnt from its refusals (MaxSessions of sshd), and queued for."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from parity_tui.model import Reason, ServiceError

_MEMORY = 60.0
"""seconds after a refusal until one session more is tried: a session may have ended unnoticed"""


class Slots:
    """The sessions of one connection, and how many of them the host allows."""

    def __init__(self, host: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._host, self._clock = host, clock
        self._limit: int | None = None
        self._refused_at = 0.0
        self._requested = self._confirmed = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self, seconds: float) -> None:
        """Wait until a session may be requested.

        Raises ServiceError(Reason.TUNNEL, …) where that takes longer than ``seconds``.
        """
        try:
            async with asyncio.timeout(seconds):
                while self._full():
                    await self._turn()
        except TimeoutError:
            raise self._error() from None
        self._requested += 1

    def confirm(self) -> None:
        """Count a requested session that the host has opened."""
        self._confirmed += 1
        if self._limit is not None and self._confirmed > self._limit:
            self._limit = self._confirmed
            self._wake()

    def refuse(self) -> None:
        """Learn from a requested session that the host has refused.

        Raises ServiceError(Reason.TUNNEL, …) where no other session is open, so that waiting is useless.
        """
        self._requested -= 1
        if not self._requested:
            self._wake()
            raise self._error()
        self._limit, self._refused_at = max(1, self._confirmed), self._clock()

    def release(self, confirmed: bool = True) -> None:
        """Count the end of a session, or of a request."""
        self._requested -= 1
        self._confirmed -= confirmed
        self._wake()

    def _full(self) -> bool:
        if self._limit is not None and self._clock() - self._refused_at > _MEMORY:
            self._limit, self._refused_at = self._limit + 1, self._clock()
        return self._limit is not None and self._requested >= self._limit

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:  # it was the turn of a waiter that has gone
                self._wake()
            raise

    def _wake(self) -> None:
        if self._waiting and not (turn := self._waiting.popleft()).done():
            turn.set_result(None)

    def _error(self) -> ServiceError:
        used = f": {self._requested} at a time (MaxSessions of its sshd)" if self._requested else ""
        return ServiceError(Reason.TUNNEL, f"{self._host} allows no more sessions{used}")

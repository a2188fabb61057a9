"""A cap on what a peer may send, so that none fills the memory."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from parity_tui.model import Reason, ServiceError

CAP = 8 * 1024 * 1024
"""bytes that a peer may have sent without our having read them to their end"""


def drop(transport: asyncio.WriteTransport) -> None:
    """End a connection now, without a word to the peer; one that has ended already is left alone."""
    with suppress(AttributeError):  # what asyncio's TLS raises then, up to Python 3.11.4
        transport.abort()


class LimitedReader(asyncio.StreamReader):
    """A stream reader that ends the connection rather than let a peer fill the memory."""

    def __init__(self, cap: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=cap // 2, loop=loop)
        self._cap = cap
        self.unheard = ""
        """what it means that a peer ends the connection before it has said anything; "" where that is not known"""

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """Take what has arrived, or end the connection where it is too much."""
        buffered: int = len(self._buffer)  # type: ignore[attr-defined]
        if buffered + len(data) > self._cap:
            self._refuse(buffered + len(data))
        else:
            self.unheard = ""
            super().feed_data(data)

    def feed_eof(self) -> None:
        """Take note of the end, with a guess at the reason where nothing came before it."""
        if self.unheard and self.exception() is None:
            self.set_exception(ConnectionResetError())
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        """Take note of what ended the connection, likewise."""
        if self.unheard and isinstance(exc, ConnectionError):
            exc = ServiceError(Reason.CLOSED, self.unheard)
        super().set_exception(exc)

    async def readexactly(self, n: int) -> bytes:
        """Read ``n`` bytes, or end the connection where a peer announces more than it may send."""
        if n > self._cap:
            self._refuse(n)
        return await super().readexactly(n)

    def _refuse(self, size: int) -> None:
        """End the connection, with a reason for whoever reads."""
        if self.exception() is None:
            self.set_exception(
                ServiceError(
                    Reason.PROTOCOL, f"announces or sends {size:,} bytes at once, more than any server of its kind"
                )
            )
            transport: Any = self._transport  # type: ignore[attr-defined]
            if transport is not None:
                drop(transport)

"""A connection whose first bytes were sent before its driver was imported."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Iterable
from typing import Any

from parity_tui.transport.quiet_close import close_quietly


async def begun(connecting: Awaitable[socket.socket], first: bytes) -> socket.socket:
    """Return a socket as soon as it is connected and the ``first`` bytes are sent on it."""
    sock = await connecting
    try:
        await asyncio.get_running_loop().sock_sendall(sock, first)
    except BaseException:
        close_quietly(sock)
        raise
    return sock


class AheadTransport:
    """A transport that does not send the first bytes of the driver again."""

    def __init__(self, transport: Any, first: bytes) -> None:
        """Wrap a transport of asyncio.

        Args:
            transport: of a connection on which nothing was sent but ``first``.
            first: bytes that the driver is going to send first.
        """
        self._transport = transport
        self._first = first

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes but the first ones; a goodbye may come before these."""
        if self._first and data:
            data, self._first = bytes(data).removeprefix(self._first), b""
        if data:
            self._transport.write(data)

    def writelines(self, data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send bytes in parts."""
        self.write(b"".join(data))

"""What stands before a driver's own protocol: it sees all that comes first, and ends a connection of which it has seen
enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from parity_tui.transport.dialer import drop


class InspectingProtocol(asyncio.Protocol):
    """Shows what comes to ``look`` and hands it on to ``protocol`` where that is true; else the connection ends."""

    def __init__(self, protocol: Any, look: Callable[[bytes], bool], transport: Any = None) -> None:
        self.protocol = protocol
        self._look = look
        self._transport = transport

    def connection_made(self, transport: Any) -> None:
        """Pass it on."""
        self._transport = transport
        self.protocol.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass it on, in the way that the protocol takes it, or make an end."""
        if not self._look(data):
            drop(self._transport)
        elif isinstance(self.protocol, asyncio.BufferedProtocol):
            self._fill(data)
        else:
            self.protocol.data_received(data)

    def _fill(self, data: bytes) -> None:
        """Put the data where the protocol wants it: a driver may have room for a part of it at a time."""
        while data:
            room = memoryview(self.protocol.get_buffer(len(data)))
            size = min(len(room), len(data))
            if not size:
                raise RuntimeError("the driver has no room for what was read")
            room[:size] = data[:size]
            self.protocol.buffer_updated(size)
            data = data[size:]

    def eof_received(self) -> bool | None:
        """Pass it on."""
        closing: bool | None = self.protocol.eof_received()
        return closing

    def connection_lost(self, error: Exception | None) -> None:
        """Pass it on."""
        self.protocol.connection_lost(error)

    def pause_writing(self) -> None:
        """Pass it on."""
        self.protocol.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self.protocol.resume_writing()

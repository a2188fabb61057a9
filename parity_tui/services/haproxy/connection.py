"""One connection to a stats socket, for one question."""

from __future__ import annotations

import asyncio

from parity_tui.model import Dialer, Reason, ServiceError, Target
from parity_tui.services.haproxy.queries import END, QUESTION
from parity_tui.transport.guard import leave, more_than_asked, unread, wrong_service

SILENCE = "closes the connection without an answer: its stats socket may have reached its limit of connections"

MASTER = "does not know `show info`: this is the socket of a master process, not a `stats socket`"

_PIECE = 65536
"""bytes that are taken at once"""


class Connection:
    """Ends with the reply: without `prompt`, HAProxy answers one line of commands and closes."""

    def __init__(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._address = address
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, target: Target, dialer: Dialer) -> Connection:
        """Connect; nothing is sent yet."""

        def check(first: bytes) -> ServiceError | None:
            if any(first.startswith(start) or start.startswith(first) for start in (b"0.", b"Permission")):
                return None
            if b"Unknown command".startswith(first[:15]):  # it would wait for further commands
                return ServiceError(Reason.WRONG_SERVICE, f"{dialer.target.address} {MASTER}")
            return wrong_service(dialer, first, "the stats socket of HAProxy")

        streams = await dialer.open(
            target.host,
            target.port,
            dialer.context(),
            check=check,
            most="any HAProxy has to say",
            silence=SILENCE,
        )
        return cls(target.address, *streams)

    async def ask(self) -> bytes:
        """Send the question and return the reply: all of it, or up to the end of the connection."""
        try:
            self._writer.write(QUESTION)
            reply = bytearray()
            while not END.search(reply[-20:]) and (piece := await self._reader.read(_PIECE)):
                reply += piece
                await asyncio.sleep(0)  # bytes that have arrived already are returned without a pause
            if unread(self._reader):
                raise more_than_asked(self._address)
            return bytes(reply)
        finally:
            self.end()

    def end(self) -> None:
        """Close the connection without waiting for the peer."""
        leave(self._writer.transport)

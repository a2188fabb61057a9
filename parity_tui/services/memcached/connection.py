"""The one connection to a Memcached, made so that the library on it can neither be hung nor flooded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from parity_tui.model import Dialer, Reason, ServiceError, Target
from parity_tui.transport.dialer import drop
from parity_tui.transport.sniff import identify_protocol

Answer = Mapping[bytes, bytes | None]
"""what one `stats` command returns"""

BOTH = b"stats \r\nstats settings\r\n"
"""the questions, in the very bytes in which the library would ask them one after the other"""

WANTED = "unauthenticated"
"""the answer to everything before a login"""

ROOM = 512 * 1024
"""bytes for both answers; a server needs about 4,000"""


class LoginWantedError(ServiceError):
    """The server wants a login before anything else."""


class MemcachedConnection:
    """The one connection: reader, writer and pool in one for the library.

    It ends where the peer ends: the library would read emptiness for ever and never let go of the event loop.
    And it keeps what the library writes to itself unless it `identify_protocol`: the questions are sent in one go.
    """

    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import aiomcache

        self.client = aiomcache.Client(target.host, target.port, pool_size=1)
        pool: Any = self  # its own knows neither our cap nor our tunnel
        self.client._pool = pool
        self.speaks = False
        self._where = target.address
        self._silent = target.tls == "off"
        """nothing has come yet, and there is no TLS that would have said why"""
        self._reader = reader
        self._writer = writer
        self._room = ROOM
        self._last = b""

    @classmethod
    async def open(cls, target: Target, dialer: Dialer) -> MemcachedConnection:
        """Connect."""
        return cls(target, *await dialer.open(target.host, target.port, dialer.context(), cap=ROOM))

    async def ask(self) -> tuple[Answer, Answer | str]:
        """Return the answers to both questions; to the second a text where it is refused, as proxies do."""
        self._room = ROOM
        self._writer.write(BOTH)
        stats = await self._answer()
        if isinstance(stats, str):
            refusal = f"{self._where} refuses `stats`: {stats[:100]}"
            raise LoginWantedError("auth", refusal) if WANTED in stats else ServiceError(Reason.SERVER, refusal)
        return stats, await self._answer(b"settings")

    async def _answer(self, question: bytes | None = None) -> Answer | str:
        """Return what the library makes of an answer, or the line in which the server refuses to give one."""
        from aiomcache.exceptions import ClientException

        try:
            answer: Answer = await self.client.stats(question)
        except ClientException:
            line = text(self._last).strip()
            if line.startswith(("ERROR", "CLIENT_ERROR", "SERVER_ERROR")):
                return line
            raise self._foreign(line) from None
        return answer

    def _foreign(self, line: str) -> ServiceError:
        """Return what it means that a line is none of Memcached's."""
        if who := identify_protocol(line.encode("utf-8", "surrogateescape")):
            return ServiceError(Reason.WRONG_SERVICE, f"{self._where} answers like {who}, not Memcached")
        return ServiceError(Reason.PROTOCOL, f"{self._where} answers what no Memcached does: {line[:60]!r}")

    async def acquire(self) -> Any:
        """Give the library its connection."""
        from aiomcache.pool import Connection

        both: Any = self
        return Connection(both, both)

    def release(self, connection: Any) -> None:
        """Keep the connection: it is ended by whoever opened it."""

    def write(self, data: bytes) -> None:
        """Take what the library writes."""
        if self.speaks:
            self._writer.write(data)

    async def drain(self) -> None:
        """Wait until what was written has left."""
        await self._writer.drain()

    async def readline(self) -> bytes:
        """Return the next line; EOFError at the end, unless what is there tells who ended it."""
        try:
            line = await self._reader.readline()
        except ValueError:
            line = b"x" * (self._room + 1)
        except ConnectionError:
            if not self._silent or self.speaks:
                raise
            line = b""
        self._last = line
        self._room -= len(line)
        if self._room < 0:
            raise ServiceError(Reason.PROTOCOL, f"{self._where} sends more than any Memcached has to say")
        if not line.endswith(b"\n") and not identify_protocol(line):
            if self._silent and not self.speaks and not line:
                guess = "before it said anything: perhaps it speaks TLS"
                raise ServiceError(Reason.CLOSED, f"{self._where} closed the connection {guess}")
            raise EOFError
        self._silent = False
        return line

    def set_exception(self, error: BaseException) -> None:
        """Let the library mark the connection as spoilt: it is ended anyway where something is raised."""

    def end(self) -> None:
        """End the connection now, without a word to the peer."""
        drop(self._writer.transport)


def text(raw: bytes | bytearray | None) -> str:
    """Return bytes as text, those that are none as surrogates: they are shown as escapes and are not equal to any."""
    return (raw or b"").decode("utf-8", "surrogateescape")

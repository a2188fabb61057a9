"""aiomcache parses replies; the dialer's streams carry them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from parity_tui.model import Dialer, Reason, ServiceError, Target
from parity_tui.transport.guard import drop, wrong_service

Answer = Mapping[bytes, bytes | None]
"""reply to one `stats` command"""

BOTH = b"stats \r\nstats settings\r\n"
"""both questions, byte for byte as aiomcache sends them one after the other"""

WANTED = "unauthenticated"
"""in the reply to every command before a login"""

BUDGET = 512 * 1024
"""bytes of both replies; a server needs about 4,000"""


class LoginWantedError(ServiceError):
    """The server requires a login."""


class MemcachedConnection:
    """One connection, opened once; reader, writer and pool in one for aiomcache.

    Commands of aiomcache are sent only while ``speaks`` is set: :meth:`ask` sends both questions in one write.
    """

    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import aiomcache

        self.client = aiomcache.Client(target.host, target.port, pool_size=1)
        pool: Any = self
        self.client._pool = pool
        self.speaks = False
        self._address = target.address
        self._reader = reader
        self._writer = writer
        self._line = b""

    @classmethod
    async def open(cls, target: Target, dialer: Dialer) -> MemcachedConnection:
        """Connect; nothing is sent yet."""

        def check(first: bytes) -> ServiceError | None:
            if dialer.identify(first) in ("", "Memcached"):
                return None
            return wrong_service(dialer, first, "Memcached")

        silence = "closed the connection before it said anything: perhaps it speaks TLS"
        most = "any Memcached has to say"
        where, tls = (target.host, target.port), dialer.context()
        return cls(target, *await dialer.open(*where, tls, BUDGET, check=check, most=most, silence=silence))

    async def ask(self) -> tuple[Answer, Answer | str]:
        """Return the replies to both questions; to the second the refusal as text, as proxies give it."""
        self._writer.write(BOTH)
        stats = await self._answer()
        if isinstance(stats, str):
            refusal = f"{self._address} refuses `stats`: {stats[:100]}"
            raise LoginWantedError(Reason.AUTH, refusal) if WANTED in stats else ServiceError(Reason.SERVER, refusal)
        return stats, await self._answer(b"settings")

    async def _answer(self, question: bytes | None = None) -> Answer | str:
        from aiomcache.exceptions import ClientException

        try:
            answer: Answer = await self.client.stats(question)
        except ClientException:
            line = text(self._line).strip()
            if line.startswith(("ERROR", "CLIENT_ERROR", "SERVER_ERROR")):
                return line
            message = f"{self._address} answers what no Memcached does: {line[:60]!r}"
            raise ServiceError(Reason.PROTOCOL, message) from None
        return answer

    async def acquire(self) -> Any:
        """Return the connection in aiomcache's form."""
        from aiomcache.pool import Connection

        both: Any = self
        return Connection(both, both)

    def release(self, connection: Any) -> None:
        """Keep the connection; its opener ends it."""

    def write(self, data: bytes) -> None:
        """Send a command of aiomcache."""
        if self.speaks:
            self._writer.write(data)

    async def drain(self) -> None:
        """Do nothing: commands are short, and errors are raised by the read that follows."""

    async def readline(self) -> bytes:
        """Return the next line."""
        try:
            self._line = await self._reader.readline()
        except ServiceError as error:
            if self.speaks and error.reason is Reason.CLOSED:  # this server does not expect TLS: it asked for the login
                raise EOFError from None
            raise
        return self._line

    def set_exception(self, error: BaseException) -> None:
        """Ignore aiomcache's mark of a failed connection: any error ends it."""

    def end(self) -> None:
        """Abort the connection."""
        drop(self._writer.transport)


def text(raw: bytes | bytearray | None) -> str:
    """Return bytes as text; invalid UTF-8 as surrogates, which are shown as escapes and equal no other text."""
    return (raw or b"").decode("utf-8", "surrogateescape")

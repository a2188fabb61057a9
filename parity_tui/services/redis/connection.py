"""The connection: redis-py packs what is asked and takes the answers apart, over a stream that the dialer opened."""

from __future__ import annotations

import asyncio
from typing import cast

import redis.asyncio  # noqa: F401 - its parts cannot be imported before it
from redis._parsers import _AsyncRESP2Parser
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import InvalidResponse, RedisError

from parity_tui.model import Dialer, Reason, ServiceError, Target, TlsMode
from parity_tui.services.redis.errors import Refusal, Reply, text
from parity_tui.transport.dialer import drop
from parity_tui.transport.sniff import identify_protocol

ROOM = 2 * 1024 * 1024
"""bytes for all answers to one question; a server needs about 15,000"""

LINES = 20_000
"""lines for them; a server needs one for each word, about 500"""


class RedisConnection(Connection):
    """One connection that is opened once: it neither retries nor says anything of its own accord."""

    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(
            host=target.host,
            port=target.port,
            protocol=2,
            driver_info=None,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
            # hiredis, where somebody has installed it, would read past the limit of the inlet.
            parser_class=_AsyncRESP2Parser,
        )
        self._where = target.address
        self._secure = target.tls is not TlsMode.OFF
        self._inlet = LimitedInput(reader, target.address)
        self._outlet = writer
        self._opened = False

    @classmethod
    async def open(cls, target: Target, dialer: Dialer) -> RedisConnection:
        """Connect. Nothing is sent yet, but for TLS."""
        wire = cls(target, *await dialer.open(target.host, target.port, dialer.context(), ROOM))
        await wire.connect()  # type: ignore[no-untyped-call]
        return wire

    async def _connect(self) -> None:
        """Give the driver the streams, once: what is left in them after a failure answers no other question."""
        if self._opened:
            raise ConnectionResetError
        self._opened = True
        self._reader, self._writer = cast("asyncio.StreamReader", self._inlet), self._outlet

    async def ask(self, *commands: tuple[bytes, ...]) -> list[Reply]:
        """Return the replies to all commands, which are sent in one go.

        A server that turns us away says so once and hangs up: that stands for the replies that do not come.
        Raises OSError where the connection fails and ServiceError where nothing can be made of an answer.
        """
        self._inlet.refill()
        replies: list[Reply] = []
        try:
            await self.send_packed_command(self.pack_commands(commands), check_health=False)
            while len(replies) < len(commands):
                replies.append(await self._reply())
        except Lost as error:
            if not (replies and isinstance(replies[-1], Refusal)):
                raise self._what_failed(error) from None
        return replies + replies[-1:] * (len(commands) - len(replies))

    def _what_failed(self, error: Lost) -> Exception:
        """Return the failure of the network that the driver has put into an exception of its own."""
        cause = error.__context__
        if isinstance(cause, OSError) and not isinstance(cause, ConnectionError):
            return cause
        if self._inlet.heard:
            return ConnectionResetError()
        guess = "a certificate of the client" if self._secure else "TLS (rediss://)"
        return ServiceError(
            Reason.CLOSED, f"{self._where} hangs up before it has said anything: perhaps it wants {guess}"
        )

    async def _reply(self) -> Reply:
        """Return one reply as it came, errors too."""
        try:
            return cast("Reply", await self.read_response(disable_decoding=True))
        except (InvalidResponse, ValueError, RecursionError):
            raise ServiceError(Reason.PROTOCOL, f"{self._where} answers what no Redis does") from None
        except RedisError as error:
            if type(error) is Lost and error.status_code is None:
                raise
            return Refusal.of(f"{error.status_code} {error}" if error.status_code else str(error))

    def end(self) -> None:
        """End the connection now, without a word to the peer."""
        drop(self._outlet.transport)
        self._reader = self._writer = None


class LimitedInput:
    """What the driver reads from: it holds to a limit for each question and hears at once who answers."""

    def __init__(self, reader: asyncio.StreamReader, where: str) -> None:
        self._reader = reader
        self._where = where
        self.heard = False
        """whether the other side has said anything that Redis says"""
        self.refill()

    def refill(self) -> None:
        """Begin another question: as much as before may come."""
        self._room, self._lines = ROOM, LINES

    async def readline(self) -> bytes:
        """Read up to the end of a line; the first one tells whether this is the right kind of server."""
        line = self._count(await self._reader.readline())
        self._lines -= 1
        if not self.heard and line[:1] not in b"+-:$*":
            who = identify_protocol(line)
            how = f"like {who}" if who else repr(text(line).strip()[:40])
            raise ServiceError(Reason.WRONG_SERVICE, f"{self._where} answers {how}, not like Redis")
        self.heard = self.heard or bool(line)
        return line

    async def readexactly(self, count: int) -> bytes:
        """Read ``count`` bytes."""
        return self._count(await self._reader.readexactly(count))

    def _count(self, data: bytes) -> bytes:
        """Take the data off what may still come."""
        self._room -= len(data)
        if self._room < 0 or self._lines <= 0:
            raise ServiceError(Reason.PROTOCOL, f"{self._where} sends more than any Redis has to say")
        return data

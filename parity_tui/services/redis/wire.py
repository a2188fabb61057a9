"""The connection: redis-py packs what is asked and takes the answers apart, over a stream that the dialer opened."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import redis.asyncio  # noqa: F401 - its parts cannot be imported before it
from redis._parsers import _AsyncRESP2Parser
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import InvalidResponse, RedisError

from parity_tui.model import ServiceError, Target
from parity_tui.reach.dial import Dial
from parity_tui.services.redis.replies import Refusal, Reply, sounds_like, text

ROOM = 8 * 1024 * 1024
"""bytes for all answers to one question; a server needs about 12,000"""


class Wire(Connection):
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
        self._inlet = Inlet(reader, target.address)
        self._outlet = writer
        self._opened = False

    @classmethod
    async def open(cls, target: Target, dial: Dial) -> Wire:
        """Connect. Nothing is sent yet, but for TLS."""
        wire = cls(target, *await dial.open(target.host, target.port, dial.context()))
        await wire.connect()  # type: ignore[no-untyped-call]
        return wire

    async def _connect(self) -> None:
        """Give the driver the streams; it comes back for others only after they have failed."""
        if self._opened:
            raise ConnectionResetError
        self._opened = True
        self._reader, self._writer = cast("asyncio.StreamReader", self._inlet), self._outlet

    async def ask(self, *commands: tuple[bytes, ...]) -> list[Reply]:
        """Return the replies to all commands, which are sent in one go.

        A server that turns us away says so once and hangs up: that stands for the replies that do not come.
        Raises OSError where the connection fails and ServiceError where nothing can be made of an answer.
        """
        self._inlet.room = ROOM
        replies: list[Reply] = []
        try:
            await self.send_packed_command(self.pack_commands(commands), check_health=False)
            while len(replies) < len(commands):
                replies.append(await self._reply())
        except Lost as error:
            if not (replies and isinstance(replies[-1], Refusal)):
                # The driver puts every failure of the network into an exception of its own.
                raise error.__context__ if isinstance(error.__context__, OSError) else ConnectionResetError() from None
        return replies + replies[-1:] * (len(commands) - len(replies))

    async def _reply(self) -> Reply:
        """Return one reply as it came, errors too."""
        try:
            return cast("Reply", await self.read_response(disable_decoding=True))
        except (InvalidResponse, ValueError, RecursionError):
            raise ServiceError("protocol", f"{self._where} answers what no Redis does") from None
        except RedisError as error:
            if type(error) is Lost and error.status_code is None:
                raise
            return Refusal.of(f"{error.status_code} {error}" if error.status_code else str(error))

    def end(self) -> None:
        """End the connection now, without a word to the peer."""
        self._outlet.transport.abort()
        self._reader = self._writer = None


class Inlet:
    """What the driver reads from: it holds to a limit for each question and hears at once who answers."""

    def __init__(self, reader: asyncio.StreamReader, where: str) -> None:
        self.room = ROOM
        """bytes that may still come"""
        self._reader = reader
        self._where = where
        self._heard = False

    async def readline(self) -> bytes:
        """Read up to the end of a line; the first one tells whether this is the right kind of server."""
        line = self._count(await self._reader.readline())
        if not self._heard and line and line[:1] not in b"+-:$*":
            who = sounds_like(text(line))
            raise ServiceError("wrong-service", f"{self._where} answers {who}, not like Redis")
        self._heard = True
        return line

    async def readexactly(self, count: int) -> bytes:
        """Read ``count`` bytes."""
        return self._count(await self._reader.readexactly(count))

    def _count(self, data: bytes) -> bytes:
        """Take the data off what may still come."""
        self.room -= len(data)
        if self.room < 0:
            raise ServiceError("protocol", f"{self._where} sends more than {ROOM:,} bytes, as no Redis does")
        return data

    def __getattr__(self, name: str) -> Any:
        """Be a stream reader in everything else."""
        return getattr(self._reader, name)

"""redis-py packs commands and parses replies; the dialer's streams carry them."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from parity_tui.model import Dialer, Reason, ServiceError, Target
from parity_tui.services.redis.errors import Refusal, Reply, text
from parity_tui.services.redis.queries import encoded
from parity_tui.transport.guard import LimitedReader, leave, more_than_asked, unread, wrong_service
from parity_tui.transport.partial_import import partial_import

with partial_import("redis", "redis.asyncio"):
    from redis._parsers import _AsyncRESP2Parser
    from redis.asyncio.connection import Connection
    from redis.exceptions import ConnectionError as RedisConnectionError
    from redis.exceptions import InvalidResponse, RedisError

BUDGET = 2 * 1024 * 1024
"""bytes of all replies to one request; a server needs about 15,000, in about 500 lines"""


QUIT = b"*1\r\n$4\r\nQUIT\r\n"


class RedisConnection(Connection):
    """One connection, opened once. It sends no command of its own and never retries."""

    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # hiredis, where it is installed, would read past the guard.
        super().__init__(protocol=2, driver_info=None, parser_class=_AsyncRESP2Parser)
        self._address = target.address
        self._reader, self._writer = reader, cast("asyncio.StreamWriter | None", writer)
        self._replies = cast("Any", self._parser)
        self._lists: dict[tuple[bytes, ...], tuple[bytes, Reply]] = {}
        """command -> bytes and words of its latest reply; one that came again is not parsed again"""
        self._replies.on_connect(self)

    @classmethod
    async def open(cls, target: Target, dialer: Dialer) -> RedisConnection:
        """Connect; nothing is sent yet."""

        def check(first: bytes) -> ServiceError | None:
            if first[:1] in b"+-:$*":
                return None
            return wrong_service(dialer, first, "like Redis", repr(text(first.partition(b"\n")[0]).strip()[:40]))

        silence = (
            "closes the connection without an answer: perhaps it requires TLS (rediss://), or is a proxy such as "
            "twemproxy, which has no INFO"
        )
        streams = await dialer.open(
            target.host,
            target.port,
            dialer.context(),
            BUDGET,
            check=check,
            most="any Redis has to say",
            silence=silence,
        )
        return cls(target, *streams)

    async def ask(self, *commands: tuple[bytes, ...]) -> list[Reply]:
        """Send all commands in one round trip and return their replies.

        A server that refuses the connection does so once and closes it: its refusal stands for the missing replies.
        After any error the connection is closed.

        Raises:
            OSError: the connection fails.
            ServiceError: the guard fails, a reply is malformed, or bytes remain after the last one.
        """
        replies: list[Reply] = []
        try:
            if self._writer is None:
                raise ConnectionResetError
            self._writer.writelines(self.pack_commands(commands))
            await self._writer.drain()
            for command in commands:
                replies.append(await self._reply_to(command))  # noqa: PERF401 - the first ones count after an error
            refused = isinstance(replies[0], Refusal)  # its words say more than bytes that follow them
            if self._reader is not None and unread(self._reader) and not refused:
                raise more_than_asked(self._address)
        except (ConnectionError, EOFError):
            self.end()
            if not (replies and isinstance(replies[-1], Refusal)):
                raise ConnectionResetError from None
        except BaseException:
            self.end()
            raise
        return replies + replies[-1:] * (len(commands) - len(replies))

    async def _reply_to(self, command: tuple[bytes, ...]) -> Reply:
        """Return one reply, the same object while it stays the same list of words."""
        sent, latest = self._lists.get(command, (b"", b""))
        if sent and isinstance(self._reader, LimitedReader) and await self._reader.repeats(sent):
            return latest
        reply = await self._reply()
        if isinstance(reply, list):
            only_words = all(isinstance(word, bytes) for word in reply)
            self._lists[command] = encoded(cast("list[bytes]", reply)) if only_words else b"", reply
        return reply

    async def _reply(self) -> Reply:
        """Return one reply, unparsed; an error reply as a Refusal."""
        try:
            reply: Any = await self._replies.read_response(disable_decoding=True)
        except (InvalidResponse, ValueError, RecursionError):
            raise ServiceError(Reason.PROTOCOL, f"{self._address} sent an invalid answer") from None
        except RedisConnectionError as error:
            if type(error) is RedisConnectionError and error.status_code is None:
                raise EOFError from None
            reply = error
        if isinstance(reply, RedisError):
            return Refusal.of(f"{reply.status_code} {reply}" if reply.status_code else str(reply))
        return cast("Reply", reply)

    def end(self) -> None:
        """Take leave without waiting for the reply."""
        if self._writer is not None:
            leave(self._writer.transport, QUIT)
        self._reader = self._writer = None

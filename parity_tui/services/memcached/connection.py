"""aiomcache parses replies; the dialer's streams carry them."""

from __future__ import annotations

import asyncio
from typing import Any

from parity_tui.model import Dialer, FirstBytesCheck, Reason, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.services.memcached.parse import Answer, text
from parity_tui.transport.foreign import foreign
from parity_tui.transport.guard import LimitedReader, leave, more_than_asked, unread, wrong_service

BOTH = b"stats\r\nstats settings\r\n"
"""both questions; aiomcache would add a blank to the first, which mcrouter refuses"""

SILENCE = (
    "closed the connection without an answer: perhaps it requires TLS, or only the binary protocol (-B binary), "
    "or is a proxy such as twemproxy, which has no `stats`"
)

BUDGET = 512 * 1024
"""bytes of both replies; a server needs about 4,000"""

_LINES = 500
"""lines that are read before other targets have their turn"""


class LoginWantedError(ServiceError):
    """The server requires a login."""


class MemcachedConnection:
    """One connection, opened once: aiomcache's commands without its pool, which opens connections by itself."""

    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import aiomcache

        self._client = aiomcache.Client(target.host, target.port)
        self._address = target.address
        self._reader = reader
        self._writer = writer
        self._line = b""
        self._lines = 0
        self._latest: tuple[bytes, Answer | str] = (b"", "")
        """the latest settings as they came, and parsed"""

    @classmethod
    async def open(cls, target: Target, dialer: Dialer, login: bool = False) -> MemcachedConnection:
        """Connect; nothing is sent yet. Before a ``login`` the server is known to expect no TLS."""
        streams = await dialer.open(
            target.host,
            target.port,
            dialer.context(),
            BUDGET,
            check=_check(dialer),
            most="any Memcached has to say",
            silence="" if login else SILENCE,
        )
        return cls(target, *streams)

    async def ask(self) -> tuple[Answer, Answer | str]:
        """Return the replies to both questions; to the second the refusal as text, as proxies give it."""
        self._writer.write(BOTH)
        stats = await self._answer()
        if isinstance(stats, str):
            refusal = f"{self._address} refuses `stats`: {foreign(stats, 100)}"
            if "unauthenticated" in stats:
                raise LoginWantedError(Reason.AUTH, refusal)
            raise ServiceError(Reason.SERVER, refusal)
        settings = await self._settings()
        if unread(self._reader):
            raise more_than_asked(self._address)
        return stats, settings

    async def _settings(self) -> Answer | str:
        """Return the reply to the second question, the same object while it stays the same."""
        encoded, latest = self._latest
        if encoded and isinstance(self._reader, LimitedReader) and await self._reader.repeats(encoded):
            return latest
        settings = await self._answer(b"settings")
        if not isinstance(settings, str):
            lines = (b"STAT %s %s\r\n" % (name, value or b"") for name, value in settings.items())
            self._latest = b"".join(lines) + b"END\r\n", settings
        return settings

    async def _answer(self, question: bytes | None = None) -> Answer | str:
        from aiomcache.exceptions import ClientException

        try:
            answer: Answer = await self._call("stats", self, self, question)
        except ClientException:
            line = text(self._line).strip()
            if line.startswith(("ERROR", "CLIENT_ERROR", "SERVER_ERROR")):
                return line
            raise self._malformed() from None
        return answer

    def _malformed(self) -> ServiceError:
        line = repr(text(self._line).strip()[:60])
        return ServiceError(Reason.PROTOCOL, f"{self._address} sent an invalid answer: {foreign(line)}")

    async def log_in(self, user: str, password: Secret) -> None:
        """Send user and password as the value of a `set`, which a server with an authentication file takes for a login.

        Any other server stores them for every client to read. Raises ServiceError(Reason.AUTH, …).
        """
        from aiomcache.exceptions import ClientException

        try:
            await self._call("set", self._reader, self._writer, b"auth", f"{user} {password.reveal()}".encode())
        except ClientException:
            raise ServiceError(Reason.AUTH, f"{self._address} rejects the password of {user}") from None

    async def _call(self, command: str, reader: Any, writer: Any, *arguments: bytes | None) -> Any:
        """Call a command of aiomcache below the decorator that takes a connection of its pool."""
        from aiomcache.pool import Connection

        return await getattr(type(self._client), command).__wrapped__(
            self._client, Connection(reader, writer), *arguments
        )

    def write(self, data: bytes) -> None:
        """Ignore a question of aiomcache: :meth:`ask` has sent it."""

    async def readline(self) -> bytes:
        """Return the next line, which aiomcache's errors lack. Raises ServiceError where its end is damaged."""
        self._lines += 1
        if self._lines % _LINES == 0:  # lines that have arrived already are returned without a pause
            await asyncio.sleep(0)
        self._line = await self._reader.readline()
        if self._line.find(b"\r") != len(self._line) - 2:
            raise self._malformed()
        return self._line

    def end(self) -> None:
        """Take leave without waiting for the reply."""
        leave(self._writer.transport, b"quit\r\n")


def _check(dialer: Dialer) -> FirstBytesCheck:
    def check(first: bytes) -> ServiceError | None:
        if first.startswith(b"STAT "):  # no other kind has to be imported to recognize it
            return None
        known = dialer.identify(first) in ("", "Memcached")  # aiomcache reports what cannot be identified
        return None if known else wrong_service(dialer, first, "Memcached")

    return check


def size_of(answer: Answer | str) -> int:
    """Return the bytes of a reply, with those that each of its lines has besides name and value.

    >>> size_of({b"pid": b"12"}), size_of("ERROR")
    (13, 5)
    """
    if isinstance(answer, str):
        return len(answer)
    return sum(len(name) + len(raw or b"") + 8 for name, raw in answer.items())

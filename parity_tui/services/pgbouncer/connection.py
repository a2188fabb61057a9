"""asyncpg at PgBouncer's console, which refuses the extended protocol.

Of the simple protocol asyncpg returns the tag of the command only and drops the rows; :class:`ConsoleConversation` has
them, as it checks every message before the driver sees it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from parity_tui.model import Dialer, Reason, ServiceError
from parity_tui.services.postgres.connection import PostgresLoop
from parity_tui.services.postgres.connection.conversation import PostgresConversation

if TYPE_CHECKING:
    from asyncpg import Connection

CONSOLE = "pgbouncer"
"""the console's name among the databases"""
VERSION_MARK = "/bouncer"
"""ends the version that the console reports at the login; a pool reports that of its server"""

Table = list[dict[str, str | None]]
"""the rows of a reply, by column"""


class ConsoleConversation(PostgresConversation):
    """The messages of one connection; those of the latest reply are kept."""

    reply = b""

    def sent(self, data: bytes | bytearray | memoryview) -> None:
        """Forget the earlier reply."""
        self.reply = b""
        super().sent(data)

    def received(self, data: bytes) -> bytes:
        """Keep the messages that have passed all checks."""
        whole = super().received(data)
        self.reply += whole
        return whole


class ConsoleLoop(PostgresLoop):
    """Event loop for asyncpg and the connection to one console."""

    def __init__(self, dialer: Dialer, *, has_password: bool = True) -> None:
        super().__init__(dialer, has_password=has_password)
        self.conversation: ConsoleConversation | None = None

    def conversation_for(self, protocol: Any) -> PostgresConversation | None:
        """Return the conversation that a protocol begins once TLS is in use or declined."""
        if super().conversation_for(protocol) is None:
            return None
        self.conversation = ConsoleConversation(self.dialer.target, self._check_method)
        return self.conversation


class Console:
    """One login."""

    def __init__(self, connection: Connection[Any], loop: ConsoleLoop) -> None:
        self._connection = connection
        self._loop = loop

    def check(self, address: str) -> None:
        """Raise ServiceError where the peer is a server or a pool of one, which would not know our commands."""
        version = str(getattr(self._connection.get_settings(), "server_version", ""))
        if not version.endswith(VERSION_MARK):
            words = f"{address} is PostgreSQL {version}, not the console of PgBouncer"
            raise ServiceError(Reason.WRONG_SERVICE, words)

    async def ask(self, query: str) -> Table:
        """Return the rows of a command."""
        self._loop.received = 0
        await self._connection.execute(query)
        return table(self._loop.conversation.reply if self._loop.conversation else b"")


def table(reply: bytes) -> Table:
    r"""Return the rows of a checked reply; bytes that are no UTF-8 become surrogates.

    >>> head = b"T\0\0\0\x1c\0\1key\0" + bytes(18)
    >>> table(head + b"D\0\0\0\x0d\0\1\0\0\0\3abc" + b"D\0\0\0\x0a\0\1\xff\xff\xff\xff" + b"Z\0\0\0\5I")
    [{'key': 'abc'}, {'key': None}]
    """
    columns: list[str] = []
    rows: Table = []
    at = 0
    while at + 5 <= len(reply):
        kind, size = reply[at : at + 1], int.from_bytes(reply[at + 1 : at + 5], "big")
        body = reply[at + 5 : at + 1 + size]
        if kind == b"T":
            columns = _columns(body)
        elif kind == b"D":
            rows.append(dict(zip(columns, _fields(body), strict=False)))
        at += 1 + size
    return rows


def _columns(body: bytes) -> list[str]:
    names, at = [], 2
    for _ in range(int.from_bytes(body[:2], "big")):
        end = body.index(b"\0", at)
        names.append(body[at:end].decode(errors="surrogateescape"))
        at = end + 19  # the column's type and format
    return names


def _fields(body: bytes) -> list[str | None]:
    fields: list[str | None] = []
    at = 2
    for _ in range(int.from_bytes(body[:2], "big")):
        (size,) = struct.unpack_from(">i", body, at)
        at += 4
        fields.append(None if size < 0 else body[at : at + size].decode(errors="surrogateescape"))
        at += max(0, size)
    return fields

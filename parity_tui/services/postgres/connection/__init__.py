"""The event loop that asyncpg connects by: through the dialer, and aborted where the peer is no PostgreSQL.

A server without TLS is accepted on the same connection where TLS is only preferred.
"""

from __future__ import annotations

import asyncio
from typing import Any

from parity_tui.model import Dialer, FirstBytesCheck, Reason, ServiceError, TlsMode
from parity_tui.services.postgres.connection.conversation import PostgresConversation
from parity_tui.transport.errors import clear_password, no_password
from parity_tui.transport.guard import wrong_service
from parity_tui.transport.guarded_loop import GuardedLoop

TERMINATE = b"X\0\0\0\4"

CLEAR_TEXT = 3
PASSWORDS = (CLEAR_TEXT, 5, 10)
"""methods of authentication that take a password: clear text, MD5, SASL"""

_LARGEST_FIRST_MESSAGE = 64 * 1024
"""bytes; it asks for the password, or refuses"""


def is_greeting(first: bytes) -> bool:
    r"""Return whether PostgreSQL may begin like that: R, E, N or v, then a plausible length.

    >>> is_greeting(b"R\0\0\0\x17"), is_greeting(b"E"), is_greeting(b"ERROR\r\n"), is_greeting(b"HTTP/1.1")
    (True, True, False, False)
    """
    size = int.from_bytes(first[1:5], "big") if len(first) >= 5 else 4
    return first[:1] in (b"R", b"E", b"N", b"v") and 4 <= size <= _LARGEST_FIRST_MESSAGE


class PostgresLoop(GuardedLoop):
    """Event loop for asyncpg and the connection to one server."""

    def __init__(self, dialer: Dialer, *, has_password: bool = True) -> None:
        super().__init__(dialer, "any PostgreSQL would")
        self._has_password = has_password
        self._prefers_tls = dialer.target.tls is TlsMode.PREFER

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future whose error may stay unread: a cancelled login leaves one that the driver never awaits."""
        future: asyncio.Future[Any] = self._loop.create_future()
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        return future

    def check_for(self, protocol: Any) -> FirstBytesCheck:
        """Return the check of the reply to the request for TLS, or that of PostgreSQL's first message."""
        if not hasattr(protocol, "ssl_is_advisory"):
            return self._check_greeting
        protocol.ssl_is_advisory = self._prefers_tls
        return self._check_tls_reply

    def _check_tls_reply(self, first: bytes) -> ServiceError | None:
        address = self.dialer.target.address
        if first == b"N" and not self._prefers_tls:
            return ServiceError(Reason.TLS, f"{address} offers no TLS")
        if first[:1] == b"E" and is_greeting(first):
            return ServiceError(Reason.SERVER, f"{address} answers with an error before any request")
        return None if first in (b"S", b"N") else wrong_service(self.dialer, first, "PostgreSQL")

    def conversation_for(self, protocol: Any) -> PostgresConversation | None:
        """Return the conversation that a protocol begins once TLS is in use or declined."""
        if hasattr(protocol, "ssl_is_advisory"):
            return None
        return PostgresConversation(self.dialer.target, self._check_method)

    def _check_greeting(self, first: bytes) -> ServiceError | None:
        return None if is_greeting(first) else wrong_service(self.dialer, first, "PostgreSQL")

    def _check_method(self, method: int) -> ServiceError | None:
        """Check what the server asks for; a driver would send an empty password, or a real one in clear text."""
        target = self.dialer.target
        if method in PASSWORDS and not self._has_password:
            return no_password(target.address, target.user)
        return clear_password(target, encrypted=bool(self.tls)) if method == CLEAR_TEXT else None

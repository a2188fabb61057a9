"""Memcached: `stats` and `stats settings`, over the text protocol.

One TCP connection, with TLS where the target asks for it; both commands are sent in one write, so a reading costs one
round trip. No other command is sent, with one exception: to a server that answers "unauthenticated", `set auth` logs
in on a new connection. A server that needs no login would store the same bytes, password included, as an item that
every client can read; therefore the password is sent only after that answer.

Least privilege: none. The protocol has no rights; where an authentication file is in use, any line of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import (
    Dialer,
    Image,
    Reading,
    ReadOnce,
    Reason,
    Service,
    ServiceError,
    Target,
    UnixSocket,
)
from parity_tui.secrets import Secret
from parity_tui.services.memcached.parse import lasting, parse
from parity_tui.services.memcached.remediation import remediate
from parity_tui.services.memcached.rules import RULES
from parity_tui.transport.errors import no_password
from parity_tui.transport.password import password_of
from parity_tui.transport.threads import in_thread_if_large


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Connect, log in if the server demands it, and yield the function that reads."""
    # Here: a kind that is imported needs no event loop yet.
    from parity_tui.services.memcached.connection import LoginWantedError, MemcachedConnection, size_of

    connection = await MemcachedConnection.open(target, dialer)
    try:
        try:
            first = [await connection.ask()]
        except LoginWantedError:
            connection.end()
            connection, first = await MemcachedConnection.open(target, dialer, login=True), []
            await connection.log_in(target.user, await _password(target))

        latest: tuple[object, object, Reading] | None = None

        async def read() -> Reading:
            """Send both commands; the first call uses the replies received while connecting."""
            nonlocal latest
            stats, settings = first.pop() if first else await connection.ask()
            seen = lasting(stats)
            if latest is not None and latest[0] == seen and latest[1] is settings:
                return latest[2]
            size = sum(map(size_of, (stats, settings)))
            reading = await in_thread_if_large(size, parse, stats, settings, target.address)
            latest = seen, settings, reading
            return reading

        yield read
    finally:
        connection.end()


async def _password(target: Target) -> Secret:
    secret = await password_of(target)
    if secret is None:
        raise no_password(target.address, target.user)
    if not target.user:
        raise ServiceError(Reason.AUTH, f"{target.address} requires a user, and its URL has none")
    return secret


def identify(first: bytes) -> str:
    """Return "Memcached" for the first bytes of an error reply, else "".

    >>> identify(b"ERROR"), identify(b"-ERR unknown command")
    ('Memcached', '')
    """
    return "Memcached" if first.startswith((b"ERROR", b"CLIENT_ERROR")) else ""


SERVICE = Service(
    title="Memcached",
    schemes=("memcached",),
    connect=connect,
    privilege="none; where it has an authentication file (-Y), any user of that file",
    rules=RULES,
    scheme_aliases=dict.fromkeys(("memcache", "pymemcache", "pylibmc", "pymemcached"), "memcached"),
    drivers=("pymemcache", "pylibmc", "aiomcache", "python-memcached"),
    unix_socket=UnixSocket(("socket", "path"), in_path=True),
    port=11211,
    begins=lambda target, has_password: True,
    release=2,
    role="cache",
    images=(
        Image(
            "memcached",
            ("memcached",),
            port=("MEMCACHED_PORT_NUMBER",),
            tls_arguments=(("-Z",), ("--enable-ssl",)),
        ),
    ),
    identify=identify,
    remediate=remediate,
)

"""Redis and what speaks its protocol: Valkey, KeyDB, Dragonfly, Garnet, Kvrocks, and the hosted ones.

One TCP connection, with TLS where the target says so. `INFO` and `CONFIG GET *` leave in one write, the first time
behind `AUTH` where there is something to log in with: every reading costs one round trip, the first one too.
Nothing else is ever sent: no HELLO, no CLIENT, no SELECT, which old versions and hosted services refuse. Plain
`INFO` carries server, memory, replication, cluster and modules on every version since 5 and on every fork; `INFO
everything` would add a line for each command ever run.

Least privilege: PRIVILEGE below. The users of Redis 6.0 know no `resetchannels`: leave that word out there. Without
`+config|get` the version and what INFO tells of the settings are compared, and the rest is shown as hidden.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services.redis.client_config import from_client_config
from parity_tui.services.redis.errors import Refusal
from parity_tui.services.redis.parse import check_login, parse
from parity_tui.services.redis.remediation import remediate
from parity_tui.services.redis.rules import RULES
from parity_tui.transport.event_loop import in_thread
from parity_tui.transport.lazy_import import import_driver

INFO = (b"INFO",)
CONFIG = (b"CONFIG", b"GET", b"*")


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Connect and give the way to read; the login travels with the first question."""
    login = await credentials(target)
    async with dialer.preconnect(target.host, target.port):
        await import_driver("parity_tui.services.redis.connection")
        from parity_tui.services.redis.connection import RedisConnection

        wire = await RedisConnection.open(target, dialer)
    hello = [login] if login else []
    closed: Refusal | None = None

    async def read() -> Reading:
        """Ask everything at once, but not again for what has been refused for good."""
        nonlocal closed
        replies = await wire.ask(*hello, INFO, *([] if closed else [CONFIG]))
        if hello:
            check_login(replies.pop(0), target)
            hello.clear()
        config = closed or replies[1]
        if isinstance(config, Refusal) and config.lasting:
            closed = config
        return parse(replies[0], config, target, logged_in=bool(login))

    try:
        yield read
    finally:
        wire.end()


async def credentials(target: Target) -> tuple[bytes, ...]:
    """Return the words that log in, none where the target has nothing to log in with."""
    if target.path.strip("/") and not target.path.strip("/").isdecimal():
        raise ServiceError(
            Reason.CONFIG, f"the path of a Redis address is the number of a database, not {target.path!r}"
        )
    secret = await in_thread(target.password) if target.password is not None else None
    if secret is None and not target.user:
        return ()
    password = secret.reveal() if secret else ""
    return (b"AUTH", *([target.user.encode()] if target.user else []), password.encode("utf-8", "surrogateescape"))


PRIVILEGE = "ACL SETUSER parity on >… resetkeys resetchannels -@all +info +config|get +ping"

SERVICE = Service(
    title="Redis",
    schemes=("redis", "rediss", "valkey", "valkeys"),
    connect=connect,
    privilege=PRIVILEGE,
    rules=RULES,
    client_config=from_client_config,
    port=6379,
    tls_schemes=("rediss", "valkeys"),
    # What libraries read from the same URL and what changes nothing for us; nothing that bears on TLS.
    ignored_options=(
        "client_name", "clientName", "connectTimeout", "conn_max_idle_time", "db", "decode_responses", "dial_timeout",
        "encoding", "encoding_errors", "family", "health_check_interval", "idle_timeout", "keepAlive", "lazyConnect",
        "lib_name", "lib_version", "max_connections", "max_retries", "maxRetriesPerRequest", "min_idle_conns",
        "pool_size", "pool_timeout", "protocol", "read_timeout", "retry_on_timeout", "socket_connect_timeout",
        "socket_keepalive", "socket_read_size", "socket_timeout", "timeout", "write_timeout",
    ),
    release=2,
    remediate=remediate,
)  # fmt: skip

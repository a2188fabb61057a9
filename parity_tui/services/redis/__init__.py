"""Redis and the servers that speak its protocol: Valkey, KeyDB, Dragonfly, Garnet, Kvrocks, and hosted ones.

One TCP connection, with TLS where the target asks for it. `INFO` and `CONFIG GET *` are sent in one write, the first
time preceded by `AUTH` if the target has a login: every reading costs one round trip, the first one too. No other
command is ever sent (no HELLO, CLIENT or SELECT): old versions and hosted services refuse them. Plain `INFO` holds
server, memory, replication, cluster and modules on every version since 5 and on every fork; `INFO everything` would
add a line for each command ever run.

Least privilege: PRIVILEGE below. Redis 6.0 does not know `resetchannels`: leave that word out there. Without
`+config|get` the version and the settings that INFO repeats are compared, and all others are shown as hidden.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Image, Reading, ReadOnce, Reason, Service, ServiceError, Target, UnixSocket
from parity_tui.services.redis.client_config import SCHEME_ALIASES, TLS_OPTIONS, UNSUPPORTED_SCHEMES, from_client_config
from parity_tui.services.redis.errors import Refusal, check_login, size_of
from parity_tui.services.redis.parse import Latest, parse
from parity_tui.services.redis.queries import CONFIG, INFO, encoded
from parity_tui.services.redis.remediation import remediate
from parity_tui.services.redis.rules import HIDDEN, RULES
from parity_tui.transport.lazy_import import import_driver
from parity_tui.transport.password import password_of
from parity_tui.transport.threads import in_thread_if_large


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Connect and yield the function that reads; the login and the first commands may be sent before it is called."""
    auth = await _auth_command(target)
    first = b"" if dialer.context() else encoded(*([auth] if auth else []), INFO, CONFIG)
    async with dialer.preconnect(target.host, target.port, first):
        await import_driver("parity_tui.services.redis.connection", 0)
        from parity_tui.services.redis.connection import RedisConnection

        connection = await RedisConnection.open(target, dialer)
    unsent = [auth] if auth else []
    refused: Refusal | None = None
    latest = Latest()

    async def read() -> Reading:
        """Send all commands at once, except CONFIG after a lasting refusal."""
        nonlocal refused
        replies = await connection.ask(*unsent, INFO, *([] if refused else [CONFIG]))
        if unsent:
            check_login(replies.pop(0), target)
            unsent.clear()
        config = refused or replies[1]
        if isinstance(config, Refusal) and config.lasting:
            refused = config
        size = sum(map(size_of, (replies[0], config)))
        return await in_thread_if_large(size, parse, replies[0], config, target, bool(auth), latest)

    try:
        yield read
    finally:
        connection.end()


async def _auth_command(target: Target) -> tuple[bytes, ...]:
    """Return the command that logs in, () where the target has neither user nor password."""
    if not _has_database(target):
        raise ServiceError(
            Reason.CONFIG, f"the path of a Redis address is the number of a database, not {target.path!r}"
        )
    secret = await password_of(target)
    if secret is None and not target.user:
        return ()
    password = secret.reveal() if secret else ""
    return (b"AUTH", *([target.user.encode()] if target.user else []), password.encode("utf-8", "surrogateescape"))


def _has_database(target: Target) -> bool:
    """Return whether the path of an address is the number of a database, or empty."""
    path = target.path.strip("/")
    return not path or path.isdecimal()


def identify(first: bytes) -> str:
    r"""Return "Redis" for the first bytes of an error or a status reply, else "".

    >>> identify(b"-ERR unknown command"), identify(b"-\0\0\0\n8.0.36"), identify(b"HTTP/1.1")
    ('Redis', '', '')
    """
    return "Redis" if first[:1] in (b"-", b"+") and b"\0" not in first[:4] else ""


_TLS_ARGUMENTS = (
    ("--tls-port", "--port 0"),
    *((f"{product}_TLS_ENABLED {word}",) for product in ("REDIS", "VALKEY") for word in ("yes", "true")),
)
"""with port 0 there is no other port; the variables are those of Bitnami's images, which encrypt the usual one"""

PRIVILEGE = "ACL SETUSER parity on >… resetkeys resetchannels -@all +info +config|get +ping"

SERVICE = Service(
    title="Redis",
    schemes=("redis", "rediss", "valkey", "valkeys"),
    connect=connect,
    privilege=PRIVILEGE,
    rules=RULES,
    client_config=from_client_config,
    port=6379,
    begins=lambda target, has_password: _has_database(target),
    tls_schemes=("rediss", "valkeys"),
    scheme_aliases=SCHEME_ALIASES,
    unsupported_schemes=UNSUPPORTED_SCHEMES,
    drivers=("hiredis", "async", "aioredis", "redispy"),
    tls_options=TLS_OPTIONS,
    # redis-cli, Lettuce, Predis and Symfony; a user without a password is usual for "default" alone.
    password_alone=lambda login: login != "default",
    unix_socket=UnixSocket(("unix_socket", "unix_socket_path", "path"), in_path=True),
    path_pattern=r"\d*",
    # Keys that client libraries read from the same URL and that do not change a reading; none concerns TLS.
    ignored_options=(
        "client_name", "clientName", "connectTimeout", "conn_max_idle_time", "db", "decode_responses", "dial_timeout",
        "encoding", "encoding_errors", "family", "health_check_interval", "idle_timeout", "keepAlive", "lazyConnect",
        "lib_name", "lib_version", "max_connections", "max_retries", "maxRetriesPerRequest", "min_idle_conns",
        "pool_size", "pool_timeout", "protocol", "read_timeout", "retry_on_timeout", "socket_connect_timeout",
        "socket_keepalive", "socket_read_size", "socket_timeout", "timeout", "write_timeout",
    ),
    login_in_reading=True,
    release=2,
    role="cache",
    images=(
        Image(
            "redis",
            (
                *("redis", "redis-stack", "redis-stack-server", "keydb", "dragonfly", "redict", "kvrocks", "garnet"),
                *("redisearch", "redismod", "rejson", "rebloom", "redisgraph", "redistimeseries"),
            ),
            password=("REDIS_PASSWORD", "REDIS_PASSWORD_FILE"),
            login_argument="requirepass",
            tls_arguments=_TLS_ARGUMENTS,
            port=("REDIS_PORT_NUMBER",),
        ),
        Image(
            "valkey",
            ("valkey", "valkey-bundle"),
            password=("VALKEY_PASSWORD", "VALKEY_PASSWORD_FILE", "REDIS_PASSWORD"),
            login_argument="requirepass",
            tls_arguments=_TLS_ARGUMENTS,
            port=("VALKEY_PORT_NUMBER",),
        ),
    ),
    identify=identify,
    hidden=HIDDEN,
    remediate=remediate,
)  # fmt: skip

"""PgBouncer: its settings with their defaults, the pool of each database, and what users have of their own.

The console is the database `pgbouncer`, reached with asyncpg over one kept connection. It understands the simple
protocol only, whose rows asyncpg drops: they are taken from the messages that the guard has checked. Every reading is
four SHOW commands, a round trip each.

Least privilege: a user in `stats_users`, who may run SHOW but neither change a setting nor pause a database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from parity_tui.model import (
    Dialer,
    Image,
    Reading,
    ReadOnce,
    Reason,
    Service,
    ServiceError,
    Target,
    TlsMode,
    UnixSocket,
)
from parity_tui.secrets import Secret
from parity_tui.services.pgbouncer.connection import CONSOLE, Console, ConsoleLoop
from parity_tui.services.pgbouncer.errors import described
from parity_tui.services.pgbouncer.parse import parse
from parity_tui.services.pgbouncer.queries import QUERIES
from parity_tui.services.pgbouncer.remediation import remediate
from parity_tui.services.pgbouncer.rules import RULES
from parity_tui.services.postgres import first_bytes
from parity_tui.services.postgres.client_config import TLS_OPTIONS, from_client_config
from parity_tui.services.postgres.connection import TERMINATE
from parity_tui.transport.errors import described_errors
from parity_tui.transport.lazy_import import import_driver
from parity_tui.transport.password import password_of

if TYPE_CHECKING:
    import ssl


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in to the console and yield the function that reads; leaving does not wait. Raises ServiceError."""
    _check(target)
    secret = await password_of(target)
    loop: Any = ConsoleLoop(dialer, has_password=bool(secret and secret.reveal()))
    login = _login(target, secret, dialer.context())
    port = 0 if target.is_unix_socket else login["port"]
    async with dialer.preconnect(target.host, port, first_bytes(target)):
        await import_driver("asyncpg", 5)
        import asyncpg

        with described_errors(loop, lambda error: described(error, target)):
            connection = await asyncpg.connect(**login, loop=loop)
    try:
        console = Console(connection, loop)
        console.check(target.address)

        async def read() -> Reading:
            """Ask for the version, the settings, the databases and the users."""
            with described_errors(loop, lambda error: described(error, target)):
                version, config, databases, users = [await console.ask(query) for query in QUERIES]
            reading = parse(version, config, databases, users, target.address)
            return replace(reading, notes=(target.tls.note(loop.tls),))

        yield read
    finally:
        loop.leave(TERMINATE)
        connection.terminate()


def _check(target: Target) -> None:
    if not target.host or not target.user:
        lacking = "host" if not target.host else "user"
        raise ServiceError(Reason.CONFIG, f"no {lacking} is given: pgbouncer://USER@HOST:PORT has one")
    if target.path not in ("", CONSOLE):
        words = (
            f"the console is the database {CONSOLE}, not {target.path}: a database behind it has a postgresql:// URL"
        )
        raise ServiceError(Reason.CONFIG, words)


def _login(target: Target, secret: Secret | None, context: ssl.SSLContext | None) -> dict[str, Any]:
    """Return the driver's arguments: all that it would otherwise take from PG… variables and files."""
    return {
        "host": target.host,
        "port": target.port or SERVICE.port,
        "user": target.user,
        "password": secret.reveal if secret else "",  # a function, so that the driver does not keep the text
        "database": CONSOLE,
        "ssl": context or False,
        "direct_tls": False,
        "target_session_attrs": "any",
        "krbsrvname": "postgres",
        "gsslib": "gssapi",
        "server_settings": {"application_name": "parity-tui"},
        "statement_cache_size": 0,
        "timeout": None,  # the caller's deadline covers everything
    }


def privilege_for(target: Target) -> str:
    """Return what makes the target's user, or one for this program, a reader of the console.

    >>> print(privilege_for(Target("dev", "pool", "pgbouncer", user="ops")))
    stats_users = ops    ; in pgbouncer.ini
    "ops" "PASSWORD"     ; in its auth_file
    RELOAD               ; in the console, by one of admin_users
    """
    user = target.user or "parity"
    lines = (
        (f"stats_users = {user}", "in pgbouncer.ini"),
        (f'"{user}" "PASSWORD"', "in its auth_file"),
        ("RELOAD", "in the console, by one of admin_users"),
    )
    width = max(len(text) for text, _ in lines)
    return "\n".join(f"{text:{width}}    ; {where}" for text, where in lines)


def _native(target: Target, environ: Mapping[str, str]) -> Target:
    """Complete the target as psql would for the console."""
    return from_client_config(replace(target, path=CONSOLE), environ)


SERVICE = Service(
    title="PgBouncer",
    schemes=("pgbouncer",),
    connect=connect,
    privilege=privilege_for(Target("", "", "")),
    privilege_for=privilege_for,
    rules=RULES,
    client_config=_native,
    port=6432,
    tls=TlsMode.PREFER,
    tls_options=TLS_OPTIONS,
    ca_mode=TlsMode.VERIFY_CA,
    unix_socket=UnixSocket(("host",), ".s.PGSQL.{port}", peer_login=True),
    ignored_options=(
        "application_name", "channel_binding", "client_encoding", "connect_timeout", "fallback_application_name",
        "gssencmode", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname",
        "sslcompression", "sslnegotiation", "sslsni",
    ),
    release=2,
    role="pool",
    images=(
        Image(
            "pgbouncer",
            ("pgbouncer", "docker-pgbouncer", "pgbouncer-container"),
            user=("DB_USER", "POSTGRESQL_USERNAME"),
            password=("DB_PASSWORD", "POSTGRESQL_PASSWORD"),
            ports=(6432, 5432),
        ),
    ),
    remediate=remediate,
)  # fmt: skip

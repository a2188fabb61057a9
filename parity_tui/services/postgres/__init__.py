"""PostgreSQL: every setting with its source, locales of the databases, extensions, settings of roles and databases.

Reached with asyncpg over one kept connection. Each reading is one statement in one round trip, in a transaction that
the statement itself makes read-only. It runs as COPY … TO STDOUT: nothing is prepared, because a pooler may run every
transaction on another backend. `application_name` is the only startup parameter: every pooler accepts it, and a
further one would hide the server's own value in pg_settings.

Least privilege: a role that may log in; pg_read_all_settings also shows it the settings reserved for superusers, and
SELECT on the ledger of a migration tool the migrations.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from parity_tui.model import Dialer, Image, ReadOnce, Reason, Service, ServiceError, Target, TlsMode, UnixSocket
from parity_tui.services.postgres.client_config import DRIVERS, SCHEME_ALIASES, TLS_OPTIONS, from_client_config
from parity_tui.services.postgres.errors import describe_error
from parity_tui.services.postgres.normalize import overridden
from parity_tui.services.postgres.remediation import remediate
from parity_tui.services.postgres.rules import HIDDEN, RULES
from parity_tui.services.postgres.version import identify
from parity_tui.transport.errors import described_errors
from parity_tui.transport.lazy_import import import_driver
from parity_tui.transport.password import password_of

_SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"
_SESSION_ATTRIBUTES = ("any", "primary", "standby", "prefer-standby", "read-write", "read-only")
"""values of target_session_attrs"""


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in and yield the function that reads; leaving does not wait for the server. Raises ServiceError."""
    # Here: a kind that is imported needs no event loop yet.
    from parity_tui.services.postgres.connection import TERMINATE, PostgresLoop
    from parity_tui.services.postgres.connection.session import Session, login_of, open_connection
    from parity_tui.services.postgres.migrations import Ledgers

    _check(target)
    secret = await password_of(target)
    loop: Any = PostgresLoop(dialer, has_password=bool(secret and secret.reveal()))
    login = login_of(target, target.port or SERVICE.port, secret, dialer.context())
    port = 0 if target.is_unix_socket else login["port"]
    async with dialer.preconnect(target.host, port, first_bytes(target)):
        await import_driver("asyncpg", 5)
        with described_errors(loop, lambda error: describe_error(error, target)):
            connection, notes = await open_connection(target, login, loop)
    try:
        yield Session(connection, target, loop, Ledgers(connection, target.user), notes).read
    finally:
        loop.leave(TERMINATE)
        connection.terminate()


def first_bytes(target: Target) -> bytes:
    """Return what every driver begins with: the request for TLS, where the target may use it.

    A server forgives it if nothing follows.
    """
    return b"" if target.is_unix_socket or target.tls is TlsMode.OFF else _SSL_REQUEST


def _begins(target: Target, has_password: bool) -> bool | bytes:
    _check(target)
    return first_bytes(target) or True


def _check(target: Target) -> None:
    """Reject a target that the driver would complete from variables and files of this process."""
    if "service" in target.options:
        raise ServiceError(Reason.CONFIG, 'service= requires auth = "native"')
    if not target.host or not target.user:
        lacking = "host" if not target.host else "user"
        raise ServiceError(Reason.CONFIG, f"no {lacking} is given: postgresql://USER@HOST:PORT/DATABASE has one")
    wanted = target.options.get("target_session_attrs", "any")
    if wanted not in _SESSION_ATTRIBUTES:
        values = ", ".join(_SESSION_ATTRIBUTES)
        raise ServiceError(Reason.CONFIG, f"target_session_attrs is one of {values}, not {wanted}")


def _explain(setting: str) -> str:
    from parity_tui.services.postgres.rules.whys import explain

    return explain(setting)


SERVICE = Service(
    title="PostgreSQL",
    schemes=("postgresql", "postgres"),
    connect=connect,
    privilege="CREATE ROLE parity LOGIN PASSWORD '…' CONNECTION LIMIT 5; GRANT pg_read_all_settings TO parity;",
    rules=RULES,
    client_config=from_client_config,
    port=5432,
    begins=_begins,
    tls=TlsMode.PREFER,
    scheme_aliases=SCHEME_ALIASES,
    drivers=DRIVERS,
    tls_options=TLS_OPTIONS,
    ca_mode=TlsMode.VERIFY_CA,
    unix_socket=UnixSocket(("host",), ".s.PGSQL.{port}", peer_login=True),
    session_options=(
        "options", "search_path", "schema", "currentSchema", "schema_search_path", "TimeZone", "timezone",
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "default_transaction_isolation",
        "default_transaction_read_only",
    ),
    options=("target_session_attrs", "service"),
    ignored_options=(
        "application_name", "ApplicationName", "channel_binding", "charset", "client_encoding", "connect_timeout",
        "connectTimeout", "fallback_application_name", "gssencmode", "keepalives", "keepalives_count",
        "keepalives_idle", "keepalives_interval", "krbsrvname", "load_balance_hosts", "loadBalanceHosts", "pgbouncer",
        "pool", "pool_size", "pool_mode", "max_overflow", "pool_timeout", "pool_recycle", "connection_limit",
        "conn_max_age", "conn_health_checks", "loginTimeout", "prepared_statements", "prepareThreshold",
        "reWriteBatchedInserts", "serverVersion", "socketTimeout", "sslcompression", "ssl_max_protocol_version",
        "ssl_min_protocol_version", "sslnegotiation", "sslsni", "statement_cache_size", "stringtype",
        "prepared_statement_cache_size", "prepared_statement_name_func", "tcpKeepAlive", "tcp_user_timeout",
    ),
    release=1,
    role="database",
    images=(
        Image(
            "postgresql",
            (
                *("postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"),
                *("pgvecto-rs", "vchord-postgres", "vchord-suite", "paradedb", "citus", "age", "pgroonga", "spilo"),
                *("postgresml", "orioledb", "postgresql-repmgr"),
            ),
            user=("POSTGRES_USER", "POSTGRESQL_USERNAME", "POSTGRESQL_USER"),
            password=(
                *("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRESQL_PASSWORD", "POSTGRESQL_PASSWORD_FILE"),
                *("POSTGRESQL_POSTGRES_PASSWORD", "PGPASSWORD"),
            ),
            port=("PGPORT", "POSTGRESQL_PORT_NUMBER"),
            path=("POSTGRES_DB", "POSTGRESQL_DATABASE"),
            default_user="postgres",
            default_path="{user}",
        ),
    ),
    identify=identify,
    hidden=HIDDEN,
    overridden=overridden,
    explain=_explain,
    remediate=remediate,
)  # fmt: skip

"""PostgreSQL: every setting with its source, locales of the databases, extensions, settings of roles and databases.

Reached with asyncpg over one kept connection. Each reading is one statement in one round trip, in a transaction that
the statement itself makes read-only. It runs as COPY … TO STDOUT: nothing is prepared, because a pooler may run every
transaction on another backend. `application_name` is the only startup parameter: every pooler accepts it, and a
further one would hide the server's own value in pg_settings.

Least privilege: a role that may log in; pg_read_all_settings also shows it the settings reserved for superusers, and
SELECT on the ledger of a migration tool the migrations.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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
from parity_tui.services.postgres.client_config import DRIVERS, SCHEME_ALIASES, TLS_OPTIONS, from_client_config
from parity_tui.services.postgres.connection import TERMINATE, PostgresLoop
from parity_tui.services.postgres.connection.copy import copied, decode_row
from parity_tui.services.postgres.errors import DATABASE, NO_SUCH_DATABASE, describe_error, is_query_error
from parity_tui.services.postgres.migrations import Ledgers
from parity_tui.services.postgres.normalize import overridden
from parity_tui.services.postgres.parse import decode, parse
from parity_tui.services.postgres.queries import PLAIN, SETTINGS_ONLY, Answer, settings_only, statements, with_known
from parity_tui.services.postgres.remediation import literal, remediate
from parity_tui.services.postgres.rules import HIDDEN, RULES
from parity_tui.services.postgres.version import identify
from parity_tui.transport.event_loop import in_thread_if_large
from parity_tui.transport.lazy_import import import_driver
from parity_tui.transport.password import password_of

if TYPE_CHECKING:
    import ssl

    from asyncpg import Connection

APPLICATION = "parity-tui"

_SESSION_ATTRIBUTES = ("any", "primary", "standby", "prefer-standby", "read-write", "read-only")
"""values of target_session_attrs"""


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in and yield the function that reads; leaving does not wait for the server. Raises ServiceError."""
    _check(target)
    secret = await password_of(target)
    loop: Any = PostgresLoop(dialer, has_password=bool(secret and secret.reveal()))
    login = _login(target, secret, dialer.context())
    async with dialer.preconnect(target.host, 0 if target.is_unix_socket else login["port"]):
        await import_driver("asyncpg", 5)
        with _described_errors(target, loop):
            connection, notes = await _open(target, login, loop)
    try:
        yield Session(connection, target, loop, notes).read
    finally:
        loop.leave(TERMINATE)
        connection.terminate()


async def _open(target: Target, login: dict[str, Any], loop: Any) -> tuple[Connection[Any], tuple[str, ...]]:
    """Connect to the target's database, and return notes; without one to the user's own, as the app's client does."""
    import asyncpg

    if target.path or target.user == DATABASE:
        return await asyncpg.connect(**login, loop=loop), ()
    own = {**login, "database": target.user}
    try:
        connection = await asyncpg.connect(**login, loop=loop)
    except asyncpg.PostgresError as error:
        if error.sqlstate not in NO_SUCH_DATABASE:
            raise
        return await asyncpg.connect(**own, loop=loop), ()
    try:
        # By the simple protocol: a pooler may run each message of the extended one on another backend.
        found = await connection.execute(
            f"SELECT FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) {literal(target.user)}"
        )
    except BaseException:
        connection.terminate()
        raise
    if found == "SELECT 0":
        note = f"the URL has no database, and {target.user} does not exist: reading {DATABASE}"
        return connection, (note,)
    loop.leave(TERMINATE)
    connection.terminate()
    return await asyncpg.connect(**own, loop=loop), ()


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


def _login(target: Target, secret: Secret | None, context: ssl.SSLContext | None) -> dict[str, Any]:
    """Return the driver's arguments: all that it would otherwise take from PG… variables and files."""
    return {
        "host": target.host,
        "port": target.port or SERVICE.port,
        "user": target.user,
        "password": secret.reveal if secret else "",  # a function, so that the driver does not keep the text
        "database": target.path or DATABASE,
        "ssl": context or False,
        "direct_tls": False,
        "target_session_attrs": target.options.get("target_session_attrs", "any"),
        "krbsrvname": "postgres",
        "gsslib": "gssapi",
        "server_settings": {"application_name": APPLICATION},
        "statement_cache_size": 0,
        "timeout": None,  # the caller's deadline covers everything
    }


class Session:
    """One connection, its statement and the latest reading."""

    def __init__(
        self, connection: Connection[Any], target: Target, loop: PostgresLoop, notes: tuple[str, ...] = ()
    ) -> None:
        self._notes = notes
        self._connection = connection
        self._target = target
        self._loop = loop
        major = connection.get_server_version().major
        self._statements = statements(connection.get_settings(), major, target.address)
        self._prepared: Any = None
        self._hash: int | None = None
        self._reading: Reading | None = None
        self._answer = Answer("", [])
        self._without_ledgers = Reading("", "", {})
        self._ledgers = Ledgers(connection, target.user)

    async def read(self) -> Reading:
        """Read once, in one round trip (two where ledgers are new); an equal answer returns the same object."""
        self._loop.received = 0
        with _described_errors(self._target, self._loop):
            while True:
                try:
                    return await self._read()
                except Exception as error:
                    if len(self._statements) == 1 or not is_query_error(error):
                        raise
                    del self._statements[0]
                    self._prepared = None

    async def _read(self) -> Reading:
        if self._statements[0] in (SETTINGS_ONLY, PLAIN):
            if self._prepared is None:
                self._prepared = await self._connection.prepare(self._statements[0])
            return self._parse(settings_only(await self._prepared.fetch()), pooled=False)
        received = await copied(self._connection, with_known(self._statements[0], self._hash), "binary")
        row = decode_row(received, self._target.address)
        if row.body is not None or self._reading is None:
            pooled = row.pid != self._connection.get_server_pid()
            body = row.body or b""
            self._answer, self._without_ledgers = await in_thread_if_large(len(body), self._decoded, body, pooled)
            self._hash = row.hash
        elif not (self._answer.standby and self._ledgers.always):
            return self._reading
        return await self._with_ledgers()

    async def _with_ledgers(self) -> Reading:
        """Return the reading with the ledgers of migrations, in one more round trip where they are new or changed."""
        self._loop.received = 0
        ledgers = await self._ledgers.read(self._answer.ledgers or (), bool(self._answer.standby))
        reading = self._without_ledgers
        reading = replace(reading, facts={**reading.facts, **ledgers}) if ledgers else reading
        if reading != self._reading or self._reading is None:
            self._reading = reading
        return self._reading

    def _decoded(self, body: bytes, pooled: bool) -> tuple[Answer, Reading]:
        answer = decode(body, self._target.address)
        return answer, self._parse(answer, pooled)

    def _parse(self, answer: Answer, pooled: bool) -> Reading:
        notes = (_tls_note(self._loop.tls, self._target.tls), *(("via a pooler",) if pooled else ()), *self._notes)
        unix_socket = self._target.host.startswith("/")
        return parse(answer, self._target.user, self._target.address, notes, pooled=pooled, unix_socket=unix_socket)


def _tls_note(version: str, mode: TlsMode) -> str:
    if not version:
        return "no TLS"
    unverified = {TlsMode.VERIFY_FULL: "", TlsMode.VERIFY_CA: ", host name not verified"}.get(mode, ", not verified")
    return version.replace("TLSv", "TLS ") + unverified


@contextmanager
def _described_errors(target: Target, loop: PostgresLoop) -> Iterator[None]:
    """Raise the guard's finding, else the described error of asyncpg."""
    try:
        yield
    except ServiceError:
        raise
    except Exception as error:
        described = loop.problem or describe_error(error, target)
        if described is error:
            raise
        raise described from error


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
    tls=TlsMode.PREFER,
    scheme_aliases=SCHEME_ALIASES,
    drivers=DRIVERS,
    tls_options=TLS_OPTIONS,
    ca_mode=TlsMode.VERIFY_CA,
    unix_socket=UnixSocket(("host",), ".s.PGSQL.{port}", peer_login=True),
    session_options=("options", "search_path", "schema", "currentSchema", "schema_search_path"),
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

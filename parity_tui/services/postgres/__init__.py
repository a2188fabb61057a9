"""PostgreSQL: every setting with its source, the databases' locales, extensions, and what is set for roles.

Reached with asyncpg over one connection that is kept; each reading is one statement in one round trip, in a
transaction that it makes read-only itself. The statement is never prepared under a name, so that a pooler which
hands every transaction to another backend does no harm. The only startup parameter of ours is the name of the
application: every pooler takes that one, and pg_settings shows the server's settings and not ours.

Least privilege: a role that may log in; with pg_read_all_settings it sees the settings that are for superusers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from parity_tui.model import Dialer, Reading, ReadOnce, Reason, Service, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services.postgres.client_config import from_client_config
from parity_tui.services.postgres.connection import GuardedLoop
from parity_tui.services.postgres.parse import parse, read
from parity_tui.services.postgres.queries import (
    OLDEST,
    PLAIN,
    SETTINGS_ONLY,
    Answer,
    SettingRow,
    statement,
)
from parity_tui.services.postgres.remediation import remediate
from parity_tui.services.postgres.rules import RULES
from parity_tui.transport.event_loop import in_thread
from parity_tui.transport.lazy_import import import_driver

if TYPE_CHECKING:
    import ssl

    from asyncpg import Connection, PostgresError

APPLICATION = "parity-tui"

DATABASE = "postgres"
"""the one that is read where none is named"""

ATTRIBUTES = ("any", "primary", "standby", "prefer-standby", "read-write", "read-only")
"""what target_session_attrs may be"""


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in and give what reads; the connection is dropped at once on leaving."""
    _check(target)
    secret = await in_thread(target.password) if target.password else None
    wire: Any = GuardedLoop(target, dialer)
    login = _login(target, secret, dialer.context())
    async with dialer.preconnect(login["host"], login["port"]):
        await import_driver("asyncpg")
        import asyncpg

        with _in_words(target, wire):
            connection = await asyncpg.connect(**login, loop=wire)
    try:
        yield Session(connection, target, wire).read
    finally:
        connection.terminate()


def _login(target: Target, secret: Secret | None, context: ssl.SSLContext | None) -> dict[str, Any]:
    """Return what the driver is told: everything that it would otherwise look for in PG… variables and in files."""
    return {
        "host": target.host,
        "port": target.port or SERVICE.port,
        "user": target.user,
        "password": secret.reveal if secret else "",  # called at login, so that the driver does not keep the text
        "database": target.path or DATABASE,
        "ssl": context or False,
        "direct_tls": False,
        "target_session_attrs": target.options.get("target_session_attrs", "any"),
        "krbsrvname": "postgres",
        "gsslib": "gssapi",
        "server_settings": {"application_name": APPLICATION},
        "statement_cache_size": 0,
        "timeout": None,  # the caller has one for everything
    }


def _check(target: Target) -> None:
    """Refuse what the driver would fill in from the surroundings of this process."""
    if "service" in target.options:
        raise ServiceError(Reason.CONFIG, 'a service of pg_service.conf counts with auth = "native" only')
    if not target.host or not target.user:
        lacking = "host" if not target.host else "user"
        raise ServiceError(Reason.CONFIG, f"no {lacking} is given: postgresql://USER@HOST:PORT/DATABASE has one")
    attributes = target.options.get("target_session_attrs", "any")
    if attributes not in ATTRIBUTES:
        raise ServiceError(Reason.CONFIG, f"target_session_attrs is one of {', '.join(ATTRIBUTES)}, not {attributes}")


class Session:
    """One connection, its statement, and what it last said."""

    def __init__(self, connection: Connection[Any], target: Target, wire: GuardedLoop) -> None:
        self._connection = connection
        self._target = target
        self._wire = wire
        self._statements = _statements(connection, target.address)
        self._prepared: Any = None
        self._hash: int | None = None
        self._reading: Reading | None = None

    async def read(self) -> Reading:
        """Ask once: one round trip, two the first time. The same answer gives the very same reading."""
        self._wire.received = 0
        with _in_words(self._target, self._wire):
            while True:
                try:
                    return await self._ask()
                except Exception as error:
                    if len(self._statements) == 1 or not _too_much_asked(error):
                        raise
                    del self._statements[0]
                    self._prepared = None

    async def _ask(self) -> Reading:
        """Send the statement and make a reading of what has changed."""
        if self._prepared is None:
            self._prepared = await self._connection.prepare(self._statements[0])
        if self._statements[0] in (SETTINGS_ONLY, PLAIN):
            return self._plain(await self._prepared.fetch())
        row = await self._prepared.fetchrow(self._hash)
        if row["body"] is not None or self._reading is None:
            pooled = row["pid"] != self._connection.get_server_pid()
            self._reading = parse(row["body"], self._target.user, self._target.address, self._notes(pooled))
            self._hash = row["hash"]
        return self._reading

    def _plain(self, rows: list[Any]) -> Reading:
        """Make a reading of what a relative of PostgreSQL says, or a server that is very old."""
        version, *settings = (SettingRow(row[0], row[1], (row[2] or "s")[0], *row[3:]) for row in rows)
        answer = Answer(version.setting or "", settings)
        return read(answer, self._target.user, self._target.address, self._notes(pooled=False))

    def _notes(self, pooled: bool) -> tuple[str, ...]:
        """Return what a person should know of the connection."""
        checks = {TlsMode.VERIFY_FULL: "", TlsMode.VERIFY_CA: ", host name not verified"}.get(
            self._target.tls, ", not verified"
        )
        tls = self._wire.tls.replace("TLSv", "TLS ") + checks if self._wire.tls else "no TLS"
        return (tls, "via a pooler") if pooled else (tls,)


def _statements(connection: Connection[Any], where: str) -> list[str]:
    """Return the statements to try, the one that tells most first."""
    settings = connection.get_settings()
    version = getattr(settings, "server_version", "")
    if version.endswith("/bouncer"):
        raise ServiceError(Reason.WRONG_SERVICE, f"{where} is the console of PgBouncer {version[:-8]}, not a database")
    relative = any(hasattr(settings, sign) for sign in ("crdb_version", "crate_version", "padb_version"))
    major = connection.get_server_version().major
    whole = [] if relative or major < OLDEST else [statement(major), statement(major, updates=False)]
    return [*whole, SETTINGS_ONLY, PLAIN]


def _too_much_asked(error: Exception) -> bool:
    """Tell whether a statement failed for what it asks: a name or a right that is not there, a broken file."""
    return getattr(error, "sqlstate", "")[:2] in ("0A", "22", "42", "58", "F0", "XX")


@contextmanager
def _in_words(target: Target, wire: GuardedLoop) -> Iterator[None]:
    """Raise a ServiceError instead of what asyncpg raises, where there is more to say than that it failed."""
    import asyncpg

    try:
        yield
    except ServiceError:
        raise
    except asyncpg.PostgresError as error:
        raise wire.problem or _refusal(error, target) from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise wire.problem or _confusion(error, target) from error
    except OSError as error:
        if wire.problem:
            raise wire.problem from error
        raise


def _refusal(error: PostgresError, target: Target) -> ServiceError:
    """Return what the server's own error means."""
    where, state, message = target.address, error.sqlstate or "", str(error)
    match state:
        case "28P01":
            return ServiceError(
                Reason.AUTH, f"{where} rejects the password of {target.user}: it is wrong or has expired"
            )
        case "28000":
            return ServiceError(Reason.AUTH, f"{where} does not let {target.user} in: {message}")
        case "3D000":
            return ServiceError(Reason.CONFIG, f'{where} has no database "{target.path or DATABASE}"')
        case "42501":
            return ServiceError(Reason.FORBIDDEN, f"{where} forbids it to {target.user}: {message}")
        case "08P01":  # a pooler's only code
            return ServiceError(_pooler_reason(message), f"{where} refuses: {message}")
        case "57P01" | "57P02":
            return ServiceError(Reason.CLOSED, f"{where} is shutting down")
        case "53300":
            return ServiceError(Reason.SERVER, f"{where}: {message}")
        case "57P03":
            return ServiceError(Reason.SERVER, f"{where} {_unready(message, error.detail or '')}")
        case _ if state.startswith("08"):
            return ServiceError(Reason.CLOSED, f"{where} closed the connection")
        case _:
            return ServiceError(Reason.SERVER, f"{where} answers with an error: {message}")


def _unready(message: str, detail: str) -> str:
    """Return what a server is doing that takes no connections now, in its words and one of ours.

    >>> _unready("the database system is starting up", "")
    'is starting: the database system is starting up'
    >>> _unready("the database system is not accepting connections", "Hot standby mode is disabled.")
    'takes no connections: the database system is not accepting connections (Hot standby mode is disabled)'
    """
    ends, closed = "shutting down" in message, "not accepting" in message
    what = "takes no connections" if ends or closed else "is starting"
    return f"{what}: {message} ({detail.rstrip('.')})" if detail else f"{what}: {message}"


def _pooler_reason(message: str) -> Reason:
    """Return the reason for which a pooler refuses, by its words.

    >>> str(_pooler_reason("no such database: shop")), str(_pooler_reason("no more connections allowed"))
    ('config', 'server')
    """
    words = {
        "database": Reason.CONFIG,
        "auth": Reason.AUTH,
        "no such user": Reason.AUTH,
        "connections": Reason.SERVER,
    }
    return next((reason for word, reason in words.items() if word in message), Reason.SERVER)


def _confusion(error: Exception, target: Target) -> ServiceError:
    """Return what the driver's own error means."""
    if "is closed" in str(error):
        return ServiceError(Reason.CLOSED, f"{target.address} closed the connection")
    if type(error).__name__ == "TargetServerAttributeNotMatched":
        wanted = target.options.get("target_session_attrs")
        return ServiceError(Reason.SERVER, f"{target.address} is not {wanted}, which target_session_attrs asks for")
    return ServiceError(Reason.PROTOCOL, f"{target.address} answers in a way that is not understood: {error}")


SERVICE = Service(
    title="PostgreSQL",
    schemes=("postgresql", "postgres"),
    connect=connect,
    privilege="CREATE ROLE parity LOGIN PASSWORD '…' CONNECTION LIMIT 5; GRANT pg_read_all_settings TO parity;",
    rules=RULES,
    client_config=from_client_config,
    port=5432,
    tls=TlsMode.PREFER,
    options=("target_session_attrs", "service"),
    ignored_options=(
        "application_name", "channel_binding", "client_encoding", "connect_timeout", "fallback_application_name",
        "gssencmode", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname",
        "load_balance_hosts", "options", "pgbouncer", "pool_size", "max_overflow", "pool_timeout", "pool_recycle",
        "connection_limit", "conn_max_age", "schema", "sslcompression", "sslnegotiation", "statement_cache_size",
        "prepared_statement_cache_size", "tcp_user_timeout",
    ),
    release=1,
    remediate=remediate,
)  # fmt: skip

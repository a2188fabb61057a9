"""MySQL and MariaDB, and products that speak their protocol: Percona Server, Aurora, TiDB.

Reached with asyncmy over one kept connection. Each reading is one statement in one round trip on the server's own
tables: every global variable with the source of its value, character sets of the databases, the time zone in force.
The login names no database, so that it needs no right to one. Nothing is ever set, not even for the session.

TLS is never given up silently: if it is only preferred and the server has none, the reading notes "no TLS". A password
is sent in clear text only over TLS, or where `tls = "off"` is written.

Least privilege: a user without any; SHOW DATABASES also shows it the character sets of the databases, and SELECT on the
ledger of a migration tool the migrations.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import (
    Dialer,
    Image,
    ReadOnce,
    Reason,
    Service,
    ServiceError,
    Target,
    TlsMode,
    UnixSocket,
)
from parity_tui.services.mysql.client_config import DRIVERS, SCHEME_ALIASES, TLS_OPTIONS, from_client_config
from parity_tui.services.mysql.errors import describe_error
from parity_tui.services.mysql.remediation import remediate
from parity_tui.services.mysql.rules import HIDDEN, RULES
from parity_tui.services.mysql.version import identify
from parity_tui.transport.errors import described_errors
from parity_tui.transport.lazy_import import import_driver
from parity_tui.transport.password import password_of


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in and yield the function that reads; leaving does not wait for the server. Raises ServiceError."""
    if not target.host or not target.user:
        lacking = "host" if not target.host else "user"
        raise ServiceError(Reason.CONFIG, f"no {lacking} is given: mysql://USER@HOST:PORT/DATABASE has one")
    secret = await password_of(target)
    async with dialer.preconnect(target.host, 0 if target.is_unix_socket else target.port or SERVICE.port):
        await import_driver("parity_tui.services.mysql.connection", 3)
        from parity_tui.services.mysql.connection import MySQLConnection
        from parity_tui.services.mysql.connection.session import Session

        connection = MySQLConnection(target, secret, dialer)
        try:
            with described_errors(connection, lambda error: describe_error(error, target, connection.secure)):
                await connection.connect()
        except BaseException:
            connection.end()
            raise
    try:
        connection.forget()
        yield Session(connection, target).read
    finally:
        connection.end()


def _explain(variable: str) -> str:
    from parity_tui.services.mysql.rules.whys import explain

    return explain(variable)


SERVICE = Service(
    title="MySQL / MariaDB",
    schemes=("mysql", "mariadb"),
    connect=connect,
    privilege="CREATE USER parity@'%' IDENTIFIED BY '…' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5;",
    rules=RULES,
    client_config=from_client_config,
    port=3306,
    begins=lambda target, has_password: bool(target.user),
    tls=TlsMode.PREFER,
    scheme_aliases=SCHEME_ALIASES,
    drivers=DRIVERS,
    tls_options=TLS_OPTIONS,
    ca_mode=TlsMode.VERIFY_CA,
    unix_socket=UnixSocket(("unix_socket", "socket", "socketPath", "localSocket"), peer_login=True),
    session_options=(
        "init_command", "initSQL", "sessionVariables", "sql_mode", "time_zone", "timezone", "charset", "collation",
        "characterEncoding", "connectionCollation", "autocommit", "connectionTimeZone", "serverTimezone",
    ),
    ignored_options=(
        "use_unicode", "connect_timeout", "read_timeout", "write_timeout", "serverVersion",
        "enabledTLSProtocols", "tlsVersions", "connectTimeout", "socketTimeout", "autoReconnect", "useCursorFetch",
        "rewriteBatchedStatements", "cachePrepStmts", "prepStmtCacheSize", "useServerPrepStmts", "connectionLimit",
        "local_infile", "parseTime", "loc", "timeout", "readTimeout",
        "writeTimeout", "multiStatements", "allowNativePasswords", "interpolateParams", "useUnicode",
        "zeroDateTimeBehavior", "allowPublicKeyRetrieval",
        "useLegacyDatetimeCode", "pool", "pool_size", "max_overflow", "pool_timeout", "pool_recycle", "reconnect",
        "encoding", "connection_limit", "conn_max_age", "socket_timeout", "binary_prefix", "auth_plugin_map",
        "program_name",
    ),
    release=2,
    role="database",
    images=(
        Image(
            "mysql",
            ("mysql", "mysql-server", "percona", "percona-server", "percona-xtradb-cluster", "pxc"),
            user=("MYSQL_USER",),
            password=("MYSQL_PASSWORD", "MYSQL_PASSWORD_FILE", "MYSQL_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD_FILE"),
            path=("MYSQL_DATABASE",),
            default_user="root",
            port=("MYSQL_TCP_PORT", "MYSQL_PORT_NUMBER"),
        ),
        Image(
            "mariadb",
            ("mariadb", "mariadb-galera"),
            user=("MARIADB_USER", "MYSQL_USER"),
            password=(
                *("MARIADB_PASSWORD", "MYSQL_PASSWORD", "MARIADB_PASSWORD_FILE", "MYSQL_PASSWORD_FILE"),
                *("MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"),
                *("MARIADB_ROOT_PASSWORD_FILE", "MYSQL_ROOT_PASSWORD_FILE"),
            ),
            path=("MARIADB_DATABASE", "MYSQL_DATABASE"),
            port=("MYSQL_TCP_PORT", "MARIADB_PORT_NUMBER"),
            default_user="root",
        ),
    ),
    identify=identify,
    hidden=HIDDEN,
    explain=_explain,
    remediate=remediate,
)  # fmt: skip

"""Severity, type and reason of every setting."""

from __future__ import annotations

from parity_tui.model import Rule, Severity, ValueType
from parity_tui.services._listening import WHY

C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741
BOOL, NUMBER, SIZE, DURATION = ValueType.BOOL, ValueType.NUMBER, ValueType.SIZE, ValueType.DURATION
ENUM, SET, TEXT = ValueType.ENUM, ValueType.SET, ValueType.TEXT

OFF = {"0": "off"}
NO_LIMIT = {"0": "no limit"}

_MODE = "In transaction or statement mode SET, temporary tables, LISTEN and session locks do not last."
_POOL = "Clients wait for a connection earlier under load."
_REFUSED = "Clients beyond it wait or are refused."
_SENT = "It names hosts and users of its own environment."
_FILE = "The path of a file belongs to the host."
_LISTENS = "Where it listens belongs to the host."
_SOCKET = "The Unix socket belongs to the host."
_LOG = "Changes what gets logged."
_SYSLOG = "Log lines go to a different place."
_TLS = "Older or newer peers may fail the TLS handshake."
_CIPHERS = "Peers sharing no cipher fail the TLS handshake."
_KEEPALIVE = "Dead connections are noticed sooner or later."
_DNS = "After a failover clients reach the old address for this long."
_LISTED = "Different users may use the console."
_LOGIN = "Users of one side are unknown on the other."
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def _of_database(setting: str) -> tuple[str, ...]:
    """Return the row of the database that a setting belongs to.

    >>> _of_database("database.shop.eu.host")
    ('database.shop.eu',)
    """
    return (setting.rpartition(".")[0],)


def _pool(setting: str) -> tuple[str, ...]:
    """Return the rows that explain a setting of a pool: its database, and the setting of all databases.

    >>> _pool("database.shop.pool_size")
    ('database.shop', 'default_pool_size')
    """
    database, _, column = setting.rpartition(".")
    return database, _COMMON.get(column, column)


_COMMON = {
    "pool_size": "default_pool_size", "max_connections": "max_db_connections",
    "max_client_connections": "max_db_client_connections",
}  # fmt: skip


def _database(column: str, severity: Severity, why: str, type: ValueType = TEXT, **more: object) -> Rule:  # noqa: A002
    explained_by = _pool if more.get("derived") else _of_database
    return Rule(f"database.*.{column}", severity, why, type, explained_by=explained_by, **more)  # type: ignore[arg-type]


DATABASES = (
    _database("pool_mode", C, _MODE, ENUM, derived=True),
    _database("pool_size", W, _POOL, NUMBER, derived=True, capacity=True),
    _database("min_pool_size", I, "Fewer connections are ready when load returns.", NUMBER, derived=True),
    _database("reserve_pool_size", I, "Fewer further connections help out when clients wait.", NUMBER, derived=True),
    _database("server_lifetime", I, "Connections are replaced sooner or later.", DURATION, derived=True),
    _database("max_connections", W, _POOL, NUMBER, special=NO_LIMIT, derived=True),
    _database("max_client_connections", W, _REFUSED, NUMBER, special=NO_LIMIT, derived=True),
    _database("load_balance_hosts", I, "Several hosts are used in turn, or in their order.", ENUM),
    _database("paused", W, "Clients of a paused database wait.", BOOL),
    _database("disabled", W, "New clients of a disabled database are refused.", BOOL),
    _database("host", N, _SENT),
    _database("port", N, _SENT),
    _database("database", N, _SENT),
    _database("force_user", W, "Clients use one user of the server, or each its own: rights and pools differ."),
    Rule(
        "database.*",
        W,
        "Clients of a database without an entry are refused, unless `*` serves it: then it is listed once it is used.",
        explained_by="",
    ),
)

USERS = (
    Rule("user.*.pool_mode", C, f"For all databases of this user. {_MODE}", ENUM, explained_by=""),
    Rule("user.*.pool_size", W, _POOL, NUMBER, capacity=True),
    Rule("user.*.reserve_pool_size", I, _POOL, NUMBER),
    Rule("user.*.max_user_connections", W, _POOL, NUMBER, special=NO_LIMIT, explained_by=""),
    Rule("user.*.max_user_client_connections", W, _REFUSED, NUMBER, special=NO_LIMIT, explained_by=""),
)

RULES = (
    Rule("version", W, "Prepared statements in transaction mode need 1.21; later versions have safer defaults."),
    *DATABASES,
    *USERS,
    Rule("pool_mode", C, _MODE, ENUM),
    Rule(
        "max_prepared_statements",
        C,
        "When off, protocol-level prepared statements fail in transaction mode.",
        NUMBER,
        special=OFF,
        derived=True,
    ),
    Rule("track_extra_parameters", W, "A client's value of other parameters leaks to the next client.", SET),
    Rule("ignore_startup_parameters", C, "Clients whose driver sends another parameter are refused.", SET),
    Rule("auth_type", C, "Logins fail, or succeed without a password.", ENUM),
    Rule("auth_file", W, f"{_LOGIN} Only whether there is a file is compared."),
    Rule("auth_hba_file", W, "Addresses are let in by rules of a file. Only whether there is one is compared."),
    Rule("auth_ident_file", W, "Users are mapped by a file. Only whether there is one is compared."),
    Rule("auth_query", W, _LOGIN),
    Rule("auth_user", W, _LOGIN),
    Rule("auth_dbname", W, _LOGIN),
    Rule("client_tls_sslmode", C, "One side refuses clients without TLS.", ENUM, safer=MODES),
    Rule(
        "server_tls_sslmode",
        W,
        "Data travel to the server in clear text, or unverified.",
        ENUM,
        safer=MODES,
        derived=True,
    ),
    Rule("client_tls_protocols", W, _TLS, SET),
    Rule("server_tls_protocols", W, _TLS, SET),
    Rule("client_tls_ciphers", W, _CIPHERS, derived=True),
    Rule("server_tls_ciphers", W, _CIPHERS, derived=True),
    Rule("client_tls13_ciphers", W, _CIPHERS, derived=True),
    Rule("server_tls13_ciphers", W, _CIPHERS, derived=True),
    Rule("client_tls_dheparams", I, _CIPHERS),
    Rule("client_tls_ecdhcurve", I, _CIPHERS),
    Rule("*_tls_*_file", N, _FILE),
    Rule("disable_pqexec", C, "When on, clients of the simple protocol are cut off, those of the console too.", BOOL),
    Rule("server_reset_query", C, "State of one client's session stays for the next."),
    Rule("server_reset_query_always", W, "State of a session is reset in transaction mode too.", BOOL),
    Rule("server_check_query", W, "Dead connections are given to clients where nothing checks them."),
    Rule("server_check_delay", I, "Idle connections are checked before use sooner or later.", DURATION, "s"),
    Rule("query_timeout", W, "Longer statements are cut off.", DURATION, "s", OFF),
    Rule("transaction_timeout", W, "Longer transactions are cut off.", DURATION, "s", OFF),
    Rule("idle_transaction_timeout", W, "Clients that pause within a transaction are cut off.", DURATION, "s", OFF),
    Rule("query_wait_timeout", W, "Waiting clients are cut off sooner, or wait without end.", DURATION, "s", OFF),
    Rule("query_wait_notify", I, "Waiting clients get a notice.", DURATION, "s", OFF),
    Rule("cancel_wait_timeout", I, "Requests to cancel a statement are given up sooner.", DURATION, "s", OFF),
    Rule("client_idle_timeout", W, "Idle connections of clients are cut off.", DURATION, "s", OFF),
    Rule("client_login_timeout", W, "Slow logins are cut off.", DURATION, "s", OFF),
    Rule("server_connect_timeout", W, "An unreachable server is given up sooner or later.", DURATION, "s", OFF),
    Rule("server_login_retry", I, "After a failed login clients wait for the next attempt.", DURATION, "s"),
    Rule("server_lifetime", I, "Connections are replaced sooner or later.", DURATION, "s"),
    Rule("server_idle_timeout", I, "Idle connections to the server are closed sooner or later.", DURATION, "s", OFF),
    Rule("max_client_conn", W, _REFUSED, NUMBER, safer="higher"),
    Rule("default_pool_size", W, _POOL, NUMBER, capacity=True),
    Rule("min_pool_size", I, "Fewer connections are ready when load returns.", NUMBER, special=OFF),
    Rule("reserve_pool_size", W, "Fewer further connections help out when clients wait.", NUMBER, special=OFF),
    Rule("reserve_pool_timeout", I, "Waiting clients get a further connection sooner or later.", DURATION, "s", OFF),
    Rule("max_db_connections", W, _POOL, NUMBER, special=NO_LIMIT),
    Rule("max_user_connections", W, _POOL, NUMBER, special=NO_LIMIT),
    Rule("max_db_client_connections", W, _REFUSED, NUMBER, special=NO_LIMIT),
    Rule("max_user_client_connections", W, _REFUSED, NUMBER, special=NO_LIMIT),
    Rule("server_round_robin", I, "Connections are used in turn, or the latest one first.", BOOL),
    Rule("server_fast_close", I, "Old connections are closed within a session, or at its end.", BOOL),
    Rule("application_name_add_host", I, "The server's logs show each client's address, or the pooler's only.", BOOL),
    Rule("autodb_idle_timeout", I, "Pools of databases without an entry are dropped sooner or later.", DURATION, "s"),
    Rule("dns_max_ttl", W, _DNS, DURATION, "s"),
    Rule("dns_nxdomain_ttl", I, "A name that was missing is looked up again sooner or later.", DURATION, "s"),
    Rule("dns_zone_check_period", I, _DNS, DURATION, "s", OFF),
    Rule("resolv_conf", N, _FILE),
    Rule("max_packet_size", W, "Larger statements and rows are refused.", SIZE, "B", {"2147483647": "no limit"}),
    Rule("pkt_buf", I, "Each connection takes more or less memory.", SIZE, "B"),
    Rule("sbuf_loopcnt", I, "A busy connection yields to others sooner or later.", NUMBER, special=NO_LIMIT),
    Rule("suspend_timeout", I, "A restart waits longer for buffers to be written.", DURATION, "s"),
    Rule("stats_period", I, "Averages are taken over a different time.", DURATION, "s"),
    Rule("scram_iterations", I, "Logins cost more or less time.", NUMBER),
    Rule("log_connections", I, _LOG, BOOL),
    Rule("log_disconnections", I, _LOG, BOOL),
    Rule("log_pooler_errors", I, _LOG, BOOL),
    Rule("log_stats", I, _LOG, BOOL),
    Rule("verbose", I, _LOG, NUMBER),
    Rule("syslog", I, _SYSLOG, BOOL),
    Rule("syslog_facility", I, _SYSLOG, ENUM),
    Rule("syslog_ident", N, "The name in the log belongs to the host."),
    Rule("tcp_keepalive", I, _KEEPALIVE, BOOL),
    Rule("tcp_keepcnt", I, _KEEPALIVE, NUMBER, special={"0": "as the system"}),
    Rule("tcp_keepidle", I, _KEEPALIVE, DURATION, "s", {"0": "as the system"}),
    Rule("tcp_keepintvl", I, _KEEPALIVE, DURATION, "s", {"0": "as the system"}),
    Rule("tcp_user_timeout", I, _KEEPALIVE, DURATION, "ms", {"0": "as the system"}),
    Rule("tcp_socket_buffer", I, "The kernel's buffers are larger or smaller.", SIZE, "B", {"0": "as the system"}),
    Rule("tcp_defer_accept", I, "The kernel hands connections over with their first bytes, or at once.", NUMBER),
    Rule("so_reuseport", I, "Several processes may share the port.", BOOL),
    Rule("listen_backlog", I, "Bursts of new connections are refused when it is too small.", NUMBER),
    Rule("admin_users", W, _LISTED, SET),
    Rule("stats_users", I, _LISTED, SET),
    Rule("service_name", N, "The name of the service belongs to the host."),
    Rule("job_name", N, "The name of the service belongs to the host."),
    Rule("peer_id", N, "Each process of a group has a number of its own."),
    Rule("listen_addr", I, WHY),
    Rule("listen_port", N, _LISTENS),
    Rule("unix_socket_*", N, _SOCKET),
    Rule("user", N, "The user of the process belongs to the host."),
    Rule("conffile", N, _FILE),
    Rule("logfile", N, _FILE),
    Rule("pidfile", N, _FILE),
)

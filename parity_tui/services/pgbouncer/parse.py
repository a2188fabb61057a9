"""Replies of the console → Reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from parity_tui.model import Fact, Reading, Reason, ServiceError, State
from parity_tui.secrets import fingerprint
from parity_tui.services._listening import listening
from parity_tui.services.pgbouncer.connection import CONSOLE, Table

Row = Mapping[str, str | None]

RELOAD = "a change takes effect with RELOAD"
RESTART = "a change takes effect with a restart"
"""descriptions of settings by the console's column `changeable`"""

CORE = frozenset({"pool_mode", "max_client_conn", "default_pool_size", "auth_type", "listen_port"})
"""settings of every version: a reply without them is a part"""
STATEMENTS = ("auth_query", "server_check_query", "server_reset_query")
"""settings that hold SQL, whose literals may be secrets"""
FILES = ("auth_file", "auth_hba_file", "auth_ident_file")
"""settings that name files, of which only the presence is compared"""
PROTOCOLS = {
    "secure": "tlsv1.2, tlsv1.3",
    **dict.fromkeys(("all", "legacy"), "tlsv1.0, tlsv1.1, tlsv1.2, tlsv1.3"),
}
"""shortcuts for versions of TLS"""
NO_DEFAULT = ("verbose", "unix_socket_mode")
"""settings whose default is reported in another spelling than the value"""

COLUMNS: Mapping[str, str] = {
    "host": "", "port": "", "database": "", "force_user": "", "pool_size": "default_pool_size",
    "min_pool_size": "min_pool_size", "reserve_pool_size": "reserve_pool_size", "reserve_pool": "reserve_pool_size",
    "server_lifetime": "server_lifetime", "pool_mode": "pool_mode", "load_balance_hosts": "",
    "max_connections": "max_db_connections", "max_client_connections": "max_db_client_connections", "paused": "",
    "disabled": "",
}  # fmt: skip
"""columns of a database that are compared -> the setting that applies where the database has none of its own"""
OF_USERS: Mapping[str, str] = {
    "pool_mode": "pool_mode", "pool_size": "default_pool_size", "reserve_pool_size": "reserve_pool_size",
    "max_user_connections": "max_user_connections", "max_user_client_connections": "max_user_client_connections",
}  # fmt: skip
"""columns of a user that are compared -> the setting that applies where the user has none of its own"""
CARRIED = ("pool_size", "reserve_pool_size")
"""columns of a user in which PgBouncer 1.24 repeats the value of the user before where one has none"""
RENAMED = {"reserve_pool": "reserve_pool_size"}


def parse(version: Table, config: Table, databases: Table, users: Table, address: str) -> Reading:
    """Return a reading of the replies to SHOW VERSION, SHOW CONFIG, SHOW DATABASES and SHOW USERS.

    >>> config = [dict(key=name, value="1", default="1", changeable="yes") for name in sorted(CORE)]
    >>> shop = {"name": "shop", "pool_size": "1", "pool_mode": None}
    >>> users = [{"name": "app", "pool_mode": "session"}, {"name": "web", "pool_mode": None}]
    >>> databases = [shop, {"name": "pgbouncer", "pool_mode": "statement"}]
    >>> reading = parse([{"version": "PgBouncer 1.24.1"}], config, databases, users, "pool:6432")
    >>> reading.version, reading.facts["pool_mode"].default, reading.facts["database.shop.pool_mode"].raw
    ('1.24.1', True, '1')
    >>> [(name, fact.raw) for name, fact in reading.facts.items() if name.startswith("user.")]
    [('user.app.pool_mode', 'session')]
    """
    product, _, number = (_text(version[0], "version") if version else "").rpartition(" ")
    settings = {_text(row, "key"): row for row in config}
    whole = _has(config, "key", "value") and _has(databases, "name", "pool_mode") and _has(users, "name", "pool_mode")
    # Databases without the console's own are a part of them.
    whole = whole and any(_text(row, "name") == CONSOLE for row in databases)
    if not number or not product or not whole or not all(_text(settings.get(name, {}), "value") for name in CORE):
        raise ServiceError(
            Reason.PROTOCOL, f"{address} sent an invalid answer: version, settings or databases are missing"
        )
    facts = {name: setting_fact(name, row) for name, row in settings.items() if name}
    for row in databases:
        if (name := _text(row, "name")) and name != CONSOLE:
            facts[f"database.{name}"] = Fact("served")
            facts.update(_database_facts(name, row, settings))
    facts.update(_user_facts(users, facts, settings))
    return Reading(product=product, version=number, facts=facts, address=address)


def _has(table: Table, *columns: str) -> bool:
    """Return whether a reply has columns of every version; without them all of its values would pass for empty.

    >>> _has([{"name": "app", "pool_mode": None}], "name"), _has([{"nmae": "app"}], "name"), _has([], "key")
    (True, False, True)
    """
    return not table or table[0].keys() >= set(columns)


def setting_fact(name: str, row: Row) -> Fact:
    """Return one setting; a statement with literals of its own is a secret, of a file only the presence counts.

    >>> setting_fact("auth_file", {"value": "/etc/users", "default": "", "changeable": "yes"}).canonical
    'a file'
    >>> str(setting_fact("auth_query", {"value": "SELECT f($1, 's3cr')", "default": "SELECT 1"}).state)
    'secret'
    """
    raw, default = _text(row, "value"), row.get("default")
    known = default is not None and name not in NO_DEFAULT
    is_default = raw == default if known else None
    description = {"yes": RELOAD, "no": RESTART}.get(_text(row, "changeable"), "")
    source = "default" if is_default else "pgbouncer.ini" if known else ""
    if name in STATEMENTS and not is_default and any(quote in raw for quote in "'$\"") and _has_literals(raw):
        return Fact(fingerprint(raw), state=State.SECRET, default=is_default, source=source, description=description)
    return Fact(raw, canonical=_canonical(name, raw), default=is_default, source=source, description=description)


def _canonical(name: str, raw: str) -> str:
    """Return the normal form of a value, "" if the raw text is one.

    >>> _canonical("client_tls_protocols", "secure"), _canonical("server_reset_query", "DISCARD  ALL; ")
    ('tlsv1.2, tlsv1.3', 'discard all')
    >>> _canonical("server_check_query", "SELECT  'A'"), _canonical("listen_addr", "*")
    ("SELECT  'A'", 'all interfaces')
    """
    if name in FILES and raw:
        return "a file"
    if name == "listen_addr":
        return listening(raw)
    if name in STATEMENTS:
        statement = raw.rstrip("; \t")
        return statement if '"' in raw or _has_literals(raw) else " ".join(statement.split()).lower()
    return PROTOCOLS.get(raw, "") if name.endswith("_tls_protocols") else ""


def _has_literals(statement: str) -> bool:
    """Return whether SQL holds a literal: a quoted text, or one between dollars.

    >>> _has_literals("SELECT u, p FROM f($1)"), _has_literals("SELECT f('x')"), _has_literals("SELECT $$x$$")
    (False, True, True)
    """
    return "'" in statement or statement.count("$") - statement.count("$1") > 0


def _database_facts(name: str, row: Row, settings: Mapping[str, Row]) -> dict[str, Fact]:
    """Return the facts of one database; where it has no setting of its own, that of all databases."""
    facts: dict[str, Fact] = {}
    for column, common in COLUMNS.items():
        if column in row:
            raw, wide = _text(row, column), _text(settings.get(common, {}), "value")
            inherited = bool(common) and raw in ("", wide)
            forced = column == "force_user"  # its name belongs to the environment, not whether there is one
            facts[f"database.{name}.{RENAMED.get(column, column)}"] = Fact(
                wide if inherited else raw,
                canonical=("a user" if raw else "no user") if forced else "",
                default=inherited if common else None,
                source=common if inherited else "",
            )
    return facts


def _user_facts(users: Table, databases: Mapping[str, Fact], settings: Mapping[str, Row]) -> Iterator[tuple[str, Fact]]:
    """Yield what users have of their own, which comes before the settings of a database.

    A user without any is left out: with auth_query, users are listed only once they have logged in.

    >>> users = [dict(name="app", pool_size="2"), dict(name="boss", pool_size="2"), dict(name="web", pool_size="3")]
    >>> [(name, fact.raw) for name, fact in _user_facts(users, {}, {"default_pool_size": {"value": "20"}})]
    [('user.app.pool_size', '2'), ('user.web.pool_size', '3')]
    """
    for column, common in OF_USERS.items():
        if common not in settings:
            continue
        inherited = {_text(settings[common], "value"), ""}
        of_databases = {
            fact.raw or ""
            for name, fact in databases.items()
            if name.startswith("database.") and name.endswith(f".{column}")
        }
        before = ""
        for row in users:
            name, raw = _text(row, "name"), _text(row, column)
            repeated, before = column in CARRIED and raw == before, raw
            inherits = repeated or (raw in inherited and of_databases <= inherited)
            if name not in ("", CONSOLE) and raw and not inherits:
                yield f"user.{name}.{column}", Fact(raw, source="[users] of pgbouncer.ini")


def _text(row: Row, column: str) -> str:
    return row.get(column) or ""

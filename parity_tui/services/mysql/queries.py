"""The statements that read a server, and the shape of the answer.

One statement reads everything: a row for each variable, and rows of other kinds whose names begin with a blank. It
reads the server's own tables only, takes no parameter, and has a LIMIT of its own, which takes precedence over
sql_select_limit. MariaDB and MySQL keep variables and their details in different tables, and MySQL 5 keeps no details;
servers that have none of these tables (TiDB, Vitess) get SHOW GLOBAL VARIABLES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from msgspec import Struct

ResultRow = tuple[bytes | None, ...]
"""one row as the server sends it"""

PluginRow = tuple[str, str, str]
"""name, type and library of a plug-in; the library is "" where the plug-in is built in"""

LIMIT = 20_000
"""rows; a server has some 700 variables, and may have thousands of databases"""

DATABASES = 5000
"""rows of databases; one more is read, which shows that there are more"""


class Variable(Struct, frozen=True):
    """One global variable."""

    name: str
    value: str | None
    origin: str = ""
    """source of the value, in the server's word; "" if the server does not report it"""
    path: str = ""
    """file that sets the value"""


class VariableInfo(Struct, frozen=True):
    """The constant part of a variable."""

    type: str = ""
    """as the server declares it, in upper case; "" if it does not"""
    description: str = ""


class Answer(Struct, frozen=True):
    """The rows of one reading, sorted: answers of an unchanged server are equal."""

    variables: tuple[Variable, ...] = ()
    databases: tuple[tuple[str, str, str], ...] | None = ()
    """name, character set, collation of each visible database; None if the server does not list them"""
    plugins: tuple[PluginRow, ...] | None = None
    """storage engines and loaded plug-ins; None if the server does not list them"""
    account: str = ""
    """account that the server has matched: user@host"""
    utc_offset: str = ""
    """of the server's time: "01:00:00" """
    named_zones: bool | None = None
    """whether the server knows time zones by name"""
    started: int = 0
    """seconds since 1970"""
    persisted: tuple[tuple[str, str], ...] = ()
    """name and value of each variable that is stored for the next start"""
    cut: frozenset[str] = frozenset()
    """names of the variables whose value may be longer than what was read"""


# Casting to BINARY avoids errors between tables of different collations. In MySQL 5 a SELECT that follows one in
# parentheses needs its own.
_OTHERS = """
UNION ALL (SELECT ' database', CAST(SCHEMA_NAME AS BINARY), CAST(DEFAULT_CHARACTER_SET_NAME AS BINARY),
    CAST(DEFAULT_COLLATION_NAME AS BINARY), NULL, NULL
  FROM information_schema.SCHEMATA LIMIT {databases})
UNION ALL (SELECT ' server', CAST(CURRENT_USER() AS BINARY), CAST(TIMEDIFF(NOW(), UTC_TIMESTAMP()) AS BINARY),
  CAST(CONVERT_TZ('2000-01-01 00:00:00', 'UTC', 'Europe/Paris') IS NOT NULL AS BINARY), NULL, NULL)"""

_STARTED = """
UNION ALL SELECT ' started', CAST(UNIX_TIMESTAMP() - VARIABLE_VALUE AS BINARY), NULL, NULL, NULL, NULL
  FROM {status} WHERE VARIABLE_NAME = 'Uptime'"""

_PERSISTED = """
UNION ALL SELECT ' persisted', CAST(VARIABLE_NAME AS BINARY), CAST(VARIABLE_VALUE AS BINARY), NULL, NULL, NULL
  FROM performance_schema.persisted_variables"""

_PLUGINS = """
UNION ALL SELECT ' plugin', CAST(PLUGIN_NAME AS BINARY), CAST(PLUGIN_TYPE AS BINARY), CAST(PLUGIN_LIBRARY AS BINARY),
  NULL, NULL
  FROM information_schema.PLUGINS
  WHERE PLUGIN_STATUS = 'ACTIVE' AND (PLUGIN_LIBRARY IS NOT NULL OR PLUGIN_TYPE = 'STORAGE ENGINE')"""

_WHOLE = """
UNION ALL SELECT ' whole', '{name}', CAST(@@GLOBAL.{name} AS BINARY), NULL, NULL, NULL"""

_MARIADB = """
SELECT VARIABLE_NAME, GLOBAL_VALUE, GLOBAL_VALUE_ORIGIN, {path}, {info}
FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_SCOPE <> 'SESSION ONLY'"""

_MYSQL = """
SELECT v.VARIABLE_NAME, v.VARIABLE_VALUE, i.VARIABLE_SOURCE, i.VARIABLE_PATH, {info}
FROM performance_schema.global_variables v
LEFT JOIN performance_schema.variables_info i ON i.VARIABLE_NAME = v.VARIABLE_NAME{join}"""

_MYSQL_5 = """
SELECT VARIABLE_NAME, VARIABLE_VALUE, NULL, NULL, NULL, NULL
FROM {schema}.global_variables"""

_METADATA = """
LEFT JOIN performance_schema.variables_metadata m ON m.VARIABLE_NAME = v.VARIABLE_NAME"""


def _standalone(union: str) -> str:
    """Return rows of a UNION as a statement of their own."""
    return f"{union.partition('UNION ALL')[2].strip()}\nLIMIT {LIMIT}".format(databases=DATABASES + 1)


SHOW = "SHOW GLOBAL VARIABLES"
"""every relative understands it"""

OTHERS = _standalone(_OTHERS)
"""databases, account and time zone, beside SHOW"""

LOADED = _standalone(_PLUGINS)
"""engines and plug-ins, beside SHOW"""

Dialect = Callable[[bool, Iterable[str]], str]
"""(whether to read types and descriptions, names of variables with long values) -> statement"""


def _mariadb(path: str) -> Dialect:
    """Return the dialect of MariaDB; since 10.5 it has a column for the file of a value."""

    def build(info: bool, long_variables: Iterable[str]) -> str:
        columns = "VARIABLE_TYPE, VARIABLE_COMMENT" if info else "NULL, NULL"
        variables = _MARIADB.format(path=path, info=columns)
        started = _STARTED.format(status="information_schema.GLOBAL_STATUS")
        return _joined(variables, _whole_rows(long_variables), _OTHERS, _PLUGINS, started)

    return build


def _mysql(metadata: bool) -> Dialect:
    """Return the dialect of MySQL; since 9.0 it has a table of types and descriptions."""

    def build(info: bool, long_variables: Iterable[str]) -> str:
        described = metadata and info
        columns = "UPPER(m.DATA_TYPE), m.DOCUMENTATION" if described else "NULL, NULL"
        variables = _MYSQL.format(info=columns, join=_METADATA if described else "")
        started = _STARTED.format(status="performance_schema.global_status")
        return _joined(variables, _whole_rows(long_variables), _OTHERS, _PLUGINS, _PERSISTED, started)

    return build


def _mysql_5(schema: str) -> Dialect:
    """Return the dialect of MySQL 5, which knows neither source nor type of a variable."""

    def build(info: bool, long_variables: Iterable[str]) -> str:
        variables = _MYSQL_5.format(schema=schema)
        started = _STARTED.format(status=f"{schema}.global_status")
        return _joined(variables, _whole_rows(long_variables), _OTHERS, _PLUGINS, started)

    return build


def show_only(info: bool, long_variables: Iterable[str]) -> str:
    """Return the statement that every relative understands; :data:`OTHERS` and :data:`LOADED` are further ones."""
    return SHOW


def _joined(*parts: str) -> str:
    return f"{''.join(parts).format(databases=DATABASES + 1)}\nLIMIT {LIMIT}"


def with_further_rows(statement: str, rows: str) -> str:
    """Return a statement of this module with further rows of six columns, which may be ""."""
    head, limit, tail = statement.rpartition("\nLIMIT ")
    return f"{head}\nUNION ALL {rows}{limit}{tail}" if rows else statement


def _whole_rows(names: Iterable[str]) -> str:
    return "".join(_WHOLE.format(name=name) for name in names)


def whole_values(names: Iterable[str]) -> str:
    """Return the statement that reads these variables one by one, because the table of variables cuts long values."""
    return _standalone(_whole_rows(names))


def dialects(greeting: str) -> list[Dialect]:
    """Return the dialects to try for the version in a server's greeting, the most complete one first.

    >>> len(dialects("5.5.5-10.11.19-MariaDB")), len(dialects("8.0.36")), len(dialects("5.7.44"))
    (3, 2, 2)
    >>> dialects("8.0.11-TiDB-v7.5.0") == [show_only]
    True
    """
    if "MariaDB" in greeting:
        return [_mariadb("GLOBAL_VALUE_PATH"), _mariadb("NULL"), show_only]
    match = re.match(r"(\d{1,3})\.(\d{1,3})\.", greeting)
    if not match or re.search("TiDB|Vitess", greeting):
        return [show_only]
    major, minor = int(match[1]), int(match[2])
    if major < 8:
        return [_mysql_5("performance_schema" if (major, minor) >= (5, 7) else "information_schema"), show_only]
    described = [_mysql(metadata=True)] if major > 8 else []
    return [*described, _mysql(metadata=False), show_only]

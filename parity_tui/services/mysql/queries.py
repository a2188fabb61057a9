"""What is asked, and the shape of the answer.

One statement tells everything: a row for each variable, and rows of other things, whose names begin with a blank.
It reads tables of the server's own only, takes no parameter, and holds to a limit of its own, since the server's
sql_select_limit would cut it silently. MariaDB and MySQL keep what they know of a variable in different places;
whoever has neither (TiDB, Vitess, MySQL 5.7) is asked by SHOW GLOBAL VARIABLES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

ResultRow = tuple[bytes | None, ...]
"""one row as the server sends it"""

LIMIT = 20_000
"""rows; a server has some 700 variables, and may have thousands of databases"""

DATABASES = 5000
"""rows of them"""

SHORTEST_CUT = 1024
"""characters; a value of so many may be the beginning of a longer one: MySQL cuts there, MariaDB at 2048"""


class Variable(Struct, frozen=True):
    """One global variable."""

    name: str
    value: str | None
    origin: str = ""
    """where the value comes from, in the server's word; "" where it does not say"""
    path: str = ""
    """the file that it comes from"""


class VariableInfo(Struct, frozen=True):
    """What never changes of a variable."""

    type: str = ""
    """as the server declares it, in upper case; "" where it does not say"""
    description: str = ""


class Answer(Struct, frozen=True):
    """What a server answers."""

    variables: tuple[Variable, ...] = ()
    databases: tuple[tuple[str, str, str], ...] | None = ()
    """name, character set, collation of each that is shown to us; None where the server does not tell"""
    account: str = ""
    """who we are to the server: user@host"""
    offset: str = ""
    """how far its time is from UTC: "01:00:00" """
    zones: bool | None = None
    """whether it knows time zones by name"""
    started: int = 0
    """seconds since 1970"""
    persisted: tuple[tuple[str, str], ...] = ()
    """name and value of what was stored for the next start"""


# What is no variable comes as bytes: no two collations can be at odds then.
_OTHERS = """
UNION ALL (SELECT ' database', CAST(SCHEMA_NAME AS BINARY), CAST(DEFAULT_CHARACTER_SET_NAME AS BINARY),
    CAST(DEFAULT_COLLATION_NAME AS BINARY), NULL, NULL
  FROM information_schema.SCHEMATA LIMIT {databases})
UNION ALL SELECT ' server', CAST(CURRENT_USER() AS BINARY), CAST(TIMEDIFF(NOW(), UTC_TIMESTAMP()) AS BINARY),
  CAST(CONVERT_TZ('2000-01-01 00:00:00', 'UTC', 'Europe/Paris') IS NOT NULL AS BINARY), NULL, NULL"""

_STARTED = """
UNION ALL SELECT ' started', CAST(UNIX_TIMESTAMP() - VARIABLE_VALUE AS BINARY), NULL, NULL, NULL, NULL
  FROM {status} WHERE VARIABLE_NAME = 'Uptime'"""

_PERSISTED = """
UNION ALL SELECT ' persisted', CAST(VARIABLE_NAME AS BINARY), CAST(VARIABLE_VALUE AS BINARY), NULL, NULL, NULL
  FROM performance_schema.persisted_variables"""

_WHOLE = """
UNION ALL SELECT ' whole', '{name}', CAST(@@GLOBAL.{name} AS BINARY), NULL, NULL, NULL"""

_MARIADB = """
SELECT VARIABLE_NAME, GLOBAL_VALUE, GLOBAL_VALUE_ORIGIN, {path}, {words}
FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_SCOPE <> 'SESSION ONLY'"""

_MYSQL = """
SELECT v.VARIABLE_NAME, v.VARIABLE_VALUE, i.VARIABLE_SOURCE, i.VARIABLE_PATH, {words}
FROM performance_schema.global_variables v
LEFT JOIN performance_schema.variables_info i ON i.VARIABLE_NAME = v.VARIABLE_NAME{join}"""

_METADATA = """
LEFT JOIN performance_schema.variables_metadata m ON m.VARIABLE_NAME = v.VARIABLE_NAME"""


def _alone(union: str) -> str:
    """Return rows of other things as a statement of their own."""
    return f"{union.partition('UNION ALL')[2].strip()}\nLIMIT {LIMIT}".format(databases=DATABASES)


SHOW = "SHOW GLOBAL VARIABLES"
"""what every relative understands"""

OTHERS = _alone(_OTHERS)
"""what is asked beside that"""

Dialect = Callable[[bool, Iterable[str]], str]
"""(with what never changes, variables to be read whole) -> the statement"""


def _mariadb(path: str) -> Dialect:
    """Return the dialect of MariaDB: from 10.5 on it knows the file that a value comes from."""

    def ask(words: bool, whole: Iterable[str]) -> str:
        columns = "VARIABLE_TYPE, VARIABLE_COMMENT" if words else "NULL, NULL"
        variables = _MARIADB.format(path=path, words=columns)
        return _joined(variables, _wholes(whole), _OTHERS, _STARTED.format(status="information_schema.GLOBAL_STATUS"))

    return ask


def _mysql(metadata: bool) -> Dialect:
    """Return the dialect of MySQL: from 9.0 on it describes its variables."""

    def ask(words: bool, whole: Iterable[str]) -> str:
        told = metadata and words
        columns = "UPPER(m.DATA_TYPE), m.DOCUMENTATION" if told else "NULL, NULL"
        variables = _MYSQL.format(words=columns, join=_METADATA if told else "")
        started = _STARTED.format(status="performance_schema.global_status")
        return _joined(variables, _wholes(whole), _OTHERS, _PERSISTED, started)

    return ask


def _show(words: bool, whole: Iterable[str]) -> str:
    """Return what is asked where nothing else is understood; the rest takes a statement of its own."""
    return SHOW


def _joined(*parts: str) -> str:
    """Return one statement of its parts, with a limit that lies over the server's own."""
    return f"{''.join(parts).format(databases=DATABASES)}\nLIMIT {LIMIT}"


def _wholes(names: Iterable[str]) -> str:
    """Return the rows of variables that are read one by one, since the table of them cuts long values."""
    return "".join(_WHOLE.format(name=name) for name in names)


def whole(names: Iterable[str]) -> str:
    """Return the statement for these variables alone."""
    return _alone(_wholes(names))


def dialects(greeting: str) -> list[Dialect]:
    """Return the ways to ask, the one that tells most first, for a server that greets with this version.

    >>> len(dialects("5.5.5-10.11.19-MariaDB")), len(dialects("8.0.36")), dialects("8.0.11-TiDB-v7.5.0") == [SHOWN]
    (3, 2, True)
    """
    if "MariaDB" in greeting:
        return [_mariadb("GLOBAL_VALUE_PATH"), _mariadb("NULL"), _show]
    major = greeting.partition(".")[0]
    if not major.isdecimal() or int(major) < 8 or re.search("TiDB|Vitess", greeting):
        return [_show]
    return [_mysql(metadata=True), _mysql(metadata=False), _show] if int(major) > 8 else [_mysql(metadata=False), _show]


SHOWN: Dialect = _show
"""the dialect that takes two statements"""


def answer(rows: Iterable[ResultRow]) -> tuple[Answer, dict[str, VariableInfo]]:
    r"""Return what rows say, and what never changes of the variables in them; a row of any other shape is left out.

    >>> told, words = answer([(b"SQL_MODE", b"ANSI", b"CONFIG", b"/etc/my.cnf", b"SET", b"Sets it")])
    >>> told.variables, words["sql_mode"].type
    ((Variable(name='sql_mode', value='ANSI', origin='CONFIG', path='/etc/my.cnf'),), 'SET')
    >>> answer([(b" server", b"parity@%", b"01:00:00", b"1", None, None), (), (b"x\xff",)])[0].account
    'parity@%'
    """
    variables: dict[str, Variable] = {}
    words: dict[str, VariableInfo] = {}
    others: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        name, value, *rest = (_text(column) for column in (*row, *[None] * (6 - len(row))))
        if name is not None and name.startswith(" "):
            others.setdefault(name[1:], []).append((value or "", *(text or "" for text in rest)))
        elif name:
            name = name.lower()
            origin, path, kind, description = (text or "" for text in rest[:4])
            variables[name] = Variable(name, value, origin, path)
            words[name] = VariableInfo(kind.upper(), description)
    for name, value, *_ in others.get("whole", []):
        if name in variables:
            variables[name] = Variable(name, value, variables[name].origin, variables[name].path)
    # No order is asked for, and none is kept: equal answers must be equal.
    return _told(tuple(variables[name] for name in sorted(variables)), others), words


def _told(variables: tuple[Variable, ...], others: Mapping[str, list[tuple[str, ...]]]) -> Answer:
    """Return the answer with the rows of other things."""
    account, offset, zones = (others.get("server") or [("", "", "")])[0][:3]
    started = (others.get("started") or [("",)])[0][0].partition(".")[0]
    return Answer(
        variables=variables,
        databases=tuple(sorted((row[0], row[1], row[2]) for row in others["database"]))
        if "database" in others
        else None,
        account=account,
        offset=offset.partition(".")[0],
        zones=zones == "1" if zones else None,
        started=int(started) if re.fullmatch(r"[0-9]{1,12}", started) else 0,
        persisted=tuple(sorted((row[0].lower(), row[1]) for row in others.get("persisted", []))),
    )


def cut(told: Answer) -> list[str]:
    """Return the names of variables whose value may be cut."""
    return [
        variable.name
        for variable in told.variables
        if len(variable.value or "") >= SHORTEST_CUT and re.fullmatch(r"[a-z][a-z0-9_]{0,63}", variable.name)
    ][:50]


def _text(column: bytes | None) -> str | None:
    """Return text; bytes that are no UTF-8 as surrogates."""
    return None if column is None else column.decode(errors="surrogateescape")

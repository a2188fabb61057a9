"""From an answer to a Reading: facts with their source in words, the time zone in force, databases, what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from parity_tui.model import Fact, Reading, Reason, ServiceError, Target, ValueType
from parity_tui.services.mysql.queries import DATABASES, LIMIT, Answer, Variable, VariableInfo
from parity_tui.services.mysql.rules import OWN_NAMES, TYPES
from parity_tui.services.mysql.timezone import in_force
from parity_tui.services.mysql.version import compatibility, identify, providers

_TYPES = {
    "BOOLEAN": ValueType.BOOL,
    "SET": ValueType.SET,
    "FLAGSET": ValueType.MAP,
    "DOUBLE": ValueType.NUMBER,
    "INTEGER": ValueType.NUMBER,
    "NUMERIC": ValueType.NUMBER,
    **dict.fromkeys(("INT", "INT UNSIGNED", "BIGINT", "BIGINT UNSIGNED"), ValueType.NUMBER),
}
"""as MariaDB and MySQL declare them"""

_SOURCES = {
    "COMPILE-TIME": "default",
    "COMPILED": "default",
    "AUTO": "computed by the server",
    "CONFIG": "a configuration file",
    "COMMAND-LINE": "command line",
    "COMMAND_LINE": "command line",
    "ENVIRONMENT": "environment",
    "SQL": "SET GLOBAL",
    "DYNAMIC": "SET GLOBAL",
    "PERSISTED": "SET PERSIST",
    **dict.fromkeys(("GLOBAL", "SERVER", "EXPLICIT", "EXTRA", "USER", "LOGIN"), "a configuration file"),
}
_NOT_CONFIGURED = ("COMPILE-TIME", "COMPILED", "AUTO")

_SYSTEM_DATABASES = frozenset({"information_schema", "mysql", "performance_schema", "sys", "innodb", "metrics_schema"})
"""databases that come with the server, in lower case"""

ALWAYS_THERE = "mysql"
"""the database that every server has, and that is shown to whoever is shown all"""

_FOLDED = frozenset({"version", "optimizer_switch"})
"""variables that are told otherwise: as the reading's own version, and key by key"""


def parse(
    told: Answer, words: Mapping[str, VariableInfo], target: Target, notes: tuple[str, ...] = (), greeting: str = ""
) -> Reading:
    """Return the reading in an answer; ``words`` are the types and descriptions of the variables.

    >>> told = Answer((Variable("version", "10.11.19-MariaDB"), Variable("port", "3306", "CONFIG", "/etc/my.cnf")))
    >>> reading = parse(told, {}, Target("dev", "database", "mysql"))
    >>> reading.product, reading.version, reading.facts["port"].raw, reading.facts["port"].source
    ('MariaDB', '10.11.19', '3306', 'my.cnf')

    Raises ServiceError(Reason.WRONG_SERVICE, …) where no server of the kind answers so, and ServiceError(Reason.CONFIG, …)
    where there is no database of the target's name.
    """
    values = {variable.name: variable.value or "" for variable in told.variables}
    if not values.get("version"):
        raise ServiceError(Reason.WRONG_SERVICE, f"{target.address} tells no version: it is no MySQL or MariaDB")
    product, version = identify(values)
    claimed = compatibility(values)
    hidden = tuple(_hidden(told, target))
    return Reading(
        product=product,
        version=version,
        facts={
            **dict(_variables(told, words, product)),
            **dict(_switches(told, words)),
            **dict(_zones(told, values)),
            **dict(_databases(told, target)),
            **({"mysql compatibility": Fact(claimed)} if claimed else {}),
        },
        hidden=hidden,
        notes=(*notes, *_notes(told, values, greeting)),
        address=target.address,
        instance=_instance(told, values),
    )


def _instance(told: Answer, values: Mapping[str, str]) -> str:
    """Return what tells this run of the server: it counts in seconds, so that another one may have begun likewise.

    >>> _instance(Answer((), started=1700000000), {"server_uid": "aX7=", "version": "10.11.19-MariaDB"})
    'aX7= 10.11.19-MariaDB since 1700000000'
    """
    if not told.started:
        return ""
    own = values.get("server_uid") or values.get("server_uuid") or ""
    return f"{own} {values.get('version', '')} since {told.started}".lstrip()


def _variables(told: Answer, words: Mapping[str, VariableInfo], product: str) -> Iterator[tuple[str, Fact]]:
    """Give the fact of each variable; those of databases and of the time zone are told beside."""
    persisted = dict(told.persisted)
    for variable in told.variables:
        if variable.name not in _FOLDED:
            yield variable.name, _fact(variable, words.get(variable.name, VariableInfo()), product, persisted)


def _fact(variable: Variable, words: VariableInfo, product: str, persisted: Mapping[str, str]) -> Fact:
    """Return one variable as it stands, with its meaning where its text has several ways to say the same."""
    name, raw = variable.name, variable.value or ""
    own = OWN_NAMES.get(name, name)
    notes = [f"called {name} here"] if own != name else []
    if name in persisted and persisted[name] != raw:
        notes.append(f"{persisted[name]} after a restart")
    return Fact(
        raw=raw,
        type=TYPES.get(own) or _type(words.type, raw),
        canonical=_canonical(name, variable.value, product),
        default=variable.origin in _NOT_CONFIGURED if variable.origin else None,
        source=_source(variable),
        description=words.description,
        note="; ".join(notes),
    )


def _type(declared: str, raw: str) -> ValueType:
    """Return the type that is declared; for words and texts, and where none is declared, the one it looks like.

    Not every server declares any: one that does and one that does not must come to the same.

    >>> _type("BIGINT UNSIGNED", "1"), _type("ENUM", "ON"), _type("", "10.000000"), _type("", "8.10")
    (<ValueType.NUMBER: 'number'>, <ValueType.BOOL: 'bool'>, <ValueType.NUMBER: 'number'>, <ValueType.TEXT: 'text'>)
    """
    if declared in _TYPES:
        return _TYPES[declared]
    if raw in ("ON", "OFF"):
        return ValueType.BOOL
    return ValueType.NUMBER if re.fullmatch(r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{6})?", raw) else ValueType.TEXT


def _canonical(name: str, value: str | None, product: str) -> str:
    """Return what a text means, "" where it means what it says.

    >>> _canonical("character_set_server", "utf8", "MySQL"), _canonical("collation_server", "utf8_bin", "MySQL")
    ('utf8mb3', 'utf8mb3_bin')
    >>> _canonical("secure_file_priv", None, "MySQL"), _canonical("secure_file_priv", "/var/lib/files/", "MySQL")
    ('nowhere', 'one folder')
    """
    if name.startswith(("character_set_", "collation_")):
        return charset(value or "")
    if name == "secure_file_priv":
        anywhere = value == "" or (value is None and product == "MariaDB")
        return "anywhere" if anywhere else "nowhere" if value in (None, "NULL") else "one folder"
    return ""


def charset(name: str) -> str:
    """Return the name of today of a character set or a collation: utf8 was utf8mb3.

    >>> charset("utf8_general_ci"), charset("utf8"), charset("utf8mb4_bin")
    ('utf8mb3_general_ci', 'utf8mb3', 'utf8mb4_bin')
    """
    return re.sub(r"^utf8(?=_|$)", "utf8mb3", name)


def _source(variable: Variable) -> str:
    r"""Return where a value comes from, in words.

    >>> _source(Variable("port", "1", "GLOBAL", r"C:\ProgramData\my.ini")), _source(Variable("port", "1", "AUTO"))
    ('my.ini', 'computed by the server')
    """
    words = _SOURCES.get(variable.origin, variable.origin.lower())
    if variable.path and words == "a configuration file":
        return variable.path.replace("\\", "/").rpartition("/")[-1] or words
    return words


def _switches(told: Answer, words: Mapping[str, VariableInfo]) -> Iterator[tuple[str, Fact]]:
    """Give the keys of optimizer_switch, each as a fact: an unknown one is another version's."""
    for variable in told.variables:
        if variable.name == "optimizer_switch":
            plain = _fact(variable, words.get(variable.name, VariableInfo()), "", {})
            for pair in (variable.value or "").split(","):
                key, equals, value = pair.strip().partition("=")
                if equals and key:
                    yield (
                        f"optimizer_switch.{key}",
                        Fact(value, ValueType.BOOL, default=plain.default, source=plain.source),
                    )


def _zones(told: Answer, values: Mapping[str, str]) -> Iterator[tuple[str, Fact]]:
    """Give the time zone in force, and whether zones are known by name."""
    if "time_zone" in values:
        system = values["time_zone"].upper() == "SYSTEM"
        yield (
            "effective_time_zone",
            Fact(
                raw=values.get("system_time_zone", "") if system else values["time_zone"],
                canonical=in_force(values["time_zone"], values.get("system_time_zone", ""), told.offset),
                source="the system's, by time_zone = SYSTEM" if system else "time_zone",
                description="The zone of NOW() and of TIMESTAMP columns, for sessions that set none.",
            ),
        )
    if told.zones is not None:
        yield "time_zone_tables", Fact("loaded" if told.zones else "empty", source="mysql.time_zone_name")


def _databases(told: Answer, target: Target) -> Iterator[tuple[str, Fact]]:
    """Give the facts on the target's database by themselves, those on every other one as one."""
    rows = told.databases or ()
    ours = _named(target.path, [row[0] for row in rows])
    if target.path and ours is None and _shown_all(told):
        raise ServiceError(Reason.CONFIG, f'{target.address} has no database "{target.path}"')
    for name, character_set, collation in rows:
        if name == ours:
            yield "database.character_set", Fact(character_set, canonical=charset(character_set))
            yield "database.collation", Fact(collation, canonical=charset(collation))
        elif name.lower() not in _SYSTEM_DATABASES:
            text = f"character_set={charset(character_set)}, collation={charset(collation)}"
            yield f"database[{name}]", Fact(text, ValueType.MAP, canonical=text)


def _named(wanted: str, names: list[str]) -> str | None:
    """Return the database meant: of the very name, or the one that differs in upper and lower case only.

    >>> _named("Shop", ["shop", "other"]), _named("", ["shop"]), _named("A", ["a", "A"])
    ('shop', None, 'A')
    """
    if wanted in names or not wanted:
        return wanted or None
    alike = [name for name in names if name.casefold() == wanted.casefold()]
    return alike[0] if len(alike) == 1 else None


def _shown_all(told: Answer) -> bool:
    """Tell whether we are shown every database."""
    return any(name == ALWAYS_THERE for name, *_ in told.databases or ())


def _hidden(told: Answer, target: Target) -> Iterator[tuple[str, str]]:
    """Give what our rights do not show."""
    if told.databases is None:
        why = "this server does not tell its databases"
    elif _shown_all(told):
        return
    else:
        why = f"needs GRANT SHOW DATABASES ON *.* TO {_account(told.account)}"
    if target.path and _named(target.path, [row[0] for row in told.databases or ()]) is None:
        yield "database.character_set", why
        yield "database.collation", why
    yield "database[*]", why


def _account(account: str) -> str:
    """Return an account as it is written in SQL.

    >>> _account("parity@%"), _account("it's@db@10.0.0.1")
    ("'parity'@'%'", "'it''s@db'@'10.0.0.1'")
    """
    user, _, host = account.rpartition("@")
    return "@".join("'" + part.replace("'", "''") + "'" for part in (user, host))


def _notes(told: Answer, values: Mapping[str, str], greeting: str) -> Iterator[str]:
    """Give what a person should know of this reading."""
    yield from dict.fromkeys([*providers(values), *providers({"version": greeting, "version_comment": greeting})])
    if not any(variable.origin for variable in told.variables):
        yield "values only: this server does not tell where they come from"
    if len(told.variables) >= LIMIT - DATABASES:
        yield f"only the first {LIMIT} rows"
    if len(told.databases or ()) >= DATABASES:
        yield f"only the first {DATABASES} databases"

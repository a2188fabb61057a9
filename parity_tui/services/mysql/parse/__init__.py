"""Rows of a server -> Answer -> Reading: facts with their sources, time zone, databases, hidden facts, notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from parity_tui.model import Fact, HiddenGroup, Reading, Reason, ServiceError, State, Target, ValueType
from parity_tui.services.mysql.normalize import canonical, charset, source, value_type
from parity_tui.services.mysql.parse.plugins import plugin_facts
from parity_tui.services.mysql.queries import DATABASES, LIMIT, Answer, ResultRow, Variable, VariableInfo
from parity_tui.services.mysql.rules import CANONICAL_NAMES, HIDDEN_BY_RIGHTS, HIDDEN_BY_SERVER, TYPES
from parity_tui.services.mysql.rules.plugins import HIDDEN_PLUGINS
from parity_tui.services.mysql.timezone import effective_time_zone
from parity_tui.services.mysql.version import compatibility, identify_product, providers
from parity_tui.transport.shared_text import shared

_NOT_CONFIGURED = ("COMPILE-TIME", "COMPILED", "AUTO")

_SYSTEM_DATABASES = frozenset({"information_schema", "mysql", "performance_schema", "sys", "innodb", "metrics_schema"})
"""databases that come with the server, in lower case"""

_SENTINEL_DATABASE = "mysql"
"""exists on every server, and is visible only to users who see all databases"""

_FOLDED = frozenset({"version", "optimizer_switch"})
"""variables reported in another form: as the reading's version, and one fact per key"""

_SHORTEST_CUT = 1024
"""characters; MySQL's table of variables cuts values there, MariaDB's at 2048"""
_MOST_CUT = 50

Facts = Iterator[tuple[str, Fact]]


def decode(rows: Iterable[ResultRow]) -> tuple[Answer, dict[str, VariableInfo]]:
    r"""Return the answer in the rows of one reading, and the constant part of its variables by name.

    Rows of an unknown shape are ignored; bytes that are not UTF-8 become surrogates.

    >>> answer, infos = decode([(b"SQL_MODE", b"ANSI", b"CONFIG", b"/etc/my.cnf", b"SET", b"Sets it")])
    >>> answer.variables, infos["sql_mode"].type
    ((Variable(name='sql_mode', value='ANSI', origin='CONFIG', path='/etc/my.cnf'),), 'SET')
    >>> decode([(b" server", b"parity@%", b"01:00:00", b"1", None, None), (), (b"x\xff",)])[0].account
    'parity@%'
    """
    variables: dict[str, Variable] = {}
    infos: dict[str, VariableInfo] = {}
    others: dict[str, list[tuple[str, ...]]] = {}
    texts = _Texts()
    for row in rows:
        name, value, *rest = map(texts.__getitem__, row if len(row) >= 6 else (*row, *[None] * (6 - len(row))))
        details = [text or "" for text in rest]
        if name is not None and name.startswith(" "):
            others.setdefault(name[1:], []).append((value or "", *details))
        elif name:
            origin, path, declared, description = details[:4]
            name = shared(name.lower())
            variables[name] = Variable(name, value, origin, path)
            infos[name] = VariableInfo(shared(declared.upper()), shared(description))
    whole = {name: value for name, value, *_ in others.get("whole", [])}
    for name in whole.keys() & variables.keys():
        variables[name] = Variable(name, whole[name], variables[name].origin, variables[name].path)
    cut = (variable.name for variable in variables.values() if len(variable.value or "") >= _SHORTEST_CUT)
    return replace(_answer(variables, others), cut=frozenset(cut) - whole.keys()), infos


class _Texts(dict[bytes | None, str | None]):
    """The text of each column; columns of many rows are equal."""

    def __missing__(self, column: bytes | None) -> str | None:
        text = self[column] = None if column is None else column.decode(errors="surrogateescape")
        return text


def _answer(variables: Mapping[str, Variable], others: Mapping[str, list[tuple[str, ...]]]) -> Answer:
    account, offset, zones = (others.get("server") or [("", "", "")])[0][:3]
    started = (others.get("started") or [("",)])[0][0].partition(".")[0]
    databases, plugins = others.get("database"), others.get("plugin")
    return Answer(
        variables=tuple(variables[name] for name in sorted(variables)),
        databases=None if databases is None else tuple(sorted((row[0], row[1], row[2]) for row in databases)),
        plugins=None if plugins is None else tuple(sorted((row[0], row[1], row[2]) for row in plugins)),
        account=account,
        utc_offset=offset.partition(".")[0],
        named_zones=zones == "1" if zones else None,
        started=int(started) if re.fullmatch(r"[0-9]{1,12}", started) else 0,
        persisted=tuple(sorted((row[0].lower(), row[1]) for row in others.get("persisted", []))),
    )


def cut_variables(answer: Answer) -> list[str]:
    """Return the names of variables whose value may be cut; at most 50."""
    return [name for name in sorted(answer.cut) if re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name)][:_MOST_CUT]


def parse(
    answer: Answer, infos: Mapping[str, VariableInfo], target: Target, notes: tuple[str, ...] = (), greeting: str = ""
) -> Reading:
    """Return the reading of an answer.

    Args:
        answer: the first result of :func:`decode`.
        infos: types and descriptions by the variable's name.
        target: its path names the app's database.
        notes: remarks on the connection; they come before those on the server.
        greeting: version in the server's greeting.

    Raises:
        ServiceError: WRONG_SERVICE, if the answer has no version; CONFIG, if the target's database does not exist.

    >>> answer = Answer((Variable("version", "10.11.19-MariaDB"), Variable("port", "3306", "CONFIG", "/etc/my.cnf")))
    >>> reading = parse(answer, {}, Target("dev", "database", "mysql"))
    >>> reading.product, reading.version, reading.facts["port"].raw, reading.facts["port"].source
    ('MariaDB', '10.11.19', '3306', 'my.cnf')
    """
    values = {variable.name: variable.value or "" for variable in answer.variables}
    if not values.get("version"):
        raise ServiceError(Reason.WRONG_SERVICE, f"{target.address} tells no version: it is not MySQL or MariaDB")
    product, version = identify_product(values)
    claim = compatibility(values)
    return Reading(
        product=product,
        version=version,
        facts={
            **dict(_variables(answer, infos, product)),
            **dict(_optimizer_switches(answer)),
            **dict(_time_zone(answer, values)),
            **dict(_databases(answer, target)),
            **dict(plugin_facts(answer.plugins or ())),
            **({"mysql compatibility": Fact(claim)} if claim else {}),
        },
        hidden=tuple(_hidden(answer, target)),
        notes=(*notes, *_notes(answer, values, greeting)),
        address=target.address,
        instance=_instance(answer, values),
        package=values["version"],
    )


def _instance(answer: Answer, values: Mapping[str, str]) -> str:
    """Return the identity of a server's run; the id is part of it, because two servers may start in one second.

    >>> _instance(Answer((), started=1700000000), {"server_uid": "aX7=", "version": "10.11.19-MariaDB"})
    'aX7= 10.11.19-MariaDB since 1700000000'
    """
    if not answer.started:
        return ""
    server_id = values.get("server_uid") or values.get("server_uuid") or ""
    return f"{server_id} {values.get('version', '')} since {answer.started}".lstrip()


def _variables(answer: Answer, infos: Mapping[str, VariableInfo], product: str) -> Facts:
    persisted = dict(answer.persisted)
    for variable in answer.variables:
        if variable.name not in _FOLDED:
            fact = _fact(variable, infos.get(variable.name, VariableInfo()), product, persisted)
            yield variable.name, _of_unknown_end(fact) if variable.name in answer.cut else fact


def _fact(variable: Variable, info: VariableInfo, product: str, persisted: Mapping[str, str]) -> Fact:
    name, raw = variable.name, variable.value or ""
    compared = CANONICAL_NAMES.get(name, name)
    notes = [f"called {name} here"] if compared != name else []
    if name in persisted and persisted[name] != raw:
        notes.append(f"{persisted[name]} after a restart")
    return Fact(
        raw=raw,
        type=TYPES.get(compared) or value_type(info.type, raw),
        canonical=canonical(name, variable.value, product),
        default=_is_default(variable),
        source=source(variable.origin, variable.path),
        description=info.description,
        note="; ".join(notes),
    )


def _of_unknown_end(fact: Fact) -> Fact:
    note = f"only its first {len(fact.raw or ''):,} characters can be read"
    return replace(fact, state=State.UNKNOWN, note="; ".join(filter(None, (fact.note, note))))


def _is_default(variable: Variable) -> bool | None:
    return variable.origin in _NOT_CONFIGURED if variable.origin else None


def _optimizer_switches(answer: Answer) -> Facts:
    """Yield one fact per key of optimizer_switch, because versions have different keys."""
    for variable in answer.variables:
        if variable.name == "optimizer_switch":
            default, origin = _is_default(variable), source(variable.origin, variable.path)
            for pair in (variable.value or "").split(","):
                key, equals, value = pair.strip().partition("=")
                if equals and key:
                    yield f"optimizer_switch.{key}", Fact(value, ValueType.BOOL, default=default, source=origin)


def _time_zone(answer: Answer, values: Mapping[str, str]) -> Facts:
    if "time_zone" in values:
        zone, system_zone = values["time_zone"], values.get("system_time_zone", "")
        follows_system = zone.upper() == "SYSTEM"
        yield (
            "effective_time_zone",
            Fact(
                raw=system_zone if follows_system else zone,
                canonical=effective_time_zone(zone, system_zone, answer.utc_offset),
                source="the system's, by time_zone = SYSTEM" if follows_system else "time_zone",
                description="The zone of NOW() and of TIMESTAMP columns, for sessions without their own.",
            ),
        )
    if answer.named_zones is not None:
        yield "time_zone_tables", Fact("loaded" if answer.named_zones else "empty", source="mysql.time_zone_name")


def _databases(answer: Answer, target: Target) -> Facts:
    """Yield two facts on the target's database, one fact for each other database."""
    app_database = _app_database(answer, target)
    if target.path and app_database is None and _all_visible(answer):
        raise ServiceError(Reason.CONFIG, f'{target.address} has no database "{target.path}"')
    for name, character_set, collation in answer.databases or ():
        if name == app_database:
            yield "database.character_set", Fact(character_set, canonical=charset(character_set))
            yield "database.collation", Fact(collation, canonical=charset(collation))
        elif name.lower() not in _SYSTEM_DATABASES:
            text = f"character_set={charset(character_set)}, collation={charset(collation)}"
            yield f"database[{name}]", Fact(text, ValueType.MAP, canonical=text)


def _app_database(answer: Answer, target: Target) -> str | None:
    return _matching_name(target.path, [name for name, *_ in answer.databases or ()])


def _matching_name(wanted: str, names: list[str]) -> str | None:
    """Return the name equal to ``wanted``, or the only one that differs in case alone.

    >>> _matching_name("Shop", ["shop", "other"]), _matching_name("", ["shop"]), _matching_name("A", ["a", "A"])
    ('shop', None, 'A')
    """
    if wanted in names or not wanted:
        return wanted or None
    similar = [name for name in names if name.casefold() == wanted.casefold()]
    return similar[0] if len(similar) == 1 else None


def _all_visible(answer: Answer) -> bool:
    return any(name == _SENTINEL_DATABASE for name, *_ in answer.databases or ())


def _hidden(answer: Answer, target: Target) -> Iterator[tuple[str, str]]:
    """Yield (glob, why) of the facts that the answer lacks."""
    if "optimizer_switch" in answer.cut:
        yield "optimizer_switch.*", "the end of optimizer_switch cannot be read"
    if len(answer.databases or ()) > DATABASES:
        yield "database[*]", f"only the first {DATABASES} databases"
    if answer.plugins is None:
        yield from ((group.glob, group.why) for group in HIDDEN_PLUGINS)
    if _all_visible(answer):
        return
    groups: tuple[HiddenGroup, ...] = HIDDEN_BY_SERVER if answer.databases is None else HIDDEN_BY_RIGHTS
    app_database_hidden = bool(target.path) and _app_database(answer, target) is None
    for group in groups:
        if app_database_hidden or "*" in group.glob:
            yield group.glob, group.why.format(user=sql_account(answer.account))


def sql_account(account: str) -> str:
    """Return an account as SQL requires it.

    >>> sql_account("parity@%"), sql_account("it's@db@10.0.0.1")
    ("'parity'@'%'", "'it''s@db'@'10.0.0.1'")
    """
    user, _, host = account.rpartition("@")
    return "@".join("'" + part.replace("'", "''") + "'" for part in (user, host))


def _notes(answer: Answer, values: Mapping[str, str], greeting: str) -> Iterator[str]:
    yield from dict.fromkeys([*providers(values), *providers({"version": greeting, "version_comment": greeting})])
    if not any(variable.origin for variable in answer.variables):
        yield "values only: this server does not report their source"
    if len(answer.variables) >= LIMIT - DATABASES:
        yield f"only the first {LIMIT} rows"
    if len(answer.databases or ()) > DATABASES:
        yield f"only the first {DATABASES} databases"

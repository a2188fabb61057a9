"""Answer of a server -> Reading: facts with their sources, product and version, hidden settings, notes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from parity_tui.model import Fact, Reading, Reason, ServiceError, State, ValueType
from parity_tui.services._locale import canonical_locale
from parity_tui.services.postgres.normalize import canonical, quoted, scope_of, switch
from parity_tui.services.postgres.queries import LIMITS, Answer, DatabaseRow, OverrideRow, SettingRow
from parity_tui.services.postgres.rules import HIDDEN_BY_RIGHTS, HIDDEN_BY_SERVER, OUTPUT_PLUGINS, PRIVILEGED, TYPES
from parity_tui.services.postgres.version import identify_product, providers
from parity_tui.transport.foreign import foreign
from parity_tui.transport.shared_text import shared

_VARTYPES = {"b": ValueType.BOOL, "i": ValueType.NUMBER, "r": ValueType.NUMBER, "e": ValueType.ENUM}

_SOURCES = {
    "override": "the server itself",
    "environment variable": "environment",
    "client": "our own session",
    "session": "our own session",
    "user": "our own role",
    "database": "this database",
    "database user": "our own role, in this database",
    "global": "all roles",
}
_NOT_CONFIGURED = ("default", "override")
_SESSION_SOURCES = {
    "client": "set by our own session",
    "session": "set by our own session",
    "user": "set for our own role",
    "database": "set for this database",
    "database user": "set for our own role in this database",
    "global": "set for all roles",
}
"""sources in pg_settings that hide the server's own value -> its note"""

_OF_TCP = ("tcp_keepalives_count", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout")
_ONLY_BY_TCP = Fact(state=State.UNKNOWN, note="the server shows it to TCP connections only")

_PACKAGE = re.compile(r"PostgreSQL \S+ \((?:Debian|Ubuntu) ([^)]+)\)")
"""version of the package within the text of version(), whose end names the compiler's"""
_OF_SESSION = ("client", "session")
_OF_A_CLIENT = "set by the pooler or by a different client"
_OURS = ("application_name", "client_encoding", "transaction_read_only")
"""settings that our session has of its own"""

_FOLDED = frozenset({"lc_collate", "lc_ctype", "server_encoding"})
"""settings that describe the connected database; reported as the facts database.*"""

_PROVIDERS_DATABASES = frozenset(
    {
        "rdsadmin", "cloudsqladmin", "alloydbadmin", "alloydbmetadata", "azure_maintenance", "azure_sys",
    }
)  # fmt: skip
"""databases created by the hosting provider"""

_SYSTEM_DATABASES = _PROVIDERS_DATABASES | {"postgres", "template0", "template1"}
"""databases created by initdb or by the hosting provider"""

_PROVIDERS_ROLES = re.compile(
    r"pg_.*|rds.*|rds_.*|cloudsql.*|alloydb.*|azure.*|neon_superuser|cloud_admin|aiven.*|supabase_.*admin"
)
"""roles created by the server or by the hosting provider"""

_RELEASED_WITH_SERVER = re.compile(
    "adminpack|amcheck|autoinc|bloom|btree_gi(n|st)|citext|cube|dblink|dict_int|dict_xsyn|earthdistance|file_fdw"
    "|fuzzystrmatch|hstore.*|insert_username|intagg|intarray|isn|jsonb_pl.*|lo|ltree.*|moddatetime|old_snapshot"
    "|pageinspect|pg_(buffercache|freespacemap|logicalinspect|overexplain|prewarm|stat_statements|surgery|trgm"
    "|visibility|walinspect)|pgcrypto|pgrowlocks|pgstattuple|pl(perl|python3|tcl)u?|postgres_fdw|refint|seg|sslinfo"
    "|tablefunc|tcn|tsm_system_(rows|time)|unaccent|uuid-ossp|xml2"
)
"""extensions whose version follows from the server's"""


_GLOBS = {"settings": "*", "databases": "database*", "overrides": "override.*", "extensions": "extension*"}
"""the facts that each part of the answer gives"""


def decode(body: bytes, address: str = "") -> Answer:
    r"""Return the answer in the document of the statement; bytes that are not UTF-8 become surrogates.

    Raises:
        ServiceError: Reason.PROTOCOL, if the document is not of that shape.

    >>> decode(b'{"version": "caf\xe9", "settings": []}').version
    'caf\udce9'
    """
    try:
        return _decoded(body)
    except (ValueError, RecursionError) as error:
        raise ServiceError(Reason.PROTOCOL, f"{address} sent an invalid reading: {foreign(error)}") from error


def _decoded(body: bytes) -> Answer:
    try:
        return msgspec.json.decode(body.decode(), type=Answer)
    except UnicodeDecodeError:  # msgspec accepts no surrogates; json is slower
        return msgspec.convert(json.loads(body.decode(errors="surrogateescape")), type=Answer)


def parse(
    answer: Answer,
    user: str,
    address: str = "",
    notes: tuple[str, ...] = (),
    *,
    pooled: bool = False,
    unix_socket: bool = False,
) -> Reading:
    """Return the reading of an answer.

    Args:
        answer: the result of :func:`decode`.
        user: the role that was logged in.
        address: host:port of the server.
        notes: remarks on the connection; they come before those on the server.
        pooled: whether a pooler may have lent the session to other clients before.
        unix_socket: whether the connection is no TCP connection, whose keepalives the server would show.

    >>> memory = SettingRow("work_mem", "4096", "i", "Sets it.", "kB", "configuration file", "/pg/a.conf", 3)
    >>> reading = parse(Answer("PostgreSQL 16.14", [SettingRow("server_version_num", "160014"), memory]), "parity")
    >>> reading.product, reading.version, reading.facts["work_mem"].raw, reading.facts["work_mem"].source
    ('PostgreSQL', '16.14', '4096', 'a.conf:3')
    """
    answer, cut = _within_limits(answer)
    rows = {shared(row.name): row for row in answer.settings if row.name not in _FOLDED}
    number = rows["server_version_num"].setting if "server_version_num" in rows else None
    product, version = identify_product(answer.version, number, answer.aurora)
    hidden = _hidden_by_rights(rows, version, answer.version, user)
    unread = () if answer.started else tuple((group.glob, group.why) for group in HIDDEN_BY_SERVER)
    return Reading(
        product=product,
        version=version,
        facts={
            **{name: _setting(row, pooled) for name, row in rows.items()},
            **({name: _ONLY_BY_TCP for name in _OF_TCP if name in rows} if unix_socket else {}),
            **dict(_databases(answer.databases or [])),
            **dict(_extensions(answer)),
            **dict(_overrides(answer, rows)),
        },
        hidden=hidden + unread + tuple((_GLOBS[part], why) for part, why in cut.items()),
        notes=(*notes, *_notes(answer, rows, hidden, pooled), *cut.values()),
        address=address,
        instance=answer.started or "",
        package=package[1] if (package := _PACKAGE.match(answer.version)) else "",
    )


def _within_limits(answer: Answer) -> tuple[Answer, dict[str, str]]:
    """Return the answer without the row of each part that is beyond its limit, and the parts that have one."""
    cut = {part: limit for part, limit in LIMITS.items() if len(getattr(answer, part) or ()) > limit}
    kept = {part: getattr(answer, part)[:limit] for part, limit in cut.items()}
    return replace(answer, **kept), {part: f"only the first {limit} {part}" for part, limit in cut.items()}


def _setting(row: SettingRow, pooled: bool) -> Fact:
    source = row.source or ""
    shadowed_by = _OF_A_CLIENT if pooled and _is_leaked(row) else _SESSION_SOURCES.get(source)
    notes = [f"{shadowed_by}: the server's own value is hidden"] if shadowed_by else []
    if row.pending_restart:
        notes.append("restart pending")
    return Fact(
        raw=None if _is_leaked(row) else row.setting or "",
        type=TYPES.get(row.name) or _VARTYPES.get(row.vartype, ValueType.TEXT),
        unit=row.unit or "",
        state=State.UNKNOWN if shadowed_by else State.VALUE,
        canonical=canonical(row.name, row.setting or ""),
        default=source in _NOT_CONFIGURED,
        source="a different client of the pooler" if pooled and _is_leaked(row) else _source(row),
        description=shared(row.description or ""),
        note="; ".join(notes),
    )


def _is_leaked(row: SettingRow) -> bool:
    """Whether the session has a value that we never set."""
    return row.source in _OF_SESSION and row.name not in _OURS


def _source(row: SettingRow) -> str:
    r"""Return the source of a value, for a person.

    >>> _source(SettingRow("jit", "off", "b", "", None, "configuration file", r"C:\pg\postgresql.conf", 7))
    'postgresql.conf:7'
    """
    if row.sourcefile:
        file = row.sourcefile.replace("\\", "/").rpartition("/")[-1]
        return f"{file}:{row.sourceline}"
    source = row.source or ""
    return _SOURCES.get(source, source)


def _databases(rows: list[DatabaseRow]) -> Iterator[tuple[str, Fact]]:
    """Yield one fact per trait of the connected database, one fact for each other database."""
    for row in rows:
        if row.connected:
            yield from _connected_database(row)
        elif row.name not in _SYSTEM_DATABASES:
            traits = _traits(row)
            text = ", ".join(f"{key}={value}" for key, value in traits.items())
            same = ", ".join(f"{key}={_same_locale(key, value) or value}" for key, value in traits.items())
            yield f"database[{row.name}]", Fact(text, ValueType.MAP, canonical=same)


def _connected_database(row: DatabaseRow) -> Iterator[tuple[str, Fact]]:
    for key, value in _traits(row).items():
        yield f"database.{key}", Fact(value, canonical=_same_locale(key, value))
    if row.provider is None:  # before 15
        return
    if row.recorded is not None and row.provider != "b":  # the builtin provider does not change
        yield "database.collation_version", Fact(row.recorded)
    mismatch = row.recorded is not None and row.actual is not None and row.recorded != row.actual
    note = f"made with {row.recorded}, the server now has {row.actual}" if mismatch else ""
    yield "database.collation_mismatch", Fact("on" if mismatch else "off", ValueType.BOOL, note=note)


def _same_locale(trait: str, value: str) -> str:
    return canonical_locale(value) if trait in ("collate", "ctype", "locale") else ""


def _traits(row: DatabaseRow) -> dict[str, str]:
    """Return what determines how a database sorts and compares text."""
    provider = {"b": "builtin", "c": "libc", "i": "icu", None: "libc"}.get(row.provider, row.provider or "")
    traits = {"encoding": row.encoding, "collate": row.collate, "ctype": row.ctype, "locale_provider": provider}
    further = {"locale": row.locale, "icu_rules": row.rules}
    return {key: value or "" for key, value in traits.items()} | {key: text for key, text in further.items() if text}


def _extensions(answer: Answer) -> Iterator[tuple[str, Fact]]:
    for row in answer.extensions or []:
        outdated = row.available is not None and row.available != row.version
        note = f"{row.available} is available on the server: ALTER EXTENSION {quoted(row.name)} UPDATE"
        released = row.available == row.version and _RELEASED_WITH_SERVER.fullmatch(row.name)
        yield f"extension.{row.name}", Fact(row.version, default=bool(released) or None, note=note if outdated else "")
        if row.schema is not None:
            yield f"extension_schema.{row.name}", Fact(row.schema)


def _overrides(answer: Answer, rows: dict[str, SettingRow]) -> Iterator[tuple[str, Fact]]:
    """Yield the settings of roles and databases, typed like the setting itself."""
    connected = next((row.name for row in answer.databases or [] if row.connected), None)
    for override in answer.overrides or []:
        if override.database in _PROVIDERS_DATABASES or _PROVIDERS_ROLES.fullmatch(override.role or ""):
            continue
        setting, _, value = override.assignment.partition("=")
        row = rows.get(setting, SettingRow(setting, None))
        yield (
            f"{scope_of(override.database, override.role, connected)}.{setting}",
            Fact(
                raw=value,
                type=TYPES.get(setting) or _VARTYPES.get(row.vartype, ValueType.TEXT),
                unit=row.unit or "",
                canonical=canonical(setting, value) or switch(row.vartype, value),
                default=False,
                source=_command(override),
                description=shared(row.description or ""),
            ),
        )


def _command(override: OverrideRow) -> str:
    database = quoted(override.database or "")
    if override.role is None and override.database is not None:
        return f"ALTER DATABASE {database}"
    role = "ALL" if override.role is None else quoted(override.role)
    return f"ALTER ROLE {role}" + (f" IN DATABASE {database}" if override.database is not None else "")


def _hidden_by_rights(rows: dict[str, SettingRow], version: str, banner: str, user: str) -> tuple[tuple[str, str], ...]:
    """Return (name, why) of the settings that this version has and does not show to our role."""
    if "shared_preload_libraries" in rows:  # every version has it, and shows all of PRIVILEGED or none
        return ()
    major, minor = (int(part) if part.isdecimal() else 0 for part in version.partition(".")[::2])
    names = {name for name, (first, last) in PRIVILEGED.items() if first <= major <= last}
    if minor < OUTPUT_PLUGINS.get(major, 0):
        names.discard("output_plugin_libraries")
    if not _PACKAGE.match(banner):
        names.discard("extension_destdir")
    groups = (group for group in HIDDEN_BY_RIGHTS if group.glob in names)
    return tuple((group.glob, group.why.format(user=quoted(user))) for group in groups)


def _notes(
    answer: Answer, rows: dict[str, SettingRow], hidden: tuple[tuple[str, str], ...], pooled: bool
) -> Iterator[str]:
    if leaked := sorted(name for name, row in rows.items() if pooled and _is_leaked(row)):
        yield f"a client's SET leaks through the pooler to others: {', '.join(leaked)}"
    if answer.standby:
        yield "standby"
    yield from providers(rows)
    if not answer.started:
        yield HIDDEN_BY_SERVER[0].why
    if hidden:
        yield f"{len(hidden)} settings hidden: {hidden[0][1]}"

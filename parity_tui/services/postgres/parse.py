"""From an answer to a Reading: facts with their source in words, product by its own sign, what rights hide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from parity_tui.model import Fact, Reading, Reason, ServiceError, State, ValueType
from parity_tui.services.postgres.queries import LIMITS, Answer, DatabaseRow, OverrideRow, SettingRow
from parity_tui.services.postgres.rules import TYPES
from parity_tui.services.postgres.version import identify, providers

_VARTYPES = {"b": ValueType.BOOL, "i": ValueType.NUMBER, "r": ValueType.NUMBER, "e": ValueType.ENUM}

_SOURCES = {
    "override": "the server itself",
    "environment variable": "environment",
    "client": "our own session",
    "session": "our own session",
    "user": "the role that we log in as",
    "database": "this database",
    "database user": "the role that we log in as, in this database",
    "global": "all roles",
}
_NOT_CONFIGURED = ("default", "override")
_OURS = {
    "client": "set by our own session",
    "session": "set by our own session",
    "user": "set for the role that we log in as",
    "database": "set for this database",
    "database user": "set for the role that we log in as in this database",
    "global": "set for all roles",
}
"""sources that lie over the server's own value"""

_FOLDED = frozenset({"lc_collate", "lc_ctype", "server_encoding"})
"""settings that describe the connected database, until 15 even by its collation: there are facts on that"""

_OWN_DATABASES = frozenset(
    {
        "postgres", "template0", "template1", "rdsadmin", "cloudsqladmin", "alloydbadmin", "alloydbmetadata",
        "azure_maintenance", "azure_sys",
    }
)  # fmt: skip
"""databases that come with the server, or with its provider"""


_UNANSWERED = tuple(
    (glob, "this server tells its settings only") for glob in ("database*", "extension.*", "override.*")
)
"""what a server does not say that can answer the least only"""


def _everywhere(names: str) -> dict[str, tuple[int, int]]:
    """Return these names as settings of all versions."""
    return dict.fromkeys(names.split(), (0, 99))


# What pg_settings shows to superusers and members of pg_read_all_settings only, with the versions that have it.
_PRIVILEGED = {
    **_everywhere(
        """
        config_file data_directory dynamic_library_path external_pid_file hba_file ident_file jit_provider
        krb_server_keyfile log_directory log_filename primary_conninfo session_preload_libraries
        shared_preload_libraries ssl_ciphers ssl_dh_params_file ssl_max_protocol_version ssl_min_protocol_version
        ssl_passphrase_command unix_socket_directories
        """
    ),
    "stats_temp_directory": (0, 14),
    "ssl_ecdh_curve": (0, 17),
    "extension_control_path": (18, 99),
    "oauth_validator_libraries": (18, 99),
    "ssl_groups": (18, 99),
    "ssl_tls13_ciphers": (18, 99),
}

_OUTPUT_PLUGINS = {14: 24, 15: 19, 16: 15, 17: 11, 18: 5}
"""the minor releases of August 2026 brought output_plugin_libraries, likewise privileged, to every supported version"""


def parse(body: bytes, role: str, address: str = "", notes: tuple[str, ...] = ()) -> Reading:
    """Return the reading in an answer to the statement, as seen by ``role``.

    >>> body = b'{"version": "PostgreSQL 16.14 on x86_64", "settings": [["server_version_num", "160014"], '
    >>> body += b'["work_mem", "4096", "i", "Sets the memory.", "kB", "configuration file", "/pg/a.conf", 3]]}'
    >>> reading = parse(body, "parity")
    >>> reading.product, reading.version, reading.facts["work_mem"].raw, reading.facts["work_mem"].source
    ('PostgreSQL', '16.14', '4096', 'a.conf:3')

    Raises ServiceError(Reason.PROTOCOL, …) where the answer is none.
    """
    try:
        answer = _decoded(body)
    except (ValueError, RecursionError) as error:
        raise ServiceError(Reason.PROTOCOL, f"{address} answers with something that is no reading: {error}") from error
    return read(answer, role, address, notes)


def _decoded(body: bytes) -> Answer:
    r"""Return the answer; bytes that are no UTF-8 as surrogates, which only the slower way takes.

    >>> _decoded(b'{"version": "caf\xe9", "settings": []}').version
    'caf\udce9'
    """
    try:
        return msgspec.json.decode(body.decode(), type=Answer)
    except UnicodeDecodeError:
        return msgspec.convert(json.loads(body.decode(errors="surrogateescape")), type=Answer)


def read(answer: Answer, role: str, address: str = "", notes: tuple[str, ...] = ()) -> Reading:
    """Return the reading in a decoded answer."""
    rows = {row.name: row for row in answer.settings if row.name not in _FOLDED}
    number = rows["server_version_num"].setting if "server_version_num" in rows else None
    product, version = identify(answer.version, number, answer.aurora)
    hidden = _hidden(rows, version, answer.version, role) + (() if answer.started else _UNANSWERED)
    return Reading(
        product=product,
        version=version,
        facts={
            **{name: _setting(row) for name, row in rows.items()},
            **dict(_databases(answer.databases or [])),
            **dict(_extensions(answer)),
            **dict(_overrides(answer, rows)),
        },
        hidden=hidden,
        notes=(*notes, *_notes(answer, rows, hidden)),
        address=address,
        instance=answer.started or "",
    )


def _setting(row: SettingRow) -> Fact:
    """Return the fact of one setting; a value that is our session's own is not the server's."""
    source = row.source or ""
    ours = _OURS.get(source)
    notes = [f"{ours}: the server's own value cannot be seen from here"] if ours else []
    if row.pending_restart:
        notes.append("restart pending")
    return Fact(
        raw=row.setting or "",
        type=TYPES.get(row.name) or _VARTYPES.get(row.vartype, ValueType.TEXT),
        unit=row.unit or "",
        state=State.UNKNOWN if ours else State.VALUE,
        default=source in _NOT_CONFIGURED,
        source=_source(row),
        description=row.description or "",
        note="; ".join(notes),
    )


def _source(row: SettingRow) -> str:
    r"""Return where a value comes from, in words.

    >>> _source(SettingRow("jit", "off", "b", "", None, "configuration file", r"C:\pg\postgresql.conf", 7))
    'postgresql.conf:7'
    """
    if row.sourcefile:
        file = row.sourcefile.replace("\\", "/").rpartition("/")[-1]
        return f"{file}:{row.sourceline}"
    source = row.source or ""
    return _SOURCES.get(source, source)


def _databases(rows: list[DatabaseRow]) -> Iterator[tuple[str, Fact]]:
    """Give the facts on the connected database by themselves, those on every other one as one."""
    for row in rows:
        if row.connected:
            yield from _connected(row)
        elif row.name not in _OWN_DATABASES:
            text = ", ".join(f"{key}={value}" for key, value in _traits(row).items())
            yield f"database[{row.name}]", Fact(text, ValueType.MAP, canonical=text)


def _connected(row: DatabaseRow) -> Iterator[tuple[str, Fact]]:
    """Give the facts on the connected database."""
    for key, value in _traits(row).items():
        yield f"database.{key}", Fact(value)
    if row.provider is None:  # before 15
        return
    if row.recorded is not None and row.provider != "b":  # the builtin provider does not change
        yield "database.collation_version", Fact(row.recorded)
    moved = row.recorded is not None and row.actual is not None and row.recorded != row.actual
    note = f"made with {row.recorded}, the server now has {row.actual}" if moved else ""
    yield "database.collation_mismatch", Fact("on" if moved else "off", ValueType.BOOL, note=note)


def _traits(row: DatabaseRow) -> dict[str, str]:
    """Return what makes text sort and compare as it does in a database."""
    provider = {"b": "builtin", "c": "libc", "i": "icu", None: "libc"}.get(row.provider, row.provider or "")
    traits = {"encoding": row.encoding, "collate": row.collate, "ctype": row.ctype, "locale_provider": provider}
    return {key: value or "" for key, value in traits.items()} | ({"locale": row.locale} if row.locale else {})


def _extensions(answer: Answer) -> Iterator[tuple[str, Fact]]:
    """Give the extensions of the connected database."""
    for row in answer.extensions or []:
        older = row.available is not None and row.available != row.version
        update = f"{row.available} is installed on the server: ALTER EXTENSION {quoted(row.name)} UPDATE"
        yield f"extension.{row.name}", Fact(row.version, note=update if older else "")


def _overrides(answer: Answer, rows: dict[str, SettingRow]) -> Iterator[tuple[str, Fact]]:
    """Give what is set for roles and databases: that is what an app really gets. Typed like the setting."""
    connected = next((row.name for row in answer.databases or [] if row.connected), None)
    for override in answer.overrides or []:
        setting, _, value = override.assignment.partition("=")
        row = rows.get(setting, SettingRow(setting, None))
        yield (
            f"{_whose(override, connected)}.{setting}",
            Fact(
                raw=value,
                type=TYPES.get(setting) or _VARTYPES.get(row.vartype, ValueType.TEXT),
                unit=row.unit or "",
                default=False,
                source=_command(override),
                description=row.description or "",
            ),
        )


def _whose(override: OverrideRow, connected: str | None) -> str:
    """Return the name of the fact, but for the setting.

    >>> _whose(OverrideRow("app", "web", ""), "app"), _whose(OverrideRow("app", None, ""), "postgres")
    ('override.role.web.database', 'override.database[app]')
    """
    parts = ["override"]
    if override.role is not None:
        parts += ["role", quoted(override.role)]
    if override.database is not None:
        parts.append("database" if override.database == connected else f"database[{override.database}]")
    return ".".join(parts) if len(parts) > 1 else "override.all"


def _command(override: OverrideRow) -> str:
    """Return the command by which it was set."""
    database = quoted(override.database or "")
    if override.role is None and override.database is not None:
        return f"ALTER DATABASE {database}"
    role = "ALL" if override.role is None else quoted(override.role)
    return f"ALTER ROLE {role}" + (f" IN DATABASE {database}" if override.database is not None else "")


def quoted(name: str) -> str:
    """Return a name as it is written in SQL.

    >>> quoted("app"), quoted("App"), quoted('a.b"c')
    ('app', '"App"', '"a.b""c"')
    """
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name, re.ASCII) else '"' + name.replace('"', '""') + '"'


def _hidden(rows: dict[str, SettingRow], version: str, words: str, role: str) -> tuple[tuple[str, str], ...]:
    """Return what our rights do not show: none of it where one of it is there, which every version has."""
    if "shared_preload_libraries" in rows:
        return ()
    why = f"needs GRANT pg_read_all_settings TO {quoted(role)}"
    major, minor = (int(part) if part.isdecimal() else 0 for part in version.partition(".")[::2])
    names = [name for name, (first, last) in _PRIVILEGED.items() if first <= major <= last]
    if major > max(_OUTPUT_PLUGINS) or minor >= _OUTPUT_PLUGINS.get(major, 100):
        names.append("output_plugin_libraries")
    if major < 18 and re.search("Debian|Ubuntu", words):
        names.append("extension_destdir")
    return tuple((name, why) for name in names)


def _notes(answer: Answer, rows: dict[str, SettingRow], hidden: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Give what a person should know of this reading."""
    if answer.standby:
        yield "standby"
    yield from providers(rows)
    if not answer.started:
        yield _UNANSWERED[0][1]
    if lacking := [why for name, why in hidden if "*" not in name]:
        yield f"{len(lacking)} settings hidden: {lacking[0]}"
    for part, limit in LIMITS.items():
        if len(getattr(answer, part) or ()) >= limit:
            yield f"only the first {limit} {part}"

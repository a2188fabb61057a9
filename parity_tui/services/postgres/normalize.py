"""Normal forms of values that have several spellings; names of overrides, the settings of roles and databases."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from parity_tui.drift.timezones import canonical_zone
from parity_tui.services._locale import canonical_locale

_ZONES = frozenset({"TimeZone", "log_timezone"})
_LOCALES = frozenset({"lc_messages", "lc_monetary", "lc_numeric", "lc_time"})
_LIBRARIES = frozenset(
    {
        "local_preload_libraries", "output_plugin_libraries", "session_preload_libraries", "shared_preload_libraries",
    }
)  # fmt: skip
_NAMES = frozenset({"search_path", "temp_tablespaces"})
_MEMBER = re.compile(r'(?<![^,])\s*+("(?:[^"]|"")*+"|[^",\s]++(?:\s++[^",\s]++)*+)\s*+(?:,|$)')
_STANDBYS = re.compile(r"(?:(FIRST|ANY)\s+)?(\d{1,9})\s*\(([^()]*)\)", re.IGNORECASE)
_STYLES = {"iso": "ISO", "sql": "SQL", "postgres": "Postgres", "german": "German"}
_ORDERS = {
    **dict.fromkeys(("mdy", "us", "noneuro", "noneuropean"), "MDY"),
    **dict.fromkeys(("dmy", "euro", "european"), "DMY"),
    "ymd": "YMD",
}


def canonical(setting: str, value: str) -> str:
    """Return the normal form of a setting's value, "" if the raw text is one.

    >>> canonical("log_timezone", "Etc/UTC"), canonical("lc_time", "en_US.utf8"), canonical("work_mem", "4MB")
    ('UTC', 'en_US.UTF-8', '')
    >>> canonical("shared_preload_libraries", "$libdir/pg_cron, auto_explain.so")
    'auto_explain, pg_cron'
    >>> canonical("default_text_search_config", "pg_catalog.english"), canonical("DateStyle", "dmy, iso")
    ('english', 'ISO, DMY')
    >>> canonical("search_path", 'Shop,"Foo",  public'), canonical("search_path", '"Foo, public"')
    ('shop, "Foo", public', '"Foo, public"')
    """
    if setting in _ZONES:
        return canonical_zone(value)
    if setting in _LOCALES:
        return canonical_locale(value)
    if setting in _LIBRARIES:
        return ", ".join(sorted({re.sub(r"^\$libdir/|\.(so|dylib|dll)$", "", name) for name in _members(value)}))
    if setting in _NAMES:
        return ", ".join(map(quoted, _members(value)))
    if setting == "synchronous_standby_names":
        return _standbys(value)
    if setting == "default_text_search_config":
        return value.removeprefix("pg_catalog.")
    return _date_style(value) if setting == "DateStyle" else ""


def switch(vartype: str, value: str) -> str:
    """Return on or off for a word that the server takes for it, "" for others: only its own settings are normalized.

    Args:
        vartype: first letter of bool and enum; enums such as synchronous_commit take whole words only.
        value: as ALTER ROLE or ALTER DATABASE was given it.

    >>> switch("b", "F"), switch("b", "of"), switch("b", "o"), switch("e", "true"), switch("e", "local")
    ('off', 'off', '', 'on', '')
    """
    word = value.strip().lower()
    if vartype == "e":
        return {**dict.fromkeys(("true", "yes", "1"), "on"), **dict.fromkeys(("false", "no", "0"), "off")}.get(word, "")
    if vartype != "b" or word in ("", "o"):
        return ""
    for meaning, words in (("on", ("true", "yes", "on", "1")), ("off", ("false", "no", "off", "0"))):
        if any(each.startswith(word) for each in words):
            return meaning
    return ""


def _standbys(value: str) -> str:
    """Return which standbys commits wait for, "" where the text has another syntax.

    >>> _standbys("1 (a,b)"), _standbys("A, b"), _standbys('any 2 ("B", c)'), _standbys("")
    ('FIRST 1 (a, b)', 'FIRST 1 (a, b)', 'ANY 2 ("B", c)', '')
    """
    match = _STANDBYS.fullmatch(value.strip())
    if match:
        method, count, names = (match[1] or "FIRST").upper(), match[2], match[3]
    else:
        method, count, names = "FIRST", "1", value
    members = ", ".join(map(quoted, _members(names)))
    return f"{method} {count} ({members})" if members and "(" not in names else ""


def _members(value: str) -> Iterator[str]:
    """Yield the names in a list, without quotes; unquoted ones in lower case, as SQL reads them."""
    for match in _MEMBER.finditer(value):
        name = match[1]
        yield name[1:-1].replace('""', '"') if name[0] == '"' else name.lower()


def _date_style(value: str) -> str:
    words = [word for word in re.split(r"[,\s]+", value.lower()) if word]
    styles = [_STYLES[word] for word in words if word in _STYLES]
    orders = [_ORDERS[word] for word in words if word in _ORDERS]
    whole = len(styles) == len(orders) == 1 and len(words) == 2
    return f"{styles[0]}, {orders[0]}" if whole else ""


_ROLE = r'(?P<role>"(?:[^"]|"")*"|[^".]+)'
OVERRIDE = re.compile(
    rf"(?:all|role\.{_ROLE})?(?:(?:^|\.)(?P<database>database(?:\[(?P<other>.*)\])?))?\.(?P<setting>[^\]]+)", re.DOTALL
)
"""name of a fact after "override." """


def quoted(name: str) -> str:
    """Return an identifier as SQL requires it.

    >>> quoted("app"), quoted("App"), quoted('a.b"c')
    ('app', '"App"', '"a.b""c"')
    """
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name, re.ASCII) else '"' + name.replace('"', '""') + '"'


def scope_of(database: str | None, role: str | None, connected: str | None) -> str:
    """Return the name of an override's fact without the setting.

    Args:
        database: None for all databases.
        role: None for all roles.
        connected: the database of the target.

    >>> scope_of("app", "web", "app"), scope_of("app", None, "postgres"), scope_of(None, None, "app")
    ('override.role.web.database', 'override.database[app]', 'override.all')
    """
    parts = ["override"]
    if role is not None:
        parts += ["role", quoted(role)]
    if database is not None:
        parts.append("database" if database == connected else f"database[{database}]")
    return ".".join(parts) if len(parts) > 1 else "override.all"


def overridden(setting: str, users: Collection[str]) -> tuple[str, bool] | None:
    """Return the setting that a fact overrides and whether a session of one of the users gets it, else None.

    >>> overridden("override.role.web.work_mem", {"web"}), overridden("override.role.bob.database.jit", {"web"})
    (('work_mem', True), ('jit', False))
    >>> overridden("override.database[old].search_path", {"web"}), overridden("override.all.app.tenant", {"web"})
    (('search_path', False), ('', True))
    >>> overridden("work_mem", {"web"})
    """
    family, _, rest = setting.partition(".")
    match = OVERRIDE.fullmatch(rest) if family == "override" else None
    if match is None:
        return None
    in_session = match["other"] is None and (match["role"] is None or match["role"] in map(quoted, users))
    return "" if "." in match["setting"] else match["setting"], in_session

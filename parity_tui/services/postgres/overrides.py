"""Settings of roles and databases: the names of their facts, and whose sessions get them."""

from __future__ import annotations

import re
from collections.abc import Collection

_NAME = r'(?P<role>"(?:[^"]|"")*"|[^".]+)'
PATTERN = re.compile(
    rf"(?:all|role\.{_NAME})?(?:(?:^|\.)(?P<database>database(?:\[(?P<other>.*)\])?))?\.(?P<setting>[^\]]+)", re.DOTALL
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
    match = PATTERN.fullmatch(rest) if family == "override" else None
    if match is None:
        return None
    in_session = match["other"] is None and (match["role"] is None or match["role"] in map(quoted, users))
    return "" if "." in match["setting"] else match["setting"], in_session

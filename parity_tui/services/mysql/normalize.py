"""Normal forms of a variable's name, type and text, so that MariaDB and MySQL of any version compare equal."""

from __future__ import annotations

import re

from parity_tui.model import ValueType

_DECLARED_TYPES = {
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


def value_type(declared: str, raw: str) -> ValueType:
    """Return the declared type, or the apparent one of words, texts and undeclared values.

    Some servers declare types and others do not; both must yield the same.

    >>> value_type("BIGINT UNSIGNED", "1"), value_type("ENUM", "ON")
    (<ValueType.NUMBER: 'number'>, <ValueType.BOOL: 'bool'>)
    >>> value_type("", "10.000000"), value_type("", "8.10")
    (<ValueType.NUMBER: 'number'>, <ValueType.TEXT: 'text'>)
    """
    if declared in _DECLARED_TYPES:
        return _DECLARED_TYPES[declared]
    if raw in ("ON", "OFF"):
        return ValueType.BOOL
    return ValueType.NUMBER if re.fullmatch(r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{6})?", raw) else ValueType.TEXT


def canonical(name: str, value: str | None, product: str) -> str:
    """Return the normal form of a value, "" if the raw text is one.

    >>> canonical("character_set_server", "utf8", "MySQL"), canonical("collation_server", "utf8_bin", "MySQL")
    ('utf8mb3', 'utf8mb3_bin')
    >>> canonical("secure_file_priv", None, "MySQL"), canonical("secure_file_priv", "/var/lib/files/", "MySQL")
    ('nowhere', 'one folder')
    """
    if name.startswith(("character_set_", "collation_")):
        return charset(value or "")
    if name == "secure_file_priv":
        anywhere = value == "" or (value is None and product == "MariaDB")
        return "anywhere" if anywhere else "nowhere" if value in (None, "NULL") else "one folder"
    return ""


def charset(name: str) -> str:
    """Return the current name of a character set or collation: "utf8" is now "utf8mb3".

    >>> charset("utf8_general_ci"), charset("utf8"), charset("utf8mb4_bin")
    ('utf8mb3_general_ci', 'utf8mb3', 'utf8mb4_bin')
    """
    return re.sub(r"^utf8(?=_|$)", "utf8mb3", name)


def source(origin: str, path: str) -> str:
    r"""Return the source of a value, for a person.

    >>> source("GLOBAL", r"C:\ProgramData\my.ini"), source("AUTO", "")
    ('my.ini', 'computed by the server')
    """
    text = _SOURCES.get(origin, origin.lower())
    if path and text == "a configuration file":
        return path.replace("\\", "/").rpartition("/")[-1] or text
    return text

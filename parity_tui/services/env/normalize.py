"""The shape of a value, and the values that are harmless enough to be shown."""

from __future__ import annotations

import re

from parity_tui.drift.timezones import canonical_zone
from parity_tui.secrets.detect import is_secret_name
from parity_tui.services._locale import canonical_locale

EMPTY = "(empty)"
"""the shape of a variable that is set to nothing"""
REFERENCE = "a reference"
"""the shape of a value that names another variable which the file does not set"""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):(?://|(?=\w+:@))")
_KNOWN_SCHEMES = {
    **{name: name for name in (
        "amqp", "amqps", "console", "elasticsearch", "file", "ftp", "http", "https", "kafka", "memcached", "memory",
        "mongodb", "mysql", "mariadb", "mssql", "nats", "oracle", "postgresql", "redis", "rediss", "s3", "sftp", "smtp",
        "smtps", "socks5", "sqlite", "sqs", "sync", "unix", "valkey", "valkeys", "ws", "wss",
    )},
    "postgres": "postgresql", "psql": "postgresql", "pgsql": "postgresql", "postgis": "postgresql",
    "sqlite3": "sqlite", "mysql2": "mysql", "locmem": "memory", "locmemcache": "memory", "in-memory": "memory",
    "consolemail": "console",
}  # fmt: skip
"""scheme -> its usual spelling; no other text before :// is shown"""
_SWITCH = frozenset({"true", "false", "on", "off", "yes", "no", "enabled", "disabled"})
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,9})?", re.ASCII)
_SMALL = re.compile(r"-?\d{1,5}(\.\d{1,2})?", re.ASCII)
_LEVELS = frozenset(
    {"trace", "debug", "info", "notice", "warn", "warning", "error", "critical", "fatal", "panic", "alert", "emergency"}
)
_STAGES = frozenset(
    {"dev", "develop", "development", "test", "testing", "ci", "local", "qa", "uat", "preview", "demo", "sandbox"}
    | {"stage", "staging", "preprod", "prod", "production", "live"}
)
_SETTINGS_MODULE = re.compile(r"[a-z][a-z_]{0,30}(\.[a-z][a-z_]{0,30}){1,4}", re.ASCII)
_ZONE = re.compile(
    r":?(UTC|GMT|(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc|US)"
    r"(/[A-Z][A-Za-z_+-]{1,20}\d{0,2}){1,2})",
    re.ASCII,
)
_LOCALE = re.compile(r"(C|POSIX|[a-z]{2,3}_[A-Z]{2})(\.(utf-?8|iso-?8859-?\d{1,2}))?(@euro|@latin)?", re.ASCII | re.I)
LONGEST = 2048
"""characters of a value that expressions see"""
_LOOPBACK = re.compile(r"\w[\w+.-]*://([^/?#]*@)?(localhost|127\.[\d.]+|\[?::1\]?|)(:\d+)?([/?#].*)?", re.ASCII)


def shape(name: str, value: str) -> str:
    """Return the shape of a value, in words that hold nothing of it but a known scheme.

    >>> [shape("X", value) for value in ("", "true", "12.5", "postgres://ann@h/app", "zx81://h", "fish")]
    ['(empty)', 'a switch', 'a number', 'a URL postgresql://', 'a URL', 'text']
    >>> shape("DB_PASSWORD", "12345")
    'text'
    """
    text = value.strip()
    if not text:
        return EMPTY
    if match := _SCHEME.match(text):
        scheme = _KNOWN_SCHEMES.get(match[1].lower().partition("+")[0])
        return f"a URL {scheme}://" if scheme else "a URL"
    if is_secret_name(name):
        return "text"
    if is_switch(text):
        return "a switch"
    return "a number" if _NUMBER.fullmatch(text) else "text"


def is_harmless(name: str, value: str) -> bool:
    """Return whether a value may be shown: a switch, a small number, or one of the words that a few variables hold.

    >>> [is_harmless(*each) for each in (("DEBUG", "true"), ("WORKERS", "4"), ("NODE_ENV", "production"))]
    [True, True, True]
    >>> [is_harmless(*each) for each in (("APP_PIN", "4711"), ("NODE_ENV", "hunter"), ("NAME", "fish"))]
    [False, False, False]
    """
    text, upper = value.strip(), name.upper()
    if is_secret_name(name) or not text:
        return False
    if is_switch(text) or _SMALL.fullmatch(text):
        return True
    if upper.endswith(("LOG_LEVEL", "LOGLEVEL", "_LOG", "LOGGING_LEVEL")):
        return text.lower() in _LEVELS
    if upper.endswith(("_ENV", "_ENVIRONMENT")) or upper in ("ENV", "ENVIRONMENT"):
        return text.lower() in _STAGES
    if upper == "DJANGO_SETTINGS_MODULE":
        return "settings" in text and bool(_SETTINGS_MODULE.fullmatch(text))
    if upper == "TZ":
        return bool(_ZONE.fullmatch(text))
    return (upper in ("LANG", "LANGUAGE") or upper.startswith("LC_")) and bool(_LOCALE.fullmatch(text))


def spelling(name: str, text: str) -> str:
    """Return a time zone or a locale in its usual spelling, any other value unchanged.

    >>> spelling("TZ", ":Europe/Paris"), spelling("LANG", "en_US.utf8"), spelling("WORKERS", "4")
    ('Europe/Paris', 'en_US.UTF-8', '4')
    """
    upper = name.upper()
    if upper == "TZ":
        return canonical_zone(text.removeprefix(":"))
    return canonical_locale(text) if upper == "LANG" or upper.startswith("LC_") else text


def is_switch(value: str) -> bool:
    """Return whether a value is one of the usual words for on and off."""
    return value.strip().lower() in _SWITCH


def is_of_each_host(value: str) -> bool:
    """Return whether the same text leads to another server on each machine, so that equality means nothing.

    >>> [is_of_each_host(url) for url in ("redis://localhost:6379/1", "postgres:///app", "redis://db.example", "fish")]
    [True, True, False, False]
    """
    return bool(_SCHEME.match(value) and _LOOPBACK.fullmatch(value[:LONGEST]))

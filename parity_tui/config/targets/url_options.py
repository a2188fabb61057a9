"""The query of a URL: the kind's own options, which may also stand beside it, and what is meant for TLS."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from parity_tui.config.address import Address, has_password
from parity_tui.config.errors import InvalidValue, nearest
from parity_tui.config.targets.tls import KEYS, MODE_WORDS
from parity_tui.model import Service
from parity_tui.secrets import is_secret, redact, register_secret


def queried(address: Address, service: Service) -> tuple[dict[str, str], dict[str, str]]:
    """Return the query as the kind's own options and as our words for TLS."""
    own: dict[str, str] = {}
    tls: dict[str, str] = {}
    for name, value in address.query:
        if name in service.options:
            own[name] = value
        elif name in KEYS:
            key = KEYS[name]
            value = MODE_WORDS.get(value.lower(), value) if key == "tls" else value
            if tls.setdefault(key, value) != value:
                raise InvalidValue(f'the URL\'s query says twice, and differently, what "{key}" is')
        elif name not in service.ignored_options:
            raise InvalidValue(f'unknown key "{name}" in the URL\'s query{_hint(name, service)}')
    return own, tls


def _hint(name: str, service: Service) -> str:
    """Return what may be meant by an unknown key of a query."""
    if is_secret(name, "x"):
        return ": a password stands before the host, or in password_env, password_file or password_command"
    if name in ("user", "host", "port", "dbname"):
        return ": it has a place of its own in the URL"
    return nearest(name, [*service.options, *KEYS])


def merged(own: Mapping[str, str], options: Mapping[str, str]) -> dict[str, str]:
    """Return the options said in the URL and beside it, which may not differ."""
    for name in own.keys() & options.keys():
        if own[name] != options[name]:
            raise InvalidValue(f'"{name}" is something else in the URL', name)
    return {**own, **options}


class _Redacted(str):
    """An option that is a URL with a password: its repr, and so that of the target, does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(redact(str(self)))


def redacted(value: str) -> str:
    """Return the value of an option; where it is a URL with a password that is remembered, to be scrubbed."""
    if not has_password(value):
        return value
    login = value.partition("://")[2].rpartition("@")[0]
    register_secret(unquote(login.partition(":")[2]))
    return _Redacted(value)

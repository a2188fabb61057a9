"""The query of a URL: the kind's own options, which may also be given beside the URL, and the keys of TLS."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from parity_tui.config.address import Address, has_password
from parity_tui.config.errors import InvalidValue, nearest
from parity_tui.config.targets.tls import KEY_ALIASES, MODE_ALIASES
from parity_tui.model import Service
from parity_tui.secrets import redact, register_secret


def split_query(address: Address, service: Service) -> tuple[dict[str, str], dict[str, str]]:
    """Return the kind's own options and the keys of TLS, as we spell them. Raises InvalidValue."""
    options: dict[str, str] = {}
    tls: dict[str, str] = {}
    for name, value in address.query:
        if name in service.options:
            options[name] = value
        elif name in KEY_ALIASES:
            key = KEY_ALIASES[name]
            value = MODE_ALIASES.get(value.lower(), value) if key == "tls" else value
            if tls.setdefault(key, value) != value:
                raise InvalidValue(f'the URL\'s query gives "{key}" twice, and differently')
        elif name not in service.ignored_options:
            raise InvalidValue(f'unknown key "{name}" in the URL\'s query{_hint(name, service)}')
    return options, tls


def _hint(name: str, service: Service) -> str:
    from parity_tui.secrets.detect import is_secret  # here: only a mistake needs its patterns

    if is_secret(name, "x"):
        return ": a password belongs before the host, or in password_env, password_file or password_command"
    if name in ("user", "host", "port", "dbname"):
        return ": it has its own part of the URL"
    return nearest(name, [*service.options, *KEY_ALIASES])


def merge_options(within: Mapping[str, str], beside: Mapping[str, str]) -> dict[str, str]:
    """Return the options within the URL and beside it. Raises InvalidValue where the two differ."""
    for name in within.keys() & beside.keys():
        if within[name] != beside[name]:
            raise InvalidValue(f'"{name}" differs from the URL', name)
    return {**within, **beside}


class _RedactedURL(str):
    """A URL with a password that its repr, and so that of its target, does not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(redact(str(self)))


def redacted(value: str) -> str:
    """Return the value of an option; the password of a URL is remembered, to be redacted everywhere."""
    if not has_password(value):
        return value
    login = value.partition("://")[2].rpartition("@")[0]
    register_secret(unquote(login.partition(":")[2]))
    return _RedactedURL(value)

"""The query of a URL: the kind's own options, which may also be given beside the URL, the keys of TLS, the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.config.address import Address, check_host, check_user, has_password
from parity_tui.config.errors import InvalidValue, nearest
from parity_tui.config.targets.entry import EntryContext
from parity_tui.config.targets.tls import KEY_ALIASES, UNVERIFIED, query_mode, tls_word
from parity_tui.model import Service
from parity_tui.secrets import Secret, redact, register_secret

_ADDRESS_KEYS = {
    "user": "user", "username": "user", "password": "password", "pass": "password", "passwd": "password",
    "host": "host", "hostname": "host", "port": "port", "dbname": "path", "database": "path",
}  # fmt: skip
"""keys by which client libraries give a part of the URL in its query -> that part"""
_LONGEST_NAME = 300
_ABOUT_TLS = re.compile(r"ssl|tls|cert|verify|encrypt|^ca", re.IGNORECASE)
_KEY = re.compile(r"[\w.\[\]-]{1,60}")
_NAME = re.compile(r"[A-Za-z_][\w.\[\]-]{0,39}", re.ASCII)
"""a key that may be shown; other text between & and & may be the end of a password that is not encoded"""


class Query(Struct, frozen=True):
    """The meaning of a URL's query."""

    address: Address
    """with the parts that the query gives"""
    options: Mapping[str, str]
    """the kind's own"""
    tls: Mapping[str, str]
    """tls, ca, cert and key, as we spell them"""
    session: Mapping[str, str]
    """options that change what the app's sessions get"""


class _Collector:
    """Sorts the keys of one query."""

    def __init__(self, context: EntryContext, address: Address, service: Service) -> None:
        self.address = address
        self.options: dict[str, str] = {}
        self.session: dict[str, str] = {}
        self.files: dict[str, str] = {}
        self.words: list[str] = []
        self.ignored: list[str] = []
        self._service = service
        self._app = context.app

    def add(self, name: str, value: str) -> None:
        """Take one key of the query. Raises InvalidValue."""
        service = self._service
        if service.unix_socket and name in service.unix_socket.options and value.startswith("/"):
            check_host(value)
            self.address = replace(self.address, host=value)
        elif name in service.options:
            self.options[name] = value
        elif meaning := tls_word(name, value, service):
            self._add_tls(*meaning)
        elif name in service.session_options:
            earlier = [self.session[name]] if name in self.session else []
            self.session[name] = ", ".join(sorted([*earlier, value]))  # _pragma comes several times, in any order
        elif name in service.ignored_options:
            pass
        elif self._app:
            self._add_of_app(name, value)
        else:
            raise InvalidValue(f'unknown key "{name}" in the URL\'s query{_hint(name, service)}')

    def _add_tls(self, key: str, value: str) -> None:
        if key == "tls":
            self.words.append("prefer" if self._app and value.lower() == "allow" else value)
        elif self.files.setdefault(key, value) != value:
            raise InvalidValue(f'the URL\'s query gives "{key}" twice, and differently')

    def _add_of_app(self, name: str, value: str) -> None:
        """Take a key that only the app's client library knows: a part of the address, or nothing that matters here."""
        if not _KEY.fullmatch(name):
            raise InvalidValue("the URL's query holds an invalid key")
        match _ADDRESS_KEYS.get(name):
            case "password":
                self.address = replace(self.address, password=Secret(value))
            case "port":
                if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65_535:
                    raise InvalidValue("the port in the URL's query must be a number from 1 to 65535")
                self.address = replace(self.address, port=int(value))
            case "host":
                check_host(value)
                self.address = replace(self.address, host=value.lower())
            case "user":
                check_user(value)
                self.address = replace(self.address, user=value)
            case "path":
                self.address = replace(self.address, path=value)
            case _:
                self.ignored.append(name if value and _NAME.fullmatch(name) else "another")


def split_query(context: EntryContext, address: Address, service: Service) -> Query:
    """Return the meaning of the query of a URL. Raises InvalidValue.

    Unknown keys are an error in parity.toml. Those of an app's URL are ignored with a remark, unless they may ask for
    more TLS than the target would have.
    """
    collector = _Collector(context, address, service)
    for name, value in address.query:
        collector.add(name, value)
    secure = address.scheme in service.tls_schemes
    files = {key: file for key, file in collector.files.items() if file}
    mode = query_mode(collector.words, files, service, secure)
    if mode and UNVERIFIED in collector.words and files.pop("ca", ""):
        context.remarks.append("the authority is ignored, because the URL turns its check off")
    if context.app and mode == "off" and files:
        context.remarks.append(f"{', '.join(files)} ignored, because the URL turns TLS off")
        files.clear()
    _check_ignored(context, collector.ignored, mode or ("verify-full" if secure else ""))
    tls = {**files, **({"tls": mode} if mode else {})}
    return Query(collector.address, collector.options, tls, collector.session)


def _check_ignored(context: EntryContext, names: list[str], mode: str) -> None:
    """Add a remark on the ignored keys. Raises InvalidValue for one that may ask for more than the mode of TLS."""
    for name in names:
        if (len(name) > _LONGEST_NAME or _ABOUT_TLS.search(name)) and mode != "verify-full":
            raise InvalidValue(
                f'"{name}" in the URL\'s query seems to concern TLS and is not understood: describe this service in '
                "parity.toml"
            )
    if names:
        context.remarks.append(f"ignored, as options of the app's client library: {', '.join(dict.fromkeys(names))}")


def _hint(name: str, service: Service) -> str:
    from parity_tui.secrets.detect import is_secret  # here: no start waits for its patterns

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

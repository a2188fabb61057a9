"""One service of one environment: its URL and the keys beside it, put together into a target."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from parity_tui import services
from parity_tui.config import password
from parity_tui.config.address import Address, check_host, has_password, parse_url
from parity_tui.config.errors import Wrong, nearest
from parity_tui.model import Failure, Service, ServiceError, Target
from parity_tui.secret import HIDDEN, Secret, is_secret, remember, scrub

MODES = ("off", "prefer", "require", "verify-ca", "verify-full")
_MODE_WORDS = {"disable": "off", "none": "require", "cert_none": "require", "required": "verify-full",
               "cert_required": "verify-full"}  # fmt: skip
_TLS_KEYS = {
    "tls": "tls", "sslmode": "tls", "ssl": "tls", "ssl_cert_reqs": "tls",
    "ca": "ca", "sslrootcert": "ca", "ssl_ca_certs": "ca", "cafile": "ca",
    "cert": "cert", "sslcert": "cert", "ssl_certfile": "cert", "certfile": "cert",
    "key": "key", "sslkey": "key", "ssl_keyfile": "key", "keyfile": "key",
}  # fmt: skip
"""what libraries call it in a URL's query, and what we do"""
_SOURCES = ("password", "password_env", "password_file", "password_command", "password_keyring", "auth")


class Entry(Struct, frozen=True):
    """The keys that every kind of service has; a service written as a text is the URL alone."""

    url: str
    password: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    password_command: list[str] | None = None
    password_keyring: str | list[str] | None = None
    auth: str | None = None
    tls: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""

    def __repr__(self) -> str:
        return f"Entry({HIDDEN})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Place(Struct, frozen=True):
    """Where an entry stands and what it is read with."""

    environment: str
    service: str
    folder: Path
    """of the file: relative names of files begin here"""
    environ: Mapping[str, str]
    commands: dict[tuple[str, ...], password.Ask]
    """those of the file that give a password, so that each is run once"""

    def __repr__(self) -> str:
        return f"Place({self.environment!r}, {self.service!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("environment", self.environment), ("service", self.service)]


def build(place: Place, entry: Entry, options: Mapping[str, str]) -> Target:
    """Return the target of an entry whose variables are filled in. Raises Wrong."""
    address = parse_url(entry.url, services.schemes())
    kind = services.schemes()[address.scheme]
    service = services.kinds()[kind]
    if "+" in address.scheme:
        return _commanded(place, entry, address, kind, options)
    own, tls = _queried(address, service)
    settings = _agreed(entry, tls)
    written = Target(
        environment=place.environment,
        service=place.service,
        kind=kind,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        path=address.path,
        user=address.user,
        password=_password(place, entry, address, service),
        tls=settings["tls"],
        ca=settings["ca"],
        cert=settings["cert"],
        key=settings["key"],
        options={name: _veiled(value) for name, value in _merged(own, options).items()},
    )
    return _settled(place, _native(place, written, service) if entry.auth else written, service)


def _native(place: Place, written: Target, service: Service) -> Target:
    """Return the target with what the files of its own clients say; one that they say nothing right of fails alone."""
    assert service.native is not None  # noqa: S101 - looked at where the sources of a password are
    try:
        found = service.native(written, place.environ)
        check_host(found.host)
        if found.tls not in ("", *MODES):
            raise Wrong(f"the mode of TLS must be one of {', '.join(MODES)}")
    except ServiceError as error:
        return replace(written, problem=Failure(error.reason, error.message))
    except Wrong as wrong:
        return replace(written, problem=Failure("config", f"of the files of its own clients: {wrong.message}"))
    return found


def _settled(place: Place, written: Target, service: Service) -> Target:
    """Return the target with what nobody has said, and with the absolute names of files. Raises Wrong."""
    if written.problem is None:
        _check_place(written, service)
    return replace(
        written,
        port=written.port or _port(written.scheme, service),
        path=_path(place, written, service),
        tls=_mode(written, service),
        ca="" if written.ca == "system" else _file(place.folder, written.ca),
        cert=_file(place.folder, written.cert),
        key=_file(place.folder, written.key),
    )


def as_nodes(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Return the targets as nodes that fill a role together, each with its address for a name. Raises Wrong."""
    kinds = sorted({target.kind for target in targets} - {""})
    if len(kinds) > 1:
        raise Wrong(f"all nodes must be of one kind of service, not {' and '.join(kinds)}")
    names = [target.address if target.problem is None else f"node {at}" for at, target in enumerate(targets, 1)]
    for name in names:
        if names.count(name) > 1:
            raise Wrong(f"{name} stands there twice")
    # A URL that is a variable which is not set does not say its kind: the others do.
    return tuple(
        replace(target, node=name, kind=target.kind or "".join(kinds))
        for target, name in zip(targets, names, strict=True)
    )


def _commanded(place: Place, entry: Entry, address: Address, kind: str, options: Mapping[str, str]) -> Target:
    """Return the target of a service that is read with commands: KIND+WAY://WHERE/PATH."""
    way = address.scheme.rpartition("+")[2]
    if way != "local" and not address.host:
        raise Wrong(f"the URL names no place: {address.scheme}://{'CONTAINER' if way == 'docker' else 'ALIAS'}")
    if way != "ssh" and (address.user or address.port):
        raise Wrong(f"{address.scheme}:// has neither a user nor a port")
    if address.query:
        raise Wrong(f'unknown key "{address.query[0][0]}" in the URL\'s query')
    for name in (*_SOURCES, "tls", "ca", "cert", "key"):
        if getattr(entry, name) or (name == "password" and address.password is not None):
            raise Wrong(f'"{name}" means nothing here: commands log in as they do on your terminal', name)
    return Target(
        environment=place.environment,
        service=place.service,
        kind=kind,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        path=f"/{address.path}" if address.path else "",
        user=address.user,
        options=options,
    )


def _check_place(written: Target, service: Service) -> None:
    """Refuse a URL without a host where there must be one, and one with a host where there can be none."""
    scheme = written.scheme
    if service.port and not written.host:
        raise Wrong(f"the URL names no host: {scheme}://HOST")
    if not service.port and (written.host or written.port or written.user or written.password):
        raise Wrong(
            f"{scheme}:// has no host: a file beside this one is {scheme}:///FILE, another {scheme}:////PATH/TO/FILE"
        )


def _queried(address: Address, service: Service) -> tuple[dict[str, str], dict[str, str]]:
    """Return the query as the kind's own options and as our words for TLS."""
    own: dict[str, str] = {}
    tls: dict[str, str] = {}
    for name, value in address.query:
        if name in service.options:
            own[name] = value
        elif name in _TLS_KEYS:
            key = _TLS_KEYS[name]
            value = _MODE_WORDS.get(value.lower(), value) if key == "tls" else value
            if tls.setdefault(key, value) != value:
                raise Wrong(f'the URL\'s query says twice, and differently, what "{key}" is')
        elif name not in service.ignored_options:
            raise Wrong(f'unknown key "{name}" in the URL\'s query{_hint(name, service)}')
    return own, tls


def _hint(name: str, service: Service) -> str:
    """Return what may be meant by an unknown key of a query."""
    if is_secret(name, "x"):
        return ": a password stands before the host, or in password_env, password_file or password_command"
    if name in ("user", "host", "port", "dbname"):
        return ": it has a place of its own in the URL"
    return nearest(name, [*service.options, *_TLS_KEYS])


def _agreed(entry: Entry, queried: Mapping[str, str]) -> dict[str, str]:
    """Return tls, ca, cert and key, which may be said beside the URL or in it, but not differently."""
    agreed = {}
    for key in ("tls", "ca", "cert", "key"):
        beside, within = getattr(entry, key), queried.get(key, "")
        if beside and within and beside != within:
            raise Wrong(f'"{key}" is something else in the URL', key)
        agreed[key] = beside or within
    if agreed["tls"] not in ("", *MODES):
        raise Wrong(f"tls must be one of {', '.join(MODES)}{_guess(agreed['tls'])}", "tls" if entry.tls else "")
    return agreed


def _guess(word: str) -> str:
    """Return the mode that may be meant, "" where none is near."""
    end = nearest(word, MODES)
    return end if end.endswith("?") else ""


def _mode(written: Target, service: Service) -> str:
    """Return the mode of TLS, or say what contradicts itself."""
    wanted, scheme, secure = written.tls, written.scheme, written.scheme in service.tls_schemes
    if secure and wanted in ("off", "prefer"):
        raise Wrong(f'{scheme}:// means TLS, and tls says "{wanted}"', "tls")
    if wanted not in ("", "off") and not service.port:
        raise Wrong(f"{scheme}:// is no connection: there is nothing to encrypt", "tls")
    mode = wanted or ("verify-full" if secure else service.tls)
    if written.ca and not mode.startswith("verify"):
        raise Wrong(f'"ca" means nothing with tls = "{mode}": write tls = "verify-full" or "verify-ca"', "ca")
    if written.cert and mode == "off":
        raise Wrong('"cert" means nothing with tls = "off": write tls = "verify-full"', "cert")
    if written.key and not written.cert:
        raise Wrong('"key" means nothing without "cert"', "key")
    return mode


def _port(scheme: str, service: Service) -> int:
    """Return the port where the URL says none."""
    return service.tls_port if service.tls_port and scheme in service.tls_schemes else service.port


def _password(place: Place, entry: Entry, address: Address, service: Service) -> password.Ask | None:
    """Return what gives the password at a login, None where there is none."""
    given = [name for name in _SOURCES if getattr(entry, name) is not None]
    if given and not service.port:
        raise Wrong(f'"{given[0]}" means nothing here: {address.scheme}:// has no login', given[0])
    if len(given) + (address.password is not None) > 1:
        first = "the URL" if address.password else f'"{given[0]}"'
        raise Wrong(f"a second password: {first} says it already; keep one", given[-1])
    if given and not getattr(entry, given[0]):
        raise Wrong(f'"{given[0]}" is empty', given[0])
    if address.password is not None:
        return password.fixed(address.password)
    if entry.auth is not None:
        _check_auth(entry.auth, service)
    return _from(place, entry)


def _check_auth(word: str, service: Service) -> None:
    """Refuse what is no way to log in, and kinds whose clients keep no logins of their own."""
    if word != "native":
        raise Wrong('auth can only be "native"', "auth")
    if service.native is None:
        able = ", ".join(kind for kind, other in services.kinds().items() if other.native)
        raise Wrong(f"there is no native place for the passwords of {service.title}, only for those of {able}", "auth")


def _from(place: Place, entry: Entry) -> password.Ask | None:
    """Return the source of the password that an entry names."""
    if entry.password is not None:
        return password.fixed(Secret(entry.password))
    if entry.password_env is not None:
        return password.variable(entry.password_env, place.environ)
    if entry.password_file is not None:
        return password.file(Path(_file(place.folder, entry.password_file)))
    if entry.password_command is not None:
        argv = tuple(entry.password_command)
        return place.commands.setdefault(argv, password.command(argv, place.folder))
    if entry.password_keyring is not None:
        return password.keyring(*_keyring_entry(entry.password_keyring))
    return None


def _keyring_entry(words: str | list[str]) -> tuple[str, str]:
    """Return service and user of an entry of the keyring; a service may hold a slash, a user in a text may not."""
    service, user = words.rpartition("/")[::2] if isinstance(words, str) else words if len(words) == 2 else ("", "")
    if not service or not user:
        raise Wrong('password_keyring must be "SERVICE/USER" or ["SERVICE", "USER"]', "password_keyring")
    return service, user


def _merged(own: Mapping[str, str], options: Mapping[str, str]) -> dict[str, str]:
    """Return the options said in the URL and beside it, which may not differ."""
    for name in own.keys() & options.keys():
        if own[name] != options[name]:
            raise Wrong(f'"{name}" is something else in the URL', name)
    return {**own, **options}


def _path(place: Place, written: Target, service: Service) -> str:
    """Return what follows the host, or the absolute name of the file where there is no host."""
    if service.port or written.path == ":memory:":
        return written.path
    return _file(place.folder, written.path)


def _file(folder: Path, name: str) -> str:
    """Return the absolute name of a file, "" for none."""
    if not name:
        return ""
    if "\0" in name:
        raise Wrong("the name of a file holds a control character")
    return str(folder / os.path.expanduser(name))


class _Veiled(str):
    """An option that is a URL with a password: its repr, and so that of the target, does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(scrub(str(self)))


def _veiled(value: str) -> str:
    """Return the value of an option; where it is a URL with a password that is remembered, to be scrubbed."""
    if not has_password(value):
        return value
    login = value.partition("://")[2].rpartition("@")[0]
    remember(unquote(login.partition(":")[2]))
    return _Veiled(value)

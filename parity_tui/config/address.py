"""A URL, taken apart by us: no driver sees it, and no error shows any of it but its scheme and query keys."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec import Struct

from parity_tui.config.errors import InvalidValue, nearest
from parity_tui.secrets import Secret

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,40})://", re.IGNORECASE | re.ASCII)
_HOST_PORT = re.compile(r"(?:\[(?P<literal>[^\[\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[^:]*))?")
_NAME = re.compile(r"(?!-)[\w.-]{1,255}")
_LOGIN = re.compile(r"://[^/\s@]*:[^/\s@]+@")
_STRAY_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")

ENCODE = (
    "the user or the password holds a sign that means something in a URL: percent-encode it "
    "(@ is %40, / is %2F, ? is %3F, # is %23, % is %25, : is %3A, [ is %5B), or use password_env"
)

_NO_LITERAL = "what stands in brackets is no IPv6 address"


class Address(Struct, frozen=True):
    """What a URL says, decoded."""

    scheme: str
    user: str = ""
    password: Secret | None = None
    host: str = ""
    port: int = 0
    """0 where the URL says none"""
    path: str = ""
    """without the slash that parts it from the host"""
    query: tuple[tuple[str, str], ...] = ()


def scheme_of(text: str) -> str:
    """Return the scheme of what looks like a URL, in lower case, else "".

    >>> scheme_of("PostgreSQL://db"), scheme_of("db.prod:5432")
    ('postgresql', '')
    """
    match = _SCHEME.match(text)
    return match[1].lower() if match else ""


def has_password(text: str) -> bool:
    """Tell whether what looks like a URL holds a password.

    >>> has_password("redis://:hunter2@db"), has_password("redis://ann@db"), has_password("redis://ann:@db")
    (True, False, False)
    """
    return bool(_LOGIN.search(text))


def parse_url(text: str, known: Collection[str]) -> Address:
    """Take a URL apart; its scheme must be one of ``known``. Raises Wrong, which never shows any of the rest.

    >>> parse_url("redis://ann:p%40ss@[::1]:6380/0?a=b", ("redis",))
    Address(scheme='redis', user='ann', password=Secret(•••), host='::1', port=6380, path='0', query=(('a', 'b'),))
    """
    scheme = _known_scheme(text, known)
    if any(sign.isspace() or not sign.isprintable() for sign in text):
        raise InvalidValue("the URL holds a blank or a sign that cannot be seen")
    try:
        parts = urlsplit(text)
    except ValueError:  # its text quotes what it stumbled over
        raise InvalidValue(ENCODE if "@" in text else _NO_LITERAL) from None
    _refuse_raw_signs(text, parts)
    userinfo, _, place = parts.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    host, port = _host_port(place)
    if "+" not in scheme:  # the names of containers and programs are not those of hosts
        host = host.lower()
    return Address(
        scheme,
        user=_decoded(user),
        password=Secret(_decoded(password)) if password else None,
        host=host,
        port=port,
        path=_decoded(parts.path.removeprefix("/")),
        query=_query(parts.query),
    )


def _known_scheme(text: str, known: Collection[str]) -> str:
    """Return the scheme, or say which there are."""
    scheme = scheme_of(text)
    if scheme and scheme in known:
        return scheme
    every = ", ".join(known)
    if not scheme:
        raise InvalidValue(f"this is no URL: it must begin with a scheme and ://; known schemes: {every}")
    close = nearest(scheme, known)
    raise InvalidValue(f'unknown scheme "{scheme}"{close}' + (f" Known: {every}" if close.endswith("?") else ""))


def _refuse_raw_signs(text: str, parts: SplitResult) -> None:
    """Refuse what a password with raw signs in it makes of a URL: it would be cut at the wrong place."""
    stray = parts.netloc and "@" in parts.path + parts.query
    if "#" in text or stray or parts.netloc.count("@") > 1 or _STRAY_PERCENT.search(parts.netloc + parts.path):
        raise InvalidValue(ENCODE)


def _host_port(place: str) -> tuple[str, int]:
    """Return host and port, 0 where there is none."""
    if "," in place:
        raise InvalidValue(
            'several hosts in one URL are not understood: in parity.toml write urls = ["…", "…"], one URL for each host'
        )
    match = _HOST_PORT.fullmatch(place)
    if not match:
        raise InvalidValue("the host cannot be understood: an IPv6 address is written in brackets, as in [::1]:5432")
    if match["literal"] is not None:
        return _literal(match["literal"]), _port(match["port"])
    host = match["name"]
    if "%" in host:
        raise InvalidValue("the host holds a %: Unix sockets are not there yet, use host and port")
    if host and not _NAME.fullmatch(host):
        raise InvalidValue("the host is neither a name nor an address")
    return host, _port(match["port"])


def check_host(host: str) -> None:
    """Refuse what cannot stand in a URL as a host. Raises Wrong."""
    _host_port(f"[{host}]" if ":" in host else host)


def _literal(text: str) -> str:
    """Return an IPv6 address, with its zone where it has one."""
    address = text.replace("%25", "%", 1)
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        raise InvalidValue(_NO_LITERAL) from None
    return address


def _port(text: str | None) -> int:
    """Return a port, 0 for none. What is no port is not shown: it can be the beginning of a password."""
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65_535:
        raise InvalidValue("the port must be a number from 1 to 65535 (and a password is followed by @ and the host)")
    return int(text)


def _decoded(text: str) -> str:
    """Return a percent-encoded part as text."""
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise InvalidValue("the URL is percent-encoded, but not from UTF-8") from None
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in plain):
        raise InvalidValue("the URL holds a control character")
    return plain


def _query(text: str) -> tuple[tuple[str, str], ...]:
    """Return the keys of the query and their values."""
    pairs = tuple(parse_qsl(text, keep_blank_values=True))
    keys = [key for key, _ in pairs]
    for key in keys:
        if not re.fullmatch(r"[\w.-]{1,60}", key):
            raise InvalidValue("the URL's query holds a key that is no name")
        if keys.count(key) > 1:
            raise InvalidValue(f'"{key}" stands twice in the URL\'s query')
    return pairs

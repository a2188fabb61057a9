"""Splits a URL; no driver ever sees it, and no error shows more of it than its scheme and query keys."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec import Struct

from parity_tui.config.errors import InvalidValue, similar
from parity_tui.secrets import Secret
from parity_tui.transport.cluster_host import is_cluster_host, with_cluster_host

_SCHEME = re.compile(r"([a-z][a-z0-9+._-]{0,40})://", re.IGNORECASE | re.ASCII)
_HOST_PORT = re.compile(r"(?:\[(?P<ipv6>[^\[\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[^:]*))?")
_HOST_NAME = re.compile(r"(?!-)[\w.-]{1,255}")
_ARGUMENT_USER = re.compile(r"(?!-)[\w.@+-]{1,255}")
"""a user that becomes an argument of a program: ssh puts it into the user's own commands (ProxyCommand, Match exec)"""
_SHELL_CHARACTER = re.compile(r"^-|[$`(){}<>|;&\"'\n]")
_USER_AND_PASSWORD = re.compile(r"://[^/\s@:]*+:[^/\s@]++@")
_STRAY_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")

_NOT_ENCODED = (
    "the user or the password holds a character that is special in a URL: percent-encode it "
    "(@ is %40, / is %2F, ? is %3F, # is %23, % is %25, : is %3A, [ is %5B), or use password_env"
)
_NOT_IPV6 = "the text in brackets is not an IPv6 address"


class Address(Struct, frozen=True):
    """The parts of a URL, decoded."""

    scheme: str
    user: str = ""
    password: Secret | None = None
    host: str = ""
    port: int = 0
    """0 where the URL has none"""
    path: str = ""
    """without the slash after the host"""
    query: tuple[tuple[str, str], ...] = ()


def scheme_of(text: str) -> str:
    """Return the scheme of a text that looks like a URL, in lower case, else "".

    >>> scheme_of("PostgreSQL://db"), scheme_of("db.prod:5432")
    ('postgresql', '')
    """
    match = _SCHEME.match(text)
    return match[1].lower() if match else ""


def path_of(text: str) -> str:
    """Return the path of a URL, "" where the text is no URL.

    >>> path_of("https://shop.example/__version__?a=b"), path_of("https://[")
    ('/__version__', '')
    """
    try:
        return with_cluster_host(urlsplit(text)).path
    except ValueError:
        return ""


def has_password(text: str) -> bool:
    """Return whether a text that looks like a URL holds a password.

    >>> has_password("redis://:hunter2@db"), has_password("redis://ann@db"), has_password("redis://ann:@db")
    (True, False, False)
    """
    return bool(_USER_AND_PASSWORD.search(text))


def parse_url(text: str, known: Collection[str], listed: Iterable[str] = (), *, lenient: bool = False) -> Address:
    """Return the parts of a URL with one of the ``known`` schemes. Raises InvalidValue, which quotes only the scheme.

    A ``lenient`` parser accepts any key in the query, several times too, and takes `svc` for an ordinary host;
    ``listed`` are the schemes to suggest.

    >>> parse_url("redis://ann:p%40ss@[::1]:6380/0?a=b", ("redis",))
    Address(scheme='redis', user='ann', password=Secret(•••), host='::1', port=6380, path='0', query=(('a', 'b'),))
    >>> address = parse_url("redis://svc/cache:6379/0", ("redis",))
    >>> address.host, address.port, address.path
    ('svc/cache', 6379, '0')
    """
    scheme = _known_scheme(text, known, listed or known)
    if any(character.isspace() or not character.isprintable() for character in text):
        raise InvalidValue("the URL holds a blank or an invisible character")
    try:
        parts = urlsplit(text) if lenient else with_cluster_host(urlsplit(text))
    except ValueError:  # its message quotes the URL
        raise InvalidValue(_NOT_ENCODED if "@" in text else _NOT_IPV6) from None
    _check_encoded(text, parts)
    userinfo, _, authority = parts.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    check_user(_decoded(user), is_argument="+" in scheme)
    host, port = _host_port(authority)
    if "+" not in scheme and not host.startswith("/"):  # names of containers and of files are case-sensitive
        host = host.lower()
    return Address(
        scheme,
        user=_decoded(user),
        password=Secret(_decoded(password)) if password else None,
        host=host,
        port=port,
        path=_decoded(parts.path.removeprefix("/")),
        query=_query(parts.query, lenient),
    )


def _known_scheme(text: str, known: Collection[str], listed: Iterable[str]) -> str:
    scheme = scheme_of(text)
    if scheme and scheme in known:
        return scheme
    listed = tuple(listed)
    every = "`parity-tui kinds` lists all schemes"  # some eighty, which would hide the sentence before them
    if not scheme:
        raise InvalidValue(f"this is not a URL: it must begin with a scheme and ://, as in SCHEME://HOST; {every}")
    close = similar(scheme, listed)
    raise InvalidValue(f'unknown scheme "{scheme}"; ' + (f'did you mean "{close}"? ' if close else "") + every)


def _check_encoded(text: str, parts: SplitResult) -> None:
    """Raise InvalidValue where special characters of a password would split the URL in the wrong place."""
    stray = parts.netloc and "@" in parts.path + parts.query
    if "#" in text or stray or parts.netloc.count("@") > 1 or _STRAY_PERCENT.search(parts.netloc):
        raise InvalidValue(_NOT_ENCODED)
    if _STRAY_PERCENT.search(parts.path):
        raise InvalidValue(_NOT_ENCODED if "@" in text else "the path holds a % that encodes no character: write %25")


def check_user(user: str, *, is_argument: bool = False) -> None:
    """Raise InvalidValue for a user that a shell or a program could take for more than a name.

    With ``is_argument`` the user becomes an argument of a program, and is as limited as the name of a host.
    """
    if not user:
        return
    if _SHELL_CHARACTER.search(user) or (is_argument and not _ARGUMENT_USER.fullmatch(user)):
        raise InvalidValue(
            'the user begins with "-" or holds a character that a shell or a program would take for more than a name'
        )


def is_ssh_host(text: str) -> bool:
    """Return whether a text is a host as ssh takes it, with or without a user.

    >>> [is_ssh_host(text) for text in ("ann@bastion", "ssh://ann@[::1]:22", "-oX@h", "ssh://%24(x)@h", "a@b/c")]
    [True, True, False, False, False]
    """
    is_url = text.startswith("ssh://")
    user, _, authority = text.removeprefix("ssh://").rpartition("@")
    try:
        check_user(_decoded(user) if is_url else user, is_argument=True)
        host = _host_port(authority)[0] if is_url else authority
    except InvalidValue:
        return False
    return bool(_HOST_NAME.fullmatch(host)) or (is_url and ":" in host)


def check_ssh_host(text: str) -> None:
    """Raise InvalidValue for a text that is no host as ssh takes it."""
    if not is_ssh_host(text):
        raise InvalidValue("must be a host as ssh takes it: bastion, ann@bastion, ssh://bastion:2222")


def check_host(host: str) -> None:
    """Raise InvalidValue for a host that cannot be part of a URL; the path of a Unix socket can."""
    if (host.startswith("/") and host.isprintable()) or is_cluster_host(host):
        return
    _host_port(f"[{host}]" if ":" in host else host)


def _host_port(authority: str) -> tuple[str, int]:
    """Return host and port, 0 for no port."""
    if "," in authority:
        raise InvalidValue(
            'several hosts in one URL are not supported: in parity.toml write urls = ["…", "…"], one URL for each host'
        )
    match = _HOST_PORT.fullmatch(authority)
    if not match:
        raise InvalidValue("the host is malformed: an IPv6 address is written in brackets, as in [::1]:5432")
    if match["ipv6"] is not None:
        return _ipv6(match["ipv6"]), _port(match["port"])
    host = match["name"]
    if "%" in host:
        path = _decoded(host)
        if not path.startswith("/") and not is_cluster_host(path):
            raise InvalidValue(
                "the host holds a %: only the path of a Unix socket is encoded, as in %2Frun%2Fredis.sock"
            )
        return path, _port(match["port"])
    if host and not _HOST_NAME.fullmatch(host):
        raise InvalidValue("the host is neither a name nor an address")
    return host, _port(match["port"])


def _ipv6(text: str) -> str:
    """Return an IPv6 address, with its zone if it has one."""
    address = text.replace("%25", "%", 1)
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        raise InvalidValue(_NOT_IPV6) from None
    return address


def _port(text: str | None) -> int:
    """Return a port, 0 for none. The error does not quote the text: it may be the beginning of a password."""
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
    if any(ord(character) < 32 or ord(character) == 127 for character in plain):
        raise InvalidValue("the URL holds a control character")
    return plain


def _query(text: str, lenient: bool) -> tuple[tuple[str, str], ...]:
    """Return (key, value) of the query, in its order."""
    pairs = tuple(parse_qsl(text, keep_blank_values=True))
    if lenient:
        return pairs
    keys = [key for key, _ in pairs]
    for key in keys:
        if not re.fullmatch(r"[\w.-]{1,60}", key):
            raise InvalidValue("the URL's query holds an invalid key")
        if keys.count(key) > 1:
            raise InvalidValue(f'"{key}" occurs twice in the URL\'s query')
    return pairs

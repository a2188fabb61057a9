"""An app's URL, as frameworks and client libraries write it -> the URLs of its servers as parity.toml writes them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from msgspec import Struct

from parity_tui import services
from parity_tui.config.address import scheme_of
from parity_tui.config.dsn import UnknownNetworkError, as_url
from parity_tui.config.errors import InvalidValue

UNSPECIFIC_SCHEMES = frozenset(
    {"http", "https", "ws", "wss", "ftp", "ftps", "sftp", "file", "data", "git", "ssh"}
    | {"env", "socks", "socks4", "socks4a", "socks5", "socks5h"}
)
"""usually a webhook, a foreign API, a proxy or a Sentry DSN rather than a backing service"""

_JAVA = re.compile(r"(?P<api>jdbc|r2dbcs?):(?:pool:)?(?P<scheme>[a-z][a-z0-9+.-]*)(?::[a-z0-9]+)*:(?P<rest>//.*)", re.I)
_JAVA_PREFIX = re.compile(r"(?:jdbc|r2dbcs?):(?P<scheme>[a-z][a-z0-9+.-]*)", re.I)
_SEVERAL = re.compile(r"(?<!\s)\s*+[;,]\s*+(?=[a-z][a-z0-9+.-]{0,40}+://)", re.I)
_ENCRYPTED = ("tls", "ssl")
_OF_CELERY = re.compile(r"^(?:db|sqla|cache)\+")
"""db+postgresql://, cache+memcached://: a backend for results, or a transport, over another library's URL"""


class AppURL(Struct, frozen=True):
    """An understood URL."""

    kind: str
    scheme: str
    """ours"""
    urls: tuple[str, ...]
    """one for each server, as parity.toml writes it"""

    def __repr__(self) -> str:
        return f"AppURL({self.kind!r})"


class NotUnderstoodError(InvalidValue):
    """A URL of a known kind whose scheme asks for more than is understood."""

    def __init__(self, message: str, kind: str, scheme: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.scheme = scheme


def looks_like_url(text: str) -> bool:
    """Return whether a value may be the URL of a backing service.

    >>> [looks_like_url(text) for text in ("mongodb://h", "jdbc:oracle:thin:@h", "https://h", "x")]
    [True, True, False, False]
    """
    scheme = scheme_of(text)
    base = scheme.partition("+")[0]
    return bool(scheme and base not in UNSPECIFIC_SCHEMES) or bool(_JAVA_PREFIX.match(text))


def understand(text: str) -> AppURL | None:
    """Return the URLs that a value holds, None where it is not the URL of a known kind. Raises NotUnderstoodError.

    >>> understand("postgresql+asyncpg://h/app").urls, understand("jdbc:mysql://a,b:2/app").urls
    (('postgresql://h/app',), ('mysql://a/app', 'mysql://b:2/app'))
    >>> understand("redis+tls://h").urls, understand("postgis+ssl://h/app").urls
    (('rediss://h',), ('postgresql://h/app?tls=true',))
    >>> understand("redis://sesame@h/1").urls, understand("redis://default@h").urls
    (('redis://:sesame@h/1',), ('redis://default@h',))
    """
    try:
        text, encrypted = _without_java(as_url(text))
    except UnknownNetworkError as error:
        raise NotUnderstoodError(error.message, "mysql", "mysql") from None
    parts = _SEVERAL.split(text)
    schemes = [_scheme(scheme_of(part)) for part in parts]
    if schemes[0] is None:
        return None
    if any(scheme is None or scheme.kind != schemes[0].kind for scheme in schemes):
        raise NotUnderstoodError("the value holds URLs of several kinds", schemes[0].kind, schemes[0].ours)
    urls: list[str] = []
    for part, scheme in zip(parts, schemes, strict=True):
        assert scheme is not None  # noqa: S101 - checked above
        url = scheme.ours + part[len(scheme_of(part)) :]
        urls += _each_host(_with_password(_with_tls(url) if encrypted or scheme.encrypted else url))
    return AppURL(schemes[0].kind, schemes[0].ours, tuple(dict.fromkeys(urls)))


class _Scheme(Struct, frozen=True):
    kind: str
    ours: str
    encrypted: bool = False


def _without_java(text: str) -> tuple[str, bool]:
    """Return the URL within that of a Java library, and whether its prefix means TLS."""
    match = _JAVA.fullmatch(text)
    if match is None:
        return text, False
    return f"{match['scheme']}:{match['rest']}", match["api"].lower() == "r2dbcs"


def _scheme(scheme: str) -> _Scheme | None:
    """Return the meaning of a scheme, None for one of no known kind. Raises NotUnderstoodError."""
    known = services.schemes()
    if not scheme or scheme in UNSPECIFIC_SCHEMES:
        return None
    if scheme in known:
        return _Scheme(known[scheme], services.canonical_scheme(scheme))
    base, *parts = _OF_CELERY.sub("", scheme).split("+")
    if not parts and base in known:
        return _Scheme(known[base], services.canonical_scheme(base))
    for kind, service in services.kinds().items():
        if reason := service.unsupported_schemes.get(scheme):
            raise NotUnderstoodError(f"{scheme}:// {reason}", kind, service.schemes[0])
    if base not in known or base in UNSPECIFIC_SCHEMES or not parts:
        return None
    kind, ours = known[base], services.canonical_scheme(base)
    service = services.kinds()[kind]
    unknown = [part for part in parts if part not in (*_ENCRYPTED, *service.drivers)]
    if unknown:
        words = f'"+{unknown[0]}" of the scheme {scheme}:// is not understood: describe this service in parity.toml'
        raise NotUnderstoodError(words, kind, ours)
    return _Scheme(kind, ours, any(part in _ENCRYPTED for part in parts))


def _with_tls(url: str) -> str:
    """Return a URL that means TLS, verified, as far as its own query does not say how."""
    scheme = scheme_of(url)
    service = services.kinds()[services.schemes()[scheme]]
    if scheme in service.tls_schemes:
        return url
    if secure := next((each for each in service.tls_schemes if "+" not in each), ""):  # mongodb+srv means more than TLS
        return secure + url[len(scheme) :]
    return f"{url}{'&' if '?' in url else '?'}tls=true"


def _with_password(url: str) -> str:
    """Return a URL in which a password that stands alone before the @ is written as one: no user is secret."""
    alone = services.kinds()[services.schemes()[scheme_of(url)]].password_alone
    start = url.index("://") + 3
    login, at, _ = re.match(r"[^/?#]*", url[start:])[0].rpartition("@")  # type: ignore[index]
    is_password = alone is not None and at and login and ":" not in login and alone(login)
    return f"{url[:start]}:{url[start:]}" if is_password else url


def _each_host(url: str) -> list[str]:
    """Return the URL once for each of its hosts: postgresql://a:1,b:2/app, postgresql:///app?host=a:1&host=b:2."""
    start = url.index("://") + 3
    end = start + len(re.match(r"[^/?#]*", url[start:])[0])  # type: ignore[index]
    login, at, hosts = url[start:end].rpartition("@")
    path, _, query = url[end:].partition("?")
    if "," not in hosts:
        query, hosts = _hosts_of_query(query) if not hosts else (query, "")
    if not hosts:
        return [url]
    rest = f"{path}?{query}" if query else path
    return [f"{url[:start]}{login}{at}{host}{rest}" for host in hosts.split(",") if host]


def _hosts_of_query(query: str) -> tuple[str, str]:
    """Return a query without its hosts, and several of them as a, b:2; "" for the path of a socket or a single one.

    >>> _hosts_of_query("host=a:1&host=b&x=y"), _hosts_of_query("host=a,b&port=1,2"), _hosts_of_query("host=/run/x")
    (('x=y', 'a:1,b'), ('', 'a:1,b:2'), ('host=/run/x', ''))
    """
    pairs = [pair.partition("=")[::2] for pair in query.split("&")]
    hosts = [unquote(each) for key, value in pairs if key == "host" for each in value.split(",")]
    ports = [each for key, value in pairs if key == "port" for each in value.split(",")]
    is_path = any(host.startswith("/") for host in hosts)
    if is_path or (len(hosts) < 2 and ":" not in "".join(hosts)):
        return query, ""
    each = [f"{host}:{ports[min(number, len(ports) - 1)]}" if ports else host for number, host in enumerate(hosts)]
    rest = "&".join("=".join(pair) for pair in pairs if pair[0] not in ("host", "port"))
    return rest, ",".join(each)

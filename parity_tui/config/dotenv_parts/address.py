"""The variables of one group -> the URL of its server, as an app's URL with everything but the password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from msgspec import Struct, field

from parity_tui import services
from parity_tui.config.address import scheme_of
from parity_tui.config.dotenv_parts.names import Group
from parity_tui.config.errors import InvalidValue
from parity_tui.model import Service

_UNSET = frozenset({"", "null", "(null)", "(empty)"})
"""values that Laravel takes as none"""
_ON = frozenset({"true", "1", "yes", "on", "enabled", "enable"})
_OFF = frozenset({"false", "0", "no", "off", "disabled", "none"})
_TLS_SCHEMES = frozenset({"tls", "ssl", "https", "amqps", "rediss", "valkeys", "smtps"})
_HOST_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{0,20})://(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]{2,60}\]|[^:\s]{1,300})(?::(?P<port>[^:\s]{1,300}))?")
_MODE_KEY = {"postgres": "sslmode", "mysql": "ssl-mode"}
"""kind -> the key of a URL's query that takes the mode of TLS as the kind's own clients spell it"""
_NAMED_BY_PATH = ("postgres", "mysql", "rabbitmq", "mongodb")


class Bundle(Struct):
    """The variables of one group, by the parts that they give."""

    group: Group
    values: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """part -> rank of the spelling, variable, value"""
    kind: str = ""

    def __repr__(self) -> str:
        return f"Bundle({self.group.words!r})"

    def add(self, part: str, rank: int, variable: str, value: str) -> None:
        """Take the value of a part; the more usual spelling wins, then the first, and TLS over none."""
        if value.strip() in _UNSET:
            return
        off = part == "tls" and value.strip().lower() in _OFF
        was_off = part == "tls" and self.get("tls").lower() in _OFF
        if (
            part not in self.values
            or (was_off and not off)
            or (rank < self.values[part][0] and not (off and not was_off))
        ):
            self.values[part] = (rank, variable, value)

    def get(self, part: str) -> str:
        """Return the value of a part, "" for none; only that of a password keeps blanks at its ends."""
        value = self.values[part][2] if part in self.values else ""
        return value if part == "password" else value.strip()

    def variable(self, part: str) -> str:
        """Return the variable that gives a part, "" for none."""
        return self.values[part][1] if part in self.values else ""

    def adopt(self, other: Bundle, *parts: str) -> None:
        """Take the named parts of another group, or all, as far as this one has none; no password of another user."""
        of_other_user = bool(self.get("user")) and other.get("user") not in ("", self.get("user"))
        for part in parts or tuple(other.values):
            if part in other.values and part not in self.values and not (part == "password" and of_other_user):
                self.values[part] = other.values[part]

    @property
    def hosts(self) -> list[str]:
        """The hosts as written, the path of a socket alone if one is given."""
        if socket := self.get("socket"):
            return [socket.removeprefix("unix://")]
        return [host for host in re.split(r"[,;\s]+", self.get("host")) if host]

    @property
    def has_host(self) -> bool:
        """Whether its server is named."""
        return bool(self.hosts)


class Server(Struct, frozen=True):
    """One host of a group."""

    host: str
    port: str = ""
    encrypted: bool = False


def server(text: str, port: str) -> Server:
    """Return the server that a host, with or without scheme and port, and the port beside it name.

    >>> server("db:5433", "5432"), server("tls://cache", "6379"), server("localhost:/run/mysqld.sock", "")
    (Server(host='db', port='5433', encrypted=False), Server(host='cache', port='6379', encrypted=True), \
Server(host='/run/mysqld.sock', port='', encrypted=False))
    """
    encrypted = False
    if match := _HOST_SCHEME.fullmatch(text):
        encrypted, text = match["scheme"].lower() in _TLS_SCHEMES, match["rest"].rstrip("/")
    port = port.rpartition(":")[2] if "://" in port else port  # REDIS_PORT=tcp://10.0.0.1:6379 of a container's link
    if text.startswith("/"):
        return Server(text, port)
    if match := _HOST_PORT.fullmatch(text):
        beside = match["port"] or ""
        if beside.startswith("/"):
            return Server(beside)
        return Server(match["host"].strip("[]"), beside or port, encrypted)
    return Server(text, port, encrypted)


def number(port: str) -> int:
    """Return a port as a number, 0 for anything else."""
    return int(port) if re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= 65_535 else 0


def urls(bundle: Bundle) -> tuple[str, ...]:
    """Return the URL of each host, without a password. Raises InvalidValue for parts that are not understood."""
    return tuple(dict.fromkeys(_url(bundle, server(host, bundle.get("port"))) for host in bundle.hosts))


def sqlite_url(file: str) -> str:
    """Return the URL of a file of SQLite."""
    return f"sqlite:///{file if file == ':memory:' else quote(file)}"


def _url(bundle: Bundle, at: Server) -> str:
    if at.port and not number(at.port):
        name = bundle.variable("port") if at.port == bundle.get("port") else bundle.variable("host")
        raise InvalidValue(f"{name}: the port must be a number from 1 to 65535")
    kind = services.kinds()[bundle.kind]
    scheme, query = _security(bundle, kind, kind.schemes[0], at)
    user = f"{quote(bundle.get('user'), safe='')}@" if bundle.get("user") else ""
    host = f"[{at.host.replace('%', '%25')}]" if ":" in at.host and not at.host.startswith("/") else at.host
    host = quote(host, safe="") if host.startswith("/") else host
    port = f":{at.port}" if at.port and not at.host.startswith("/") else ""
    url = with_query(f"{scheme}://{user}{host}{port}{_path(bundle)}", query)
    further = bundle.get("query").lstrip("?&;")  # Keycloak: ?useSSL=true
    return f"{url}{'&' if '?' in url else '?'}{further}" if further else url


def with_query(url: str, query: Mapping[str, str]) -> str:
    """Return a URL with further keys."""
    text = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    return f"{url}{'&' if '?' in url else '?'}{text}" if text else url


def with_security(bundle: Bundle, url: str) -> str:
    """Return a URL without a word on TLS with the TLS of the variables beside it. Raises InvalidValue."""
    kind = services.kinds()[bundle.kind]
    scheme, query = _security(bundle, kind, scheme_of(url), Server("h"))
    return with_query(scheme + url[len(scheme_of(url)) :], query)


def _security(bundle: Bundle, kind: Service, scheme: str, at: Server) -> tuple[str, dict[str, str]]:
    """Return the scheme, and the keys of the query, that mean the TLS of a server."""
    if at.host.startswith("/"):
        return scheme, {}
    off = bundle.get("tls").lower() in _OFF
    encrypted = at.encrypted or _is_encrypted(bundle) or (not off and 0 < number(at.port) == kind.tls_port)
    query = dict(_query(bundle, encrypted))
    secure = next((each for each in kind.tls_schemes if "+" not in each), "")
    if encrypted and secure and _begins_with_tls(bundle, at):
        query.pop("tls", None)
        scheme = secure
    return scheme, query


def _begins_with_tls(bundle: Bundle, at: Server) -> bool:
    """Return whether TLS begins with the connection: for mail, "tls" means STARTTLS."""
    if bundle.kind != "smtp":
        return True
    names_it = re.search("SSL|SECURE", bundle.variable("tls").upper())
    return bool(names_it) or bundle.get("scheme").lower() in ("ssl", "smtps") or number(at.port) == 465


def _path(bundle: Bundle) -> str:
    name = bundle.get("name")
    if bundle.kind == "redis":
        return f"/{name}" if name.isdecimal() else ""
    return f"/{quote(name, safe='')}" if name and bundle.kind in _NAMED_BY_PATH else ""


def _is_encrypted(bundle: Bundle) -> bool:
    """Return whether switch or scheme ask for TLS, verified."""
    return bundle.get("tls").lower() in _ON or bundle.get("scheme").lower() in _TLS_SCHEMES


def _query(bundle: Bundle, encrypted: bool) -> Iterator[tuple[str, str]]:
    """Yield the TLS of the variables, as keys of an app's URL; none makes it weaker than written."""
    word = bundle.get("tls")
    off = word.lower() in _OFF
    if word and not off and word.lower() not in _ON:
        yield _MODE_KEY.get(bundle.kind, "tls") if not word.startswith("{") else "ssl", word
    elif encrypted:
        yield "tls", "true"
    elif off and not services.kinds()[bundle.kind].tls_schemes:
        yield "tls", "false"
    if off:
        return
    other = bundle.get("other_tls")
    if (other.lower() in _ON or "/" in other or "-----BEGIN" in other) and not encrypted:
        raise InvalidValue(
            f"{bundle.variable('other_tls')} seems to concern TLS and is not understood: "
            "describe this service in parity.toml"
        )
    unverified = bundle.get("verify").lower() in (*_OFF, "cert_none", "verify_none")
    if (unverified or bundle.get("insecure").lower() in _ON) and (encrypted or word):
        yield "ssl_cert_reqs", "none"
        return
    for part in ("ca", "cert", "key"):
        if file := bundle.get(part):
            if "-----BEGIN" in file:
                raise InvalidValue(
                    f"{bundle.variable(part)} holds a certificate itself: save it as a file, and name that"
                )
            yield part, file

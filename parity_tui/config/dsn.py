"""The connection texts of client libraries that are no URLs: of Go, libpq, PDO and JDBC -> URLs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode

from parity_tui.config.errors import InvalidValue

LONGEST = 4096
"""characters of a text that is taken apart"""

_URL = re.compile(r"[a-z][a-z0-9+._-]{0,40}://", re.IGNORECASE)
_GO = re.compile(r"(?:(?P<login>.+)@)?(?P<net>tcp[46]?|unix)\((?P<address>[^()]{1,300})\)/(?P<rest>.*)", re.DOTALL)
_GO_NETWORK = re.compile(r"[^\s:@/]{1,100}:\S+@[a-z][\w-]{0,40}\([^()\s]{0,300}\)/\S*")
_GO_LOCAL = re.compile(r"(?P<user>[\w.-]{1,100}):(?P<password>[^@/\s]{1,200})@/(?P<rest>[\w-]+(?:\?.*)?)")
_KEYWORD = re.compile(r"\s*([A-Za-z_][\w.]{0,39})\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)", re.DOTALL)
_LIBPQ = frozenset(
    {"host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service", "sslmode", "sslrootcert",
     "sslcert", "sslkey", "sslpassword", "sslcrl", "sslcrldir", "sslsni", "sslcompression", "sslnegotiation",
     "requiressl", "require_auth", "channel_binding", "client_encoding", "connect_timeout", "options",
     "application_name", "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval",
     "keepalives_count", "tcp_user_timeout", "gssencmode", "krbsrvname", "target_session_attrs",
     "load_balance_hosts", "ssl_min_protocol_version", "ssl_max_protocol_version", "requirepeer", "gsslib",
     "gssdelegation", "replication"}
)  # fmt: skip
"""keywords of PostgreSQL's client library; Go's libraries add settings of the session and of their pool"""
_PDO = re.compile(r"(?P<scheme>mysql|pgsql):(?P<rest>(?:[a-z_]{2,20}=[^;]*(?:;|$))+)", re.IGNORECASE)
_JDBC_LOCAL = re.compile(r"jdbc:(?P<scheme>postgresql|mysql|mariadb)://(?:/(?P<rest>.*))?", re.IGNORECASE)
_JDBC_DATABASE = re.compile(r"jdbc:postgresql:/?(?P<rest>[^/:?][^:?]*(?:\?.*)?)", re.IGNORECASE)
_JDBC_SQLITE = re.compile(r"jdbc:sqlite:(?P<path>[^?]+)(?P<query>\?.*)?", re.IGNORECASE | re.DOTALL)


_ADO = re.compile(
    r"(?=.*(?:^|[;,])\s*(?:pwd|password|uid|user id|username|user)\s*=)\s*"
    r"(?:[A-Za-z][A-Za-z ]{1,30}=[^;]*;.*=.*|[\w.-]{1,255}:\d{1,5},.*)",
    re.IGNORECASE,
)
"""keywords as libraries of .NET take them, of any kind of server"""
_BLANKS = re.compile(
    r"(?=.*\b(?:pwd|password|passwd)=)(?=.*\b(?:host|hostname|server|addr|address)=)(?:[A-Za-z]\w{0,39}=\S*(?:\s+|$))+",
    re.IGNORECASE,
)
"""keywords between blanks, of any kind of server"""
_SQLITE_FILE = re.compile(r"file:(?!//)(?P<path>[^?#]+\.(?:db|sqlite)\d?)(?P<query>\?.*)?", re.IGNORECASE)
"""a file of SQLite as Prisma and libsql write it"""
_SQLITE = re.compile(r"(?P<scheme>sqlite\d?):(?P<slashes>/*)(?P<path>[^/?#][^?#]*)?(?P<query>\?.*)?", re.IGNORECASE)
"""sqlite:FILE of PDO, Rails and sqlx, sqlite://FILE of sqlx and Node, and the usual sqlite:///FILE"""
_SLASHES = {"": "", "/": "/", "//": "", "////": "/"}
"""the slashes before a path -> those of the path itself; three of them are ours already"""
_HOSTS_IN_QUERY = re.compile(
    r"(?P<scheme>[a-z]{4,10}):(?://(?:(?P<login>[^/?#@]*)@)?)?\?(?P<query>host\[.+)", re.IGNORECASE
)
_HOST_IN_QUERY = re.compile(r"host\[(?P<host>[^\[\]&]{1,300})\](?:=[^&]{0,300})?(?:&|$)", re.IGNORECASE)
_SENTINEL = re.compile(r"(?:^|&)(?:redis_)?sentinel", re.IGNORECASE)


class UnknownNetworkError(InvalidValue):
    """A text of Go's library of MySQL that connects through a function of the app."""


def as_url(text: str) -> str:
    """Return the URL that a connection text stands for; any other text unchanged. Raises UnknownNetworkError.

    >>> as_url("ann:p/w@tcp(db:3306)/app?tls=true"), as_url("host=db dbname=app user=ann password='a b'")
    ('mysql://ann:p%2Fw@db:3306/app?tls=true', 'postgresql://ann:a%20b@db/app')
    >>> as_url("jdbc:postgresql:app"), as_url("pgsql:host=db;dbname=app"), as_url("redis://h")
    ('postgresql://localhost/app', 'postgresql://db/app', 'redis://h')
    """
    if len(text) > LONGEST:
        return text
    if _URL.match(text):
        return _symfony(text) or _sqlite(text) or text
    return _go(text) or _libpq(text) or _pdo(text) or _jdbc(text) or _sqlite(text) or _symfony(text) or text


def is_keyword_text(text: str) -> bool:
    """Return whether a text is one of keywords that may lead to any kind of server.

    >>> is_keyword_text("Server=db;Database=app;Uid=ann;Pwd=x"), is_keyword_text("a=b; c=d")
    (True, False)
    """
    return len(text) <= LONGEST and "://" not in text and bool(_ADO.fullmatch(text) or _BLANKS.fullmatch(text))


def _go(text: str) -> str:
    """Return the URL of a text of Go's library of MySQL, "" for another text; nothing in it is percent-encoded."""
    if match := _GO.fullmatch(text):
        user, _, password = (match["login"] or "").partition(":")
        socket = match["net"] == "unix"
        rest = match["rest"] + (f"{'&' if '?' in match['rest'] else '?'}unix_socket={quote(match['address'])}" * socket)
        return f"mysql://{_login(user, password)}{'localhost' if socket else match['address']}/{rest}"
    if match := _GO_LOCAL.fullmatch(text):
        return f"mysql://{_login(match['user'], match['password'])}127.0.0.1/{match['rest']}"
    if _GO_NETWORK.fullmatch(text):
        raise UnknownNetworkError("the app connects by a function of its own: describe this service in parity.toml")
    return ""


def _libpq(text: str) -> str:
    """Return the URL of a text of keywords, "" for another text."""
    keywords: dict[str, str] = {}
    end = 0
    while end < len(text.rstrip()):
        match = _KEYWORD.match(text, end)
        if match is None:
            return ""
        value = match[2] if match[2] is not None else match[3]
        keywords[match[1]] = re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
        end = match.end()
    database = keywords.keys() & {"dbname", "user", "password", "sslmode", "service"}
    if keywords.keys().isdisjoint({"host", "hostaddr", "dbname", "service"}) or not database or len(keywords) < 2:
        return ""
    if "dbname" not in keywords and not _LIBPQ.issuperset(keywords):
        return ""
    return _postgres(keywords)


def _postgres(keywords: Mapping[str, str]) -> str:
    rest = {key: value for key, value in keywords.items() if key not in ("passfile", "hostaddr")}
    hosts = rest.pop("host", "") or keywords.get("hostaddr", "")
    ports = rest.pop("port", "").split(",")
    user, password, database = (rest.pop(key, "") for key in ("user", "password", "dbname"))
    each = []
    for number, host in enumerate(hosts.split(",")):
        port = ports[min(number, len(ports) - 1)].strip()
        host = f"[{host}]" if ":" in host else quote(host, safe="")
        each.append(f"{host}:{port}" if port else host)
    query = f"?{urlencode(rest)}" if rest else ""
    return f"postgresql://{_login(user, password)}{','.join(each)}/{quote(database, safe='')}{query}"


def _pdo(text: str) -> str:
    """Return the URL of a text of PHP's PDO, "" for another text."""
    match = _PDO.fullmatch(text)
    if match is None:
        return ""
    pairs = (part.partition("=") for part in match["rest"].split(";") if part)
    keywords = {key.lower(): value for key, _, value in pairs}
    if match["scheme"].lower() == "pgsql":
        return _postgres(keywords)
    login = _login(keywords.pop("user", ""), keywords.pop("password", ""))
    host, port = keywords.pop("host", "localhost"), keywords.pop("port", "")
    database = quote(keywords.pop("dbname", ""), safe="")
    query = f"?{urlencode(keywords)}" if keywords else ""
    return f"mysql://{login}{host}{f':{port}' if port else ''}/{database}{query}"


def _jdbc(text: str) -> str:
    """Return the URL of a text of JDBC that names no host, or a file of SQLite; "" for another text."""
    if match := _JDBC_LOCAL.fullmatch(text):
        return f"{match['scheme'].lower()}://localhost/{match['rest'] or ''}"
    if match := _JDBC_DATABASE.fullmatch(text):
        return f"postgresql://localhost/{match['rest']}"
    if match := _JDBC_SQLITE.fullmatch(text):
        return f"sqlite:///{quote(match['path'].removeprefix('file:'), safe='/:')}{match['query'] or ''}"
    return ""


def _sqlite(text: str) -> str:
    """Return the URL of a file of SQLite, "" for another text."""
    if match := _SQLITE_FILE.fullmatch(text):
        return f"sqlite:///{quote(match['path'])}{match['query'] or ''}"
    match = _SQLITE.fullmatch(text)
    path = match["path"] if match else None
    if match is None or path is None or match["slashes"] not in _SLASHES:
        return ""
    query = match["query"] or ""
    if path.startswith(":"):
        return f"sqlite:///{path}{query}"
    looks_like_login = ":" in path or "@" in path
    return "" if looks_like_login else f"sqlite:///{_SLASHES[match['slashes']]}{quote(unquote(path))}{query}"


def _symfony(text: str) -> str:
    """Return the URL of a text of Symfony's cache with its hosts in the query, "" for another text."""
    match = _HOSTS_IN_QUERY.fullmatch(text)
    if match is None:
        return ""
    hosts = [each["host"] for each in _HOST_IN_QUERY.finditer(match["query"])]
    rest = _HOST_IN_QUERY.sub("", match["query"]).strip("&")
    if any(host.startswith("/") for host in hosts) and len(hosts) > 1:
        return ""
    scheme = f"{match['scheme']}+sentinel" if _SENTINEL.search(rest) else match["scheme"]
    login = f"{match['login']}@" if match["login"] else ""
    each = [quote(host, safe="") if host.startswith("/") else host.rstrip(":") for host in hosts]
    return f"{scheme}://{login}{','.join(each)}{f'?{rest}' if rest else ''}"


def _login(user: str, password: str) -> str:
    """Return user and password, encoded, as they stand before the host of a URL."""
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return f"{login}@" if login else ""

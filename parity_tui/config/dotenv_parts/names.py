"""The name of a variable -> the part of an address that it gives, and the group of variables that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

_FIELDS: dict[str, tuple[str, ...]] = {
    "url": ("URL", "URI", "DSN", "CONNECTION_STRING", "CONNECTION_URL", "JDBC_URL", "URLS", "URIS"),
    "host": (
        "HOST", "HOSTNAME", "HOST_NAME", "SERVER", "SERVER_NAME", "ADDR", "ADDRESS", "ENDPOINT", "HOSTADDR", "HOSTS",
        "SERVERS", "NODES", "ADDRESSES", "ADDRS", "NODE",
    ),
    "socket": ("SOCKET", "UNIX_SOCKET", "SOCKET_PATH", "UNIX_SOCKET_PATH", "UNIX_PORT", "SOCK"),
    "port": ("PORT", "PORT_NUMBER", "TCP_PORT"),
    "user": ("USERNAME", "USER", "USER_NAME", "LOGIN"),
    "password": ("PASSWORD", "PASS", "PASSWD", "PWD", "PW", "USER_PASSWORD", "PASSPHRASE"),
    "name": (
        "DATABASE", "NAME", "DBNAME", "DB_NAME", "DATABASE_NAME", "DB", "VHOST", "VIRTUAL_HOST", "VIRTUALHOST",
        "DB_INDEX", "DB_NUMBER", "DATABASE_INDEX", "INDEX",
    ),
    "kind": (
        "CONNECTION", "ENGINE", "CLIENT", "TYPE", "DRIVER", "DIALECT", "ADAPTER", "VENDOR", "DB_TYPE", "BACKEND",
        "STORE", "PROVIDER", "DRIVER_CLASS_NAME", "DBDRIVER", "DBENGINE", "DBTYPE", "FLAVOR", "MAILER",
        "TRANSPORT",
    ),
    "scheme": ("SCHEME", "PROTOCOL", "PROTO", "ENCRYPTION"),
    "tls": (
        "TLS", "SSL", "USE_TLS", "USE_SSL", "TLS_ENABLED", "SSL_ENABLED", "ENABLE_TLS", "ENABLE_SSL", "SSL_MODE",
        "SSLMODE", "TLS_MODE", "REQUIRE_SSL", "REQUIRE_TLS", "SSL_REQUIRED", "IS_SSL", "SECURE", "USESSL", "USETLS",
    ),
    "verify": (
        "SSL_REJECT_UNAUTHORIZED", "TLS_REJECT_UNAUTHORIZED", "SSL_VERIFY", "TLS_VERIFY", "VERIFY_SSL", "VERIFY_TLS",
        "ATTR_SSL_VERIFY_SERVER_CERT", "SSL_CERT_REQS", "VERIFY_PEER", "REJECT_UNAUTHORIZED", "SSL_VERIFY_SERVER_CERT",
    ),
    "insecure": ("TLS_INSECURE", "SSL_INSECURE", "TLS_SKIP_VERIFY", "SSL_SKIP_VERIFY", "TLS_INSECURE_SKIP_VERIFY"),
    "ca": (
        "SSL_CA", "TLS_CA", "ATTR_SSL_CA", "SSLROOTCERT", "SSL_ROOT_CERT", "SSL_ROOTCERT", "SSL_CA_FILE", "TLS_CA_FILE",
        "SSL_CA_PATH", "SSL_CA_CERT", "SSL_CA_CERTS", "TLS_CA_CERT", "CA_CERT", "CA_FILE", "CAFILE", "CA",
    ),
    "cert": ("SSL_CERT", "TLS_CERT", "SSLCERT", "SSL_CERT_FILE", "TLS_CERT_FILE", "SSL_CERTFILE"),
    "key": ("SSL_KEY", "TLS_KEY", "SSLKEY", "SSL_KEY_FILE", "TLS_KEY_FILE", "SSL_KEYFILE"),
    "query": ("URL_PROPERTIES",),
    "file": ("FILENAME", "FILE", "PATH", "STORAGE", "SQLITE_DATABASE", "SQLITE_PATH"),
}  # fmt: skip
"""part -> the ends of names, the usual one first"""
_SUFFIXES = sorted(
    ((suffix, field, rank) for field, suffixes in _FIELDS.items() for rank, suffix in enumerate(suffixes)),
    key=lambda item: -len(item[0]),
)
_GLUED = re.compile(
    r"(?P<prefix>(?:.*_)?(?:PG|MYSQL|MARIADB|REDIS|MONGO|RABBITMQ|DB|SQL))(?P<suffix>[A-Z]+(?:_[A-Z]+)?)"
)
"""PGHOST, REDISPORT, PAPERLESS_DBHOST"""

_ABOUT_TLS = re.compile(r"SSL|TLS|CERT|ENCRYPT|VERIFY")

PRODUCTS = {
    **dict.fromkeys(("POSTGRES", "POSTGRESQL", "POSTGRESDB", "PG", "PGSQL", "PSQL"), "postgres"),
    **dict.fromkeys(("POSTGIS", "TIMESCALEDB", "PGBOUNCER"), "postgres"),
    **dict.fromkeys(("MYSQL", "MYSQLDB", "MARIADB", "PERCONA"), "mysql"),
    **dict.fromkeys(("REDIS", "VALKEY", "KEYDB", "DRAGONFLY", "SIDEKIQ", "RESQUE", "BULL", "BULLMQ"), "redis"),
    **dict.fromkeys(("RABBITMQ", "RABBIT", "RMQ", "AMQP", "AMQPS", "LAVINMQ"), "rabbitmq"),
    **dict.fromkeys(("MEMCACHED", "MEMCACHE", "MEMCACHIER"), "memcached"),
    **dict.fromkeys(("MONGO", "MONGODB"), "mongodb"),
    **dict.fromkeys(("ELASTICSEARCH", "ELASTIC", "OPENSEARCH", "ES"), "elasticsearch"),
    "NATS": "nats",
    **dict.fromkeys(("SMTP", "MAIL", "MAILER", "EMAIL"), "smtp"),
    **dict.fromkeys(("MSSQL", "SQLSERVER"), "Microsoft SQL Server"),
    "ORACLE": "Oracle", "KAFKA": "Kafka", "CLICKHOUSE": "ClickHouse", "CASSANDRA": "Cassandra", "INFLUXDB": "InfluxDB",
    "NEO4J": "Neo4j", "COUCHDB": "CouchDB", "MQTT": "MQTT",
}  # fmt: skip
"""word of a name -> the kind, or the title of a product that may have none"""
_CLASSES = {
    **dict.fromkeys(("DB", "DATABASE", "DATABASES", "SQL", "DATASOURCE", "RDS", "TYPEORM"), "database"),
    **dict.fromkeys(("R2DBC", "JDBC", "FLYWAY"), "database"),
    **dict.fromkeys(("CACHE", "SESSION"), "cache"),
    **dict.fromkeys(("QUEUE", "BROKER", "MQ", "CELERY", "JOBS"), "queue"),
}  # fmt: skip
"""word of a name -> the role that it gives, of which several kinds can be"""
_CLASS_OF_PRODUCT = {"postgres": "database", "mysql": "database", "mongodb": "mongo", "smtp": "mail"}
_NO_CLIENT = frozenset(
    {"EXPORTER", "COMMANDER", "INSIGHT", "EXPRESS", "ADMIN", "MANAGEMENT", "MGMT", "API", "UI", "DASHBOARD", "WEB",
     "HTTP", "HTTPS", "METRICS", "BACKUP", "SSH", "TUNNEL", "S3", "IMAP", "POP3", "TCP", "UDP", "PROXY", "STATS",
     "FROM", "REPLY", "APM", "KIBANA", "LOGSTASH"}
)  # fmt: skip
"""words of names that belong to another program, which is not asked here"""
_REMOVABLE = frozenset(
    {"URL", "CONNECTION", "SERVER", "HOST", "DEFAULT", "INITDB", "JDBC", "SERVICE", "CONFIG", "SETTINGS", "OPTIONS"}
)
"""words at the end of a group that add nothing: KC_DB_URL_HOST, database__connection__host"""
_FRAMEWORKS = frozenset(
    {"GF", "KC", "KEYCLOAK", "WORDPRESS", "WP", "SPRING", "DATA", "QUARKUS", "N8N", "GITEA", "FORGEJO", "MB",
     "SUPERSET", "PAPERLESS", "AUTHENTIK", "DJANGO", "NEXTCLOUD", "ZBX", "TYPEORM", "LARAVEL", "JOOMLA", "MATOMO",
     "DRUPAL", "SONAR", "DISCOURSE", "MOODLE", "MAGENTO", "PRESTASHOP"}
)  # fmt: skip
"""words that begin the names of one program's variables, and are no role"""
_MYSQL_ONLY = frozenset({"WORDPRESS", "WP", "JOOMLA", "MAGENTO", "PRESTASHOP", "MATOMO"})
_POSTGRES_ONLY = frozenset({"DISCOURSE", "PAPERLESS", "AUTHENTIK", "DAGSTER"})


class Group(Struct, frozen=True):
    """The beginning that the variables of one service share."""

    words: tuple[str, ...]
    product: str = ""
    """the kind that a word of it names, or the title of a product of no kind"""
    role: str = ""
    """database, cache, queue, mail; "" for a product of several roles"""
    usual: str = ""
    """the kind that the program with these variables always uses"""
    shortened: int = 0
    """words at its end that add nothing"""

    @property
    def own_name(self) -> str:
        """The beginning without the name of a framework, in lower case."""
        words = [word for word in self.words if word not in _FRAMEWORKS] or list(self.words)
        return "_".join(words).lower()

    @property
    def name(self) -> str:
        """The name of the service: the role where the beginning adds nothing to it.

        >>> [group_of(text.split("_")).name for text in ("DB", "GF_DATABASE", "ORDERS_DB", "SPRING_DATA_REDIS", "PG")]
        ['database', 'database', 'orders_db', 'redis', 'database']
        """
        words = [word for word in self.words if word not in _FRAMEWORKS]
        if self.role == "database" and all(word in _CLASSES or word in PRODUCTS for word in words):
            return "database"
        return "mail" if self.role == "mail" and all(word in PRODUCTS for word in words) else self.own_name


class Part(Struct, frozen=True):
    """One variable that gives a part of an address."""

    group: Group
    field: str
    variable: str
    rank: int = 0
    """0 for the usual spelling"""


def group_of(words: Sequence[str]) -> Group | None:
    """Return the group whose names begin with these words, None where no word belongs to a service.

    >>> group_of(["ORDERS", "DB"]).role, group_of(["REDIS", "EXPORTER"]), group_of(["APP"])
    ('database', None, None)
    """
    words, length = list(words), len(words)
    while len(words) > 1 and words[-1] in _REMOVABLE and _matters(words[:-1]):
        words.pop()
    if len(words) > 1 and words[-1] == "DB" and _known(words[-2]) in PRODUCTS:
        words.pop()
    known = [_known(word) for word in words]
    if not words or not _matters(words) or not _NO_CLIENT.isdisjoint(words):
        return None
    product = next((PRODUCTS[word] for word in reversed(known) if word in PRODUCTS), "")
    generic = next((_CLASSES[word] for word in reversed(known) if word in _CLASSES), "")
    role = _CLASS_OF_PRODUCT.get(product, generic if not product else "")
    usual = "mysql" if _MYSQL_ONLY & set(words) else "postgres" if _POSTGRES_ONLY & set(words) else ""
    return Group(tuple(words), product, role, usual if role == "database" else "", length - len(words))


def _known(word: str) -> str:
    return word.rstrip("0123456789") if word.rstrip("0123456789") in {*PRODUCTS, *_CLASSES} else word


def _matters(words: Sequence[str]) -> bool:
    return any(_known(word) in PRODUCTS or _known(word) in _CLASSES for word in words)


def part_of(variable: str) -> Part | None:
    """Return the part of an address that a variable gives by its name, None for any other variable.

    >>> [(part.group.words, part.field) for part in map(part_of, ("ORDERS_DB_NAME", "PGHOST", "gitea__database__HOST"))]
    [(('ORDERS', 'DB'), 'name'), (('PG',), 'host'), (('GITEA', 'DATABASE'), 'host')]
    >>> part_of("APP_HOST"), part_of("MYSQL_EXPORTER_PORT")
    (None, None)
    """
    name = re.sub(r"[_.-]+", "_", variable.upper()).strip("_")
    if len(name) > 100:
        return None
    for suffix, field, rank in _SUFFIXES:
        if name.endswith(f"_{suffix}") and (group := group_of(name[: -len(suffix) - 1].split("_"))):
            return Part(group, field, variable, rank)
    if match := _GLUED.fullmatch(name):
        suffix, group = match["suffix"], group_of(match["prefix"].split("_"))
        found = next(((field, rank) for other, field, rank in _SUFFIXES if other == suffix), None)
        if found and group:
            return Part(group, *found[:1], variable, found[1])
    words = name.split("_")
    first = next((number for number, word in enumerate(words) if number and _ABOUT_TLS.search(word)), 0)
    if first and (group := group_of(words[:first])):
        return Part(group, "other_tls", variable)
    group = group_of(words)
    return Part(group, "kind", variable, len(_FIELDS["kind"])) if group and not group.product else None


_PLAIN_WEB = re.compile(r"http(?P<secure>s?)://(?P<server>[^/?#,;\s]*)", re.IGNORECASE)


def with_scheme_of_product(variable: str, value: str) -> str:
    """Return the value with the scheme of the product that the variable names, where clients write a common one.

    >>> with_scheme_of_product("ELASTICSEARCH_URL", "http://es:9200,https://es.example")
    'elasticsearch://es:9200,elasticsearchs://es.example:443'
    >>> with_scheme_of_product("NATS_URL", "tls://n:4222"), with_scheme_of_product("API_URL", "https://es")
    ('nats+tls://n:4222', 'https://es')
    >>> with_scheme_of_product("REDIS_URL", "tcp://c:6379"), with_scheme_of_product("REDIS_URL", "tls://c")
    ('redis://c:6379', 'rediss://c')
    """
    if "://" not in value or (part := part_of(variable)) is None or part.field not in ("url", "host"):
        return value
    if part.group.product == "nats":
        return re.sub(r"(?<![a-z+])tls://", "nats+tls://", value)
    if part.group.product == "redis" and part.field == "url":  # Predis and phpredis, as Laravel's documentation has it
        return re.sub(r"^(?:tcp|(?P<tls>tls|ssl))://", lambda match: "rediss://" if match["tls"] else "redis://", value)
    return _PLAIN_WEB.sub(_search_url, value) if part.group.product == "elasticsearch" else value


def _search_url(match: re.Match[str]) -> str:
    server = match["server"]
    port = ":443" if match["secure"] and not re.search(r":\d+$", server) else ""
    return f"elasticsearch{match['secure'].lower()}://{server}{port}"

"""The kind of a service of which only parts are known: by a driver's name, a port, the words of a host."""

from __future__ import annotations

import re

_DRIVERS = (
    (re.compile(r"sqlite"), "sqlite"),
    (re.compile(r"sqlsrv|mssql|sqlserver|tedious|dblib"), "Microsoft SQL Server"),
    (re.compile(r"oracle|\boci8?\b|oracledb"), "Oracle"),
    (re.compile(r"cockroach"), "CockroachDB"),
    (re.compile(r"mongo"), "mongodb"),
    (re.compile(r"mysql|maria|percona"), "mysql"),
    (re.compile(r"postg|pgsql|psql|\bpg\b|npgsql|timescale"), "postgres"),
    (re.compile(r"redis|valkey|bull|sidekiq"), "redis"),
    (re.compile(r"rabbit|amqp"), "rabbitmq"),
    (re.compile(r"memcache|dalli|mem_cache"), "memcached"),
    (re.compile(r"kafka"), "Kafka"),
    (re.compile(r"\bh2\b"), "H2"),
)
"""driver, engine or dialect in lower case -> kind, or the title of a product of none"""
_PORTS = {
    5432: "postgres", 5433: "postgres", 6432: "postgres", 3306: "mysql", 3307: "mysql", 6379: "redis", 6380: "redis",
    5672: "rabbitmq", 5671: "rabbitmq", 11211: "memcached", 27017: "mongodb", 9200: "elasticsearch", 4222: "nats",
    1433: "Microsoft SQL Server", 1521: "Oracle", 9092: "Kafka", 1883: "MQTT", 8883: "MQTT", 50000: "Db2",
}  # fmt: skip
_HOST_WORDS = {
    **dict.fromkeys(("postgres", "postgresql", "pg", "pgsql", "postgis", "timescaledb", "pgbouncer"), "postgres"),
    **dict.fromkeys(("mysql", "mariadb", "maria", "percona"), "mysql"),
    **dict.fromkeys(("redis", "valkey", "keydb", "dragonfly"), "redis"),
    **dict.fromkeys(("rabbitmq", "rabbit", "amqp"), "rabbitmq"),
    **dict.fromkeys(("memcached", "memcache"), "memcached"),
    **dict.fromkeys(("mongo", "mongodb"), "mongodb"),
    "mssql": "Microsoft SQL Server", "oracle": "Oracle", "kafka": "Kafka",
}  # fmt: skip
DATABASES = ("postgres", "mysql")


def kind_of_driver(text: str) -> str:
    """Return the kind that the name of a driver means, "" for an unknown one.

    >>> [kind_of_driver(text) for text in ("django.db.backends.postgresql", "mysql2", "pgsql", "sqlsrv", "none")]
    ['postgres', 'mysql', 'postgres', 'Microsoft SQL Server', '']
    """
    return next((kind for pattern, kind in _DRIVERS if pattern.search(text[:200].lower())), "")


def kind_of_port(port: int) -> str:
    """Return the kind that usually listens on a port, "" for any other port."""
    return _PORTS.get(port, "")


def kind_of_host(host: str) -> str:
    """Return the kind that the first words of a host, or the path of a socket, name; "" where they name none.

    >>> kind_of_host("my-postgres-1.internal"), kind_of_host("/run/mysqld/mysqld.sock"), kind_of_host("db")
    ('postgres', 'mysql', '')
    """
    if host.startswith("/"):
        return kind_of_driver(host)
    words = [word.rstrip("0123456789") for word in re.split(r"[^a-z0-9]+", host.lower())]
    return next((_HOST_WORDS[word] for word in words if word in _HOST_WORDS), "")

"""The parts of the demo: one service of one environment each, with what parity.toml says about it.

A part is made of a server that is up, or of one that is yet to be started, where that takes long.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass

from parity_tui.demo import scenario
from parity_tui.demo.programs import MissingError, Program
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers

PREFERRED: dict[str, dict[str, tuple[str, ...]]] = {
    "postgres": {"staging": ("postgres 16", "postgres"), "production": ("postgres 18", "postgres")},
    "valkey": {"staging": ("valkey 8", "valkey", "redis"), "production": ("valkey 9", "valkey", "redis")},
}
"""The products and versions that are tried for each environment, the best first."""

READER = "parity"
"""The user that the board connects as."""


@dataclass(frozen=True)
class Part:
    """One service of one environment."""

    entry: str
    """Its value in parity.toml."""
    server: Server | None = None
    """The server behind it, where there is one."""
    waits: bool = False
    """Whether the server is yet to be started."""


def preferred(servers: Servers, product: str, environment: str) -> Program:
    """Return the program that suits an environment best; MissingError where there is none."""
    for words in PREFERRED[product][environment]:
        name, _, version = words.partition(" ")
        with suppress(MissingError):
            return servers.program(name, version)
    return servers.program(product, "")


def entry(url: str, **more: str) -> str:
    """Return a service's value in TOML: its URL alone, or a table.

    >>> entry("memory://")
    '"memory://"'
    >>> entry("amqp://h", management="http://h")
    '{ url = "amqp://h", management = "http://h" }'
    """
    if not more:
        return json.dumps(url)
    pairs: Mapping[str, str] = {"url": url, **more}
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in pairs.items()) + " }"


def database(servers: Servers, environment: str) -> Part:
    """Make the database: a file in development, PostgreSQL elsewhere."""
    if environment == "dev":
        path = servers.home.folder("dev") / "app.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(scenario.SQLITE)
        return Part(entry(f"sqlite:///{path}"))
    program, password = preferred(servers, "postgres", environment), secrets.token_urlsafe(12)
    server = servers.postgres(
        program.version,
        settings=scenario.POSTGRES[environment],
        sql=[*scenario.roles(environment, password), scenario.database(environment, program.version)],
        password=secrets.token_urlsafe(12),
    )
    server.sql(scenario.SCHEMA, database="app")
    if environment == "production" and server.sql("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"):
        server.sql("CREATE EXTENSION vector", database="app")
    return Part(entry(server.url(READER, password, "app")), server)


def cache(servers: Servers, environment: str) -> Part:
    """Make the cache: the process's own memory in development, Valkey elsewhere."""
    if environment == "dev":
        return Part(entry("memory://"))
    program, password = preferred(servers, "valkey", environment), secrets.token_urlsafe(12)
    server = servers.redis(
        program.version,
        product=program.product,
        settings=scenario.VALKEY[environment],
        password=secrets.token_urlsafe(12),
        acl=[[READER, "on", f">{password}", "resetkeys", "resetchannels", "-@all", "+info", "+config|get", "+ping"]],
    )
    return Part(entry(server.url(READER, password)), server)


def sessions(servers: Servers, environment: str) -> Part:
    """Make the store of sessions: Memcached everywhere."""
    server = servers.memcached(options=scenario.MEMCACHED[environment])
    return Part(entry(server.url()), server)


def queue(servers: Servers, environment: str) -> Part:
    """Prepare the queue: RabbitMQ everywhere; it takes seconds to start, so that is left to the caller."""
    password = secrets.token_urlsafe(12)
    server = servers.prepare_rabbitmq(
        node=environment,
        settings=scenario.RABBITMQ[environment],
        plugins=scenario.PLUGINS[environment],
        administrator=("admin", secrets.token_urlsafe(12)),
        definitions=scenario.definitions(environment, password),
    )
    return Part(entry(server.url(READER, password, "/"), management=server.management), server, waits=True)


def catalog(servers: Servers, environment: str) -> Part:
    """Prepare the catalog: a file in development, MariaDB elsewhere, which takes a while to start."""
    if environment == "dev":
        servers.program("mariadb", "")  # a file beside nothing is no story
        path = servers.home.folder("dev") / "catalog.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(scenario.SQLITE)
        return Part(entry(f"sqlite:///{path}"))
    password = secrets.token_urlsafe(12)
    statements = [
        f"CREATE USER {READER} IDENTIFIED BY '{password}'",
        f"CREATE DATABASE catalog CHARACTER SET {scenario.CHARACTERS[environment]}",
        f"ALTER USER root@localhost IDENTIFIED BY '{secrets.token_urlsafe(12)}'",
    ]
    server = servers.prepare_mariadb(settings=scenario.MARIADB[environment], sql=statements)
    return Part(entry(server.url(READER, password, "catalog"), tls="off"), server, waits=True)


def web(servers: Servers, environment: str) -> Part:
    """Make the web server: nginx, but Apache in production where there is one."""
    if environment == "production":
        with suppress(MissingError):
            apache = servers.apache(main=scenario.APACHE)
            return Part(entry(apache.url()), apache)
    nginx = servers.nginx(http=scenario.NGINX[environment])
    return Part(entry(nginx.url()), nginx)


SERVICES: dict[str, Callable[[Servers, str], Part]] = {
    "database": database,
    "cache": cache,
    "sessions": sessions,
    "queue": queue,
    "catalog": catalog,
    "web": web,
}
"""The services of the app, in the order of the board."""

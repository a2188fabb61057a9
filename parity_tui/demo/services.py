"""Makes each service of each environment, and its entry in parity.toml.

A service's server is up already, or prepared and started later if its start takes long.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from parity_tui.demo import migrations, scenario
from parity_tui.demo.programs import MissingError, Program
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers

PREFERRED: dict[str, dict[str, tuple[str, ...]]] = {
    "postgres": {"staging": ("postgres 16", "postgres"), "production": ("postgres 18", "postgres")},
    "valkey": {"staging": ("valkey 8", "valkey", "redis"), "production": ("valkey 9", "valkey", "redis")},
}
"""Products and versions for each environment, in order of preference."""

READER = "parity"
"""The board's user."""


@dataclass(frozen=True)
class DemoService:
    """One service of one environment."""

    entry: str
    """Its value in parity.toml, as TOML."""
    server: Server | None = None
    """Its server; None for a file or the process's own memory."""
    starts_late: bool = False
    """Whether the server is prepared and not started yet."""


def preferred(servers: Servers, product: str, environment: str) -> Program:
    """Return the preferred program of an environment. Raises MissingError."""
    for choice in PREFERRED[product][environment]:
        name, _, version = choice.partition(" ")
        with suppress(MissingError):
            return servers.program(name, version)
    return servers.program(product, "")


def entry(url: str, **options: str) -> str:
    """Return a service's value in TOML: a string, or a table if it has options.

    >>> entry("memory://")
    '"memory://"'
    >>> entry("amqp://h", management="http://h")
    '{ url = "amqp://h", management = "http://h" }'
    """
    if not options:
        return json.dumps(url)
    pairs: Mapping[str, str] = {"url": url, **options}
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in pairs.items()) + " }"


def database(servers: Servers, environment: str) -> DemoService:
    """Make the database: a file in development, PostgreSQL elsewhere."""
    if environment == "dev":
        path = servers.home.folder("dev") / "app.db"
        _make_file(path, migrations.django(environment, "sqlite"))
        return DemoService(entry(f"sqlite:///{path}"))
    program, password = preferred(servers, "postgres", environment), secrets.token_urlsafe(12)
    server = servers.postgres(
        program.version,
        settings=scenario.POSTGRES[environment],
        sql=[*scenario.roles(environment, password), scenario.database(environment, program.version)],
        password=secrets.token_urlsafe(12),
    )
    grant = f"GRANT SELECT ON {migrations.DJANGO} TO {READER}"
    server.sql(scenario.SCHEMA, *migrations.django(environment, "postgres"), grant, database="app")
    if environment == "production" and server.sql("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"):
        server.sql("CREATE EXTENSION vector", database="app")
    return DemoService(entry(server.url(READER, password, "app")), server)


def _make_file(path: Path, ledger: Iterable[str]) -> None:
    """Make development's database with the ledger of its migrations."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(scenario.SQLITE + ";\n".join((*ledger, "")))


def cache(servers: Servers, environment: str) -> DemoService:
    """Make the cache: the process's own memory in development, Valkey elsewhere."""
    if environment == "dev":
        return DemoService(entry("memory://"))
    program, password = preferred(servers, "valkey", environment), secrets.token_urlsafe(12)
    server = servers.redis(
        program.version,
        product=program.product,
        settings=scenario.VALKEY[environment],
        password=secrets.token_urlsafe(12),
        acl=[[READER, "on", f">{password}", "resetkeys", "resetchannels", "-@all", "+info", "+config|get", "+ping"]],
    )
    return DemoService(entry(server.url(READER, password)), server)


def sessions(servers: Servers, environment: str) -> DemoService:
    """Make the store of sessions: Memcached everywhere."""
    server = servers.memcached(options=scenario.MEMCACHED[environment])
    return DemoService(entry(server.url()), server)


def queue(servers: Servers, environment: str) -> DemoService:
    """Prepare the queue: RabbitMQ everywhere, not started, because that takes seconds."""
    password = secrets.token_urlsafe(12)
    server = servers.prepare_rabbitmq(
        node=environment,
        settings=scenario.RABBITMQ[environment],
        plugins=scenario.PLUGINS[environment],
        administrator=("admin", secrets.token_urlsafe(12)),
        definitions=scenario.definitions(environment, password),
    )
    return DemoService(entry(server.url(READER, password, "/"), management=server.management), server, starts_late=True)


def catalog(servers: Servers, environment: str) -> DemoService:
    """Prepare the catalog: a file in development, MariaDB elsewhere, not started, because that takes seconds."""
    if environment == "dev":
        servers.program("mariadb", "")  # without MariaDB elsewhere the file has nothing to differ from
        path = servers.home.folder("dev") / "catalog.db"
        _make_file(path, migrations.alembic(environment))
        return DemoService(entry(f"sqlite:///{path}"))
    password = secrets.token_urlsafe(12)
    statements = [
        f"CREATE USER {READER} IDENTIFIED BY '{password}'",
        f"CREATE DATABASE catalog CHARACTER SET {scenario.CHARACTERS[environment]}",
        *migrations.alembic(environment, "catalog"),
        f"GRANT SELECT ON catalog.{migrations.ALEMBIC} TO {READER}",
        f"ALTER USER root@localhost IDENTIFIED BY '{secrets.token_urlsafe(12)}'",
    ]
    server = servers.prepare_mariadb(settings=scenario.MARIADB[environment], sql=statements)
    return DemoService(entry(server.url(READER, password, "catalog"), tls="off"), server, starts_late=True)


def web(servers: Servers, environment: str) -> DemoService:
    """Make the web server: nginx, in production Apache if this machine has it."""
    if environment == "production":
        with suppress(MissingError):
            apache = servers.apache(main=scenario.APACHE)
            return DemoService(entry(apache.url()), apache)
    nginx = servers.nginx(http=scenario.NGINX[environment])
    return DemoService(entry(nginx.url()), nginx)


def app(servers: Servers, environment: str) -> DemoService:
    """Make the app itself: the folder that it runs in."""
    return DemoService(entry(f"app+local://{servers.app.folder(environment)}"))


SERVICES: dict[str, Callable[[Servers, str], DemoService]] = {
    "database": database,
    "cache": cache,
    "sessions": sessions,
    "queue": queue,
    "catalog": catalog,
    "web": web,
    "app": app,
}
"""The services of the app, in the order of the board."""

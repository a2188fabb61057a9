"""The real servers of a run, three environments of them, and the addresses at which contenders find them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.demo.programs import MissingError
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from tests.bench.line import Lines

PASSWORD = "bench-only"
ENVIRONMENTS = ("dev", "staging", "production")

Maker = Callable[[Servers, int], Server]
"""starts the server of an environment, by its number"""


class Place(Struct, frozen=True):
    """Where one service of one environment is."""

    environment: str
    service: str
    kind: str
    port: int
    user: str = ""
    password: str = ""
    management: int = 0
    """the port of RabbitMQ's HTTP API"""

    @property
    def entry(self) -> str:
        """Its lines in parity.toml."""
        scheme = {"postgres": "postgresql", "redis": "redis", "memcached": "memcached", "rabbitmq": "amqp"}[self.kind]
        who = f"{self.user}:{self.password}@" if self.user else ""
        path = "/postgres" if self.kind == "postgres" else ""
        more = f'management = "http://127.0.0.1:{self.management}"\n' if self.management else ""
        return (
            f"[environments.{self.environment}.services.{self.service}]\n"
            f'url = "{scheme}://{who}127.0.0.1:{self.port}{path}"\n{more}'
        )


def start(servers: Servers, *, rabbitmq: bool) -> list[Place]:
    """Start all, at once; what this machine does not have is left out."""
    makers: list[tuple[str, str, Maker]] = [
        ("database", "postgres", _postgres),
        ("cache", "redis", _cache),
        ("sessions", "memcached", _sessions),
        *([("queue", "rabbitmq", _queue)] if rabbitmq else []),
    ]
    with ThreadPoolExecutor(len(makers) * len(ENVIRONMENTS)) as pool:
        jobs = [
            (environment, service, kind, pool.submit(make, servers, index))
            for service, kind, make in makers
            for index, environment in enumerate(ENVIRONMENTS)
        ]
    places = []
    for environment, service, kind, job in jobs:
        try:
            places.append(_place(environment, service, kind, job.result()))
        except MissingError as error:
            print(f"left out: {error}")  # noqa: T201
    return places


def _postgres(servers: Servers, index: int) -> Server:
    """Start a PostgreSQL that wants a password."""
    settings = {"max_connections": str(200 + 20 * index), "TimeZone": "UTC" if index else "Europe/Paris"}
    return servers.postgres("18" if index else "16", password=PASSWORD, settings=settings)


def _cache(servers: Servers, index: int) -> Server:
    """Start a Valkey, or a Redis where there is none."""
    settings = {"maxmemory-policy": "allkeys-lru" if index == 1 else "noeviction"}
    try:
        return servers.valkey("8" if index == 1 else "9", settings=settings)
    except MissingError:
        return servers.redis(settings=settings)


def _sessions(servers: Servers, index: int) -> Server:
    """Start a Memcached."""
    return servers.memcached(options=(("-c", "512"), ("-I", "2m", "-c", "512"), ("-c", "768"))[index])


def _queue(servers: Servers, index: int) -> Server:
    """Start a RabbitMQ."""
    return servers.rabbitmq(node=ENVIRONMENTS[index])


def _place(environment: str, service: str, kind: str, server: Server) -> Place:
    """Return where a server is."""
    user, password = {"postgres": ("postgres", PASSWORD), "rabbitmq": ("guest", "guest")}.get(kind, ("", ""))
    management = server.management_port if isinstance(server, RabbitMQ) else 0
    return Place(environment, service, kind, server.port, user, password, management)


def far(places: Iterable[Place], lines: Lines, seconds: float) -> list[Place]:
    """Return the same places at the other ends of lines whose round trip takes so long."""
    return [
        replace(
            place,
            port=lines.to(place.port, seconds).port,
            management=lines.to(place.management, seconds).port if place.management else 0,
        )
        for place in places
    ]


def written(places: Iterable[Place], folder: Path, name: str, **options: str) -> Path:
    """Write the configuration that names these places."""
    path = folder / f"{name}.toml"
    top = "".join(f"{key} = {json.dumps(value)}\n" for key, value in options.items())
    path.write_text(top + "\n".join(place.entry for place in places))
    path.chmod(0o600)
    return path

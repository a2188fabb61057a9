"""Starts real servers in three environments, and lists their addresses for the contenders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.demo.programs import MissingError
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from tests.bench.delay import DelayedPorts

PASSWORD = "bench-only"
ENVIRONMENTS = ("dev", "staging", "production")

_KINDS_OF_MANY = ("postgres", "redis", "memcached", "redis", "memcached")
ENVIRONMENTS_OF_MANY, SERVICES_OF_MANY = 60, len(_KINDS_OF_MANY)
"""of 300 targets"""

Starter = Callable[[Servers, int], Server]
"""starts the server of an environment, given its number"""


class ServerAddress(Struct, frozen=True):
    """The address and login of one service in one environment."""

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
        """The lines in parity.toml."""
        scheme = {
            "postgres": "postgresql",
            "redis": "redis",
            "memcached": "memcached",
            "rabbitmq": "amqp",
            "mysql": "mariadb",
        }[self.kind]
        login = f"{self.user}:{self.password}@" if self.password else f"{self.user}@" if self.user else ""
        path = {"postgres": "/postgres", "mysql": "/?tls=off"}.get(self.kind, "")
        management = f'management = "http://127.0.0.1:{self.management}"\n' if self.management else ""
        return (
            f"[environments.{self.environment}.services.{self.service}]\n"
            f'url = "{scheme}://{login}127.0.0.1:{self.port}{path}"\n{management}'
        )


def start(servers: Servers, *, rabbitmq: bool) -> list[ServerAddress]:
    """Start all servers at once; leave out those that are not installed."""
    starters: list[tuple[str, str, Starter]] = [
        ("database", "postgres", _postgres),
        ("cache", "redis", _cache),
        ("sessions", "memcached", _sessions),
        ("shop", "mysql", _shop),
        *([("queue", "rabbitmq", _queue)] if rabbitmq else []),
    ]
    with ThreadPoolExecutor(len(starters) * len(ENVIRONMENTS)) as pool:
        jobs = [
            (environment, service, kind, pool.submit(starter, servers, index))
            for service, kind, starter in starters
            for index, environment in enumerate(ENVIRONMENTS)
        ]
    addresses = []
    for environment, service, kind, job in jobs:
        try:
            addresses.append(_address(environment, service, kind, job.result()))
        except MissingError as error:
            print(f"left out: {error}")  # noqa: T201
    return addresses


def _postgres(servers: Servers, index: int) -> Server:
    settings = {"max_connections": str(200 + 20 * index), "TimeZone": "UTC" if index else "Europe/Paris"}
    return servers.postgres("18" if index else "16", password=PASSWORD, settings=settings)


def _cache(servers: Servers, index: int) -> Server:
    settings = {"maxmemory-policy": "allkeys-lru" if index == 1 else "noeviction"}
    try:
        return servers.valkey("8" if index == 1 else "9", settings=settings)
    except MissingError:
        return servers.redis(settings=settings)


def _sessions(servers: Servers, index: int) -> Server:
    return servers.memcached(options=(("-c", "512"), ("-I", "2m", "-c", "512"), ("-c", "768"))[index])


def _shop(servers: Servers, index: int) -> Server:
    return servers.mariadb(settings={"max_connections": str(150 + index), "sql_mode": "" if index == 0 else "ANSI"})


def _queue(servers: Servers, index: int) -> Server:
    return servers.rabbitmq(node=ENVIRONMENTS[index])


def _address(environment: str, service: str, kind: str, server: Server) -> ServerAddress:
    user, password = {"postgres": ("postgres", PASSWORD), "rabbitmq": ("guest", "guest"), "mysql": ("root", "")}.get(
        kind, ("", "")
    )
    management = server.management_port if isinstance(server, RabbitMQ) else 0
    return ServerAddress(environment, service, kind, server.port, user, password, management)


def delayed(addresses: Iterable[ServerAddress], ports: DelayedPorts, seconds: float) -> list[ServerAddress]:
    """Return addresses of the same servers behind a round trip of so many seconds."""
    return [
        replace(
            address,
            port=ports.to(address.port, seconds).port,
            management=ports.to(address.management, seconds).port if address.management else 0,
        )
        for address in addresses
    ]


def repeated(addresses: Sequence[ServerAddress]) -> list[ServerAddress]:
    """Return five services in sixty environments, all on the same few servers."""
    by_kind = {kind: [address for address in addresses if address.kind == kind] for kind in _KINDS_OF_MANY}
    return [
        replace(by_kind[kind][number % len(by_kind[kind])], environment=f"region-{number}", service=f"service-{turn}")
        for turn, kind in enumerate(_KINDS_OF_MANY)
        if by_kind[kind]
        for number in range(ENVIRONMENTS_OF_MANY)
    ]


def write_config(addresses: Iterable[ServerAddress], folder: Path, name: str, **options: str) -> Path:
    """Write a configuration of these addresses; return its path."""
    path = folder / f"{name}.toml"
    top = "".join(f"{key} = {json.dumps(value)}\n" for key, value in options.items())
    path.write_text(top + "\n".join(address.entry for address in addresses))
    path.chmod(0o600)
    return path

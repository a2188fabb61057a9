"""Real servers of every kind that these tests may stop and kill; and a watchdog."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import pytest

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Target
from tests.conftest import Shared
from tests.faults.observed_target import observed, watchdog
from tests.faults.stand_ins import StandInServer
from tests.services.nats.builders import nats
from tests.services.pgbouncer import builders as pooler
from tests.services.pgbouncer.builders import pgbouncer
from tests.services.smtp.servers import exim

UPGRADES = {
    "postgres": ("postgres_servers", "16", "18"),
    "mysql": ("mariadb_servers", "10.11", "11.8"),
    "redis": ("redis_servers", "7.0", "8.0"),
    "memcached": ("memcached_servers", "1.6.18", "1.6.38"),
    "rabbitmq": ("rabbitmq_servers", "3.10", "4.0"),
}
"""by kind: the fixture of its shared servers, and two versions of them"""


def started(server: StandInServer) -> StandInServer:
    server.start()
    return server


START_SERVER: dict[str, Callable[[Servers], Server]] = {
    "haproxy": lambda servers: servers.haproxy("2.6"),
    "http": lambda servers: servers.nginx(),
    "memcached": lambda servers: servers.memcached(),
    "mysql": lambda servers: servers.mariadb(),
    "nats": nats,
    "pgbouncer": pgbouncer,
    "postgres": lambda servers: servers.postgres("18"),
    "redis": lambda servers: servers.valkey("9"),
    "elasticsearch": lambda servers: started(StandInServer("elasticsearch")),
    "mongodb": lambda servers: started(StandInServer("mongodb")),
    "smtp": exim,
}

LOGINS: dict[str, tuple[str, str | None]] = {
    "haproxy": ("", None),
    "http": ("", None),
    "memcached": ("", None),
    "mysql": ("root", ""),
    "nats": ("", None),
    "pgbouncer": (pooler.USER, pooler.PASSWORD),
    "postgres": ("postgres", None),
    "rabbitmq": ("", None),
    "redis": ("", None),
    "elasticsearch": ("", None),
    "mongodb": ("", None),
    "smtp": ("", None),
}
"""user and password that a server with defaults accepts"""

SHARED_KIND = "rabbitmq"
"""takes many seconds to start: these tests use the shared server, and never stop it"""


class DisposableServers:
    """One server of each kind, shared with no other test; asking for it starts it again."""

    def __init__(self, servers: Servers, shared: Callable[[], Server]) -> None:
        self._servers = servers
        self._shared = shared
        self._started: dict[str, Server] = {}

    def __getitem__(self, kind: str) -> Server:
        if kind == SHARED_KIND:
            return self._shared()
        if kind not in self._started:
            self._started[kind] = START_SERVER[kind](self._servers)
        server = self._started[kind]
        if server.process is None or server.process.code() is not None:
            server.start()
        return server

    def end_stand_ins(self) -> None:
        """Kill the stand-ins; all others end with the session's servers."""
        for server in self._started.values():
            if isinstance(server, StandInServer):
                server.kill()


def target_of(kind: str, port: int, host: str = "127.0.0.1") -> Target:
    """Return the target of a server with defaults."""
    user, password = LOGINS[kind]
    return observed(kind, port, host, user=user, password=password)


@pytest.fixture(scope="session")
def disposable(servers: Servers, rabbitmq_servers: Shared[RabbitMQ]) -> Iterator[DisposableServers]:
    made = DisposableServers(servers, lambda: rabbitmq_servers["3.10"])
    yield made
    made.end_stand_ins()


class Upgrade(NamedTuple):
    """Two running servers of one kind, and the versions asked for."""

    kind: str
    old: Server
    new: Server
    old_version: str
    new_version: str


@pytest.fixture
def upgrade(request: pytest.FixtureRequest, servers: Servers) -> Upgrade:
    """Yield the servers of a kind in UPGRADES, given by indirect parametrization."""
    fixture, old, new = UPGRADES[request.param]
    shared: Mapping[str, Server] = request.getfixturevalue(fixture)
    return Upgrade(request.param, shared[old], shared[new], old, new)


@pytest.fixture(autouse=True)
def fail_on_hanging_loop() -> Iterator[None]:
    with watchdog():
        yield

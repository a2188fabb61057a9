"""Real servers of every kind, private to these tests, each started when it is first wanted; and a watchdog."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Target
from tests.conftest import Shared
from tests.faults.observed_target import at, watchdog

UPGRADES = [
    ("postgres", "postgres_servers", "16", "18"),
    ("mysql", "mariadb_servers", "10.11", "11.8"),
    ("redis", "redis_servers", "7.0", "8.0"),
    ("memcached", "memcached_servers", "1.6.18", "1.6.38"),
    ("rabbitmq", "rabbitmq_servers", "3.10", "4.0"),
]
"""kind, fixture of its shared servers, and two versions of them"""

START: dict[str, Callable[[Servers], Server]] = {
    "http": lambda servers: servers.nginx(),
    "memcached": lambda servers: servers.memcached(),
    "mysql": lambda servers: servers.mariadb(),
    "postgres": lambda servers: servers.postgres("18"),
    "redis": lambda servers: servers.valkey("9"),
}
"""how a server of each kind that has a port is started"""

LOGINS: dict[str, tuple[str, str | None]] = {
    "http": ("", None),
    "memcached": ("", None),
    "mysql": ("root", ""),
    "postgres": ("postgres", None),
    "rabbitmq": ("", None),
    "redis": ("", None),
}
"""who is let in by a server with defaults"""

SLOW = "rabbitmq"
"""takes many seconds to start: that of all tests is used, and never stopped"""


class Wing:
    """One server of each kind: stopped and killed here, so shared with no other test; up again when asked for."""

    def __init__(self, servers: Servers, slow: Callable[[], Server]) -> None:
        self._servers = servers
        self._slow = slow
        self._up: dict[str, Server] = {}

    def __getitem__(self, kind: str) -> Server:
        """Return the server of a kind, up."""
        if kind == SLOW:
            return self._slow()
        if kind not in self._up:
            self._up[kind] = START[kind](self._servers)
        server = self._up[kind]
        if server.process is None or server.process.code() is not None:
            server.start()
        return server


def into(kind: str, port: int, host: str = "127.0.0.1") -> Target:
    """Return the target that a server with defaults lets in, on that port."""
    user, password = LOGINS[kind]
    return at(kind, port, host, user=user, password=password)


@pytest.fixture(scope="session")
def wing(servers: Servers, rabbitmq_servers: Shared[RabbitMQ]) -> Wing:
    """Give servers that may be maltreated."""
    return Wing(servers, lambda: rabbitmq_servers["3.10"])


@pytest.fixture(autouse=True)
def no_hanging_loop() -> Iterator[None]:
    """End a test whose event loop does not turn any more."""
    with watchdog():
        yield

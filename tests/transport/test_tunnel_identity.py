"""The server behind a tunnel stays that of its URL: TLS checks its name, and it is known again on another way."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.same_server import same_server_rows
from parity_tui.model import Fact, Outcome, Reading, ServiceError, TlsMode, Tunnel
from parity_tui.services import kinds
from parity_tui.services.app.connection import memory
from parity_tui.transport.dialer import describe
from parity_tui.transport.routes import Routes
from tests.conftest import Shared, missing
from tests.transport.ssh_targets import reading, target
from tests.transport.test_ssh import certificates, with_tls
from tests.transport.test_ssh_line import watch
from tests.transport.tunnels import FORWARD, FORWARD_BY_PORT, behind

__all__ = ["certificates"]


@pytest.fixture(autouse=True)
def _socat() -> None:
    if not shutil.which("socat"):
        missing("socat is not installed here")


@pytest.fixture
async def routes() -> AsyncIterator[Routes]:
    """Yield routes that are closed after the test."""
    result = Routes()
    yield result
    await result.close()


@pytest.mark.parametrize("product", ["postgres", "redis"])
async def test_tls_verifies_the_name_of_the_url(
    product: str, servers: Servers, routes: Routes, certificates: dict[str, str]
) -> None:
    direct = with_tls(product, servers, certificates)
    tunnel = Tunnel(("socat", "UNIX-LISTEN:{socket},fork", f"TCP:127.0.0.1:{direct.port}"), "/")
    tunneled = replace(direct, host="localhost", tls=TlsMode.VERIFY_FULL, ca=certificates["cert"], tunnel=tunnel)
    assert (await reading(tunneled, routes)).version
    with pytest.raises((ServiceError, ssl.SSLError)) as caught:
        await reading(replace(tunneled, host="db.internal"), routes)
    assert "not valid for 'db.internal'" in describe(caught.value, tunneled, 20).message


async def test_every_address_of_rabbitmq_goes_through(rabbitmq_servers: Shared[RabbitMQ], routes: Routes) -> None:
    node = rabbitmq_servers["3.10"]
    options = {"management": f"http://127.0.0.1:{node.management_port}"}
    direct = replace(target("rabbitmq", node.port), scheme="amqp", options=options)
    through = replace(direct, tunnel=behind("rabbitmq", node.port).tunnel)
    found, expected = await reading(through, routes), await reading(direct, routes)
    assert raw(found) == raw(expected)


def raw(found: Reading) -> dict[str, str | None]:
    return {name: fact.raw for name, fact in found.facts.items()}


def test_check_recognizes_one_server_behind_several_tunnels(servers: Servers, tmp_path: Path) -> None:
    cache = servers.valkey()
    service = f'[environments.{{0}}.services]\ncache = {{{{ url = "redis://{{1}}:{cache.port}", tunnel = {{2}} }}}}\n'
    words = [str(list(argv)).replace("'", '"') for argv in (FORWARD, FORWARD_BY_PORT)]
    path = tmp_path / "parity.toml"
    path.write_text(
        service.format("dev", "127.0.0.1", "[]")
        + service.format("socket", "localhost", words[0])
        + service.format("port", "localhost", words[1])
        + "[severity]\n'*.patches behind' = 'ignore'\n'*.end of life' = 'ignore'\n"
    )
    argv = [sys.executable, "-m", "parity_tui", "check", "--timeout", "20s", "--config", str(path)]
    result = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "dev, socket and port are the same server" in result.stdout


def test_another_tunnel_is_another_server() -> None:
    one, other = behind("redis", 1), behind("redis", 1, *FORWARD_BY_PORT)
    before = watch([one], 1).board.with_outcomes([Outcome(one, Reading("Redis", "8.0", {}))])
    assert next(iter(watch([one], 1).resume_from(before).servers())).reading
    assert next(iter(watch([other], 1).resume_from(before).servers())).reading is None
    assert memory(one) is not memory(other)


@pytest.mark.parametrize("same", [True, False])
def test_one_address_behind_two_tunnels_is_two_servers(same: bool) -> None:
    """Without a sign of its own, a server is known by its address and the way to it."""
    ways = [FORWARD, FORWARD if same else FORWARD_BY_PORT]
    targets = [behind("memcached", 1, *way, environment=name) for name, way in zip(("dev", "prod"), ways, strict=True)]
    found = Reading("Memcached", "1.6", {"x": Fact("1")}, address="127.0.0.1:1")
    outcomes = [Outcome(each, found, connection=1) for each in targets]
    table = RuleTable(kinds()["memcached"], "memcached")
    assert bool(same_server_rows("it", ("dev", "prod"), outcomes, {"memcached": table}, Policy())) == same

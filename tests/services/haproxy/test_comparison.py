"""Readings of real servers of two versions, compared."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.demo.haproxy import HAProxy
from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import State
from parity_tui.services.haproxy import SERVICE
from parity_tui.services.haproxy.parse import NOT_SHOWN
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared
from tests.services.haproxy.builders import VERSIONS, drift, reading, rows, target

MORE = """
frontend more
    bind 127.0.0.1:{port}
    maxconn {maxconn}
    rate-limit sessions {rate}
    default_backend pool
backend pool
    mode {mode}
    balance {balance}
    {cookie}
    fullconn {fullconn}
    server one 127.0.0.1:1 maxconn {server_maxconn} {check} weight {weight}
    server two 127.0.0.1:2 maxconn {server_maxconn} {check} weight {weight}
    {third}
"""
DEFAULTS = {
    "maxconn": "100", "rate": "5", "mode": "http", "balance": "roundrobin", "fullconn": "40", "server_maxconn": "30",
    "check": "check", "weight": "10", "third": "", "cookie": "",
}  # fmt: skip

PLANTED = [
    ("maxconn 1000", {}, {"Maxconn"}),
    ("nbthread 1", {}, {"Nbthread"}),
    ("maxconnrate 100", {}, {"ConnRateLimit"}),
    ("maxsessrate 100", {}, {"SessRateLimit"}),
    ("maxsslrate 100", {}, {"SslRateLimit"}),
    ("maxsslconn 500", {}, {"MaxSslConns"}),
    ("maxpipes 64\n    maxconn 1000", {}, {"Maxpipes", "Maxconn"}),
    ("maxcomprate 10", {}, {"CompressBpsRateLim"}),
    ("busy-polling", {}, {"BusyPolling"}),
    ("", {"maxconn": "50"}, {"frontend.more.maxconn"}),
    ("", {"rate": "6"}, {"frontend.more.rate-limit"}),
    ("", {"fullconn": "20"}, {"backend.pool.fullconn"}),
    ("", {"balance": "leastconn"}, {"backend.pool.balance"}),
    ("", {"balance": "source"}, {"backend.pool.balance"}),
    ("", {"cookie": "cookie SRV insert"}, {"backend.pool.cookie"}),
    ("", {"server_maxconn": "10"}, {"backend.pool.server-maxconn"}),
    ("", {"check": "check fall 5"}, {"backend.pool.checks"}),
    ("", {"check": ""}, {"backend.pool.checks"}),
    ("", {"check": "check agent-check agent-port 9"}, {"backend.pool.agent-checks"}),
    ("", {"server_maxconn": "30 maxqueue 5"}, {"backend.pool.server-maxqueue"}),
    ("", {"weight": "7"}, {"backend.pool.weights"}),
    ("", {"third": "server three 127.0.0.1:3 maxconn 30 check weight 10"}, {"backend.pool.servers"}),
    ("", {"third": "server three 127.0.0.1:3 maxconn 30 check weight 10 backup"}, {"backend.pool.backup-servers"}),
]
"""(line of the section global, other values of the proxies, the settings that differ)"""


@pytest.fixture(scope="module")
def haproxy_servers(servers: Servers) -> Shared[HAProxy]:
    """HAProxy with defaults, whose level shows the settings of backends."""
    return Shared(VERSIONS, lambda version: servers.haproxy(version, level="operator", proxies=proxies()))


def proxies(**values: str) -> str:
    return MORE.format(port=free_port(), **{**DEFAULTS, **values})


@pytest.fixture(params=VERSIONS)
def each_haproxy(request: pytest.FixtureRequest, haproxy_servers: Shared[HAProxy]) -> HAProxy:
    return haproxy_servers[request.param]


async def test_reading_names_product_and_version(each_haproxy: HAProxy) -> None:
    seen = await reading(each_haproxy.port)
    assert (seen.product, seen.version) == ("HAProxy", each_haproxy.version)
    assert seen.package.startswith(f"{each_haproxy.version}-")
    assert seen.facts["frontend.web"].raw == "http"
    assert seen.facts["backend.app.checks"].raw == "off"


@pytest.mark.parametrize("level", ["user", "operator"])
async def test_equal_servers_do_not_drift(servers: Servers, level: str) -> None:
    both = [await reading(servers.haproxy("3.0", level=level).port) for _ in range(2)]
    assert drift(*both) == set()


async def test_every_planted_difference_is_found(servers: Servers, haproxy_servers: Shared[HAProxy]) -> None:
    before = await reading(haproxy_servers["2.6"].port)
    for line, values, wanted in PLANTED:
        server = servers.haproxy("2.6", level="operator", global_=line, proxies=proxies(**values))
        compared = rows(before, await reading(server.port))
        server.kill()
        found = {name for name, row in compared.items() if row.verdict == "drift"}
        assert found == wanted, (line, values)
        assert all(compared[name].why for name in found)


async def test_missing_frontend_is_one_row(servers: Servers, haproxy_servers: Shared[HAProxy]) -> None:
    other = servers.haproxy("2.6", level="operator")
    both = await reading(haproxy_servers["2.6"].port), await reading(other.port)
    assert drift(*both) - {"Maxconn"} == {"frontend.more", "backend.pool"}


async def test_level_user_hides_how_backends_balance(servers: Servers, each_haproxy: HAProxy) -> None:
    low = await reading(servers.haproxy(each_haproxy.version, proxies=proxies()).port)
    compared = rows(await reading(each_haproxy.port), low)
    assert [compared[f"backend.pool.{name}"].cells[1].state for name in ("balance", "cookie")] == [State.HIDDEN] * 2
    assert compared["backend.pool.balance"].cells[1].note == NOT_SHOWN
    assert {name for name, row in compared.items() if row.verdict == "drift"} == set()


async def test_settings_have_a_reason(each_haproxy: HAProxy) -> None:
    """At least 95 % of the settings of every version."""
    table = RuleTable(SERVICE, "haproxy")
    names = (await reading(each_haproxy.port)).facts.keys()
    without = sorted(name for name in names if not table.rule(name).why)
    assert len(names) > 25
    assert len(without) <= 0.05 * len(names), without


async def test_maintenance_of_a_server_changes_nothing(servers: Servers) -> None:
    """Its state belongs to the moment, not to the configuration."""
    server = servers.haproxy("3.0", level="admin", proxies=proxies())
    before = await reading(server.port)
    for state in ("maint", "ready"):
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(f"set server pool/one state {state}\n".encode())
        assert (await reader.read()).strip() == b""
        writer.close()
        assert await reading(server.port) == before


async def test_instance_changes_with_a_restart_only(servers: Servers) -> None:
    server = servers.haproxy("2.6")
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        first = await read()
        assert await read() == first
    server.kill()
    server.start()
    assert (await reading(server.port)).instance != first.instance

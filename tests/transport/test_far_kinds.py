"""Kinds with connections of another sort behind SSH hosts: a driver's own, one for each reading, a script."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from parity_tui.demo.servers import Servers
from parity_tui.model import Target
from parity_tui.transport.routes import Routes
from tests.services.elasticsearch import stand_in as elasticsearch
from tests.services.mongodb import stand_in as mongodb
from tests.transport.ssh_targets import reading, target
from tests.transport.sshd import Hosts


@pytest.mark.parametrize("kind", ["elasticsearch", "mongodb"])
async def test_stand_in_through_ssh_is_read_as_directly(kind: str, hosts: Hosts, routes: Routes) -> None:
    module = {"elasticsearch": elasticsearch, "mongodb": mongodb}[kind]
    async with module.running() as (_, port):
        before = hosts.bastion.carried(port)
        far = await reading(target(kind, port, "bastion"), routes)
        assert far == await reading(target(kind, port), routes)
        assert hosts.bastion.carried(port) > before


async def test_stats_socket_is_read_by_port_and_by_script(servers: Servers, hosts: Hosts, routes: Routes) -> None:
    proxy = servers.haproxy("2.6")
    near = await reading(target("haproxy", proxy.port), routes)
    far = await reading(target("haproxy", proxy.port, "bastion"), routes)
    script = Target("dev", "it", "haproxy", "haproxy+ssh", "bastion", path=str(proxy.socket))
    by_script = await reading(script, routes)
    assert near == far
    assert near == replace(by_script, address=near.address)

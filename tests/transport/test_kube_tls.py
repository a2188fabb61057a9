"""TLS through a cluster verifies the name that the Service has in its DNS, or `tls_name`."""

from __future__ import annotations

import ssl

import pytest
from msgspec.structs import replace

from parity_tui.demo.servers import Servers
from parity_tui.transport.routes import Routes
from tests.authority import Authority
from tests.faults.tls_servers import TlsServers
from tests.transport.kube_double import Cluster
from tests.transport.ssh_targets import reading


@pytest.fixture(scope="module")
def tls_servers(servers: Servers, authority: Authority) -> TlsServers:
    return TlsServers(servers, authority)


@pytest.mark.parametrize("kind", ["postgres", "mysql", "redis", "http"])
async def test_name_of_service_is_verified(kind: str, tls_servers: TlsServers, cluster: Cluster) -> None:
    direct = tls_servers(kind)
    cluster.pod("shop", "it-0", {direct.port: direct.port})
    cluster.service("shop", "it", {direct.port: direct.port}, ["it-0"])
    far = replace(direct, host="svc/it", kube="prod/shop")
    routes = Routes([far])
    try:
        with pytest.raises(ssl.SSLCertVerificationError, match=r"is not valid for 'it\.shop\.svc'"):
            await reading(far, routes)
        assert (await reading(replace(far, tls_name="127.0.0.1"), routes)).facts
    finally:
        await routes.close()

"""Services and pods of Kubernetes by the real kubectl: read as directly, by one kubectl a context, without a port."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading, Target
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.kube import KubeRoute
from parity_tui.transport.routes import Routes
from tests.test_same_server import to
from tests.transport.kube_double import Cluster
from tests.transport.kube_targets import in_cluster, kubectls
from tests.transport.ssh_targets import reading


@pytest.fixture
async def routes(cluster: Cluster) -> AsyncIterator[Routes]:
    result = Routes()
    yield result
    await result.close()


def serve(cluster: Cluster, name: str, ports: dict[int, int], namespace: str = "shop") -> None:
    """Add a Service whose only pod leads to ports of this machine."""
    cluster.pod(namespace, f"{name}-0", ports)
    cluster.service(namespace, name, {port: port for port in ports}, [f"{name}-0"])


def far(target: Target, host: str) -> Target:
    """Return the target of the same server within the cluster."""
    options = {name: f"http://{host}:15672" for name in target.options if name == "management"}
    return replace(target, host=host, kube="prod/shop", options=options)


def differing(one: Reading, other: Reading) -> list[tuple[str, object, object]]:
    """Return the settings of which two readings differ."""
    names = {*one.facts, *other.facts}
    pairs = [(name, one.facts.get(name), other.facts.get(name)) for name in sorted(names)]
    return [(name, fact, also) for name, fact, also in pairs if fact != also]


@pytest.mark.parametrize("name", ["valkey", "postgres", "rabbitmq"])
async def test_server_is_read_as_directly(name: str, servers: Servers, cluster: Cluster, routes: Routes) -> None:
    server: Server = getattr(servers, name)()
    direct = to(server, name)
    ports = {direct.port: direct.port}
    if isinstance(server, RabbitMQ):
        ports[15672] = server.management_port
    serve(cluster, name, ports)
    near = await reading(direct, routes)
    for host in (f"svc/{name}", f"pod/{name}-0"):
        seen = await reading(far(direct, host), routes)
        assert differing(near, seen) == []
        assert (seen.hidden, seen.version) == (near.hidden, near.version)
        assert seen.address == f"{host}:{direct.port}"


async def test_port_of_service_leads_to_port_of_pod(servers: Servers, cluster: Cluster, routes: Routes) -> None:
    cluster.pod("shop", "cache-0", {7000: servers.valkey().port})
    names = {6379: "redis", 9121: "metrics"}
    cluster.service("shop", "cache", {9121: 9121, 6379: 7000}, ["cache-0"], names)
    (target,) = in_cluster("redis://svc/cache")
    assert (await reading(target, routes)).product == "Valkey"
    assert any(path.endswith("/pods/cache-0/portforward?ports=7000") for _, path in cluster.requests)


async def test_first_ready_pod_is_chosen(servers: Servers, cluster: Cluster, routes: Routes) -> None:
    for name, ready in (("cache-2", True), ("cache-0", False), ("cache-1", True)):
        cluster.pod("shop", name, {6379: servers.valkey().port}, ready=ready)
    cluster.service("shop", "cache", {6379: 6379}, ["cache-2", "cache-0", "cache-1"])
    (target,) = in_cluster("redis://svc/cache")
    for _ in range(3):
        await reading(target, routes)
    chosen = {path.split("/")[6] for _, path in cluster.requests if "portforward" in path}
    assert chosen == {"cache-1"}


async def test_one_kubectl_serves_all_targets_of_a_context(servers: Servers, cluster: Cluster) -> None:
    serve(cluster, "cache", {6379: servers.valkey().port})
    serve(cluster, "queue", {6379: servers.valkey().port}, "bills")
    targets = [
        *in_cluster("redis://svc/cache", "redis://pod/cache-0"),
        *in_cluster("redis://svc/queue", kube="prod/bills"),
    ]
    routes = Routes(targets)
    try:
        await asyncio.gather(*(reading(target, routes) for target in targets))
        assert len(kubectls(os.getpid())) == 1
    finally:
        await routes.close()
    assert kubectls(os.getpid()) == []


async def test_socket_is_private_and_serves_nothing_else(servers: Servers, cluster: Cluster, routes: Routes) -> None:
    serve(cluster, "cache", {6379: servers.valkey().port})
    (target,) = in_cluster("redis://svc/cache")
    await reading(target, routes)
    (proxy,) = routes._proxies.values()
    path = Path(proxy._path)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path)] == [0o700, 0o700]
    for url in ("/api/v1/namespaces/other/pods/x", "/api/v1/namespaces/shop/secrets/x", "/api/v1/namespaces/shop/pods"):
        assert (await proxy.get(url)).status == 403
    assert not any("secrets" in asked or "other" in asked for _, asked in cluster.requests)


async def test_large_answer_waits_for_a_slow_reader(cluster: Cluster, routes: Routes) -> None:
    """Back-pressure: a pod that sends without end fills buffers, not the memory."""
    sent = 0

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        try:
            async with asyncio.timeout(20):
                while True:
                    writer.write(bytes(100_000))
                    await writer.drain()
                    sent += 100_000
        except (TimeoutError, OSError):
            writer.close()

    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    serve(cluster, "flood", {1: server.sockets[0].getsockname()[1]})
    (target,) = in_cluster("redis://svc/flood:1")
    sock = await NetworkDialer(target, 20, routes).stream("svc/flood", 1)
    before = -1
    while sent != before:  # until all buffers are full
        before = sent
        await asyncio.sleep(0.5)
    assert sent < 30_000_000
    loop, received, wanted = asyncio.get_running_loop(), 0, sent + 1_000_000
    while received < wanted:
        data = await loop.sock_recv(sock, 1_000_000)
        assert data
        received += len(data)
    sock.close()
    server.close()


async def test_driver_that_has_sent_everything_still_reads(cluster: Cluster, routes: Routes) -> None:
    go = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(5)
        await go.wait()
        writer.write(b"world")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    serve(cluster, "echo", {1: server.sockets[0].getsockname()[1]})
    (target,) = in_cluster("redis://svc/echo:1")
    reader, writer = await NetworkDialer(target, 20, routes).open("svc/echo", 1)
    writer.write(b"hello")
    writer.write_eof()
    await asyncio.sleep(0.3)
    go.set()
    assert await reader.read() == b"world"
    writer.close()
    server.close()


async def test_closed_connection_ends_its_forward(servers: Servers, cluster: Cluster, routes: Routes) -> None:
    serve(cluster, "cache", {6379: servers.valkey().port})
    (target,) = in_cluster("redis://svc/cache")
    route = cast("KubeRoute", routes.of(target))
    sock = await NetworkDialer(target, 20, routes).stream("svc/cache", 6379)
    forwards = list(route._forwards)
    assert len(forwards) == 1
    sock.close()
    async with asyncio.timeout(20):
        await asyncio.wait(forwards)
    assert not route._forwards

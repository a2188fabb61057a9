"""Happy eyeballs: the order of addresses, the one that is used, and no open socket left of the others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from parity_tui.demo.process import free_port
from parity_tui.transport.happy_eyeballs import Address, HappyEyeballs, Peer, addresses, has_left, ip
from tests.faults.observed_target import swallowing


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Yield a server that accepts connections and sends nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        server.setblocking(False)
        yield server


def at(host: str, port: int) -> Address:
    """Return an address as getaddrinfo does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (host, port, 0, 0) if ":" in host else (host, port))


async def all_closed(server: socket.socket) -> int:
    """Wait until the client has closed all connections and return their number."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.setblocking(False)
                async with asyncio.timeout(20):
                    assert await asyncio.get_running_loop().sock_recv(connection, 1) == b""
            count += 1
    return count


async def test_families_alternate_and_addresses_are_distinct(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [at(host, 1) for host in ("::2", "::3", "::2", "127.0.0.2", "::4")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: results)
    assert [ip(address) for address in await addresses("several.example", 1)] == ["::2", "127.0.0.2", "::3", "::4"]


async def test_zone_belongs_to_its_address() -> None:
    try:
        ((*_, socket_address),) = await addresses("fe80::1%lo", 5)
    except socket.gaierror:
        pytest.skip("no IPv6 here")
    assert socket_address[3] == socket.if_nametoindex("lo")


async def test_failed_address_is_recorded(server: socket.socket) -> None:
    port = server.getsockname()[1]
    race = HappyEyeballs([at("127.0.0.2", port), at("127.0.0.1", port)])
    (await race.run()).close()
    assert race.answered == "127.0.0.1"
    assert [type(error) for error in race.failed.values()] == [ConnectionRefusedError]


async def test_silent_address_is_overtaken(server: socket.socket) -> None:
    port = server.getsockname()[1]
    with swallowing("127.0.0.2", port):
        race = HappyEyeballs([at("127.0.0.2", port), at("127.0.0.1", port)])
        async with asyncio.timeout(20):
            (await race.run()).close()
    assert (race.answered, race.failed) == ("127.0.0.1", {})


async def test_refusal_counts_before_a_missing_network() -> None:
    race = HappyEyeballs([at("255.255.255.255", 1), at("127.0.0.1", free_port())])
    with pytest.raises(ConnectionRefusedError):
        await race.run()
    assert len(race.failed) == 2


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_cancelled_race_leaves_no_socket(count: int, server: socket.socket) -> None:
    port = server.getsockname()[1]
    for turns in range(12):  # also in the iteration in which an address answers
        running = asyncio.create_task(HappyEyeballs([at("127.0.0.1", port)] * count).run())
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with suppress(asyncio.CancelledError):
            (await running).close()
    assert await all_closed(server) >= 10


async def test_unused_connections_are_closed(server: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parity_tui.transport.happy_eyeballs.DELAY", 0.0)
    port = server.getsockname()[1]
    for _ in range(20):
        (await HappyEyeballs([at("127.0.0.1", port)] * 3).run()).close()
        await asyncio.sleep(0)
    assert await all_closed(server) >= 20


@pytest.mark.parametrize(
    ("now", "left"),
    [(["127.0.0.1", "127.0.0.2"], False), (["127.0.0.2"], True), ([], False)],
    ids=["stays", "left", "not resolved"],
)
async def test_address_that_left_its_name_is_noticed(
    now: list[str], left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L4: a failed lookup proves nothing."""

    def resolve(*arguments: object, **options: object) -> list[Address]:
        if not now:
            raise socket.gaierror("no name server")
        return [at(host, 1) for host in now]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert await has_left("db.example", Peer("127.0.0.1", frozenset({"127.0.0.1"}))) is left

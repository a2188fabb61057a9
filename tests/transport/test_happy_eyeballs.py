"""The addresses of a host: in which order they are tried, which one counts, and that nothing is left of the others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from parity_tui.demo.process import free_port
from parity_tui.transport.happy_eyeballs import Address, HappyEyeballs, addresses, ip
from tests.faults.observed_target import swallowing


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Give a server that takes connections and has nothing to say."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        server.setblocking(False)
        yield server


def at(where: str, port: int) -> Address:
    """Return one address."""
    family = socket.AF_INET6 if ":" in where else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (where, port, 0, 0) if ":" in where else (where, port))


async def all_closed(server: socket.socket) -> int:
    """Tell how many connections a server has had, when all of them have been ended by the other side."""
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


async def test_the_families_take_turns_and_no_address_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """As resolvers sort them, the sixth version would come first as a whole: one that is broken holds up all."""
    found = [at(where, 1) for where in ("::2", "::3", "::2", "127.0.0.2", "::4")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *where, **more: found)
    assert [ip(address) for address in await addresses("several.example", 1)] == ["::2", "127.0.0.2", "::3", "::4"]


async def test_a_zone_belongs_to_its_address() -> None:
    """fe80::1%lo is reached by way of lo."""
    try:
        ((*_, where),) = await addresses("fe80::1%lo", 5)
    except socket.gaierror:
        pytest.skip("no IPv6 here")
    assert where[3] == socket.if_nametoindex("lo")


async def test_one_that_fails_makes_way_and_is_remembered(server: socket.socket) -> None:
    """The refusal of the first is known, and the second has answered."""
    port = server.getsockname()[1]
    race = HappyEyeballs([at("127.0.0.2", port), at("127.0.0.1", port)])
    (await race.run()).close()
    assert race.answered == "127.0.0.1"
    assert [type(error) for error in race.failed.values()] == [ConnectionRefusedError]


async def test_one_that_is_silent_is_overtaken(server: socket.socket) -> None:
    """Nobody waits for its deadline."""
    port = server.getsockname()[1]
    with swallowing("127.0.0.2", port):
        race = HappyEyeballs([at("127.0.0.2", port), at("127.0.0.1", port)])
        async with asyncio.timeout(20):
            (await race.run()).close()
    assert (race.answered, race.failed) == ("127.0.0.1", {})


async def test_a_refusal_says_more_than_a_network_that_is_not_there() -> None:
    """Somebody is there, whatever is wrong with the other address."""
    race = HappyEyeballs([at("255.255.255.255", 1), at("127.0.0.1", free_port())])
    with pytest.raises(ConnectionRefusedError):
        await race.run()
    assert len(race.failed) == 2


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_whenever_a_race_is_given_up_nothing_is_left_of_it(count: int, server: socket.socket) -> None:
    """Also in the very moment in which an address answers: that one was lost to Python's collector once."""
    port = server.getsockname()[1]
    for turns in range(12):
        running = asyncio.create_task(HappyEyeballs([at("127.0.0.1", port)] * count).run())
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with suppress(asyncio.CancelledError):
            (await running).close()
    assert await all_closed(server) >= 10


async def test_of_two_that_answer_at_once_one_is_closed(server: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The winner alone is left."""
    monkeypatch.setattr("parity_tui.transport.happy_eyeballs.DELAY", 0.0)
    port = server.getsockname()[1]
    for _ in range(20):
        (await HappyEyeballs([at("127.0.0.1", port)] * 3).run()).close()
        await asyncio.sleep(0)
    assert await all_closed(server) >= 20

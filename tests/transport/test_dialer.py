"""What a dialer does before a driver is there, and what it tells of the way."""

from __future__ import annotations

import asyncio
import importlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from parity_tui.model import Reading, Target
from parity_tui.secrets import Secret
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer, describe

LARGE = ("postgres", "rabbitmq", "redis")
"""the kinds whose drivers take long to import"""


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Give a server that takes connections when it is asked to, and waits for them for long."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        yield server


def new_dialer(host: str, port: int, kind: str = "redis") -> NetworkDialer:
    """Return a dialer of a target."""
    return NetworkDialer(Target("dev", "it", kind, "", host, port, user="ann", password=lambda: Secret("x")), 20)


async def reach(dialer: NetworkDialer, host: str, port: int) -> None:
    """Connect, and leave."""
    _, writer = await dialer.open(host, port, name="")
    writer.transport.abort()


async def ends(connection: socket.socket) -> None:
    """Make sure that the other side ends a connection on which nothing was said."""
    with connection:
        connection.setblocking(False)
        async with asyncio.timeout(20):
            assert await asyncio.get_running_loop().sock_recv(connection, 1) == b""


async def test_a_connection_that_has_been_begun_is_taken_up_once(server: socket.socket) -> None:
    """The second one within is another."""
    port = server.getsockname()[1]
    dialer = new_dialer("127.0.0.1", port)
    async with dialer.preconnect("127.0.0.1", port):
        begun, _ = server.accept()
        first = (await dialer.open("127.0.0.1", port))[1]
        second = (await dialer.open("127.0.0.1", port))[1]
    other, _ = server.accept()
    assert begun.getpeername() == first.get_extra_info("sockname")
    assert other.getpeername() == second.get_extra_info("sockname")
    for end in (first.transport, second.transport):
        end.abort()
    begun.close()
    other.close()


async def test_a_connection_that_nobody_takes_up_ends(server: socket.socket) -> None:
    """Nothing was sent on it."""
    port = server.getsockname()[1]
    async with new_dialer("127.0.0.1", port).preconnect("127.0.0.1", port):
        pass
    await ends(server.accept()[0])


async def test_whenever_it_is_given_up_nothing_is_left(server: socket.socket) -> None:
    """Before it is taken up, meanwhile, and after."""
    port = server.getsockname()[1]

    async def reached() -> None:
        dialer = new_dialer("127.0.0.1", port)
        async with dialer.preconnect("127.0.0.1", port):
            await asyncio.sleep(0)
            await reach(dialer, "127.0.0.1", port)

    for turns in range(2, 12):
        running = asyncio.create_task(reached())
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
        await ends(server.accept()[0])


@pytest.mark.parametrize("kind", LARGE)
async def test_a_driver_is_imported_when_the_connection_is_under_way(
    kind: str, server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where it cannot be, that is said, and the connection ends."""
    taken: list[socket.socket] = []

    async def imported(name: str) -> None:
        """Block as an import does, until the connection has come, and fail."""
        taken.append(server.accept()[0])
        raise ImportError("no module of this name")

    service: Any = importlib.import_module(f"parity_tui.services.{kind}")
    monkeypatch.setattr(service, "import_driver", imported)
    dialer = new_dialer("127.0.0.1", server.getsockname()[1], kind)
    with pytest.raises(ImportError) as raised:
        async with kinds()[kind].connect(dialer.target, dialer):
            pass
    failure = describe(raised.value, dialer.target, 20)
    assert failure.message == f"the driver for {kind} cannot be loaded: no module of this name"
    await ends(taken.pop())


async def test_which_address_answered_is_told_where_a_name_has_several(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a note, so that another address next time is no drift; an address, or a name of one, has nothing to tell."""
    port, ask = server.getsockname()[1], socket.getaddrinfo
    names = {"one.example": ["127.0.0.1"], "db.example": ["127.0.0.2", "127.0.0.1", "127.0.0.1"]}
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *where, **more: [each for ip in names.get(host, [host]) for each in ask(ip, *where, **more)],
    )
    reading = Reading("Redis", "1", {}, notes=("via a pooler",))
    dialer = new_dialer("one.example", port)
    for host, notes in {
        "127.0.0.1": (),
        "one.example": (),
        "db.example": ("db.example answers as 127.0.0.1 (of 2 addresses)",),
    }.items():
        await reach(dialer, host, port)
        assert dialer.with_connection_facts(reading).notes == ("via a pooler", *notes)
    names["db.example"] = ["127.0.0.1"]
    await reach(dialer, "db.example", port)
    assert dialer.with_connection_facts(reading) is reading

"""The dialer: connections started before the import of a driver, and notes on the address."""

from __future__ import annotations

import asyncio
import importlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parity_tui.model import Reading, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer, describe
from parity_tui.transport.tls import context

LARGE = ("mysql", "postgres", "rabbitmq", "redis")
"""kinds with drivers that take long to import"""


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Yield a listening socket; a test accepts its connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        yield server


def new_dialer(host: str, port: int, kind: str = "redis") -> NetworkDialer:
    """Return the dialer of a target with a login."""
    return NetworkDialer(Target("dev", "it", kind, "", host, port, user="ann", password=lambda: Secret("x")), 20)


async def connect(dialer: NetworkDialer, host: str, port: int) -> None:
    """Connect and close."""
    _, writer = await dialer.open(host, port, name="")
    writer.transport.abort()


async def closed_silently(connection: socket.socket) -> None:
    """Wait until the client closes a connection on which it has sent nothing."""
    with connection:
        connection.setblocking(False)
        async with asyncio.timeout(20):
            assert await asyncio.get_running_loop().sock_recv(connection, 1) == b""


async def test_preconnected_socket_is_used_once(server: socket.socket) -> None:
    port = server.getsockname()[1]
    dialer = new_dialer("127.0.0.1", port)
    async with dialer.preconnect("127.0.0.1", port):
        preconnected, _ = server.accept()
        first = (await dialer.open("127.0.0.1", port))[1]
        second = (await dialer.open("127.0.0.1", port))[1]
    other, _ = server.accept()
    assert preconnected.getpeername() == first.get_extra_info("sockname")
    assert other.getpeername() == second.get_extra_info("sockname")
    for end in (first.transport, second.transport):
        end.abort()
    preconnected.close()
    other.close()


async def test_first_bytes_are_sent_ahead_once(server: socket.socket) -> None:
    port = server.getsockname()[1]
    dialer = new_dialer("127.0.0.1", port)
    async with dialer.preconnect("127.0.0.1", port, b"HELLO"):
        peer, _ = server.accept()
        peer.settimeout(20)
        assert await asyncio.to_thread(peer.recv, 100) == b"HELLO"
        _, writer = await dialer.open("127.0.0.1", port)
        writer.write(b"")
        writer.write(b"HELLO again")
        writer.write(b"HELLO")
        writer.close()
    assert await asyncio.to_thread(peer.makefile("rb").read) == b" againHELLO"
    peer.close()


async def test_unused_preconnected_socket_is_closed(server: socket.socket) -> None:
    port = server.getsockname()[1]
    async with new_dialer("127.0.0.1", port).preconnect("127.0.0.1", port):
        pass
    await closed_silently(server.accept()[0])


async def test_cancelling_at_any_step_leaves_no_socket(server: socket.socket) -> None:
    port = server.getsockname()[1]

    async def preconnect() -> None:
        dialer = new_dialer("127.0.0.1", port)
        async with dialer.preconnect("127.0.0.1", port):
            await asyncio.sleep(0)
            await connect(dialer, "127.0.0.1", port)

    for turns in range(2, 12):
        running = asyncio.create_task(preconnect())
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
        await closed_silently(server.accept()[0])


@pytest.mark.parametrize("kind", LARGE)
async def test_driver_is_imported_while_connecting(
    kind: str, server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted: list[socket.socket] = []

    async def imported(name: str, round_trips: int) -> None:
        """Block as an import does, until the connection arrives, and fail."""
        accepted.append(server.accept()[0])
        raise ImportError("no module of this name")

    service: Any = importlib.import_module(f"parity_tui.services.{kind}")
    monkeypatch.setattr(service, "import_driver", imported)
    dialer = new_dialer("127.0.0.1", server.getsockname()[1], kind)
    with pytest.raises(ImportError) as raised:
        async with kinds()[kind].connect(dialer.target, dialer):
            pass
    failure = describe(raised.value, dialer.target, 20)
    assert failure.message == f"the driver for {kind} cannot be loaded: no module of this name"
    await closed_silently(accepted.pop())


async def test_answering_address_of_several_is_noted(server: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    port, resolve = server.getsockname()[1], socket.getaddrinfo
    names = {"one.example": ["127.0.0.1"], "db.example": ["127.0.0.2", "127.0.0.1", "127.0.0.1"]}
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *arguments, **options: [
            each for ip in names.get(host, [host]) for each in resolve(ip, *arguments, **options)
        ],
    )
    reading = Reading("Redis", "1", {}, notes=("via a pooler",))
    dialer = new_dialer("one.example", port)
    for host, notes in {
        "127.0.0.1": (),
        "one.example": (),
        "db.example": ("db.example answers as 127.0.0.1 (of 2 addresses)",),
    }.items():
        await connect(dialer, host, port)
        assert dialer.with_connection_facts(reading).notes == ("via a pooler", *notes)
    names["db.example"] = ["127.0.0.1"]
    await connect(dialer, "db.example", port)
    assert dialer.with_connection_facts(reading) is reading


def test_tls_file_that_cannot_be_used_is_named_without_error_numbers(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("")
    with pytest.raises(ServiceError) as caught:
        context(TlsMode.VERIFY_FULL, str(authority), str(tmp_path))
    assert str(caught.value) == f"cannot use the TLS files {tmp_path}: it is a folder"

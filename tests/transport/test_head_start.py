"""Connections that begin early: taken over by the dialer, and only where nothing keeps the kind from using them."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.model import Failure, QuickPassword, Reason, ServiceError, Target, TlsMode, Tunnel
from parity_tui.secrets import Secret
from parity_tui.services import kinds
from parity_tui.services.postgres import first_bytes
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.head_start import HeadStart
from parity_tui.transport.quiet_close import close_quietly
from parity_tui.transport.routes import Routes
from tests.builders import target

BEGINNING = sorted(kind for kind, service in kinds().items() if service.begins)
SECRET = QuickPassword(lambda: Secret("x"))


def unset() -> Secret:
    raise ServiceError(Reason.SECRET, "the variable is not set")


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Yield a listening socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        yield server


def dialer_of(target: Target, head_start: HeadStart) -> NetworkDialer:
    return NetworkDialer(target, 20, Routes([target], head_start))


def begun(*targets: Target) -> list[tuple[str, int]]:
    """Return where connections were begun to, and close them."""
    head_start = HeadStart(targets, kinds())
    addresses = [(host, port) for (host, port, _), sockets in head_start._begun.items() for _ in sockets]
    head_start.close()
    return addresses


async def test_begun_connection_is_taken_once(server: socket.socket) -> None:
    address = server.getsockname()
    cache = target(kind="redis", port=address[1])
    head_start = HeadStart([cache], kinds())
    with server.accept()[0] as first:
        dialer = dialer_of(cache, head_start)
        with await dialer.stream(*address) as taken, await dialer.stream(*address) as another:
            assert taken.getsockname() == first.getpeername() != another.getsockname()


async def test_refused_connection_fails_in_the_dialer(server: socket.socket) -> None:
    address = server.getsockname()
    server.close()
    cache = target(kind="redis", port=address[1])
    head_start = HeadStart([cache], kinds())
    with pytest.raises(ConnectionRefusedError):
        await dialer_of(cache, head_start).stream(*address)


def test_unused_connection_is_closed(server: socket.socket) -> None:
    head_start = HeadStart([target(kind="redis", port=server.getsockname()[1])], kinds())
    with server.accept()[0] as connection:
        head_start.close()
        connection.settimeout(20)
        assert connection.recv(1) == b""


@pytest.mark.parametrize("kind", BEGINNING)
async def test_kind_uses_the_begun_connection(kind: str, server: socket.socket) -> None:
    port = server.getsockname()[1]
    it = replace(target(kind=kind, port=port, user="ann", tls=TlsMode.OFF), password=SECRET)
    head_start = HeadStart([it], kinds())
    accepted = server.accept()[0]
    dialer = dialer_of(it, head_start)

    async def log_in() -> None:
        async with kinds()[kind].connect(it, dialer) as read_once:
            await read_once()

    login = asyncio.create_task(log_in())
    accepted.setblocking(False)
    with accepted:
        assert kind == "mysql" or await asyncio.get_running_loop().sock_recv(accepted, 1)  # MySQL speaks first
        while any(head_start._begun.values()):  # noqa: ASYNC110 - no event announces it
            await asyncio.sleep(0.01)
    with suppress(Exception):
        await login
    server.setblocking(False)
    with pytest.raises(BlockingIOError):  # there is no second connection
        server.accept()


def early(server: socket.socket) -> tuple[Target, HeadStart]:
    """Return a target of PostgreSQL at a listening socket, and the connection that has begun to it."""
    it = target(kind="postgres", port=server.getsockname()[1], user="ann", tls=TlsMode.PREFER)
    return it, HeadStart([it], kinds())


async def test_first_bytes_are_sent_once(server: socket.socket) -> None:
    it, head_start = early(server)
    with server.accept()[0] as accepted:
        accepted.settimeout(20)
        head_start.send()
        head_start.send()
        request = first_bytes(it)
        assert accepted.recv(64) == request
        dialer = dialer_of(it, head_start)
        async with dialer.preconnect(it.host, it.port, request):
            transport, _ = await dialer.connect(asyncio.Protocol, it.host, it.port)
        transport.write(request)
        transport.write(b"next")
        assert accepted.recv(64) == b"next"
        transport.abort()


async def test_only_its_kind_gets_a_connection_with_first_bytes(server: socket.socket) -> None:
    it, head_start = early(server)
    with server.accept()[0] as accepted:
        head_start.send()
        with await dialer_of(it, head_start).stream(it.host, it.port) as other:
            assert other.getsockname() != accepted.getpeername()
        head_start.close()
        assert accepted.recv(64) == first_bytes(it)
        assert accepted.recv(64) == b""


async def test_nothing_is_sent_before_the_connection_is_there(server: socket.socket) -> None:
    port = server.getsockname()[1]
    server.close()
    it = target(kind="postgres", port=port, user="ann", tls=TlsMode.PREFER)
    head_start = HeadStart([it], kinds())
    head_start.send()
    with pytest.raises(ConnectionRefusedError):
        await dialer_of(it, head_start).stream(it.host, it.port)


FAILING: dict[str, dict[str, Any]] = {
    "name": {"host": "cache.example"},
    "path of a socket": {"host": "/run/it"},
    "ssh": {"ssh": "bastion"},
    "cluster": {"kube": "context/space"},
    "tunnel": {"tunnel": Tunnel(("socat",), "/")},
    "unreadable authority": {"ca": "/no/such.pem"},
    "problem": {"problem": Failure(Reason.CONFIG, "no")},
    "slow password": {"password": lambda: Secret("x")},
    "unset variable": {"password": QuickPassword(unset)},
    "no port": {"port": 0},
}


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("kind", BEGINNING)
def test_nothing_begins_that_may_fail_before(kind: str, name: str) -> None:
    plain = replace(target(kind=kind, user="ann"), password=SECRET)
    assert begun(plain) == [("127.0.0.1", 1)]
    assert begun(replace(plain, **FAILING[name])) == []


def test_kinds_refuse_incomplete_targets() -> None:
    assert begun(target(kind="postgres"), target(kind="mysql")) == []
    assert begun(target(kind="postgres", user="ann", options={"service": "x"})) == []
    assert begun(target(kind="redis", path="database")) == []
    assert begun(target(kind="rabbitmq", user="ann")) == []
    assert len(begun(target(kind="rabbitmq"), target(kind="memcached"), target(kind="redis", path="3"))) == 3


def test_few_connections_begin_at_once() -> None:
    assert len(begun(*(target(kind="redis", port=port) for port in range(1, 100)))) == 32


def test_names_are_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert begun(target(kind="redis", host="cache.example")) == []


def test_nothing_begins_where_few_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda number: (64, 4096))
    assert begun(target(kind="redis")) == []


def test_closing_does_not_wait_for_a_peer() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        close_quietly(ours)
        assert theirs.recv(1) == b""

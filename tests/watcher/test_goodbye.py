"""Servers' own logs and counters after a reading: nothing that a client that leaves properly would not leave."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from parity_tui.config import target
from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.process import wait_until
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.model import Target
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.watcher import Watcher
from tests.authority import Authority
from tests.proxy import proxy


def at(url: str) -> Target:
    """Return the target of a URL."""
    return target("dev", "it", url, Path("/"), {})


async def check(url: str) -> None:
    """Read a target once, as `check` does; end like it without a pause."""
    watcher = Watcher(["dev"], [at(url)], kinds(), Policy(), timeout=20, once=True)
    async for _ in watcher.boards():
        pass
    assert watcher.board.summary.failed == 0, [outcome.failure for outcome in watcher.board.outcomes()]


def status(server: MariaDB) -> dict[str, str]:
    """Return MariaDB's counters of aborted connections and failed logins."""

    async def ask() -> dict[str, str]:
        from parity_tui.services.mysql.connection import MySQLConnection

        db = at(server.url("root"))
        connection = MySQLConnection(db, None, NetworkDialer(db, 20))
        await connection.connect()
        rows = await connection.ask(
            "SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
            " WHERE VARIABLE_NAME LIKE 'ABORTED%' OR VARIABLE_NAME = 'THREADS_CONNECTED'"
        )
        connection.end()
        return {(row[0] or b"").decode().lower(): (row[1] or b"").decode() for row in rows}

    return asyncio.run(ask())


@pytest.mark.parametrize("tls", ["off", "require"])
@pytest.mark.parametrize("version", ["10.11", "11.8"])
def test_mariadb_counts_no_aborted_client(version: str, tls: str, servers: Servers, authority: Authority) -> None:
    pem = authority.lent("valid", servers)
    files = {"ssl_cert": pem, "ssl_key": pem} if version == "10.11" else {}  # 11.8 makes its own
    server = servers.mariadb(version, settings={**files, "log_warnings": "9"})
    for _ in range(3):
        asyncio.run(check(f"{server.url('root')}?tls={tls}"))
    assert wait_until(lambda: status(server)["threads_connected"] == "1", 10)
    counted = status(server)
    assert {name: counted[name] for name in ("aborted_clients", "aborted_connects")} == {
        "aborted_clients": "0",
        "aborted_connects": "0",
    }
    assert not re.search("Aborted connection|read packet|write packet", server.words())


@pytest.mark.parametrize("tls", ["off", "require"])
def test_postgresql_logs_no_lost_connection(tls: str, servers: Servers, authority: Authority) -> None:
    pem = authority.lent("valid", servers)
    settings = {"ssl": "on", "ssl_cert_file": pem, "ssl_key_file": pem}
    logging = {"log_connections": "on", "log_disconnections": "on", "log_min_messages": "debug1"}
    server = servers.postgres("15", settings={**settings, **logging})
    for _ in range(3):
        asyncio.run(check(f"{server.url('postgres')}?sslmode={'disable' if tls == 'off' else tls}"))
    assert wait_until(lambda: server.words().count("disconnection: session time") >= 3, 10)
    assert not re.search("unexpected EOF|could not receive|SSL error|Connection reset", server.words())


@pytest.mark.parametrize("product", ["redis", "valkey"])
def test_redis_logs_no_protocol_error(product: str, servers: Servers) -> None:
    server = servers.redis(product=product, settings={"loglevel": "verbose"})
    for _ in range(3):
        asyncio.run(check(server.url()))
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(b"INFO everything\r\n")
        info = connection.recv(65536).decode()
    assert "reset by peer" not in server.words()
    assert not re.search("Protocol error|Error writing|Reading from client", server.words())
    assert "errorstat_" not in info


def test_rabbitmq_logs_no_unexpected_close(rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    server = rabbitmq_servers["3.10"]
    before = len(server.words())
    for _ in range(2):
        asyncio.run(check(f"{server.url('guest', 'guest')}?management={server.management}"))
    assert wait_until(lambda: len(re.findall(r"closing AMQP connection", server.words()[before:])) >= 2, 20)
    assert not re.search("unexpectedly|handshake_timeout|connection_closed", server.words()[before:])


@pytest.mark.parametrize(
    ("kind", "goodbye"),
    [
        ("postgres", b"X\0\0\0\4"),
        ("mysql", b"\1\0\0\0\1"),
        ("redis", b"*1\r\n$4\r\nQUIT\r\n"),
        ("memcached", b"quit\r\n"),
    ],
)
async def test_last_bytes_are_the_goodbye_of_the_protocol(kind: str, goodbye: bytes, servers: Servers) -> None:
    server = getattr(servers, {"mysql": "mariadb"}.get(kind, kind))(
        **({"version": {"postgres": "16", "mysql": "10.11"}[kind]} if kind in ("postgres", "mysql") else {})
    )
    user = {"postgres": "postgres@", "mysql": "root@"}.get(kind, "")
    async with proxy(server.host, server.port) as between:
        await check(f"{server.scheme}://{user}127.0.0.1:{between.port}")
        async with asyncio.timeout(10):
            while not between.sent.endswith(goodbye):  # noqa: ASYNC110 - a proxy's record
                await asyncio.sleep(0.01)
    assert between.connections == 1


def test_login_in_progress_ends_before_the_board_has_left(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """MariaDB logs and counts a login that is broken off."""
    monkeypatch.setattr("parity_tui.watcher.supervisor._GRACE", 20.0)
    monkeypatch.setattr("parity_tui.watcher._SHUTDOWN_TIMEOUT", 20.0)
    server = servers.mariadb("10.11", settings={"log_warnings": "9"})

    async def leave_during_login() -> None:
        begun = asyncio.Event()

        class Telling(NetworkDialer):
            async def connect(self, *arguments: Any, **options: Any) -> Any:
                made = await super().connect(*arguments, **options)
                begun.set()
                return made

        watcher = Watcher(["dev"], [at(server.url("root"))], kinds(), Policy(), timeout=20, dialer_factory=Telling)

        async def show() -> None:
            async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
                async for _ in boards:
                    pass

        board = asyncio.create_task(show())
        await begun.wait()
        board.cancel()
        await asyncio.wait({board})

    asyncio.run(leave_during_login())
    assert wait_until(lambda: int(status(server)["threads_connected"]) == 1, 20)
    counted = status(server)
    assert [counted[name] for name in ("aborted_clients", "aborted_connects")] == ["0", "0"]
    assert "Aborted connection" not in server.words()


async def test_leave_does_not_wait_for_a_reading_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parity_tui.watcher.supervisor._GRACE", 600.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        watcher = Watcher(["dev"], [at(f"redis://127.0.0.1:{silent.getsockname()[1]}")], kinds(), Policy(), timeout=700)
        supervisor = watcher._supervisors[0]
        supervisor.start()
        while not (supervisor._dialer and supervisor._dialer.connected):  # noqa: ASYNC110 - no event announces it
            await asyncio.sleep(0.01)
        supervisor._attempt_started -= 600.0
        async with asyncio.timeout(60):
            stopped = await supervisor.leave()
        await asyncio.wait(stopped)
        await watcher.routes.close()

"""MySQL's connection: round trips, restarts, frozen servers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError, TlsMode
from parity_tui.services.mysql import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared
from tests.proxy import listening, proxy
from tests.services.mysql.connections import bursts, failure, reading, target


async def test_refresh_takes_one_round_trip(each_mariadb: MariaDB) -> None:
    async with proxy("127.0.0.1", each_mariadb.port) as between:
        assert await bursts(between, target(between.port, tls=TlsMode.OFF)) == [1, 2, 5]
        assert between.connections == 1


async def test_variables_and_files_are_ignored(
    mariadb_servers: Shared[MariaDB], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".my.cnf").write_text("[client]\nuser = nobody\npassword = wrong\nport = 1\nhost = 192.0.2.1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in {"PWD": "wrong", "TCP_PORT": "1", "HOST": "192.0.2.1", "UNIX_PORT": "/nowhere"}.items():
        monkeypatch.setenv(f"MYSQL_{name}", value)
    assert (await reading(target(mariadb_servers["10.11"].port))).product == "MariaDB"


async def test_missing_host_or_user_is_an_error(mariadb_servers: Shared[MariaDB]) -> None:
    db = target(mariadb_servers["10.11"].port)
    assert (await failure(replace(db, host=""))).reason == "config"
    assert "no user is given" in (await failure(replace(db, user=""))).message


async def test_restart_closes_the_connection_and_changes_the_instance(servers: Servers) -> None:
    """Faults 5, 17: the reading fails; the next connection shows another instance."""
    server = servers.mariadb("10.11")
    db = target(server.port)
    async with SERVICE.connect(db, NetworkDialer(db, 20)) as read:
        first = await read()
        await asyncio.sleep(3)  # the instance counts in seconds
        server.restart()
        for _ in range(2):
            with pytest.raises(ServiceError, match="closed the connection") as caught:
                await read()
            assert caught.value.reason == "closed"
    assert (await reading(db)).instance != first.instance


@pytest.mark.parametrize("tls", ["off", "require"])
async def test_closing_does_not_wait_for_a_frozen_server(servers: Servers, tls: str) -> None:
    """Fault 6: after the deadline the connection is aborted."""
    server = servers.mariadb("11.8")
    gone = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", server.port)
        answers = asyncio.create_task(copy(there, writer))
        try:
            await copy(reader, back)
        finally:
            gone.set()
            answers.cancel()
            back.transport.abort()

    async with listening(script) as port:
        db = target(port, tls=tls)
        connect = SERVICE.connect(db, NetworkDialer(db, 20))
        read = await connect.__aenter__()
        await read()
        server.pause()
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await read()
            async with asyncio.timeout(10):
                await connect.__aexit__(None, None, None)
                await gone.wait()
        finally:
            server.resume()


async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy bytes in one direction."""
    while data := await source.read(65536):
        sink.write(data)


async def test_missing_preferred_tls_is_noted(mariadb_servers: Shared[MariaDB]) -> None:
    assert (await reading(target(mariadb_servers["10.11"].port))).notes == ("no TLS",)

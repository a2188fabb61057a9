"""PostgreSQL's connection: round trips, what is sent, restarts, poolers."""

from __future__ import annotations

import asyncio
import gc
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.process import answers, free_port, wait_until
from parity_tui.demo.servers import Servers
from parity_tui.model import ServiceError, State
from parity_tui.services.postgres import SERVICE
from parity_tui.services.postgres.connection import PostgresLoop
from parity_tui.transport.dialer import NetworkDialer
from tests.conftest import Shared
from tests.proxy import proxy
from tests.services.postgres.connections import ASKED_FOR_TLS, failure, reading, target


async def test_refresh_takes_one_round_trip(postgres_servers: Shared[Postgres]) -> None:
    async with proxy("127.0.0.1", postgres_servers["18"].port) as between:
        db = target(between.port)
        async with SERVICE.connect(db, NetworkDialer(db, 20)) as read:
            assert between.bursts == 2
            await read()
            assert between.bursts == 3
            for _ in range(3):
                await read()
            assert (between.connections, between.bursts) == (1, 6)


async def test_only_the_application_name_is_set(postgres_servers: Shared[Postgres]) -> None:
    async with proxy("127.0.0.1", postgres_servers["16"].port) as between:
        await reading(target(between.port))
    assert between.sent.startswith(ASKED_FOR_TLS)
    size = int.from_bytes(between.sent[8:12], "big")
    words = between.sent[16 : 8 + size].rstrip(b"\0").split(b"\0")
    parameters = dict(zip(words[::2], words[1::2], strict=True))
    assert parameters.pop(b"client_encoding").strip(b"'").lower().replace(b"-", b"") == b"utf8"
    assert parameters == {b"user": b"postgres", b"database": b"postgres", b"application_name": b"parity-tui"}


async def test_variables_and_files_are_ignored(
    postgres_servers: Shared[Postgres], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / ".postgresql"
    folder.mkdir()
    (folder / "postgresql.crt").write_text("no certificate")
    (folder / "root.crt").write_text("no certificate either")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in {
        "HOST": "192.0.2.1", "PORT": "1", "USER": "nobody", "PASSWORD": "wrong", "DATABASE": "nowhere",
        "SSLMODE": "verify-full", "SSLCERT": "/nowhere", "TARGETSESSIONATTRS": "standby", "OPTIONS": "-c jit=off",
        "TZ": "Asia/Tokyo", "APPNAME": "x", "SERVICE": "nowhere", "SSLNEGOTIATION": "direct", "GSSLIB": "none",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"PG{name}", value)
    result = await reading(target(postgres_servers["16"].port))
    assert result.facts["jit"].default is True
    assert result.facts["application_name"].raw == "parity-tui"


async def test_missing_host_or_user_is_an_error(postgres_servers: Shared[Postgres]) -> None:
    db = target(postgres_servers["16"].port)
    assert (await failure(replace(db, host=""))).reason == "config"
    assert "no user is given" in (await failure(replace(db, user=""))).message


async def test_target_session_attrs_refuses_the_wrong_role(
    postgres_servers: Shared[Postgres],
) -> None:
    db = target(postgres_servers["16"].port)
    assert (await reading(replace(db, options={"target_session_attrs": "primary"}))).version == "16.14"
    refused = await failure(replace(db, options={"target_session_attrs": "standby"}))
    assert refused.message.endswith("is not standby, which target_session_attrs requires")
    unknown = await failure(replace(db, options={"target_session_attrs": "fastest"}))
    assert (unknown.reason, "primary, standby" in unknown.message) == ("config", True)


async def test_restart_closes_the_connection_and_changes_the_instance(servers: Servers) -> None:
    """Faults 5, 17: the reading fails; the next connection shows another instance."""
    server = servers.postgres("18")
    db = target(server.port)
    async with SERVICE.connect(db, NetworkDialer(db, 20)) as read:
        first = await read()
        server.restart()
        with pytest.raises(ServiceError, match=r"closed the connection|is shutting down") as caught:
            await read()
        assert caught.value.reason == "closed"
        with pytest.raises(ServiceError, match="closed the connection"):
            await read()
    assert (await reading(db)).instance != first.instance


async def test_closing_does_not_wait_for_a_frozen_server(servers: Servers) -> None:
    """Fault 6: asyncpg would open a second connection to cancel the statement."""
    server = servers.postgres("16")
    async with proxy("127.0.0.1", server.port) as between:
        db = target(between.port)
        connect = SERVICE.connect(db, NetworkDialer(db, 20))
        read = await connect.__aenter__()
        await read()
        server.pause()
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await read()
            async with asyncio.timeout(5):
                await connect.__aexit__(None, None, None)
            await asyncio.sleep(0.1)
            assert between.connections == 1
        finally:
            server.resume()


@pytest.fixture(scope="module")
def pooled(servers: Servers, postgres_servers: Shared[Postgres]) -> Iterator[int]:
    """Start a PgBouncer in transaction mode and yield its port."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("no pgbouncer here")
    port, home = free_port(), servers.home
    folder = home.folder("pgbouncer")
    users = home.write(folder / "users", '"postgres" ""\n')
    file = home.write(
        folder / "pgbouncer.ini",
        f"[databases]\npostgres = host=127.0.0.1 port={postgres_servers['16'].port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
        f"auth_file = {users}\npool_mode = transaction\ndefault_pool_size = 2\nadmin_users = postgres\n",
    )
    process = home.start("pgbouncer", [program, str(file)])
    assert wait_until(lambda: answers(port), 20), process.last_words()
    yield port
    process.signal(signal.SIGKILL)
    process.wait(5)


async def test_refresh_behind_a_pooler_takes_one_round_trip(pooled: int) -> None:
    """Fault 15: three clients share two backends and get equal replies."""
    async with proxy("127.0.0.1", pooled) as between:
        db = target(between.port)
        connects = [SERVICE.connect(db, NetworkDialer(db, 20)) for _ in range(3)]
        reads = [await connect.__aenter__() for connect in connects]
        try:
            first = await asyncio.gather(*(read() for read in reads))
            before = between.bursts
            for _ in range(4):
                assert await asyncio.gather(*(read() for read in reads)) == first
            assert between.bursts == before + 12
        finally:
            for connect in connects:
                await connect.__aexit__(None, None, None)
    assert first[0].notes == ("no TLS", "via a pooler")


async def test_console_of_the_pooler_is_no_database(pooled: int) -> None:
    result = await failure(target(pooled, database="pgbouncer"))
    assert result.reason == "wrong-service"
    assert "is the console of PgBouncer 1." in result.message
    assert (await failure(target(pooled, database="nowhere"))).reason == "config"


async def test_setting_of_another_client_leaks_through_the_pooler(pooled: int) -> None:
    """It is the other client's, not our own session's: unknown, and a note for whoever runs the pooler."""
    clients = [
        await asyncpg.connect(
            host="127.0.0.1", port=pooled, user="postgres", database="postgres", ssl=False, statement_cache_size=0
        )
        for _ in range(2)
    ]
    try:
        await asyncio.gather(
            *(client.execute("SET statement_timeout = '70s'; SELECT pg_sleep(0.2)") for client in clients)
        )
        result = await reading(target(pooled))
    finally:
        await asyncio.gather(*(client.execute("RESET statement_timeout; SELECT pg_sleep(0.2)") for client in clients))
        for client in clients:
            await client.close()
    fact = result.facts["statement_timeout"]
    assert (fact.state, fact.source) == (State.UNKNOWN, "a different client of the pooler")
    assert "our own session" not in fact.note
    assert "a client's SET leaks through the pooler to others: statement_timeout" in result.notes


async def test_error_of_a_cancelled_login_is_not_reported() -> None:
    """A driver's future fails once the login has been cancelled, and is read by nothing."""
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context))
    future = PostgresLoop(NetworkDialer(target(1), 1)).create_future()
    future.set_exception(ConnectionResetError())
    await asyncio.sleep(0)
    del future
    gc.collect()
    assert reported == []

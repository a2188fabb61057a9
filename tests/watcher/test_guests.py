"""J15: what an open board holds up on real servers, and the documented statements that end its sessions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncmy.errors
import asyncpg
import pytest
from redis.asyncio import Redis as Client

from parity_tui.config import target
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.model import ReadOnce, ServiceError
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.watcher import Watcher
from tests.faults.program import ROOT
from tests.services.mysql.builders import superuser_of

PAGE = (ROOT / "docs" / "privileges.md").read_text("utf-8").partition("## What an open board holds up")[2]


def documented(title: str) -> str:
    """Return the statement of the documentation that ends the sessions on one kind of server."""
    match = re.search(rf"^{title}[^\n]*:\n\n```\w*\n(.+?)\n```", PAGE, re.MULTILINE)
    assert match, title
    return match[1]


@asynccontextmanager
async def session(address: str) -> AsyncIterator[ReadOnce]:
    """Yield the connection that an open board keeps between two readings."""
    it = target("dev", "it", address, Path("/"), {})
    connection = kinds()[it.kind].connect(it, NetworkDialer(it, 20))
    async with asyncio.timeout(60):
        read = await connection.__aenter__()
        await read()
        try:
            yield read
        finally:
            with suppress(Exception):  # the test may have ended it
                await connection.__aexit__(None, None, None)


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[tuple[str, asyncpg.Connection[asyncpg.Record]]]:
    """Return the URL of a database of its own, and a connection beside it."""
    server = servers.postgres("16")
    server.sql("CREATE DATABASE guest")
    connection = await asyncpg.connect(host=server.host, port=server.port, user="postgres", database="postgres")
    yield f"postgresql://postgres@{server.host}:{server.port}/guest", connection
    await connection.close()


async def test_database_is_dropped_after_the_documented_statement(
    database: tuple[str, asyncpg.Connection[asyncpg.Record]],
) -> None:
    address, superuser = database
    async with session(address):
        with pytest.raises(asyncpg.ObjectInUseError):
            await superuser.execute("DROP DATABASE guest")
        ended = await superuser.fetch(documented("PostgreSQL"))
        assert [row[0] for row in ended] == [True]
        await superuser.execute("DROP DATABASE guest")


async def test_long_interval_leaves_nothing_that_holds_up(
    database: tuple[str, asyncpg.Connection[asyncpg.Record]],
) -> None:
    address, superuser = database
    it = target("dev", "it", address, Path("/"), {})
    watcher = Watcher(["dev"], [it], kinds(), Policy(), interval=10, timeout=20)
    boards = watcher.boards()
    async with asyncio.timeout(60):
        async for board in boards:
            if board.complete:
                break
        while True:
            if not await superuser.fetch("SELECT FROM pg_stat_activity WHERE application_name = 'parity-tui'"):
                break
            await asyncio.sleep(0.05)
        await superuser.execute("DROP DATABASE guest")
    assert board.summary.failed == 0
    await boards.aclose()  # type: ignore[attr-defined]


async def test_mariadb_ends_the_sessions_of_the_user(servers: Servers) -> None:
    server = servers.mariadb("10.11", sql=["CREATE USER parity@'%'"])
    async with superuser_of(server) as superuser, session(f"mysql://parity@{server.host}:{server.port}") as read:
        await superuser.run(documented("MariaDB").rstrip(";"))
        with pytest.raises((OSError, EOFError, ServiceError, asyncmy.errors.OperationalError)):
            await read()


async def test_redis_ends_the_sessions_of_the_user(servers: Servers) -> None:
    server = servers.redis("7.0", acl=[["parity", "on", "nopass", "+info", "+config|get"]])
    async with session(f"redis://parity:x@{server.host}:{server.port}") as read:
        client = Client(host=server.host, port=server.port)
        ended = await client.execute_command(*documented("Redis and Valkey").split())  # type: ignore[no-untyped-call]
        await client.aclose()
        assert ended == 1
        with pytest.raises((OSError, EOFError, ServiceError)):
            await read()

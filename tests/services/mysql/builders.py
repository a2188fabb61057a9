"""Targets, readings and rows of real MariaDB and scripted MySQL servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from asyncmy.connection import Connection
from msgspec.structs import replace

from parity_tui.demo.mysql import MariaDB
from parity_tui.model import Reading, Target, TlsMode, Verdict
from parity_tui.services.mysql import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests import builders

PASSWORD = "p/a%@s:s&=# w'ö漢"
LOCAL = Target("dev", "database", "mysql", "mysql", "127.0.0.1", 3306, "", "root", tls=TlsMode.PREFER)


def target(server: MariaDB, database: str = "", user: str = "root") -> Target:
    """Return the target of a server."""
    return replace(LOCAL, port=server.port, path=database, user=user)


async def read_once(target: Target) -> Reading:
    """Connect, read once and disconnect."""
    async with asyncio.timeout(20), SERVICE.connect(target, NetworkDialer(target, 20)) as read:
        return await read()


async def reading(server: MariaDB, database: str = "", user: str = "root") -> Reading:
    """Read a server once."""
    return await read_once(target(server, database, user))


rows = partial(builders.rows, kind="mysql")
drift = partial(builders.drift, kind="mysql")


def unknown(*readings: Reading) -> set[str]:
    """Compare readings and return the settings that are not known everywhere."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.UNKNOWN and not row.members}


class Superuser:
    """A connection without the code under test."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def run(self, *statements: str) -> list[tuple[str, ...]]:
        """Run statements and return the rows of the last one."""
        for statement in statements:
            await self._connection.query(statement)  # type: ignore[no-untyped-call]
        result = self._connection._result  # type: ignore[attr-defined]
        return list(result.rows or ())

    async def pairs(self, statement: str) -> dict[str, str]:
        """Return the rows of a statement with two columns."""
        return {row[0]: row[1] for row in await self.run(statement)}


@asynccontextmanager
async def superuser_of(server: MariaDB) -> AsyncIterator[Superuser]:
    """Connect to a server as root."""
    connection = Connection(host=server.host, port=server.port, user="root", autocommit=True)  # type: ignore[no-untyped-call]
    await connection.connect()
    try:
        yield Superuser(connection)
    finally:
        await connection.ensure_closed()

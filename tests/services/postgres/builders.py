"""Targets, readings and rows of real PostgreSQL servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from parity_tui.demo.postgres import Postgres
from parity_tui.model import Reading, Target, TlsMode
from parity_tui.services.postgres import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests import builders

PASSWORD = "p/a%@s:s&=# w"


def target(server: Postgres, database: str = "", user: str = "postgres") -> Target:
    """Return the target of a server."""
    return Target(
        "dev", "database", "postgres", "postgresql", server.host, server.port, database, user, tls=TlsMode.PREFER
    )


async def read_once(target: Target) -> Reading:
    """Connect, read once and disconnect."""
    async with asyncio.timeout(20), SERVICE.connect(target, NetworkDialer(target, 20)) as read:
        return await read()


async def reading(server: Postgres, database: str = "", user: str = "postgres") -> Reading:
    """Read a server once."""
    return await read_once(target(server, database, user))


async def reading_when(server: Postgres, condition: Callable[[Reading], bool]) -> Reading:
    """Return the first reading that meets a condition; a reload takes effect after a while."""
    where = target(server)
    async with asyncio.timeout(20), SERVICE.connect(where, NetworkDialer(where, 20)) as read:
        while True:
            if condition(latest := await read()):
                return latest
            await asyncio.sleep(0.05)


rows = partial(builders.rows, kind="postgres")
drift = partial(builders.drift, kind="postgres")

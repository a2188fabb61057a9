"""Targets, readings and rows of real PostgreSQL servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from parity_tui.demo.postgres import Postgres
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Outcome, Reading, Target, TlsMode, Verdict
from parity_tui.services.postgres import SERVICE
from parity_tui.transport.dialer import NetworkDialer

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


def rows(*readings: Reading) -> dict[str, Row]:
    """Compare readings and return the rows by setting; the environments are env0, env1 and so on."""
    names = [f"env{number}" for number, _ in enumerate(readings)]
    outcomes = [Outcome(Target(name, "database", "postgres"), each) for name, each in zip(names, readings, strict=True)]
    compared = compare("database", names, outcomes, {"postgres": RuleTable(SERVICE, "postgres")}, Policy())
    return {row.setting: row for row in compared}


def drift(*readings: Reading) -> set[str]:
    """Compare readings and return the settings that drift."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.DRIFT}

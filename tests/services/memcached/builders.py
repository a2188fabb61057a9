"""Targets, readings and rows of Memcached."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Outcome, Reading, ServiceError, Target, Verdict
from parity_tui.secrets import Secret
from parity_tui.services import identify
from parity_tui.services.memcached import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests.proxy import Script, listening

NAME, PASSWORD = "app", "p/a%@s:s&=#w"


def target(port: int, password: str | None = None) -> Target:
    """Return a target on this machine, with a login if a password is given."""
    user = NAME if password is not None else ""
    source = (lambda: Secret(password)) if password is not None else None
    return Target("dev", "cache", "memcached", "memcached", "127.0.0.1", port, user=user, password=source)


async def reading(port: int, password: str | None = None) -> Reading:
    """Connect, read once and close."""
    where = target(port, password)
    async with asyncio.timeout(10), SERVICE.connect(where, NetworkDialer(where, 10, identify=identify)) as read:
        return await read()


def rows(*readings: Reading) -> dict[str, Row]:
    """Compare the readings as environments env0, env1 …; return the rows by setting."""
    names = [f"env{number}" for number, _ in enumerate(readings)]
    outcomes = [Outcome(target(1), each) for each in readings]
    compared = compare("cache", names, outcomes, {"memcached": RuleTable(SERVICE, "memcached")}, Policy())
    return {row.setting: row for row in compared}


def drift(*readings: Reading) -> set[str]:
    """Return the names of the settings that drift."""
    return {name for name, row in rows(*readings).items() if row.verdict is Verdict.DRIFT}


async def failure(script: Script) -> Exception:
    """Return the exception with which reading from a scripted peer fails."""
    async with listening(script) as port:
        with pytest.raises((ServiceError, EOFError)) as caught:
            await reading(port)
    return caught.value

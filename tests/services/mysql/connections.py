"""Targets, readings and failures of MySQL connections."""

from __future__ import annotations

import asyncio

from parity_tui.model import Failure, Reading, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services import identify
from parity_tui.services.mysql import SERVICE
from parity_tui.transport.dialer import NetworkDialer, describe
from tests.proxy import Proxy

PASSWORD = "p/a%@s:s&=# w'ö漢"


def target(port: int, user: str = "root", tls: str = "prefer", ca: str = "", password: str = "") -> Target:
    """Return the target of a local server."""
    secret = (lambda: Secret(password)) if password else None
    return Target("dev", "database", "mysql", "mysql", "127.0.0.1", port, "", user, secret, tls=TlsMode(tls), ca=ca)


async def reading(target: Target) -> Reading:
    """Connect, read once and disconnect."""
    async with asyncio.timeout(20), SERVICE.connect(target, NetworkDialer(target, 20, identify=identify)) as read:
        return await read()


async def failure(target: Target, seconds: float = 20.0) -> Failure:
    """Connect, read once and return the failure."""
    try:
        async with (
            asyncio.timeout(seconds),
            SERVICE.connect(target, NetworkDialer(target, seconds, identify=identify)) as read,
        ):
            await read()
    except (OSError, ServiceError) as error:
        return describe(error, target, seconds)
    raise AssertionError("it did not fail")


async def bursts(between: Proxy, db: Target) -> list[int]:
    """Return the client's bursts after the login, after the first reading, after three more."""
    async with SERVICE.connect(db, NetworkDialer(db, 20, identify=identify)) as read:
        counts = [between.bursts]
        await read()
        counts.append(between.bursts)
        for _ in range(3):
            await read()
        return [*counts, between.bursts]

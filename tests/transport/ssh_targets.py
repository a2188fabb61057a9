"""Targets behind SSH hosts, and what reading them results in."""

from __future__ import annotations

import asyncio

from parity_tui.model import Failure, Reading, ServiceError, Target
from parity_tui.services import kinds, redact_reading
from parity_tui.transport.dialer import NetworkDialer, describe
from parity_tui.transport.routes import Routes


def target(kind: str, port: int, by: str = "", host: str = "127.0.0.1", environment: str = "dev") -> Target:
    """Return the target of a local server, behind an SSH host if one is given."""
    user = {"postgres": "postgres", "mysql": "root"}.get(kind, "")
    return Target(environment, "it", kind, kind, host, port, user=user, ssh=by)


async def reading(target: Target, routes: Routes) -> Reading:
    """Connect, read once and disconnect."""
    service = kinds()[target.kind]
    async with asyncio.timeout(20), service.connect(target, NetworkDialer(target, 20, routes)) as read:
        return redact_reading(await read(), service)


async def failure(target: Target, routes: Routes, seconds: float = 20) -> Failure:
    """Open a stream to a target and return the failure."""
    dialer = NetworkDialer(target, seconds, routes)
    try:
        async with asyncio.timeout(20):
            await dialer.open_tunnel()
            (await dialer.open(target.host, target.port))[1].transport.abort()
    except (ServiceError, OSError) as error:
        return describe(error, target, seconds)
    raise AssertionError("it did not fail")

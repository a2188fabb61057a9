"""Targets, readings and failures of PostgreSQL connections."""

from __future__ import annotations

import asyncio
import struct

from msgspec.structs import replace

from parity_tui.model import Failure, Reading, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services import identify
from parity_tui.services.postgres import SERVICE
from parity_tui.transport.dialer import NetworkDialer, describe

PASSWORD = "p/a%@s:s&=# w"
ASKED_FOR_TLS = struct.pack("!II", 8, 80877103)


def target(port: int, user: str = "postgres", database: str = "", tls: str = "prefer", ca: str = "") -> Target:
    """Return the target of a local server."""
    return Target(
        "dev", "database", "postgres", "postgresql", "127.0.0.1", port, database, user, tls=TlsMode(tls), ca=ca
    )


def with_password(target: Target, password: str = PASSWORD) -> Target:
    """Return the target with a password."""
    return replace(target, password=lambda: Secret(password))


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

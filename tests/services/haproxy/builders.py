"""Targets, readings and rows of HAProxy."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from parity_tui.model import Reading, ServiceError, Target
from parity_tui.services import identify
from parity_tui.services.haproxy import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests import builders
from tests.proxy import Script, listening

VERSIONS = ("2.6", "3.0")


def target(port: int = 0, *, socket: str = "", way: str = "", path: str = "") -> Target:
    """Return a target: a port, a Unix socket, or one that is read by a script."""
    if way:
        return Target("dev", "lb", "haproxy", f"haproxy+{way}", path=path)
    return Target("dev", "lb", "haproxy", "haproxy", socket or "127.0.0.1", port)


async def reading(where: Target | int) -> Reading:
    """Connect, read once and close."""
    where = where if isinstance(where, Target) else target(where)
    async with asyncio.timeout(20), SERVICE.connect(where, NetworkDialer(where, 20, identify=identify)) as read:
        return await read()


rows = partial(builders.rows, kind="haproxy")
drift = partial(builders.drift, kind="haproxy")


async def failure(script: Script) -> Exception:
    """Return the exception with which reading from a scripted peer fails."""
    async with listening(script) as port:
        with pytest.raises((ServiceError, EOFError)) as caught:
            await reading(port)
    return caught.value

"""Reads web servers by commands, and compares their readings."""

from __future__ import annotations

import asyncio

from parity_tui import services
from parity_tui.demo.server import Server
from parity_tui.drift.row import Row
from parity_tui.model import Reading, Target
from parity_tui.transport.dialer import NetworkDialer
from tests import builders


def target(url: str) -> Target:
    """Return the target of KIND+WAY://PATH."""
    scheme, _, path = url.partition("://")
    return Target("dev", "web", scheme.partition("+")[0], scheme, path=path)


async def read(source: Target | Server) -> Reading:
    """Connect and read once; a running server is killed first, because only its files are read."""
    if isinstance(source, Server):
        source.kill()
        source = target(source.url())
    service = services.kinds()[source.kind]
    async with asyncio.timeout(20), service.connect(source, NetworkDialer(source, 20)) as read_once:
        return services.redact_reading(await read_once(), service)


def rows(*readings: Reading, kind: str, others: str = "") -> dict[str, Row]:
    """Return the rows of these readings by setting; ``others`` is the kind of the last one if it differs."""
    return builders.rows(*readings, kind=[kind] * (len(readings) - 1) + [others or kind])


drift = builders.drift

"""Targets, readings and rows of MongoDB."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from parity_tui.model import Reading, ServiceError, Target
from parity_tui.services import identify, kinds, redact_reading
from parity_tui.services.mongodb import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests import builders
from tests.proxy import Script, listening
from tests.services.mongodb.stand_in import StandIn, running


def target(port: int, user: str = "", password: str | None = None, **fields: Any) -> Target:
    return builders.target(kind="mongodb", service="documents", port=port, user=user, password=password, **fields)


async def read(where: Target) -> Reading:
    """Connect, read once and close; return the redacted reading."""
    dialer = NetworkDialer(where, 10, identify=identify)
    async with asyncio.timeout(20), SERVICE.connect(where, dialer) as read_once:
        return redact_reading(await read_once(), kinds()["mongodb"])


async def reading(server: StandIn | None = None, **fields: Any) -> Reading:
    """Return the reading of a stand-in."""
    async with running(server, **fields) as (_, port):
        return await read(target(port))


async def failure(server: StandIn | Script, user: str = "", password: str | None = None, **fields: Any) -> ServiceError:
    script = server.serve if isinstance(server, StandIn) else server
    async with listening(script) as port:
        with pytest.raises(ServiceError) as caught:
            await read(target(port, user, password, **fields))
    return caught.value


rows = partial(builders.rows, kind="mongodb")
drift = partial(builders.drift, kind="mongodb")

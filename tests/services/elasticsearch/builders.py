"""Targets, readings and rows of Elasticsearch."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from parity_tui.model import Reading, ServiceError, Target
from parity_tui.services import identify, kinds, redact_reading
from parity_tui.services.elasticsearch import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests import builders
from tests.services.elasticsearch.stand_in import StandIn, running


def target(port: int, user: str = "", password: str | None = None, **fields: Any) -> Target:
    return builders.target(kind="elasticsearch", service="search", port=port, user=user, password=password, **fields)


async def read(where: Target) -> Reading:
    """Connect, read once and close; return the redacted reading."""
    dialer = NetworkDialer(where, 10, identify=identify)
    async with asyncio.timeout(20), SERVICE.connect(where, dialer) as read_once:
        return redact_reading(await read_once(), kinds()["elasticsearch"])


async def reading(cluster: StandIn | None = None, **fields: Any) -> Reading:
    """Return the reading of a stand-in."""
    async with running(cluster, **fields) as (_, port):
        return await read(target(port))


async def failure(cluster: StandIn, user: str = "", password: str | None = None) -> ServiceError:
    async with running(cluster) as (_, port):
        with pytest.raises(ServiceError) as caught:
            await read(target(port, user, password))
    return caught.value


rows = partial(builders.rows, kind="elasticsearch")
drift = partial(builders.drift, kind="elasticsearch")

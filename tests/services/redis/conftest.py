"""Servers of every product and version."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from parity_tui.demo.redis import Redis
from tests.conftest import REDIS, VALKEY


@pytest.fixture(params=[*(f"redis {version}" for version in REDIS), *(f"valkey {version}" for version in VALKEY)])
def each(
    request: pytest.FixtureRequest, redis_servers: Mapping[str, Redis], valkey_servers: Mapping[str, Redis]
) -> Redis:
    """Return a server with defaults, of every product and version in turn; tests leave it unchanged."""
    product, version = request.param.split()
    return (redis_servers if product == "redis" else valkey_servers)[version]

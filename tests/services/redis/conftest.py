"""Servers of every product and version."""

from __future__ import annotations

import pytest

from parity_tui.demo.redis import Redis
from tests.conftest import REDIS, VALKEY


@pytest.fixture(params=[*(f"redis {version}" for version in REDIS), *(f"valkey {version}" for version in VALKEY)])
def each(request: pytest.FixtureRequest) -> Redis:
    """Return a server with defaults, of every product and version in turn; tests leave it unchanged."""
    product, version = request.param.split()
    server: Redis = request.getfixturevalue(f"{product}_servers")[version]
    return server

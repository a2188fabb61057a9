"""In-process memory: a cache or queue inside the app itself, as on many developers' machines.

It has no server to connect to and no settings to read. The kind exists so that "in-process in dev, Memcached in
production" is shown as a difference of product.

Least privilege: none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Reading, ReadOnce, Service, Target


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield a function that returns a reading without facts."""

    async def read() -> Reading:
        return Reading(product="in-process memory", version="", facts={}, address="in the app's own process")

    yield read


SERVICE = Service(
    title="In-process memory",
    schemes=("memory",),
    connect=connect,
    privilege="none",
    rules=(),
    role="cache",
)

"""In-process memory: the cache or queue that lives inside the app, as on many a developer's machine.

Nothing is connected to and nothing can be read. The kind exists so that "in-process in dev, Memcached in
production" is shown as what it is: another type of service.

Least privilege: none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Reading, ReadOnce, Service, Target


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Give a reading that says so."""

    async def read() -> Reading:
        return Reading(product="in-process memory", version="", facts={}, address="in the app's own process")

    yield read


SERVICE = Service(
    title="In-process memory",
    schemes=("memory",),
    connect=connect,
    privilege="none",
    rules=(),
)

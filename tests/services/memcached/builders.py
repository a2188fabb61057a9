"""Targets, readings and rows of Memcached."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from parity_tui.model import Reading, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.services import identify
from parity_tui.services.memcached import SERVICE
from parity_tui.transport.dialer import NetworkDialer
from tests import builders
from tests.proxy import Script, listening

NAME, PASSWORD = "app", "p/a%@s:s&=#w"


def target(port: int, password: str | None = None) -> Target:
    """Return a target on this machine, with a login if a password is given."""
    user = NAME if password is not None else ""
    source = (lambda: Secret(password)) if password is not None else None
    return Target("dev", "cache", "memcached", "memcached", "127.0.0.1", port, user=user, password=source)


async def reading(port: int, password: str | None = None) -> Reading:
    """Connect, read once and close."""
    where = target(port, password)
    async with asyncio.timeout(10), SERVICE.connect(where, NetworkDialer(where, 10, identify=identify)) as read:
        return await read()


rows = partial(builders.rows, kind="memcached")
drift = partial(builders.drift, kind="memcached")


async def failure(script: Script) -> Exception:
    """Return the exception with which reading from a scripted peer fails."""
    async with listening(script) as port:
        with pytest.raises((ServiceError, EOFError)) as caught:
            await reading(port)
    return caught.value

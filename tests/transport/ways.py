"""Targets that are read with commands, and what a script gives there."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.model import Output, ServiceError, Target
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.routes import Routes


def target(way: str, host: str = "", jump: str = "") -> Target:
    """Return a target that is read with commands."""
    return Target("dev", "web", "host", f"host+{way}", host, ssh=jump)


async def output(target: Target, text: str, routes: Routes | None = None) -> Output:
    """Return the output of a script that runs where a target lives."""
    async with asyncio.timeout(20):
        return await NetworkDialer(target, 20, routes).sh(text)


async def failure(target: Target, text: str = "echo", routes: Routes | None = None) -> tuple[str, str]:
    """Return reason and message of a script that cannot run there."""
    with pytest.raises(ServiceError) as caught:
        await output(target, text, routes)
    return caught.value.reason, caught.value.message

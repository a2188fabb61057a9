"""Targets, readings and rows of mail servers."""

from __future__ import annotations

import asyncio
from functools import partial

from parity_tui.demo.server import Server
from parity_tui.model import Failure, Reading, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services import identify, redact_reading
from parity_tui.services.smtp import SERVICE
from parity_tui.transport.dialer import NetworkDialer, describe
from tests import builders


def target(
    port: int, user: str = "", password: str | None = None, tls: str = "prefer", ca: str = "", scheme: str = "smtp"
) -> Target:
    """Return the target of a local server."""
    source = (lambda: Secret(password)) if password is not None else None
    return Target("dev", "mail", "smtp", scheme, "127.0.0.1", port, "", user, password=source, tls=TlsMode(tls), ca=ca)


async def reading(where: Target | Server) -> Reading:
    """Connect, read once and disconnect; the facts of TLS are added as by the watcher."""
    to = where if isinstance(where, Target) else target(where.port)
    dialer = NetworkDialer(to, 30, identify=identify)
    async with asyncio.timeout(30), SERVICE.connect(to, dialer) as read:
        return redact_reading(dialer.with_connection_facts(await read()), SERVICE)


async def failure(where: Target) -> Failure:
    """Connect, read once and return the failure."""
    try:
        await reading(where)
    except (OSError, ServiceError, EOFError) as error:
        return describe(error, where, 30)
    raise AssertionError("it did not fail")


rows = partial(builders.rows, kind="smtp")
drift = partial(builders.drift, kind="smtp")

"""Targets, readings and rows of Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.model import Reading, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services import identify, redact_reading
from parity_tui.services.redis import SERVICE
from parity_tui.services.redis.errors import Reply
from parity_tui.services.redis.parse import parse
from parity_tui.transport.dialer import NetworkDialer, describe
from tests import builders
from tests.proxy import Script, listening

PASSWORD = "p/a%@s:s&=#w é"
HERE = Target("dev", "cache", "redis", host="cache", port=6379)


def another(servers: Servers, like: Redis, **options: object) -> Redis:
    """Return a second server of the same product and version."""
    return servers.redis(like.program.version, product=like.program.product, **options)  # type: ignore[arg-type]


def target(port: int, user: str = "", password: str | None = None, path: str = "", tls: str = "off") -> Target:
    """Return a target on this machine, with a login if a password is given."""
    source = (lambda: Secret(password)) if password is not None else None
    return Target("dev", "cache", "redis", "redis", "127.0.0.1", port, path, user, source, TlsMode(tls))


async def read_once(target: Target) -> Reading:
    """Connect, read once and close."""
    async with asyncio.timeout(10), SERVICE.connect(target, NetworkDialer(target, 10, identify=identify)) as read:
        return redact_reading(await read(), SERVICE)


async def reading(port: int, user: str = "", password: str | None = None, path: str = "", tls: str = "off") -> Reading:
    """Connect to a port of this machine, read once and close."""
    return await read_once(target(port, user, password, path, tls))


rows = partial(builders.rows, kind="redis")
drift = partial(builders.drift, kind="redis")


async def failure(script: Script, password: str | None = None) -> tuple[str, str]:
    """Return reason and message of the failure to read from a scripted peer, with PORT for its port."""
    async with listening(script) as port:
        with pytest.raises((ServiceError, OSError, EOFError)) as caught:
            await reading(port, password=password)
        described = describe(caught.value, target(port), 10)
        return described.reason, described.message.replace(str(port), "PORT")


def bulk(*words: str) -> bytes:
    """Encode bulk strings, such as the reply to INFO."""
    return b"".join(f"${len(word.encode())}\r\n{word}\r\n".encode() for word in words)


def config(**settings: str) -> list[object]:
    """Return a parsed reply to CONFIG GET; underscores in names stand for dashes."""
    return [word.encode() for name, raw in settings.items() for word in (name.replace("_", "-"), raw)]


def parsed(info: Sequence[str], config: Reply = None) -> Reading:
    """Return the reading of an INFO of these lines."""
    return parse("\r\n".join(info).encode(), [] if config is None else config, HERE)

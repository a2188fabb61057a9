"""Targets, readings and rows of RabbitMQ, and scripted brokers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import pamqp.frame
import pytest
from pamqp import commands

from parity_tui.demo.process import wait_until
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.model import Reading, Target
from parity_tui.secrets import Secret
from parity_tui.services import identify
from parity_tui.services.rabbitmq import SERVICE
from parity_tui.services.rabbitmq.parse import parse
from parity_tui.transport.dialer import NetworkDialer, describe
from tests import builders
from tests.proxy import Script, listening

PASSWORD = "p/a%@s:s&=#w ö"
SPECIAL_VHOST = "a/b?c#d é"
"""a virtual host whose name needs escaping in a URL"""

PROPERTIES: dict[str, Any] = {
    "product": "LavinMQ",
    "version": "2.4.1",
    "platform": "Crystal 1.16.3",
    "capabilities": {"basic.nack": True},
}
"""of a scripted broker"""


def settled(server: RabbitMQ) -> RabbitMQ:
    """Return the server once it has gathered its figures, some seconds after its start."""
    assert wait_until(lambda: "os_pid" in server.api("GET", "/api/nodes")[0], 60, pause=0.2)
    return server


def no_permission(user: str, vhost: str = "/") -> dict[str, str]:
    """Return a permission that admits a user to a virtual host and allows nothing there."""
    return {"user": user, "vhost": vhost, "configure": "^$", "write": "^$", "read": "^$"}


def target(
    port: int, user: str = "parity", password: str | None = PASSWORD, vhost: str = "/", management: str = ""
) -> Target:
    """Return a target on this machine, with the HTTP API if its URL is given."""
    source = (lambda: Secret(password)) if password is not None else None
    options = {"management": management} if management else {}
    return Target("dev", "queue", "rabbitmq", "amqp", "127.0.0.1", port, vhost, user, source, options=options)


async def reading(target: Target) -> Reading:
    """Connect, read once and close."""
    async with asyncio.timeout(20), SERVICE.connect(target, NetworkDialer(target, 20, identify=identify)) as read:
        return await read()


async def full_reading(server: RabbitMQ, user: str = "parity", password: str = PASSWORD) -> Reading:
    """Return the reading of a user, with the HTTP API."""
    return await reading(target(server.port, user, password, management=server.management))


async def failure(target: Target) -> tuple[str, str]:
    """Return reason and message with which reading fails."""
    try:
        await reading(target)
    except Exception as error:
        described = describe(error, target, 3)
        return described.reason, described.message
    pytest.fail("it did not fail")


rows = partial(builders.rows, kind="rabbitmq")
drift = partial(builders.drift, kind="rabbitmq")


@contextmanager
def changed(server: RabbitMQ, path: str, body: dict[str, Any]) -> Iterator[None]:
    """Put an object into the HTTP API; delete it afterwards."""
    server.api("PUT", path, body)
    try:
        yield
    finally:
        server.api("DELETE", path)


def marshal(frame: Any) -> bytes:
    """Encode a frame of channel 0, the connection's own."""
    return pamqp.frame.marshal(frame, 0)


def scripted_broker(then: Callable[[asyncio.StreamWriter], Awaitable[None]] | None = None) -> Script:
    """Return a peer that accepts every login and then calls ``then``."""
    start = commands.Connection.Start(0, 9, PROPERTIES, "PLAIN", "en_US")

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(marshal(start))
        for answer in (commands.Connection.Tune(2048, 131072, 300), None, commands.Connection.OpenOk()):
            head = await reader.readexactly(7)
            await reader.readexactly(int.from_bytes(head[3:]) + 1)
            if answer is not None:
                writer.write(marshal(answer))
        if then is not None:
            await then(writer)
        await reader.read()

    return script


@asynccontextmanager
async def at(script: Script) -> AsyncIterator[Target]:
    """Yield the target of a scripted peer."""
    async with listening(script) as port:
        yield target(port)


def parsed(*nodes: dict[str, Any], **answers: Any) -> Reading:
    """Return the reading of a cluster of these nodes."""
    given = {"overview": {"node": "rabbit@a"}, "nodes": list(nodes), **answers}
    return parse({"product": "RabbitMQ", "version": "4.0.5"}, {}, given, "parity")

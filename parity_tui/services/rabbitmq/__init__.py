"""RabbitMQ and what speaks like it: what AMQP says at the login, and the HTTP API where `management` names it.

Over AMQP 0-9-1 a connection is opened and kept, and no channel on it: product, version and limits are known for
its life, and a broker that is gone is noticed by its missing signs of life. With
`management = "https://mq.prod:15671"` every reading asks the HTTP API anew, by GET only, in one round trip: nodes,
virtual hosts, policies, plug-ins, feature flags. Definitions are never asked for: they hold hashes of passwords.

Least privilege: a user with the tag `monitoring` and a permission on its virtual host that allows nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec.structs import replace

from parity_tui.model import Dialer, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.secrets import Secret
from parity_tui.services.rabbitmq.parse import parse
from parity_tui.services.rabbitmq.queries import Answers, Management
from parity_tui.services.rabbitmq.rules import RULES, remediate
from parity_tui.transport.event_loop import in_thread
from parity_tui.transport.lazy_import import import_driver

GUEST = "guest"
"""who logs in where nobody is named, as every client of RabbitMQ has it"""


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in over AMQP, ask the HTTP API meanwhile, and give the way to read."""
    user, password = await login(target)
    url = target.options.get("management", "")
    management = Management(dialer, url, user, password) if url else None
    first = asyncio.create_task(management.ask()) if management else None
    link: AMQPConnection | None = None
    try:
        async with dialer.preconnect(target.host, target.port):
            await import_driver("parity_tui.services.rabbitmq.connection")
            from parity_tui.services.rabbitmq.connection import AMQPConnection

            link = AMQPConnection(target, dialer, user, password, target.path or "/")
            await link.open()

        async def read() -> Reading:
            """Make sure that the broker is there, and ask the HTTP API; the first time it is asked already."""
            nonlocal first
            await link.alive()
            answers: Answers | None = None
            if management is not None:
                asked, first = first, None
                answers = await (asked or management.ask())
            who = management.user if management is not None else user
            return noted(target, parse(link.properties, link.limits, answers, who))

        yield read
    finally:
        if first is not None:
            first.cancel()
            await asyncio.wait({first})  # it waits for nobody
        if management is not None:
            management.end()
        if link is not None:
            await link.leave()


async def login(target: Target) -> tuple[str, Secret | None]:
    """Return user and password; no password where a client's certificate is to log in."""
    password = await in_thread(target.password) if target.password is not None else None
    if password is None and target.cert:
        return target.user, None
    if password is None and not target.user:
        return GUEST, Secret(GUEST)
    if password is None or not password.reveal():
        raise ServiceError(Reason.AUTH, f"there is no password for {target.user} at {target.address}")
    return target.user or GUEST, password


def noted(target: Target, reading: Reading) -> Reading:
    """Return the reading with its address, and with what a person should know of how it was had."""
    notes = reading.notes
    if target.tls in ("prefer", "require"):
        notes += ("TLS, not verified",)
    if not target.user and target.password is None and not target.cert:
        notes += ("logged in as guest: no user is configured",)
    return replace(reading, notes=notes, address=target.address)


SERVICE = Service(
    title="RabbitMQ",
    schemes=("amqp", "amqps"),
    connect=connect,
    privilege=(
        "rabbitmqctl add_user parity PASSWORD\n"
        "rabbitmqctl set_user_tags parity monitoring\n"
        "rabbitmqctl set_permissions -p / parity '^$' '^$' '^$'"
    ),
    rules=RULES,
    port=5672,
    tls_port=5671,
    tls_schemes=("amqps",),
    options=("management",),
    ignored_options=(
        "heartbeat",
        "connection_attempts",
        "retry_delay",
        "socket_timeout",
        "blocked_connection_timeout",
        "channel_max",
        "frame_max",
        "locale",
        "name",
        "timeout",
        "connection_timeout",
        "reconnect_interval",
        "fail_fast",
    ),
    release=2,
    remediate=remediate,
)

"""RabbitMQ and compatible brokers: the AMQP login, and the HTTP API where `management` is configured.

One AMQP 0-9-1 connection is opened and kept, with no channel on it. It holds product, version and limits, and its
missing heartbeats show that the broker is gone. With `management = "https://mq.prod:15671"` every reading also asks
the HTTP API, by GET only, in one round trip: nodes, virtual hosts, policies, plug-ins, feature flags, queues, exchanges
and bindings; for an administrator also users and their rights. Definitions are never requested, because they hold
hashes of passwords.

Least privilege: a user with the tag `monitoring` and a permission on its virtual host that allows nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from shlex import quote

from msgspec.structs import replace

from parity_tui.model import Dialer, Image, Reading, ReadOnce, Service, Target
from parity_tui.secrets import Secret
from parity_tui.services.rabbitmq.parse import parse
from parity_tui.services.rabbitmq.queries import Answers, Management, Refused
from parity_tui.services.rabbitmq.remediation import remediate
from parity_tui.services.rabbitmq.rules import HIDDEN, RULES
from parity_tui.transport.errors import no_password
from parity_tui.transport.lazy_import import import_driver
from parity_tui.transport.password import password_of
from parity_tui.transport.threads import in_thread_if_large

GUEST = "guest"
"""user and password of clients that name neither, in every client library"""

_AMQP = b"AMQP\0\0\x09\x01"
"""begins every connection without TLS: the broker says at once who it is"""


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Log in over AMQP, ask the HTTP API meanwhile, and yield the function that reads."""
    import asyncio  # here: a kind that is imported needs no event loop yet

    user, password = await _credentials(target)
    url = target.options.get("management", "")
    management = Management(dialer, url, user, password) if url else None
    first = asyncio.create_task(management.ask()) if management else None
    latest: tuple[Answers, Reading] | None = None
    connection: AMQPConnection | None = None
    try:
        async with dialer.preconnect(target.host, target.port, b"" if dialer.context() else _AMQP):
            await import_driver("parity_tui.services.rabbitmq.connection", 2)
            from parity_tui.services.rabbitmq.connection import AMQPConnection

            connection = AMQPConnection(target, dialer, user, password, target.path or "/")
            await connection.open()

        async def read() -> Reading:
            """Check the AMQP connection and ask the HTTP API; the first call takes the answers already requested."""
            nonlocal first, latest
            await connection.alive()
            answers: Answers | None = None
            if management is not None:
                asked, first = first, None
                answers = await (asked or management.ask())
            if latest is not None and answers is not None and _same(answers, latest[0]):
                return latest[1]
            api_user = management.user if management is not None else user
            arguments = connection.properties, connection.limits, answers, api_user, target.path or "/"
            size = management.size if management is not None else 0
            reading = _with_notes(target, await in_thread_if_large(size, parse, *arguments))
            latest = answers or {}, reading
            return reading

        yield read
    finally:
        if first is not None:
            first.cancel()
            await asyncio.wait({first})  # a cancelled request ends at once
        if management is not None:
            management.end()
        if connection is not None:
            await connection.leave()


def _same(answers: Answers, latest: Answers) -> bool:
    """Return whether all answers are the very objects of the latest ones, or equal where they are small."""
    return answers.keys() == latest.keys() and all(
        answer is latest[name] or (isinstance(answer, Refused | tuple) and answer == latest[name])
        for name, answer in answers.items()
    )


async def _credentials(target: Target) -> tuple[str, Secret | None]:
    """Return user and password; None as password where a client certificate logs in."""
    password = await password_of(target)
    if password is None and target.cert:
        return target.user, None
    if password is None and not target.user:
        return GUEST, Secret(GUEST)
    if password is None or not password.reveal():
        raise no_password(target.address, target.user)
    return target.user or GUEST, password


def _with_notes(target: Target, reading: Reading) -> Reading:
    """Return the reading with its address and with notes on TLS and login."""
    notes = reading.notes
    if target.tls in ("prefer", "require"):
        notes += ("TLS, not verified",)
    if not target.user and target.password is None and not target.cert:
        notes += ("logged in as guest: no user is configured",)
    return replace(reading, notes=notes, address=target.address)


def identify(first: bytes) -> str:
    r"""Return the version of AMQP in the first bytes of a peer that rejects our protocol header, else "".

    >>> identify(b"AMQP\x00\x01\x00\x00"), identify(b"AMQP\x00\x00\x09\x01"), identify(b"HTTP/1.1")
    ('AMQP 1.0', 'AMQP (RabbitMQ)', '')
    """
    if first.startswith((b"AMQP\x00\x01", b"AMQP\x03")):
        return "AMQP 1.0"
    return "AMQP (RabbitMQ)" if first.startswith(b"AMQP") else ""


def privilege_for(target: Target) -> str:
    """Return the commands that make the target's user, or one for this program, and let it into the virtual host.

    >>> privilege_for(Target("dev", "queue", "rabbitmq", path="shop", user="ann b")).splitlines()[1]
    "rabbitmqctl set_permissions -p shop 'ann b' '^$' '^$' '^$'"
    """
    user, vhost = quote(target.user or "parity"), quote(target.path or "/")
    made = () if target.user else (f"rabbitmqctl add_user {user} PASSWORD",)
    return "\n".join(
        (
            *made,
            f"rabbitmqctl set_user_tags {user} monitoring",
            f"rabbitmqctl set_permissions -p {vhost} {user} '^$' '^$' '^$'",
        )
    )


SERVICE = Service(
    title="RabbitMQ",
    schemes=("amqp", "amqps"),
    connect=connect,
    privilege=(
        "rabbitmqctl add_user parity PASSWORD\n"
        "rabbitmqctl set_user_tags parity monitoring\n"
        "rabbitmqctl set_permissions -p / parity '^$' '^$' '^$'"
    ),
    privilege_for=privilege_for,
    rules=RULES,
    port=5672,
    begins=lambda target, has_password: has_password or (target.password is None and not target.user),
    tls_port=5671,
    tls_schemes=("amqps",),
    scheme_aliases={
        **dict.fromkeys(("pyamqp", "librabbitmq", "rabbitmq", "amqp+lib"), "amqp"),
        **dict.fromkeys(("amqp+ssl", "amqp+tls", "pyamqps", "rabbitmqs"), "amqps"),
    },
    drivers=("pyamqp", "librabbitmq", "pika", "aio_pika", "aio-pika", "async"),
    tls_options={
        "cacertfile": "ca", "ssl_ca": "ca", "cert_path": "cert", "key_path": "key",
        "verify": {"verify_peer": "verify-full", "verify_none": "unverified"},
        "no_verify_ssl": {"1": "unverified", "true": "unverified"},
    },
    path_is_segment=True,  # Symfony's messenger writes an exchange behind the virtual host
    options=("management",),
    ignored_options=(
        "heartbeat", "connection_attempts", "retry_delay", "socket_timeout", "blocked_connection_timeout",
        "channel_max", "frame_max", "locale", "name", "timeout", "connection_timeout", "reconnect_interval",
        "fail_fast", "frameMax", "channelMax", "connectionTimeout", "requestedHeartbeat", "auth_mechanism", "depth",
        "fail_if_no_peer_cert", "prefetch_count", "read_timeout", "write_timeout", "confirm_delivery",
    ),
    release=2,
    role="queue",
    images=(
        Image(
            "amqp",
            ("rabbitmq", "lavinmq", "rabbitmq-delayed-message-exchange"),
            user=("RABBITMQ_DEFAULT_USER", "RABBITMQ_USERNAME"),
            password=("RABBITMQ_DEFAULT_PASS", "RABBITMQ_DEFAULT_PASS_FILE", "RABBITMQ_PASSWORD"),
            port=("RABBITMQ_NODE_PORT", "RABBITMQ_NODE_PORT_NUMBER"),
            path=("RABBITMQ_DEFAULT_VHOST", "RABBITMQ_VHOST"),
            default_user="guest",
            default_login="the image makes guest, whose password is guest",
            beside={"management": 15672},
        ),
    ),
    identify=identify,
    hidden=HIDDEN,
    remediate=remediate,
)  # fmt: skip

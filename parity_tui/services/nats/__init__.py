"""NATS: the greeting of a server, and its HTTP monitoring where `monitoring` is configured.

A server greets every client with INFO, before any login: version, limits, and what it requires. Each reading connects,
takes the greeting and leaves. It starts TLS where the server requires it, and logs in only where a user is configured.
With `monitoring = "http://nats.prod:8222"` every reading also asks for `/varz`, which shows all limits.

Least privilege: none. A user in the URL is checked by a login, without any right to a subject.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec.structs import replace

from parity_tui.model import Dialer, Image, Reading, ReadOnce, Service, Target, TlsMode
from parity_tui.services.nats.connection import Greeting, greeting
from parity_tui.services.nats.parse import parse
from parity_tui.services.nats.queries import Monitoring
from parity_tui.services.nats.remediation import remediate
from parity_tui.services.nats.rules import HIDDEN, RULES


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Yield the function that reads; the first greeting is taken at once. Raises ServiceError."""
    url = target.options.get("monitoring", "")
    monitoring = Monitoring(dialer, url) if url else None
    first = [await greeting(target, dialer)]
    try:

        async def read() -> Reading:
            """Take a greeting and ask for the settings; the first call uses the greeting of :func:`connect`."""
            greeted = first.pop() if first else await greeting(target, dialer)
            settings = await monitoring.ask() if monitoring is not None else None
            reading = parse(greeted.info, settings, target.address)
            return replace(reading, notes=(*reading.notes, *_notes(greeted, target)))

        yield read
    finally:
        if monitoring is not None:
            monitoring.end()


def _notes(greeted: Greeting, target: Target) -> tuple[str, ...]:
    unverified = greeted.encrypted and target.tls in (TlsMode.PREFER, TlsMode.REQUIRE)
    demanded = greeted.encrypted and target.tls is TlsMode.OFF
    without_login = greeted.info.get("auth_required") is True and not greeted.logged_in
    return (
        *(("TLS, not verified",) if unverified else ()),
        *(("TLS, verified, as the server requires it",) if demanded else ()),
        *(("not logged in: no user is configured",) if without_login else ()),
    )


def identify(first: bytes) -> str:
    r"""Return "NATS" for the first bytes of a greeting, else "".

    >>> identify(b'INFO {"server_id":"N'), identify(b"INFO x"), identify(b"-ERR 'x'")
    ('NATS', '', 'NATS')
    """
    return "NATS" if first.startswith((b"INFO {", b"-ERR '")) else ""


SERVICE = Service(
    title="NATS",
    schemes=("nats",),
    connect=connect,
    privilege="none",
    rules=RULES,
    port=4222,
    password_alone=lambda login: True,  # a token
    options=("monitoring",),
    ignored_options=(
        "name", "connect_timeout", "reconnect_time_wait", "max_reconnect_attempts", "ping_interval", "verbose",
        "pedantic", "no_echo",
    ),
    release=2,
    role="queue",
    images=(Image("nats", ("nats", "nats-server"), beside={"monitoring": 8222}),),
    identify=identify,
    hidden=HIDDEN,
    remediate=remediate,
)  # fmt: skip

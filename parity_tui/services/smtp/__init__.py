"""Mail servers: what a server offers its clients by EHLO, before and within TLS, and the product that its banner names.

One connection is kept for a few readings, each of which is an EHLO. STARTTLS is followed where the server offers it;
`smtps` and port 465 speak TLS from the start. A login happens only where the URL has a user, by PLAIN or LOGIN, and
never in clear text unless `tls = "off"` is set. No mail is begun, and QUIT is the last command.

Least privilege: none. A user in the URL needs no right beyond the login.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Image, Reading, ReadOnce, Service, Target, TlsMode
from parity_tui.services.smtp.connection import Session
from parity_tui.services.smtp.parse import parse
from parity_tui.services.smtp.remediation import remediate
from parity_tui.services.smtp.rules import RULES

READINGS = 8
"""of one connection: Exim ends one with eleven commands that concern no mail"""


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Connect, start TLS and log in where that is due, and yield the function that reads."""
    session = await Session.open(target, dialer)
    try:

        async def read() -> Reading:
            """Ask again what the server offers; the first call uses the reply received while connecting."""
            nonlocal session
            if session.readings == READINGS:
                await session.quit()
                session = await Session.open(target, dialer)
            elif session.readings:
                await session.ask()
            session.readings += 1
            return parse(session.offer, target.address, _notes(session, target))

        yield read
    finally:
        session.end()


def _notes(session: Session, target: Target) -> tuple[str, ...]:
    unverified = session.encrypted and target.tls in (TlsMode.PREFER, TlsMode.REQUIRE)
    tls = "no TLS" if not session.encrypted else "TLS, not verified" if unverified else ""
    return tuple(filter(None, (tls, session.note)))


def identify(first: bytes) -> str:
    r"""Return "SMTP" for the first bytes of a mail server's banner, else "".

    >>> identify(b"220 mail.example ESMTP Postfix"), identify(b"220 ProFTPD Server"), identify(b"554 5.7.1 No SMTP")
    ('SMTP', '', 'SMTP')
    """
    greets = first[:4] in (b"220 ", b"220-", b"421 ", b"554 ", b"554-")
    return "SMTP" if greets and b"SMTP" in first.upper() else ""


SERVICE = Service(
    title="Mail server (SMTP)",
    schemes=("smtp", "smtps", "submission"),
    connect=connect,
    privilege="none",
    rules=RULES,
    port=25,
    tls_port=465,
    scheme_ports={"submission": 587},
    tls_schemes=("smtps",),
    tls=TlsMode.PREFER,
    scheme_aliases={"smtp+ssl": "smtps", "submissions": "smtps", "esmtp": "smtp"},
    ignored_options=(
        "timeout", "verify_peer", "local_domain", "restart_threshold", "restart_threshold_sleep", "ping_threshold",
        "max_per_second", "auto_tls", "source_ip", "authentication", "auth_mode", "from", "_server_email",
        "_default_from_email", "domain", "pool", "name",
    ),
    release=2,
    role="mail",
    images=(
        Image("smtp", ("postfix", "exim", "opensmtpd", "haraka", "docker-mailserver"), ports=(25, 587)),
        Image("smtp", ("mailhog", "mailpit", "maildev", "mailcatcher", "smtp4dev"), ports=(1025, 25)),
    ),
    identify=identify,
    remediate=remediate,
)  # fmt: skip

"""A web server seen from outside: one page, and the protocols that the server offers.

The page at the URL's path is requested with GET on one kept connection; redirects are not followed and no other method
is ever sent. Once, two more connections complete a TLS handshake and send nothing: they show which HTTP versions the
server offers and whether it still accepts TLS 1.2. The product is the one that the header Server names.

Least privilege: none; a user and a password in the URL are sent as basic authentication.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Reading, ReadOnce, Service, Target, TlsMode
from parity_tui.secrets import in_base64
from parity_tui.services.http.connection import Handshake, end, get, handshake, opened
from parity_tui.services.http.parse import parse
from parity_tui.services.http.rules import ERROR_PAGE, LOGIN_REJECTED, LOGIN_WANTED, RULES
from parity_tui.transport.password import password_of


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Connect, probe TLS, and yield the function that requests the page."""
    authorization = await _authorization(target)
    streams = [await opened(dialer, "http/1.1")]
    probed = Handshake()
    used = False

    async def read() -> Reading:
        """Request the page, on a new connection if the server has closed the kept one."""
        nonlocal used
        if used:
            try:
                return await request()
            except (OSError, EOFError):  # servers close connections that were idle for some seconds
                end(streams)
        if not streams:
            streams.append(await opened(dialer, "http/1.1"))
        used = True
        return await request()

    async def request() -> Reading:
        nonlocal used
        if not streams:
            raise EOFError
        page, kept_alive = await get(*streams[0], target, authorization)
        if not kept_alive:
            end(streams)
            used = False
        return parse(page, probed, target)

    try:
        if target.tls is not TlsMode.OFF:
            probed = await handshake(dialer, streams[0][1])
        yield read
    finally:
        end(streams)


async def _authorization(target: Target) -> str:
    """Return the value of the header Authorization, "" for none."""
    secret = await password_of(target)
    if not target.user and secret is None:
        return ""
    return "Basic " + in_base64(f"{target.user}:{secret.reveal() if secret else ''}")


def identify(first: bytes) -> str:
    r"""Return "HTTP" for the first bytes of a response, or of an HTML page without a header, else "".

    >>> identify(b"HTTP/1.1 400 Bad Request"), identify(b"<html>"), identify(b"<\0\0\0\n8.0.36")
    ('HTTP', 'HTTP', '')
    """
    return "HTTP" if first.startswith((b"HTTP/", b"<")) and b"\0" not in first[:4] else ""


SERVICE = Service(
    title="Web server",
    schemes=("http", "https"),
    connect=connect,
    privilege="none",
    rules=RULES,
    port=80,
    tls_port=443,
    tls_schemes=("https",),
    login_in_reading=True,
    release=2,
    identify=identify,
    hidden=(ERROR_PAGE, LOGIN_WANTED, LOGIN_REJECTED),
)

"""A web server that can only be asked from outside: one page, and what it offers on the way.

A page (the path of the URL) is asked for with GET, on one kept connection; no redirect is followed, no other method
is ever sent. Beside it two connections that send nothing after their TLS handshake tell, once, which HTTP versions
the server offers and whether it still takes TLS 1.2. The product is what the header Server says of itself.

Least privilege: none; a user and a password in the URL are sent as basic authentication.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parity_tui.model import Dialer, Fact, Reading, ReadOnce, Rule, Service, Severity, State, Target, TlsMode, ValueType
from parity_tui.services.http.connection import Handshake, Page, end, get, handshake, opened
from parity_tui.transport.event_loop import in_thread

HIDDEN = "unknown (Server header hidden)"
_PRODUCTS = {"apache": "Apache httpd", "openresty": "OpenResty", "litespeed": "LiteSpeed"}
_SERVER = re.compile(r"([^/\s(]+)(?:/([\w.+-]+))?")
_COPIED = {
    "content-security-policy": "content security policy",
    "permissions-policy": "permissions policy",
    "referrer-policy": "referrer policy",
    "x-content-type-options": "content type options",
    "x-frame-options": "frame options",
    "x-powered-by": "powered by",
    "cache-control": "cache control",
    "content-type": "content type",
    "access-control-allow-origin": "allowed origin",
}
"""headers that are compared, and what they are called here"""


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Connect, look at what TLS offers, and give the way to ask for the page."""
    login = await _login(target)
    streams = [await opened(dialer, "http/1.1")]
    shaken = Handshake()
    used = False

    async def read() -> Reading:
        """Ask for the page once, on a new connection where the server has ended the last one."""
        nonlocal used
        if used:
            try:
                return await ask()
            except (OSError, EOFError):  # servers end connections that nobody has used for some seconds
                end(streams)
        if not streams:
            streams.append(await opened(dialer, "http/1.1"))
        used = True
        return await ask()

    async def ask() -> Reading:
        """Ask for the page on the connection that there is."""
        nonlocal used
        if not streams:
            raise EOFError
        page, lasts = await get(*streams[0], target, login)
        if not lasts:
            end(streams)
            used = False
        return parse(page, shaken, target)

    try:
        if target.tls is not TlsMode.OFF:
            shaken = await handshake(dialer, streams[0][1])
        yield read
    finally:
        end(streams)


async def _login(target: Target) -> str:
    """Return the header that logs in, "" for none."""
    secret = await in_thread(target.password) if target.password is not None else None
    if not target.user and secret is None:
        return ""
    return "Basic " + b64encode(f"{target.user}:{secret.reveal() if secret else ''}".encode()).decode()


def parse(page: Page, shaken: Handshake, target: Target) -> Reading:
    """Return the reading of a page.

    >>> page = Page(200, "1.1", {"server": "nginx/1.22.1", "content-encoding": "gzip"})
    >>> reading = parse(page, Handshake(), Target("dev", "web", "http", "http", "a", 80))
    >>> reading.product, reading.version, reading.facts["compression"].raw
    ('nginx', '1.22.1', 'gzip')
    """
    product, version = server(page.headers.get("server", ""))
    headers = page.headers
    facts = {
        "status": Fact(str(page.status)),
        "http/1": Fact(f"HTTP/{page.version}"),
        "http/3": Fact("offered" if re.search(r"\bh3\b", headers.get("alt-svc", "")) else "not offered"),
        "compression": Fact(headers.get("content-encoding", "none")),
        "keeps connections": Fact("no" if "close" in headers.get("connection", "").lower() else "yes"),
        "redirect": Fact(headers.get("location", "none"), canonical=_redirect(headers.get("location", ""))),
        "strict transport security": Fact(headers.get("strict-transport-security", "not sent")),
        "version shown": Fact("yes" if version else "no"),
        **{name: Fact(headers.get(header, "not sent")) for header, name in _COPIED.items()},
        **_secured(shaken),
    }
    notes = ("only what it shows to everybody; its configuration is read with commands",)
    hidden = (
        *((("product", "the server does not name itself"),) if product == HIDDEN else ()),
        *((("version", "the server does not show its version to everybody"),) if not version else ()),
    )
    return Reading(product, version, facts, hidden, notes, target.address)


def _secured(shaken: Handshake) -> dict[str, Fact]:
    """Return what TLS has told besides what every kind is told, nothing where there is none."""
    if not shaken.tls:
        return {}
    unverified = Fact(state=State.UNKNOWN, note="the certificate is not verified")
    return {
        "http/2": Fact("offered" if shaken.http == "h2" else "not offered"),
        "tls.1.2": Fact("taken" if shaken.old else "refused"),
        "certificate.issuer": Fact(shaken.tls.issuer) if shaken.tls.verified else unverified,
    }


def server(header: str) -> tuple[str, str]:
    """Return product and version by the header Server.

    >>> server("nginx/1.22.1"), server("Apache/2.4.71 (Debian)"), server("cloudflare"), server("")
    (('nginx', '1.22.1'), ('Apache httpd', '2.4.71'), ('cloudflare', ''), ('unknown (Server header hidden)', ''))
    """
    found = _SERVER.match(header.strip())
    return (_PRODUCTS.get(found[1].lower(), found[1]), found[2] or "") if found else (HIDDEN, "")


def _redirect(location: str) -> str:
    """Return where it sends people, without the name of the host.

    >>> _redirect("https://www.example.com/start"), _redirect("/login"), _redirect("")
    ('https://…/start', '/login', 'none')
    """
    return re.sub(r"(?<=://)[^/?#]+", "…", location) or "none"


C, W, I, N = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741

SERVICE = Service(
    title="Web server",
    schemes=("http", "https"),
    connect=connect,
    privilege="none",
    rules=(
        Rule("version", W, "Seen from outside, where a server shows it."),
        Rule("status", C, "The same page answers otherwise."),
        Rule("redirect", C, "The same page leads elsewhere."),
        Rule("tls.version", W, "Secure cookies, HSTS and redirects only show where there is TLS.", explained_by=""),
        Rule("http/1", W, "Old proxies in front speak HTTP/1.0: no kept connections, no chunks."),
        Rule("http/2", W, "Headers come in lower case and connections are shared.", explained_by="tls.version"),
        Rule("http/3", W, "Another transport, by UDP."),
        Rule("tls.1.2", W, "Clients without TLS 1.3 are refused.", explained_by="tls.version"),
        Rule("certificate.issuer", I, "Clients must know the authority.", explained_by="tls.version"),
        Rule("strict transport security", W, "Browsers stay with HTTPS for as long as this says."),
        Rule("compression", W, "Answers lose their length and get another ETag."),
        Rule("content security policy", W, "Browsers refuse scripts and frames."),
        Rule("frame options", W, "Browsers refuse to show it in a frame."),
        Rule("allowed origin", W, "Browsers refuse requests from other pages."),
        Rule("content type", W, "Browsers treat the page by its type."),
        Rule("cache control", W, "Pages are kept by clients and proxies."),
        Rule("keeps connections", I, "Each request costs a connection.", ValueType.BOOL),
        Rule("version shown", I, "Tells the version to everybody.", ValueType.BOOL),
    ),
    port=80,
    tls_port=443,
    tls_schemes=("https",),
    release=2,
)

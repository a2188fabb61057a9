"""A page's headers and the facts of TLS → Reading."""

from __future__ import annotations

import re

from parity_tui.model import Fact, Reading, State, Target
from parity_tui.services.http.connection import Handshake, Page

UNNAMED = "unknown (Server header hidden)"
"""product of a server that does not name itself"""

_PRODUCTS = {"apache": "Apache httpd", "openresty": "OpenResty", "litespeed": "LiteSpeed"}
_SERVER = re.compile(r"([^/\s(]+)(?:/([\w.+-]+))?")
_HEADERS = {
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
"""header that is compared unchanged -> name of its fact"""


def parse(page: Page, probed: Handshake, target: Target) -> Reading:
    """Return the reading of a page and of the TLS handshakes.

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
        "redirect": Fact(headers.get("location", "none"), canonical=_without_host(headers.get("location", ""))),
        "strict transport security": Fact(headers.get("strict-transport-security", "not sent")),
        "version shown": Fact("yes" if version else "no"),
        **{name: Fact(headers.get(header, "not sent")) for header, name in _HEADERS.items()},
        **_tls_facts(probed),
    }
    notes = ("only what it shows to everybody; its configuration is read with commands",)
    hidden = (
        *((("product", "the server does not name itself"),) if product == UNNAMED else ()),
        *((("version", "the server does not show its version to everybody"),) if not version else ()),
    )
    return Reading(product, version, facts, hidden, notes, target.address)


def _tls_facts(probed: Handshake) -> dict[str, Fact]:
    """Return the facts of TLS that the dialer does not record itself; {} without TLS."""
    if not probed.tls:
        return {}
    unverified = Fact(state=State.UNKNOWN, note="the certificate is not verified")
    return {
        "http/2": Fact("offered" if probed.http == "h2" else "not offered"),
        "tls.1.2": Fact("taken" if probed.old else "refused"),
        "certificate.issuer": Fact(probed.tls.issuer) if probed.tls.verified else unverified,
    }


def server(header: str) -> tuple[str, str]:
    """Return product and version by the header Server.

    >>> server("nginx/1.22.1"), server("Apache/2.4.71 (Debian)"), server("cloudflare"), server("")
    (('nginx', '1.22.1'), ('Apache httpd', '2.4.71'), ('cloudflare', ''), ('unknown (Server header hidden)', ''))
    """
    match = _SERVER.match(header.strip())
    return (_PRODUCTS.get(match[1].lower(), match[1]), match[2] or "") if match else (UNNAMED, "")


def _without_host(location: str) -> str:
    """Return the target of a redirect without the host, which every environment has its own.

    >>> _without_host("https://www.example.com/start"), _without_host("/login"), _without_host("")
    ('https://…/start', '/login', 'none')
    """
    return re.sub(r"(?<=://)[^/?#]+", "…", location) or "none"

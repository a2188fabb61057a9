"""A page's headers and the facts of TLS → Reading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parity_tui.model import Fact, HiddenGroup, Reading, State, Target
from parity_tui.services.http.connection import Handshake, Page
from parity_tui.services.http.normalize import cookies, header_values, redirect, words
from parity_tui.services.http.rules import ERROR_PAGE, LOGIN_REJECTED, LOGIN_WANTED
from parity_tui.transport.tls import Tls

UNNAMED = "unknown (Server header hidden)"
"""product of a server that does not name itself"""

_PRODUCTS = {"apache": "Apache httpd", "openresty": "OpenResty", "litespeed": "LiteSpeed"}
_KEY_TYPE = re.compile("-(RSA|ECDSA)-")
_SERVER = re.compile(r"([^/\s(]+)(?:/([\w.+-]+))?")
OF_SERVER = (
    "status", "redirect", "http/*", "keeps connections", "version shown", "tls.*", "certificate.*",
)  # fmt: skip
"""facts that an error page shows too"""


def parse(page: Page, probed: Handshake, target: Target) -> Reading:
    """Return the reading of a page and of the TLS handshakes.

    >>> page = Page(200, "1.1", {"server": "nginx/1.22.1", "content-encoding": "gzip"})
    >>> reading = parse(page, Handshake(), Target("dev", "web", "http", "http", "a", 80))
    >>> reading.product, reading.version, reading.facts["compression"].raw
    ('nginx', '1.22.1', 'gzip')
    """
    product, version = server(page.headers.get("server", ""))
    failed = page.status >= 400
    facts = {
        **_server_facts(page, bool(version)),
        **({} if failed else _page_facts(page, target)),
        **_tls_facts(probed),
    }
    notes = ("public information only; its configuration is read with commands",)
    hidden = (
        *((("product", "the server hides its name"),) if product == UNNAMED else ()),
        *((("version", "the server hides its version"),) if not version else ()),
        *(((name, "") for name in OF_SERVER) if failed else ()),
        *((("*", f"{_why_failed(page, target).why} ({page.status})"),) if failed else ()),
    )
    return Reading(product, version, facts, hidden, notes, target.address)


def _why_failed(page: Page, target: Target) -> HiddenGroup:
    if page.status != 401:
        return ERROR_PAGE
    return LOGIN_REJECTED if target.user or target.password is not None else LOGIN_WANTED


def _server_facts(page: Page, version_shown: bool) -> dict[str, Fact]:
    headers = page.headers
    location = redirect(headers.get("location", ""))
    return {
        "status": Fact(str(page.status)),
        "http/1": Fact(f"HTTP/{page.version}"),
        "http/3": Fact("offered" if re.search(r"\bh3\b", headers.get("alt-svc", "")) else "not offered"),
        "keeps connections": Fact("no" if "close" in headers.get("connection", "").lower() else "yes"),
        "redirect": Fact(location, canonical=location),
        "version shown": Fact("yes" if version_shown else "no"),
    }


def _page_facts(page: Page, target: Target) -> dict[str, Fact]:
    headers = page.headers
    facts = {name: Fact(text) for name, text in header_values(headers, target.host)}
    facts["compression"] = Fact(words(headers.get("content-encoding", "")) or "none")
    return facts | {f"cookie {name}": Fact(text) for name, text in cookies(headers.get("set-cookie", ""), target.host)}


def _tls_facts(probed: Handshake) -> dict[str, Fact]:
    """Return the facts of TLS that the dialer does not record itself; {} without TLS."""
    if not probed.tls:
        return {}
    unverified = Fact(state=State.UNKNOWN, note="the certificate is not verified")
    unanswered = Fact(state=State.UNKNOWN, note="a second connection failed")
    offered = Fact("offered" if probed.http == "h2" else "not offered")
    return {
        "http/2": unanswered if probed.http is None else offered,
        "tls.1.2": Fact(probed.old)
        if probed.old
        else Fact(state=State.UNKNOWN, note=probed.why_not or unanswered.note),
        **_cipher_facts(probed, probed.tls),
        **{f"certificate.{name}": each if probed.tls.verified else unverified for name, each in _about(probed.tls)},
    }


def _cipher_facts(probed: Handshake, session: Tls) -> dict[str, Fact]:
    """Return the choice of the server in each version; the key's type, which a cipher names, is a fact of its own."""
    facts = {}
    if session.version == "TLSv1.3":
        facts["tls.1.3.cipher"] = Fact(session.cipher)
    if probed.old_cipher:
        facts["tls.1.2.cipher"] = Fact(probed.old_cipher, canonical=_KEY_TYPE.sub("-", probed.old_cipher))
        facts["tls.1.2.tickets"] = Fact("given" if probed.old_ticket else "not given")
    elif not probed.old:
        unknown = Fact(state=State.UNKNOWN, note=probed.why_not)
        facts |= {"tls.1.2.cipher": unknown, "tls.1.2.tickets": unknown}
    return facts


def _about(session: Tls) -> Iterator[tuple[str, Fact]]:
    """Yield name and fact of the certificate's properties that are known."""
    yield "issuer", Fact(session.issuer)
    if session.certificate.key:
        yield "algorithm", Fact(session.certificate.key)
        yield "must_staple", Fact("yes" if session.certificate.must_staple else "no")
    if session.certificate.signature:
        yield "signed_with", Fact(session.certificate.signature, default=True)
    if session.sent:
        yield "chain", Fact(str(session.sent))
        yield "wildcard", Fact("yes" if session.wildcard else "no")


def server(header: str) -> tuple[str, str]:
    """Return product and version by the header Server.

    >>> server("nginx/1.22.1"), server("Apache/2.4.71 (Debian)"), server("cloudflare"), server("")
    (('nginx', '1.22.1'), ('Apache httpd', '2.4.71'), ('cloudflare', ''), ('unknown (Server header hidden)', ''))
    """
    match = _SERVER.match(header.strip())
    return (_PRODUCTS.get(match[1].lower(), match[1]), match[2] or "") if match else (UNNAMED, "")

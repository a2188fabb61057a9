"""Connections to a web server: one for pages, and two short ones that show which TLS and HTTP it speaks."""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from typing import Any

from msgspec import Struct

from parity_tui.model import Dialer, Reason, ServiceError, Target, TlsMode
from parity_tui.transport.guard import leave, unread
from parity_tui.transport.tls import Tls, context, seen

BODY = 256 * 1024
"""bytes of a page that are read; a larger one ends the connection"""
_PIECE = 8192
"""bytes that are taken apart before other targets have their turn"""
_SHORTEST = 64
"""bytes that a shorter chunk counts for: each takes time of its own"""


class Page(Struct):
    """Status and headers of a reply."""

    status: int
    version: str
    """of HTTP"""
    headers: dict[str, str]
    """by name in lower case"""


class Handshake(Struct, frozen=True):
    """Results of the TLS handshakes; empty without TLS."""

    tls: Tls | None = None
    """session of the kept connection"""
    old: str = ""
    """whether TLS 1.2 is "taken" or "refused" too; "" where that is unknown"""
    why_not: str = ""
    """why it is unknown"""
    old_cipher: str = ""
    """that the server chose with TLS 1.2"""
    old_ticket: bool = False
    """whether it gave a ticket with TLS 1.2"""
    http: str | None = ""
    """protocol that the server chose of HTTP/2 and HTTP/1.1; None where the connection failed"""


@cache
def _offer(
    mode: TlsMode, ca: str, cert: str, key: str, newest: ssl.TLSVersion, *protocols: str
) -> ssl.SSLContext | None:
    """Return TLS settings that offer these HTTP versions; the dialer's are shared and offer none."""
    settings = context.__wrapped__(mode, ca, cert, key)
    if settings is not None:
        settings.set_alpn_protocols(protocols)
        settings.maximum_version = newest
    return settings


async def opened(
    dialer: Dialer, *protocols: str, newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED, name: str = "tls"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a stream to the target, with TLS if it is configured."""
    target = dialer.target
    settings = _offer(target.tls, target.ca, target.cert, target.key, newest, *protocols)
    most = 16 * BODY  # with headers, in chunks; a flood pauses at half of it
    return await dialer.open(target.host, target.port, settings, most, name)


async def handshake(dialer: Dialer, main: asyncio.StreamWriter) -> Handshake:
    """Return the TLS handshake of the kept connection and those of two more, which are closed at once."""
    newest, old = await asyncio.gather(
        _agreed(dialer, "h2", "http/1.1"), _agreed(dialer, "http/1.1", newest=ssl.TLSVersion.TLSv1_2)
    )
    session = seen(main.get_extra_info("ssl_object"))
    http = newest.http if isinstance(newest, Agreed) else None
    if isinstance(old, Agreed):
        return Handshake(session, "taken", "", old.cipher, old.ticket, http)
    return Handshake(session, *_refusal(old), http=http)


class Agreed(Struct, frozen=True):
    """The server's choices in a handshake."""

    http: str
    """version of HTTP, "" if it does not choose"""
    cipher: str
    ticket: bool


async def _agreed(dialer: Dialer, *protocols: str, **options: Any) -> Agreed | Exception:
    """Return the choices of the server; the error if the connection fails."""
    try:
        _, writer = await opened(dialer, *protocols, name="", **options)
    except (OSError, EOFError, ServiceError) as error:
        return error
    try:
        session = writer.get_extra_info("ssl_object")
        cipher, ticket = (session.cipher() or ("",))[0], bool(session.session and session.session.has_ticket)
        return Agreed(session.selected_alpn_protocol() or "", cipher, ticket)
    finally:
        leave(writer.transport)


def _refusal(error: Exception) -> tuple[str, str]:
    """Return ("refused", "") where a server refuses a version of TLS, else why that is unknown.

    >>> _refusal(ssl.SSLError(1, "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] ssl/tls alert handshake failure"))
    ('', 'refused with the ciphers that we offer')
    """
    words = f"{getattr(error, 'reason', '')} {error} {error.__cause__}".upper().replace("_", " ")
    if "PROTOCOL VERSION" in words or "UNSUPPORTED PROTOCOL" in words:
        return "refused", ""
    ciphers = "HANDSHAKE FAILURE" in words or "NO SHARED CIPHER" in words or "INSUFFICIENT SECURITY" in words
    return "", "refused with the ciphers that we offer" if ciphers else "a second connection failed"


async def get(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Target, login: str
) -> tuple[Page, bool]:
    """Return the page, and whether the connection can be used again."""
    import h11

    exchange = h11.Connection(h11.CLIENT)
    standard = {"http": 80, "https": 443}.get(target.scheme) == target.port
    headers = [
        ("Host", target.authority.rsplit(":", 1)[0] if standard else target.authority),
        ("User-Agent", "parity-tui"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, br, zstd"),
        *([("Authorization", login)] if login else []),
    ]
    try:
        request = h11.Request(method="GET", target="/" + target.path.lstrip("/"), headers=headers)
        writer.write((exchange.send(request) or b"") + (exchange.send(h11.EndOfMessage()) or b""))
        return await _page(exchange, reader)
    except h11.LocalProtocolError:
        raise ServiceError(Reason.CONFIG, "the path of the URL is invalid: percent-encode it") from None
    except h11.RemoteProtocolError:
        rest, ended = exchange.trailing_data
        if ended and b"HTTP/".startswith(rest[:5]):
            raise EOFError from None
        raise ServiceError(Reason.WRONG_SERVICE, f"{target.address} does not speak HTTP") from None


async def _page(exchange: Any, reader: asyncio.StreamReader) -> tuple[Page, bool]:
    """Return the page once it is complete, or too large."""
    import h11

    page, size, beginning = Page(0, "", {}), 0, b""
    while True:
        match exchange.next_event():
            case h11.NEED_DATA:
                await asyncio.sleep(0)  # bytes that have arrived already are returned without a pause
                exchange.receive_data(await reader.read(_PIECE))
            case h11.Response() as response:
                page = Page(response.status_code, response.http_version.decode(), _headers(response.headers))
            case h11.Data(data=part):
                size, beginning = size + max(len(part), _SHORTEST), beginning or part
                if page.status == 400 and (why := tls_error(beginning)):
                    raise ServiceError(Reason.TLS, why)
                if size > BODY:
                    return page, False
            case h11.EndOfMessage():
                rest = exchange.trailing_data[0] or unread(reader)
                return page, exchange.their_state is h11.DONE and not rest
            case h11.ConnectionClosed():
                raise EOFError


_TLS_ERRORS = (
    (b"plain HTTP request was sent to HTTPS port", "https"),
    (b"speaking plain HTTP to an SSL-enabled", "https"),
    (b"HTTP request to an HTTPS server", "https"),
    (b"No required SSL certificate was sent", "cert"),
    (b"SSL certificate error", "own"),
)
"""text of the error pages of nginx, Apache and Go -> meaning"""


def tls_error(text: bytes) -> str:
    """Return the TLS error that a page reports, "" for any other page.

    >>> tls_error(b"<h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port")
    'the port speaks TLS: use https:// in the URL'
    """
    meaning = {
        "https": "the port speaks TLS: use https:// in the URL",
        "cert": "the server requires a client certificate: set cert and key",
        "own": "the server rejects our certificate as that of a client",
    }
    return next((meaning[key] for sign, key in _TLS_ERRORS if sign in text), "")


def _headers(pairs: Any) -> dict[str, str]:
    """Return the headers by name in lower case; repeated ones are joined, cookies by line breaks."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("ascii").lower(), value.decode("utf-8", "surrogateescape")
        separator = "\n" if key == "set-cookie" else ", "
        headers[key] = f"{headers[key]}{separator}{text}" if key in headers else text
    return headers


def end(streams: list[Any]) -> None:
    """Close the connections and empty the list."""
    while streams:
        _, writer = streams.pop()
        leave(writer.transport)

"""Posts JSON to a URL that the user named, over a connection of its own: no redirects, no cookies, no proxies."""

from __future__ import annotations

import asyncio
from urllib.parse import SplitResult, unquote, urlsplit

import h11

from parity_tui.model import Reason, ServiceError, Target, TlsMode
from parity_tui.secrets import Secret, in_base64
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.errors import describe
from parity_tui.transport.guard import leave
from parity_tui.transport.http import PORTS
from parity_tui.transport.tls import context

_CAP = 256 * 1024
"""bytes of a reply, of which only the status counts"""


async def post(url: Secret, body: bytes, timeout: float) -> int:
    """Post a document of JSON and return the status of the reply.

    Args:
        url: http or https, whose certificate is verified; a user and a password in it are sent as basic authentication.
        body: the document.
        timeout: seconds for everything.

    Raises ServiceError without a reply.
    """
    parts = urlsplit(url.reveal())
    tls = TlsMode.VERIFY_FULL if parts.scheme == "https" else TlsMode.OFF
    port = parts.port or PORTS[parts.scheme]
    target = Target("", "webhook", "webhook", parts.scheme, parts.hostname or "", port, tls=tls)
    try:
        async with asyncio.timeout(timeout):
            return await _exchange(target, _request(parts, body), body, timeout)
    except ServiceError:
        raise
    except (OSError, EOFError) as error:
        failure = describe(error, target, timeout)
        raise ServiceError(failure.reason, failure.message) from None


def _request(parts: SplitResult, body: bytes) -> h11.Request:
    headers = [
        ("Host", parts.netloc.rpartition("@")[2]),
        ("User-Agent", "parity-tui"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers.append(("Authorization", f"Basic {in_base64(credentials)}"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return h11.Request(method="POST", target=path, headers=headers)


async def _exchange(target: Target, request: h11.Request, body: bytes, timeout: float) -> int:
    tls = context(target.tls)
    dialer = NetworkDialer(target, timeout)
    reader, writer = await dialer.open(target.host, target.port, tls, _CAP, "", plain=tls is None)
    exchange = h11.Connection(h11.CLIENT)
    try:
        for event in (request, h11.Data(body), h11.EndOfMessage()):
            writer.write(exchange.send(event) or b"")
        while True:
            match exchange.next_event():
                case h11.NEED_DATA:
                    exchange.receive_data(await reader.read(8192))
                case h11.Response(status_code=status):
                    return int(status)
                case h11.ConnectionClosed():
                    raise EOFError
    except h11.RemoteProtocolError:
        raise ServiceError(Reason.WRONG_SERVICE, f"{target.address} does not speak HTTP") from None
    finally:
        leave(writer.transport)

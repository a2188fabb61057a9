"""One GET of the API server through `kubectl proxy`."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import h11
from msgspec import Struct

from parity_tui.model import Reason, ServiceError

HOST = "localhost"
"""the only name that `kubectl proxy` accepts"""
_BODY = 4 * 1024 * 1024
"""bytes of a reply"""


class Reply(Struct, frozen=True):
    """A reply of the API server, or of kubectl in its place."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        """The body, or the message within it."""
        text = self.body.decode(errors="replace").strip()
        try:
            document = json.loads(text)
        except ValueError:
            return text
        return str(document.get("message", "")) if isinstance(document, dict) else ""

    def json(self) -> Any:
        """Return the body, parsed. Raises ServiceError(Reason.PROTOCOL, …)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise ServiceError(Reason.PROTOCOL, "the API server of Kubernetes does not answer in JSON") from None


async def get(sock: socket.socket, path: str) -> Reply:
    """Request a path on a new connection, and close it. Raises OSError, EOFError, ServiceError."""
    loop, exchange = asyncio.get_running_loop(), h11.Connection(h11.CLIENT)
    headers = [("Host", HOST), ("Accept", "application/json"), ("Connection", "close")]
    request = exchange.send(h11.Request(method="GET", target=path, headers=headers)) or b""
    with sock:
        await loop.sock_sendall(sock, request + (exchange.send(h11.EndOfMessage()) or b""))
        status, body = 0, bytearray()
        try:
            while True:
                match exchange.next_event():
                    case h11.NEED_DATA:
                        exchange.receive_data(await loop.sock_recv(sock, 65536))
                    case h11.Response(status_code=status):
                        pass
                    case h11.Data(data=part):
                        body += part
                        if len(body) > _BODY:
                            raise ServiceError(Reason.PROTOCOL, f"{path} of Kubernetes has more than {_BODY:,} bytes")
                    case h11.EndOfMessage():
                        return Reply(status, bytes(body))
                    case _:
                        raise EOFError
        except h11.RemoteProtocolError:
            raise EOFError from None

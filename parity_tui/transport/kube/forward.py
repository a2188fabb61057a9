"""Port-forward by WebSocket, as a socket: data of channel 0 goes through, errors come on channel 1.

The subprotocol v4.channel.k8s.io: every message begins with the number of its channel, and the first of each channel
that the server sends holds the port, in two bytes. It knows no half-close: the end of our data alone is not sent.
"""

from __future__ import annotations

import asyncio
import re
import select
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.foreign import foreign
from parity_tui.transport.kube.api import HOST, Reply
from parity_tui.transport.pipe import Pipe

_PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_PORT_BYTES = 2
_PIECE = 64 * 1024
"""bytes that are on the way at once in either direction, beside those in the buffers of the system"""
_MOST_WORDS = 4096
"""bytes of an error or of a refusal that are kept"""
_HANG_UP = 0.1
"""seconds between two looks whether a driver that has sent everything is gone"""


class RefusedError(Exception):
    """The request for a port-forward was refused; `reply` has the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class Forward:
    """One port-forward, from the handshake to its end."""

    def __init__(self, sock: socket.socket, host: str) -> None:
        """Take a connection to the API server; ``host`` is the target as host:port, for messages."""
        self._sock, self._host = sock, host
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._send_lock = asyncio.Lock()
        self._error = b""
        self._events = self._received()

    async def open(self, path: str) -> None:
        """Shake hands. Raises RefusedError, OSError, EOFError."""
        await self._send(Request(host=HOST, target=path, subprotocols=[_PROTOCOL]))
        status, body = 0, b""
        async for event in self._events:
            match event:
                case AcceptConnection():
                    return
                case RejectConnection():
                    status = event.status_code
                    if not event.has_body:
                        raise RefusedError(Reply(status, b""))
                case RejectData():
                    body = (body + bytes(event.data))[:_MOST_WORDS]
                    if event.body_finished:
                        raise RefusedError(Reply(status, body))
        raise EOFError

    async def carry(self, pipe: Pipe, far: socket.socket) -> None:
        """Carry data between a driver's ``pipe`` and the pod until one of them ends; :meth:`close` has to follow.

        Args:
            pipe: the driver's; it gets the problem of a port that is not reached.
            far: its other end.
        """
        up, down = asyncio.create_task(self._up(far)), asyncio.create_task(self._down(far, pipe))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.wait((up, down))

    def close(self) -> None:
        """Take leave, and close the connection."""
        with suppress(OSError, LocalProtocolError):  # the server learns of it by the end of the connection as well
            self._sock.send(self._connection.send(CloseConnection(1000)))
        self._sock.close()

    async def _up(self, far: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError, LocalProtocolError):
            while data := await loop.sock_recv(far, _PIECE):
                await self._send(BytesMessage(bytes((_DATA,)) + data))
            while not _is_gone(far):  # noqa: ASYNC110 - it has sent everything, may still read, and no event tells
                await asyncio.sleep(_HANG_UP)

    async def _down(self, far: socket.socket, pipe: Pipe) -> None:
        loop, channel, seen = asyncio.get_running_loop(), -1, {_DATA: 0, _ERROR: 0}
        with suppress(OSError, EOFError):
            async for event in self._events:
                if not isinstance(event, BytesMessage):
                    if isinstance(event, TextMessage):
                        break
                    continue
                data = bytes(event.data)
                if channel < 0 and data:
                    channel, data = data[0], data[1:]
                if channel in seen:
                    skipped = min(len(data), _PORT_BYTES - seen[channel])
                    seen[channel] += skipped
                    data = data[skipped:]
                if channel == _DATA and data:
                    await loop.sock_sendall(far, data)
                elif channel == _ERROR and data:
                    self._error = (self._error + data)[:_MOST_WORDS]
                    pipe.problem = describe(self._error.decode(errors="replace"), self._host)
                if event.message_finished:
                    channel = -1

    async def _received(self) -> AsyncIterator[Event]:
        """Yield the events of the connection until it ends; pings are answered. Raises OSError, EOFError."""
        loop = asyncio.get_running_loop()
        while True:
            for event in self._connection.events():
                match event:
                    case Ping():
                        await self._send(event.response())
                    case CloseConnection():
                        return
                    case _:
                        yield event
            data = await loop.sock_recv(self._sock, _PIECE)
            if not data:
                raise EOFError
            try:
                self._connection.receive_data(data)
            except RemoteProtocolError:
                raise EOFError from None

    async def _send(self, event: Event) -> None:
        async with self._send_lock:
            await asyncio.get_running_loop().sock_sendall(self._sock, self._connection.send(event))


def _is_gone(far: socket.socket) -> bool:
    """Return whether the other end is closed, and not for sending only."""
    poll = select.poll()
    poll.register(far, 0)
    return bool(poll.poll(0))


def describe(error: str, host: str) -> ServiceError:
    """Return the error of a port-forward, as the kubelet words it.

    >>> print(describe("dial tcp4 127.0.0.1:6379: connect: connection refused", "svc/c:1"))
    svc/c:1 refused the connection: nothing listens in the pod
    """
    if re.search(r"connection refused", error, re.IGNORECASE):
        return ServiceError(Reason.REFUSED, f"{host} refused the connection: nothing listens in the pod")
    return ServiceError(Reason.CLOSED, f"{host}: the port-forward ended: {foreign(error, 300)}")

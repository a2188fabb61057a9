"""A connection through a line, asked for at the control socket of OpenSSH's client.

As `ssh -W` asks a client that shares its connection (PROTOCOL.mux of OpenSSH): there is no local port which others on
this machine could use, names are looked up at the far end, and a refusal there is heard of.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Self

_HELLO, _STREAM, _OPENED = 0x00000001, 0x10000008, 0x80000006
_REFUSED = (0x80000002, 0x80000003)
_VERSION = 4


class Stream(socket.socket):
    """One connection through a line: a socket like any other. Closing it tells the client at once."""

    control: socket.socket
    """held for as long as the connection is wanted"""

    def setsockopt(self, level: int, *option: Any) -> None:
        """Set what drivers like to set, but for TCP's own: this is a pipe to the client."""
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *option)

    def dup(self) -> Self:
        """Return a second one, as wanted as the first."""
        other = super().dup()
        other.control = self.control.dup()
        return other

    def close(self) -> None:
        """Close both."""
        super().close()
        self.control.close()


async def ask(client: str, stream: Stream, theirs: socket.socket, host: str, port: int) -> bool:
    """Send the client the other end of a stream, and tell whether it could connect that.

    ``client`` is the name of its control socket.
    """
    loop, control = asyncio.get_running_loop(), stream.control
    stream.setblocking(False)
    control.setblocking(False)
    await loop.sock_connect(control, client)
    name = host.encode() if host.isascii() else host.encode("idna")
    request = struct.pack(">IIII", _STREAM, 0, 0, len(name)) + name + struct.pack(">I", port)
    await loop.sock_sendall(control, _packed(struct.pack(">II", _HELLO, _VERSION)) + _packed(request))
    for _ in ("what it reads", "what it writes"):
        socket.send_fds(control, [b"\0"], [theirs.fileno()])
    while True:
        kind = await _answer(control)
        if kind == _OPENED or kind in _REFUSED:
            return kind == _OPENED


def _packed(payload: bytes) -> bytes:
    """Return a message to a control socket."""
    return struct.pack(">I", len(payload)) + payload


async def _answer(control: socket.socket) -> int:
    """Return the kind of the next message from a control socket."""
    size = struct.unpack(">I", await _exactly(control, 4))[0]
    message = await _exactly(control, min(size, 65536))
    return int.from_bytes(message[:4], "big")


async def _exactly(control: socket.socket, size: int) -> bytes:
    """Return so many bytes of a socket. Raises EOFError where it ends before."""
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < size:
        more = await loop.sock_recv(control, size - len(data))
        if not more:
            raise EOFError
        data += more
    return data

"""A stream through an SSH connection, requested at the control socket of OpenSSH's client.

The request is that of `ssh -W` to a client that shares its connection (PROTOCOL.mux of OpenSSH): no local port is
opened that others on this machine could use, the far end resolves names, and its refusal is reported.
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
    """A socket whose other end is the client; closing it closes the stream at the far end too."""

    control: socket.socket
    """connection to the control socket; the client keeps the stream while it is open"""

    def setsockopt(self, level: int, *option: Any) -> None:
        """Set an option of a socket; those of TCP are ignored, as this is a pipe to the client."""
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *option)

    def dup(self) -> Self:
        """Return a duplicate that keeps the stream open as well."""
        other = super().dup()
        other.control = self.control.dup()
        return other

    def close(self) -> None:
        """Close the stream."""
        super().close()
        self.control.close()


async def open_stream(client: str, stream: Stream, theirs: socket.socket, host: str, port: int) -> bool:
    """Pass the other end of a stream to the client and return whether it was connected to ``host``:``port``.

    ``client`` is the path of its control socket.
    """
    loop, control = asyncio.get_running_loop(), stream.control
    stream.setblocking(False)
    control.setblocking(False)
    await loop.sock_connect(control, client)
    name = host.encode() if host.isascii() else host.encode("idna")
    request = struct.pack(">IIII", _STREAM, 0, 0, len(name)) + name + struct.pack(">I", port)
    await loop.sock_sendall(control, _packed(struct.pack(">II", _HELLO, _VERSION)) + _packed(request))
    for _ in ("input", "output"):
        socket.send_fds(control, [b"\0"], [theirs.fileno()])
    while True:
        reply = await _reply_type(control)
        if reply == _OPENED or reply in _REFUSED:
            return reply == _OPENED


def _packed(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


async def _reply_type(control: socket.socket) -> int:
    size = struct.unpack(">I", await _exactly(control, 4))[0]
    message = await _exactly(control, min(size, 65536))
    return int.from_bytes(message[:4], "big")


async def _exactly(control: socket.socket, size: int) -> bytes:
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < size:
        more = await loop.sock_recv(control, size - len(data))
        if not more:
            raise EOFError
        data += more
    return data

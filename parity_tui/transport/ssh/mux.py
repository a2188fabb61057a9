"""Streams and sessions of an SSH connection, requested at the control socket of OpenSSH's client.

The requests are those of `ssh -W` and `ssh HOST COMMAND` to a client that shares its connection (PROTOCOL.mux of
OpenSSH): no local port is opened that others on this machine could use, the far end resolves names, its refusals are
reported, and a refused client never logs in by itself.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from parity_tui.transport.pipe import Pipe

_HELLO, _SESSION, _FORWARD, _STREAM = 0x00000001, 0x10000002, 0x10000006, 0x10000008
_LOCAL = 1
_DONE, _OPENED = 0x80000001, 0x80000006
_EXITED = 0x80000004.to_bytes(4, "big")
_NO_ESCAPE = 0xFFFFFFFF
_REFUSED = (0x80000002, 0x80000003)
_VERSION = 4
_PATH = struct.pack(">I", 0xFFFFFFFE)
"""PORT_STREAMLOCAL of OpenSSH, in place of a port: the host is the path of a Unix socket"""


class Stream(Pipe):
    """A socket whose other end is the client; closing it closes the stream at the far end too."""

    control: socket.socket
    """connection to the control socket; the client keeps the stream while it is open"""

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
    stream.setblocking(False)
    name = host.encode() if host.isascii() else host.encode("idna")
    request = struct.pack(">III", _STREAM, 0, 0) + _packed(name) + struct.pack(">I", port)
    return await _opened(client, stream.control, request, [theirs.fileno()] * 2)


async def forward_unix_socket(client: str, here: str, there: str) -> bool:
    """Listen on a Unix socket of this machine that leads to one of the far end; return whether the client does.

    Clients before OpenSSH 9.4 open no stream to a Unix socket; whether the host allows it is seen when it is used.

    Args:
        client: path of the control socket.
        here: path of the new socket, in a private folder.
        there: path of the socket at the far end.
    """
    ends = _packed(here.encode()) + _PATH + _packed(there.encode()) + _PATH
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
        return await _opened(client, control, struct.pack(">III", _FORWARD, 0, _LOCAL) + ends, [])


async def request_session(client: str, control: socket.socket, command: str, descriptors: Sequence[int]) -> bool:
    """Start a command at the far end and return whether the host allowed it.

    Args:
        client: path of the control socket.
        control: connection to it, which belongs to the session from now on.
        command: for the shell of the user.
        descriptors: its standard input, output and error.
    """
    flags = struct.pack(">IIII", 0, 0, 0, 0)  # no terminal, X11, agent, subsystem
    request = struct.pack(">II", _SESSION, 0) + _packed(b"") + flags + struct.pack(">I", _NO_ESCAPE)
    return await _opened(client, control, request + _packed(b"") + _packed(command.encode()), descriptors)


async def exit_code(control: socket.socket) -> int | None:
    """Wait for the end of a session and return its exit code, None where the connection to the client ends first."""
    with suppress(ConnectionError, EOFError):
        while True:
            message = await _message(control)
            if message[:4] == _EXITED:
                return int.from_bytes(message[8:12], "big")
    return None


async def answers(client: str) -> bool:
    """Return whether a client accepts connections to its control socket."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
        control.setblocking(False)
        await asyncio.get_running_loop().sock_connect(control, client)
        return True
    return False


async def _opened(client: str, control: socket.socket, request: bytes, descriptors: Sequence[int]) -> bool:
    loop = asyncio.get_running_loop()
    control.setblocking(False)
    await loop.sock_connect(control, client)
    await loop.sock_sendall(control, _packed(struct.pack(">II", _HELLO, _VERSION)) + _packed(request))
    for descriptor in descriptors:
        socket.send_fds(control, [b"\0"], [descriptor])
    while True:
        reply = int.from_bytes((await _message(control))[:4], "big")
        if reply in (_DONE, _OPENED, *_REFUSED):
            return reply not in _REFUSED


def _packed(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


async def _message(control: socket.socket) -> bytes:
    size = struct.unpack(">I", await _exactly(control, 4))[0]
    return await _exactly(control, min(size, 65536))


async def _exactly(control: socket.socket, size: int) -> bytes:
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < size:
        more = await loop.sock_recv(control, size - len(data))
        if not more:
            raise EOFError
        data += more
    return data

"""Sockets of this machine that stand for a connection to a far one."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parity_tui.model import ServiceError


class Pipe(socket.socket):
    """A Unix socket in place of a TCP connection, as a driver expects it."""

    problem: ServiceError | None = None
    """why the far end was not reached, where that came out once the pipe was in use"""

    def setsockopt(self, level: int, *option: Any) -> None:
        """Set an option of a socket; those of TCP are ignored."""
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *option)


async def unix_stream(path: str) -> socket.socket:
    """Return a socket connected to a Unix socket of this machine. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(sock, path)
    except BaseException:
        sock.close()
        raise
    return sock

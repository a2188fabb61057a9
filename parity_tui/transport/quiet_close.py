"""Closes a connection on which a reply may be unread, so that the server does not log a reset."""

from __future__ import annotations

import socket
from contextlib import suppress

_LARGEST_REPLY = 4096
"""bytes that may have come in reply to the first ones"""


def close_quietly(sock: socket.socket) -> None:
    """Close a socket without waiting: first our end of the connection comes, and no reply that came stays unread."""
    sock.setblocking(False)
    with suppress(OSError):  # it may not be connected
        sock.shutdown(socket.SHUT_WR)
        sock.recv(_LARGEST_REPLY)
    sock.close()

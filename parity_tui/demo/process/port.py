"""Ports of 127.0.0.1: one that is free, and whether something answers there."""

from __future__ import annotations

import contextlib
import socket
import threading

_given: set[int] = set()
_giving = threading.Lock()


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free now and was given to nobody else in this process."""
    with _giving:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port: int = probe.getsockname()[1]
            if port not in _given:
                _given.add(port)
                return port


def answers(port: int) -> bool:
    """Tell whether something accepts connections on a port of 127.0.0.1."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False

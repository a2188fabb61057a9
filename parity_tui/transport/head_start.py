"""Connections that begin before the event loop and Textual are imported: their handshakes take place meanwhile.

Only to numeric addresses, for a name server may take long, and only where nothing can keep the kind from using the
connection: a server would log, or count against this host, one that is closed again. For the same reason a kind sends
early only what its server forgives (PostgreSQL's request for TLS).
"""

from __future__ import annotations

import errno
import resource
import socket
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from parity_tui.model import QuickPassword, Service, ServiceError, Target
from parity_tui.transport.numeric_host import is_numeric
from parity_tui.transport.quiet_close import close_quietly

_MOST = 32
"""connections; a watcher opens no more at once"""

_FILES = 256
"""files that this process may open, or nothing begins: imports open files too"""

Begun = tuple[socket.socket, Any]
"""a socket that is connecting, and the address"""

_Key = tuple[str, int, bytes]
"""host, port, and the bytes that were sent"""


class HeadStart:
    """Sockets that are connecting, for the dialers that need them."""

    def __init__(self, targets: Iterable[Target] = (), kinds: Mapping[str, Service] | None = None) -> None:
        """Begin to connect to those of the targets that can be; errors come later, to the dialer."""
        self._begun: dict[_Key, list[Begun]] = {}
        self._unsent: set[_Key] = set()
        """with the bytes that are to be sent"""
        firsts = ((target, _first_bytes(target, (kinds or {}).get(target.kind))) for target in targets)
        for target, first in islice(((target, first) for target, first in firsts if first is not None), _MOST):
            self._begin(target.host, target.port)
            if first:
                self._unsent.add((target.host, target.port, first))

    def _begin(self, host: str, port: int) -> None:
        try:
            # As bytes, for a text would need the codec of international names.
            found = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            family, type_, protocol, _, address = found[0]
            sock = socket.socket(family, type_, protocol)
        except (OSError, ValueError):
            return
        sock.setblocking(False)
        sock.connect_ex(address)
        self._begun.setdefault((host, port, b""), []).append((sock, address))

    def send(self) -> None:
        """Send the first bytes on the sockets that are connected by now."""
        for host, port, first in tuple(self._unsent):
            waiting = self._begun.get((host, port, b""), [])
            for begun in tuple(waiting):
                if _is_connected(*begun) and _is_sent(begun[0], first):
                    waiting.remove(begun)
                    self._begun.setdefault((host, port, first), []).append(begun)
            if not waiting:
                self._unsent.discard((host, port, first))

    def take(self, host: str, port: int, sent: bytes = b"") -> Begun | None:
        """Return a socket that is connecting to ``host``:``port``, or is connected and exactly these bytes were sent.

        None for none; each is returned once.
        """
        begun = self._begun.get((host, port, sent))
        return begun.pop() if begun else None

    def close(self) -> None:
        """Close the sockets that were not taken."""
        for begun in self._begun.values():
            for sock, _ in begun:
                close_quietly(sock)
        self._begun.clear()
        self._unsent.clear()


def _is_connected(sock: socket.socket, address: Any) -> bool:
    try:
        sock.getpeername()  # a second attempt would take the error of a failed one away from the dialer
    except OSError:
        return False
    return sock.connect_ex(address) in (0, errno.EISCONN)  # else a peer that hangs up later fails the attempt


def _is_sent(sock: socket.socket, first: bytes) -> bool:
    try:
        return sock.send(first) == len(first)  # a new connection has room for more than any kind begins with
    except OSError:
        return False


def _first_bytes(target: Target, service: Service | None) -> bytes | None:
    """Return what a kind sends at first, None where connecting may fail before its first connection, a direct one."""
    if service is None or service.begins is None or target.problem is not None or not target.port:
        return None
    if not is_numeric(target.host) or resource.getrlimit(resource.RLIMIT_NOFILE)[0] < _FILES:
        return None
    if target.ssh or target.kube or target.tunnel or target.is_unix_socket or "+" in target.scheme:
        return None
    if target.ca or target.cert or target.key:  # files that may be unreadable
        return None
    source = target.password
    if source is not None and not isinstance(source, QuickPassword):
        return None
    try:
        first = service.begins(target, bool(source and source().reveal()))
    except ServiceError:
        return None
    return first if isinstance(first, bytes) else b"" if first else None

"""Connections that begin before the event loop and Textual are imported: their handshakes take place meanwhile.

Only to numeric addresses, for a name server may take long, and only where nothing can keep the kind from using the
connection: a server would log, or count against this host, one that is closed again.
"""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from parity_tui.model import QuickPassword, Service, ServiceError, Target
from parity_tui.transport.numeric_host import is_numeric

_MOST = 32
"""connections; a watcher opens no more at once"""

_FILES = 256
"""files that this process may open, or nothing begins: imports open files too"""

Begun = tuple[socket.socket, Any]
"""a socket that is connecting, and the address"""


class HeadStart:
    """Sockets that are connecting, for the dialers that need them."""

    def __init__(self, targets: Iterable[Target] = (), kinds: Mapping[str, Service] | None = None) -> None:
        """Begin to connect to those of the targets that can be; errors come later, to the dialer."""
        self._begun: dict[tuple[str, int], list[Begun]] = {}
        for target in islice((each for each in targets if _can_begin(each, (kinds or {}).get(each.kind))), _MOST):
            self._begin(target.host, target.port)

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
        self._begun.setdefault((host, port), []).append((sock, address))

    def take(self, host: str, port: int) -> Begun | None:
        """Return a socket that is connecting to ``host``:``port``, None for none; each is returned once."""
        begun = self._begun.get((host, port))
        return begun.pop() if begun else None

    def close(self) -> None:
        """Close the sockets that were not taken."""
        for begun in self._begun.values():
            for sock, _ in begun:
                sock.close()
        self._begun.clear()


def _can_begin(target: Target, service: Service | None) -> bool:
    """Return whether connecting to a target cannot fail before its first connection, which is a direct one."""
    if service is None or service.begins is None or target.problem is not None or not target.port:
        return False
    if not is_numeric(target.host) or resource.getrlimit(resource.RLIMIT_NOFILE)[0] < _FILES:
        return False
    if target.ssh or target.kube or target.tunnel or target.is_unix_socket or "+" in target.scheme:
        return False
    if target.ca or target.cert or target.key:  # files that may be unreadable
        return False
    source = target.password
    if source is not None and not isinstance(source, QuickPassword):
        return False
    try:
        return service.begins(target, bool(source and source().reveal()))
    except ServiceError:
        return False

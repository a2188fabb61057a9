"""HAProxy: `show info` and `show stat` over its stats socket.

`haproxy:///run/haproxy/admin.sock` is a Unix socket of this machine, `haproxy://lb1:9999` one on a TCP port. A socket
of another host or of a container is reached by a script there, which needs perl, python3, socat or `nc -U`:
`haproxy+ssh://lb1/run/haproxy/admin.sock`. The commands are sent in one line; HAProxy answers and closes the
connection, so that none is held between two readings. Counters are not kept. `show env` and `show sess` are never sent.

Least privilege: a stats socket of the level `user`. It does not show how backends balance: `operator` does.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from parity_tui.model import (
    Dialer,
    HiddenGroup,
    Image,
    Reading,
    ReadOnce,
    Service,
    Target,
    UnixSocket,
)
from parity_tui.services.haproxy.connection import Connection
from parity_tui.services.haproxy.parse import NOT_SHOWN, parse
from parity_tui.services.haproxy.queries import reply_of, script
from parity_tui.services.haproxy.remediation import remediate
from parity_tui.services.haproxy.rules import RULES
from parity_tui.transport.threads import in_thread_if_large


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Connect, or run a script where the socket is, and yield the function that reads."""
    if "+" in target.scheme:
        yield partial(_read_there, target, dialer)
        return
    first = [await Connection.open(target, dialer)]

    async def read() -> Reading:
        """Ask on a new connection; the first call uses the one that is open already."""
        connection = first.pop() if first else await Connection.open(target, dialer)
        return await _parsed(target, await connection.ask())

    try:
        yield read
    finally:
        for connection in first:
            connection.end()


async def _read_there(target: Target, dialer: Dialer) -> Reading:
    mark = f"@@{secrets.token_hex(8)}"  # random, so that no reply can contain it
    output = await dialer.sh(script(target, mark))
    return await _parsed(target, reply_of(output, mark))


async def _parsed(target: Target, reply: bytes) -> Reading:
    return await in_thread_if_large(len(reply), parse, reply, target.address or "HAProxy")


def identify(first: bytes) -> str:
    """Return "HAProxy" for the first bytes of `show info typed`, else "".

    >>> identify(b"0.Name.1:POS:str:HAProxy"), identify(b"HTTP/1.0 400 Bad request")
    ('HAProxy', '')
    """
    return "HAProxy" if first.startswith(b"0.Name.") else ""


SERVICE = Service(
    title="HAProxy",
    schemes=("haproxy",),
    connect=connect,
    privilege="stats socket /run/haproxy/parity.sock mode 660 group GROUP level user   # in the section global",
    rules=RULES,
    commands=True,
    port=9999,
    unix_socket=UnixSocket(("socket", "path"), in_path=True),
    login_in_reading=True,
    release=2,
    role="proxy",
    images=(Image("haproxy+docker", ("haproxy", "haproxy-alpine", "haproxy-debian")),),
    identify=identify,
    hidden=(
        HiddenGroup(
            "backend.*.balance",
            NOT_SHOWN,
            "stats socket /run/haproxy/parity.sock mode 660 group GROUP level operator",
        ),
    ),
    remediate=remediate,
)

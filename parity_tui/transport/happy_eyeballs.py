"""Happy eyeballs: the addresses of a host are tried in parallel, the first that answers is used (RFC 8305)."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from msgspec import Struct

from parity_tui.transport.numeric_host import is_numeric
from parity_tui.transport.quiet_close import close_quietly

DELAY = 0.25
"""seconds between two attempts; after a failure the next one starts at once"""

Address = tuple[Any, ...]
"""(family, type, protocol, canonical name, socket address), as getaddrinfo returns it"""


async def addresses(host: str, port: int) -> list[Address]:
    """Return the distinct addresses of a host, families alternating; a numeric host needs no name server."""
    if is_numeric(host):
        # As bytes, for a text would need the codec of international names.
        results = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    else:
        results = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    families: dict[int, list[Address]] = {}
    for address in dict.fromkeys(results):
        families.setdefault(address[0], []).append(address)
    return [address for turn in zip_longest(*families.values()) for address in turn if address]


def ip(address: Address) -> str:
    """Return the text of an address, without the port."""
    return str(address[4][0])


class Peer(Struct, frozen=True):
    """Where a name led to."""

    answered: str
    """the address that is connected to"""
    addresses: frozenset[str]
    """all addresses that the name had"""

    @property
    def several(self) -> bool:
        """Whether the name has more than one address."""
        return len(self.addresses) > 1

    def note(self, host: str) -> str:
        """Return in words which of several addresses answered.

        >>> Peer("10.0.0.2", frozenset({"10.0.0.1", "10.0.0.2"})).note("db.prod")
        'db.prod answers as 10.0.0.2 (of 2 addresses)'
        """
        return f"{host} answers as {self.answered} (of {len(self.addresses)} addresses)"


async def has_left(host: str, peer: Peer) -> bool:
    """Look a name up again; return whether the address in use is none of its own any more.

    A failed lookup proves nothing.
    """
    try:
        return peer.answered not in set(map(ip, await addresses(host, 0)))
    except OSError:
        return False


class HappyEyeballs:
    """One attempt for each address of a host; every socket but the returned one is closed, also when cancelled."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        self.addresses = list(addresses)
        self.failed: dict[str, OSError] = {}
        """address -> why its attempt failed"""
        self.answered = ""
        """the address of the returned socket"""
        self._attempts: dict[asyncio.Task[socket.socket], Address] = {}

    @property
    def peer(self) -> Peer:
        """The address of the returned socket, and all others of the name."""
        return Peer(self.answered, frozenset(map(ip, self.addresses)))

    async def run(self) -> socket.socket:
        """Return a connected socket. Raises OSError if no address answers."""
        if len(self.addresses) == 1:
            self.answered = ip(self.addresses[0])
            return await _connected(self.addresses[0])
        chosen = None
        try:
            chosen = await self._first()
            return chosen.result()
        finally:
            for attempt in self._attempts.keys() - {chosen}:
                attempt.cancel()
                attempt.add_done_callback(close_unused)

    async def _first(self) -> asyncio.Task[socket.socket]:
        """Return the first attempt that succeeds."""
        waiting, running = self.addresses[::-1], set[asyncio.Task[socket.socket]]()
        while waiting or running:
            if waiting:
                running.add(self._start(waiting.pop()))
            done, running = await asyncio.wait(
                running, timeout=DELAY if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for attempt in done:
                address = ip(self._attempts[attempt])
                if (error := attempt.exception()) is None:
                    self.answered = address
                    return attempt
                if not isinstance(error, OSError):
                    raise error
                self.failed[address] = error
        raise self._most_specific_error()

    def _start(self, address: Address) -> asyncio.Task[socket.socket]:
        attempt = asyncio.create_task(_connected(address))
        self._attempts[attempt] = address
        return attempt

    def _most_specific_error(self) -> OSError:
        """Return a refusal if there is one: it proves that the host answers."""
        errors = list(self.failed.values())
        refusals = (error for error in errors if isinstance(error, ConnectionRefusedError))
        return next(refusals, errors[0] if errors else OSError("the name has no address"))


def close_unused(attempt: asyncio.Future[socket.socket]) -> None:
    """Close the socket of an unused attempt that succeeded; to be called when it is done."""
    if not attempt.cancelled() and attempt.exception() is None:
        close_quietly(attempt.result())


async def _connected(address: Address) -> socket.socket:
    family, type_, protocol, _, socket_address = address
    sock = socket.socket(family, type_, protocol)
    sock.setblocking(False)
    return await connected(sock, socket_address)


async def connected(sock: socket.socket, address: Any) -> socket.socket:
    """Connect a socket, which may be connecting or connected already; close it after an error."""
    try:
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException as error:
        if isinstance(error, OSError) and error.errno == errno.EISCONN:
            return sock
        sock.close()
        raise
    return sock

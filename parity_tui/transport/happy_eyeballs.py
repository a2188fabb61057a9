"""The addresses of a host, and the race between them: the first that answers is taken, and the others are closed."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

DELAY = 0.25
"""seconds that an address is ahead of the next; one that fails makes way at once"""

Address = tuple[Any, ...]
"""(family, type, protocol, canonical name, socket address), as getaddrinfo gives it"""


async def addresses(host: str, port: int) -> list[Address]:
    """Return the addresses of a host, each once and both families in turn; numeric ones are not looked up."""
    look_up = asyncio.get_running_loop().getaddrinfo
    if is_numeric(host):
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    else:
        found = await look_up(host, port, type=socket.SOCK_STREAM)
    families: dict[int, list[Address]] = {}
    for address in dict.fromkeys(found):
        families.setdefault(address[0], []).append(address)
    return [address for turn in zip_longest(*families.values()) for address in turn if address]


def is_numeric(host: str) -> bool:
    """Tell whether a host is an address and no name.

    >>> is_numeric("10.0.0.7"), is_numeric("fe80::1%eth0"), is_numeric("db.prod")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def ip(address: Address) -> str:
    """Return an address as a person would write it."""
    return str(address[4][0])


class HappyEyeballs:
    """One attempt for each address of a host. Whatever ends it, no socket is left but the one that it returns."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        self.addresses = list(addresses)
        self.failed: dict[str, OSError] = {}
        """why an address did not answer"""
        self.answered = ""
        """the address that did"""
        self._attempts: dict[asyncio.Task[socket.socket], Address] = {}

    async def run(self) -> socket.socket:
        """Return a socket that is connected. Raises OSError where no address answers."""
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
        """Return the attempt that comes in first."""
        left, running = self.addresses[::-1], set[asyncio.Task[socket.socket]]()
        while left or running:
            if left:
                running.add(self._begin(left.pop()))
            done, running = await asyncio.wait(
                running, timeout=DELAY if left else None, return_when=asyncio.FIRST_COMPLETED
            )
            for attempt in done:
                where = ip(self._attempts[attempt])
                if (error := attempt.exception()) is None:
                    self.answered = where
                    return attempt
                if not isinstance(error, OSError):
                    raise error
                self.failed[where] = error
        raise self._why()

    def _begin(self, address: Address) -> asyncio.Task[socket.socket]:
        """Begin with another address."""
        attempt = asyncio.create_task(_connected(address))
        self._attempts[attempt] = address
        return attempt

    def _why(self) -> OSError:
        """Return the error that tells most: a refusal says that somebody is there."""
        errors = list(self.failed.values())
        refusals = (error for error in errors if isinstance(error, ConnectionRefusedError))
        return next(refusals, errors[0] if errors else OSError("the name has no address"))


def close_unused(attempt: asyncio.Future[socket.socket]) -> None:
    """Close the socket of an attempt that has come about and that nobody wants any more."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


async def _connected(address: Address) -> socket.socket:
    """Return a socket that is connected to one address."""
    family, kind, protocol, _, where = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock

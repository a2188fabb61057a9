"""An open connection to a target, and one reading by it: connection facts added, secrets replaced."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

from msgspec import Struct

from parity_tui.model import Reading, ReadOnce, Reason, Service, ServiceError
from parity_tui.services import redact_reading
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.event_loop import in_thread_if_large

_MOST_FACTS = 20_000
"""facts of a reading; servers have about 2,000 at most, and each more costs time in every comparison"""


class Link(Struct):
    """An open connection to a target."""

    read_once: ReadOnce
    dialer: NetworkDialer
    stack: AsyncExitStack
    """closes the connection"""
    until: float
    """when it is renewed, in the time of the event loop"""

    async def read(self, service: Service) -> Reading:
        """Return a reading without secrets. Raises ServiceError where it has too many facts."""
        reading = self.dialer.with_connection_facts(await self.read_once())
        if len(reading.facts) > _MOST_FACTS:
            message = f"{self.dialer.target.address} reports more than {_MOST_FACTS:,} settings"
            raise ServiceError(Reason.PROTOCOL, message)
        return await in_thread_if_large(_letters(reading), redact_reading, reading, service)

    async def answers(self, timeout: float) -> bool:
        """Return whether the connection still works."""
        with suppress(Exception):
            async with asyncio.timeout(timeout):
                await self.read_once()
                return True
        return False


async def leave(links: list[Link], keep: Link | None = None) -> None:
    """Close the connections; one that cannot be closed in order has ended all the same."""
    for link in [link for link in links if link is not keep]:
        links.remove(link)
        with suppress(Exception):
            await link.stack.aclose()


def _letters(reading: Reading) -> int:
    return sum(len(name) + len(fact.raw or "") + 16 for name, fact in reading.facts.items())

"""An open connection to a target, and one reading by it: complete, without secrets, and with current names."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

from msgspec import Struct

from parity_tui.drift.rules import aliases_of, with_current_names
from parity_tui.model import Reading, ReadOnce, Reason, Service, ServiceError
from parity_tui.services import redact_reading
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.threads import in_thread_if_large

_MOST_FACTS = 20_000
"""facts of a reading; servers have about 2,000 at most, and each more costs time in every comparison"""


class Latest(Struct, frozen=True):
    """The latest reading of a connection."""

    dialer: NetworkDialer
    """of the connection"""
    raw: Reading
    """as the service returned it"""
    complete: Reading
    """with the facts of the connection"""
    finished: Reading
    """without secrets, and with current names"""


class Link(Struct):
    """An open connection to a target."""

    read_once: ReadOnce
    dialer: NetworkDialer
    stack: AsyncExitStack
    """closes the connection"""
    until: float
    """when it is renewed, in the time of the event loop"""
    latest: Latest | None = None
    """of this connection, or of the one before"""

    async def read(self, service: Service) -> Reading:
        """Return a reading without secrets, the same object while nothing changes.

        Raises ServiceError where it has too many facts.
        """
        raw, latest = await self.read_once(), self.latest
        if latest is not None and raw is latest.raw and self.dialer is latest.dialer:
            return latest.finished
        complete = self.dialer.with_connection_facts(raw)
        same = latest is not None and complete == latest.complete
        finished = latest.finished if latest is not None and same else await self._finished(complete, service)
        self.latest = Latest(self.dialer, raw, complete, finished)
        return finished

    async def _finished(self, reading: Reading, service: Service) -> Reading:
        if len(reading.facts) > _MOST_FACTS:
            message = f"{self.dialer.target.address} reports more than {_MOST_FACTS:,} settings"
            raise ServiceError(Reason.PROTOCOL, message)
        redacted = await in_thread_if_large(_letters(reading), redact_reading, reading, service)
        # Here: a board that renames the settings has another object, and must compare both each time.
        return with_current_names(redacted, aliases_of(service))

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

"""The request to the monitoring of a server: GET of one path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from parity_tui.model import Dialer, ServiceError
from parity_tui.transport.threads import in_thread_if_large

if TYPE_CHECKING:
    from parity_tui.transport.http import Reply

PATH = "/varz"

CORE = frozenset({"server_id", "max_payload", "max_connections", "max_pending", "ping_interval", "auth_timeout"})
"""members that every server shows: an answer without them is a part"""


class Refused(Struct, frozen=True):
    """A request without a usable answer."""

    why: str


Answer = Mapping[str, Any] | Refused


class Monitoring:
    """The HTTP monitoring of one server, on one kept connection."""

    def __init__(self, dialer: Dialer, url: str) -> None:
        from parity_tui.transport.http import Http  # imports h11, which few targets need

        self._http = Http(dialer, url.rstrip("/").removesuffix(PATH), name="monitoring.tls")

    async def ask(self) -> Answer:
        """Return the settings; the facts of the greeting are shown without them."""
        try:
            (reply,) = await self._http.get(PATH)
            return await in_thread_if_large(len(reply.body), parse_reply, reply)
        except ServiceError as error:
            return Refused(error.message)

    def end(self) -> None:
        """Close the connection."""
        self._http.end()


def parse_reply(reply: Reply) -> Answer:
    """Return the object of a reply, Refused where it has none. Raises ServiceError where it is no JSON."""
    if reply.status != 200:
        return Refused(f"{PATH} answers with {reply.status}")
    document = reply.json()
    if not isinstance(document, dict) or not document.keys() >= CORE:
        return Refused(f"{PATH} is not that of a NATS server, or a part of it")
    return document

"""The way to the server, as asyncpg takes it: the running loop, with an eye on what comes back.

asyncpg makes its connections through the loop it is given. Given this one, it tries all addresses of a name
(happy eyeballs), takes "no TLS here" for an answer on the same connection where TLS is only preferred, and is cut
off from a peer that is no PostgreSQL or sends more than any of them would.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from parity_tui.model import Dialer, Reason, ServiceError, Target, TlsMode
from parity_tui.transport.dialer import CAP
from parity_tui.transport.inspecting import InspectingProtocol
from parity_tui.transport.sniff import identify_protocol

_LARGEST_GREETING = 64 * 1024
"""bytes of a first message that is plausible: a question for the password, or a refusal"""


def is_greeting(data: bytes) -> bool:
    r"""Tell whether PostgreSQL can begin so: with an R, E, N or v, and a length that is plausible.

    >>> is_greeting(b"R\0\0\0\x17"), is_greeting(b"E"), is_greeting(b"ERROR\r\n"), is_greeting(b"HTTP/1.1")
    (True, True, False, False)
    """
    size = int.from_bytes(data[1:5], "big") if len(data) >= 5 else 4
    return data[:1] in (b"R", b"E", b"N", b"v") and 4 <= size <= _LARGEST_GREETING


class GuardedLoop:
    """A loop to be handed to asyncpg, for the connection to one server."""

    def __init__(self, target: Target, dialer: Dialer, cap: int = CAP) -> None:
        self._dialer = dialer
        self._loop = asyncio.get_running_loop()
        self._where = target.address
        self._prefers_tls = target.tls is TlsMode.PREFER
        self._cap = cap
        self.received = 0
        """bytes since this was last set to 0"""
        self.tls = ""
        """the version of TLS in use, "TLSv1.3"; "" without"""
        self.problem: ServiceError | None = None
        """why the peer is none that can be talked to; found out here, since asyncpg has other words for it"""

    def __getattr__(self, name: str) -> Any:
        """Be the running loop in everything else."""
        return getattr(self._loop, name)

    async def create_connection(self, factory: Callable[[], Any], host: str, port: int) -> tuple[WatchedTransport, Any]:
        """Connect as the dialer does: by way of another host, or to whichever address answers first."""
        transport, eye = await self._dialer.connect(lambda: self._watching(factory()), host, port)
        self._dialer.record_tls(transport)
        return WatchedTransport(transport, self), eye.protocol

    def _watching(self, protocol: Any) -> InspectingProtocol:
        """Return the eye on a protocol: either the one that asks for TLS, or PostgreSQL's own."""
        if not hasattr(protocol, "ssl_is_advisory"):
            return self.eye(protocol, self.greeted)
        protocol.ssl_is_advisory = self._prefers_tls
        return self.eye(protocol, self.answered)

    def eye(self, protocol: Any, first: Callable[[bytes], None], transport: Any = None) -> InspectingProtocol:
        """Return the eye on a protocol that looks at the first that comes in one way, and counts all."""
        unseen = [first]

        def look(data: bytes) -> bool:
            if unseen:
                unseen.pop()(data)
            self.counted(data)
            return self.problem is None

        return InspectingProtocol(protocol, look, transport)

    async def start_tls(
        self, line: WatchedTransport, protocol: Any, context: ssl.SSLContext, *, server_hostname: str
    ) -> WatchedTransport:
        """Go over to TLS as the loop does."""
        transport: Any = await self._loop.start_tls(line.transport, protocol, context, server_hostname=server_hostname)
        self.tls = transport.get_extra_info("ssl_object").version()
        self._dialer.record_tls(transport)
        return WatchedTransport(transport, self)

    def answered(self, data: bytes) -> None:
        """Look at the answer to "do you have TLS": S, N, or the E of a server that is in no state to say."""
        if data == b"N" and not self._prefers_tls:
            self.problem = ServiceError(Reason.TLS, f"{self._where} offers no TLS")
        elif data[:1] == b"E" and is_greeting(data):
            self.problem = ServiceError(Reason.SERVER, f"{self._where} answers with an error before anything is asked")
        elif data not in (b"S", b"N"):
            self._strange(data)

    def greeted(self, data: bytes) -> None:
        """Look at the first that comes once we have said who we are."""
        if not is_greeting(data):
            self._strange(data)

    def counted(self, data: bytes) -> None:
        """Count what has come, and have enough of it at some time."""
        self.received += len(data)
        if self.received > self._cap:
            self.problem = ServiceError(Reason.PROTOCOL, f"{self._where} sends more than any PostgreSQL would")

    def _strange(self, data: bytes) -> None:
        """Keep what the peer is, by its first bytes."""
        self.problem = ServiceError(
            Reason.WRONG_SERVICE,
            f"{self._where} answers like {identify_protocol(data) or 'something else'}, not PostgreSQL",
        )


class WatchedTransport:
    """A transport, but whoever is set to receive from it is watched."""

    def __init__(self, transport: Any, wire: GuardedLoop) -> None:
        self.transport = transport
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        """Be the transport in everything else."""
        return getattr(self.transport, name)

    def set_protocol(self, protocol: Any) -> None:
        """Have another receive what comes, which is PostgreSQL's own protocol once TLS is settled."""
        self.transport.set_protocol(self._wire.eye(protocol, self._wire.greeted, self.transport))

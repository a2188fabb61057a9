"""How the service of one target is reached: TCP, names, TLS, a route through a line of ssh.

- `capped.py`: the cap on what a peer may send
- `failure.py`: what an error of any of them means in words
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from parity_tui.model import Output, Reason, ServiceError
from parity_tui.transport.command import sh, way_of
from parity_tui.transport.errors import NoReplyError, describe
from parity_tui.transport.guard import CAP, LimitedReader, drop
from parity_tui.transport.happy_eyeballs import HappyEyeballs, addresses, close_unused, ip
from parity_tui.transport.sniff import identify_protocol
from parity_tui.transport.tls import Tls, context, seen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from parity_tui.model import Reading, Target
    from parity_tui.transport.ssh import SSHConnection, SSHConnections

__all__ = ["CAP", "LimitedReader", "NetworkDialer", "NoReplyError", "P", "context", "describe", "drop"]

P = TypeVar("P", bound=asyncio.BaseProtocol)


class NetworkDialer:
    """How the service of one target is reached; handed to its kind, which has no other way out."""

    def __init__(self, target: Target, timeout: float, lines: SSHConnections | None = None) -> None:
        """Take the lines of ssh that are shared with other targets; without them it has its own."""
        self.target = target
        self.timeout = timeout
        """seconds, for everything together; kept by the caller, here for drivers that want a figure"""
        self._line = _line(target, lines)
        self._seen: dict[str, Tls] = {}
        self._answers: dict[str, str] = {}
        self._begun: dict[tuple[str, int], asyncio.Task[socket.socket]] = {}
        self.connected = False
        """a connection has come about, whatever came of it"""

    async def open_tunnel(self) -> None:
        """Wait until the line to the host is up by way of which the target is reached, if there is one.

        Raises ServiceError(Reason.TUNNEL, …).
        """
        if self._line is None:
            return
        try:
            async with asyncio.timeout(self.timeout * 0.9):  # less than the caller's own, who knows no line to name
                await self._line.up()
        except TimeoutError:
            raise ServiceError(Reason.TUNNEL, f"{self._line.where.host}: no login within {self.timeout:g} s") from None

    @asynccontextmanager
    async def preconnect(self, host: str, port: int) -> AsyncIterator[None]:
        """Begin to connect to ``host``:``port``, so that a driver can be imported meanwhile.

        What is connected within takes up what has begun here; where nobody does, it ends with this.
        """
        begun = self._begun[host, port] = asyncio.create_task(self.stream(host, port))
        try:
            await asyncio.sleep(0)  # it is on its way from here on
            yield
        finally:
            if self._begun.pop((host, port), None) is not None:
                begun.cancel()
                begun.add_done_callback(close_unused)

    async def open(
        self, host: str, port: int, tls: ssl.SSLContext | None = None, cap: int = CAP, name: str = "tls"
    ) -> tuple[LimitedReader, asyncio.StreamWriter]:
        """Connect to ``host``:``port`` and return both directions, as asyncio.open_connection does.

        ``name`` is what the facts on its TLS begin with, "" where there shall be none.
        """
        loop = asyncio.get_running_loop()
        reader = LimitedReader(cap, loop)
        if tls is not None:
            guess = "does not accept our certificate" if self.target.cert else "wants one of the client (cert, key)"
            address = replace(self.target, host=host, port=port).address
            reader.unheard = f"{address} hangs up once its certificate is accepted: perhaps it {guess}"
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await self.connect(lambda: protocol, host, port, tls)
        self.record_tls(transport, name)
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def connect(
        self, factory: Callable[[], P], host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> tuple[Any, P]:
        """Connect a protocol to ``host``:``port``, as the loop's create_connection does.

        TLS knows the host by its name even where the connection goes by way of another.

        Raises ServiceError(Reason.TLS, …) where the peer takes the connection and then has no answer to TLS.
        """
        how: dict[str, Any] = {"sock": await self._taken(host, port)}
        if tls is not None:
            how |= {"ssl": tls, "server_hostname": host, "ssl_handshake_timeout": self.timeout * 0.8}
        try:
            transport, protocol = await asyncio.get_running_loop().create_connection(factory, **how)
        except (ConnectionAbortedError, ConnectionResetError) as error:
            if tls is None:
                raise
            what = "does not answer to TLS" if isinstance(error, ConnectionAbortedError) else "hangs up on TLS"
            address = replace(self.target, host=host, port=port).address
            raise ServiceError(
                Reason.TLS, f"{address} takes the connection and {what}: perhaps it speaks none"
            ) from None
        self.connected = self._line is None  # by way of another host nobody knows how far that one came
        return transport, protocol

    def timeout_error(self) -> TimeoutError:
        """Return the error of a deadline that has passed, which depends on how far one came."""
        return NoReplyError() if self.connected else TimeoutError()

    async def _taken(self, host: str, port: int) -> socket.socket:
        """Return a socket that is connected: the one that has been begun with, once."""
        if (begun := self._begun.pop((host, port), None)) is None:
            return await self.stream(host, port)
        try:
            return await begun
        except asyncio.CancelledError:
            begun.add_done_callback(close_unused)
            raise

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a socket that is connected, to whichever address of the host answers first."""
        if self._line is not None:
            return await self._line.stream(host, port)
        race = HappyEyeballs(await addresses(host, port))
        sock = await race.run()
        self.record_address(host, race)
        return sock

    def record_address(self, host: str, race: HappyEyeballs) -> None:
        """Keep which of the addresses of a name has answered, for the notes."""
        count = len(set(map(ip, race.addresses)))
        self._answers[host] = f"{host} answers as {race.answered} (of {count} addresses)" if count > 1 else ""

    def record_tls(self, transport: asyncio.BaseTransport, name: str = "tls") -> None:
        """Keep what TLS tells of a connection, for the facts that begin with ``name``."""
        if name:
            self._seen[name] = seen(transport.get_extra_info("ssl_object"))

    def with_connection_facts(self, reading: Reading) -> Reading:
        """Return the reading with what the connections that it came by tell: TLS, and which address answered."""
        notes = tuple(filter(None, self._answers.values()))
        if not self._seen and not notes:
            return reading
        now = time.time()
        facts = {key: fact for name, tls in self._seen.items() for key, fact in tls.facts(name, now).items()}
        return replace(reading, facts={**reading.facts, **facts}, notes=(*reading.notes, *notes))

    async def sh(self, script: str, cap: int = CAP) -> Output:
        """Run a script of the POSIX shell where the target lives, once, and return what it prints.

        Raises ServiceError where that place cannot be reached, or where more than ``cap`` bytes are printed.
        """
        return await sh(self.target, self._line, script, cap)

    def identify(self, first: bytes) -> str:
        """Return which protocol a peer's first bytes belong to, "" where that is unknown."""
        return identify_protocol(first)

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS settings of the target, None where its mode is "off"."""
        target = self.target
        return context(target.tls, target.ca, target.cert, target.key)


def _line(target: Target, lines: SSHConnections | None) -> SSHConnection | None:
    """Return the line of ssh by way of which a target is reached, None where it is reached directly."""
    way, alias = way_of(target), target.ssh
    if way == "local" or not target.host or (way != "ssh" and not alias):
        return None
    from parity_tui.transport.ssh import Destination, SSHConnections  # here: most environments need none

    where = Destination(alias)
    if way == "ssh":
        where = Destination(target.host, target.user, target.port, alias if alias != target.host else "")
    return (lines or SSHConnections()).to(where)

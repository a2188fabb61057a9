"""TCP, names, TLS and a cap on what a peer may send; and what an error of any of them means in words."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl
import time
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from parity_tui.drift.values import safe
from parity_tui.model import Failure, ServiceError
from parity_tui.reach.command import Output, sh, way_of
from parity_tui.reach.race import Race, addresses, ip, leave
from parity_tui.reach.tls import Side, Tls, failed, seen, unaccepted
from parity_tui.secret import scrub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from parity_tui.model import Reading, Target
    from parity_tui.reach.ssh import Line, Lines

P = TypeVar("P", bound=asyncio.BaseProtocol)

CAP = 8 * 1024 * 1024
"""bytes that a peer may have sent without our having read them to their end"""


class NoReplyError(TimeoutError):
    """A deadline that has passed on a connection that had come about."""


class Dial:
    """How the service of one target is reached; handed to its kind, which has no other way out."""

    def __init__(self, target: Target, timeout: float, lines: Lines | None = None) -> None:
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

    async def ready(self) -> None:
        """Wait until the line to the host is up by way of which the target is reached, if there is one.

        Raises ServiceError("tunnel", …).
        """
        if self._line is None:
            return
        try:
            async with asyncio.timeout(self.timeout * 0.9):  # less than the caller's own, who knows no line to name
                await self._line.up()
        except TimeoutError:
            raise ServiceError("tunnel", f"{self._line.where.host}: no login within {self.timeout:g} s") from None

    @asynccontextmanager
    async def ahead(self, host: str, port: int) -> AsyncIterator[None]:
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
                begun.add_done_callback(leave)

    async def open(
        self, host: str, port: int, tls: ssl.SSLContext | None = None, cap: int = CAP, name: str = "tls"
    ) -> tuple[CappedReader, asyncio.StreamWriter]:
        """Connect to ``host``:``port`` and return both directions, as asyncio.open_connection does.

        ``name`` is what the facts on its TLS begin with, "" where there shall be none.
        """
        loop = asyncio.get_running_loop()
        reader = CappedReader(cap, loop)
        if tls is not None:
            guess = "does not accept our certificate" if self.target.cert else "wants one of the client (cert, key)"
            address = replace(self.target, host=host, port=port).address
            reader.unheard = f"{address} hangs up once its certificate is accepted: perhaps it {guess}"
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await self.connect(lambda: protocol, host, port, tls)
        self.note(transport, name)
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def connect(
        self, factory: Callable[[], P], host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> tuple[Any, P]:
        """Connect a protocol to ``host``:``port``, as the loop's create_connection does.

        TLS knows the host by its name even where the connection goes by way of another.

        Raises ServiceError("tls", …) where the peer takes the connection and then has no answer to TLS.
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
            raise ServiceError("tls", f"{address} takes the connection and {what}: perhaps it speaks none") from None
        self.connected = self._line is None  # by way of another host nobody knows how far that one came
        return transport, protocol

    def overdue(self) -> TimeoutError:
        """Return the error of a deadline that has passed, which depends on how far one came."""
        return NoReplyError() if self.connected else TimeoutError()

    async def _taken(self, host: str, port: int) -> socket.socket:
        """Return a socket that is connected: the one that has been begun with, once."""
        if (begun := self._begun.pop((host, port), None)) is None:
            return await self.stream(host, port)
        try:
            return await begun
        except asyncio.CancelledError:
            begun.add_done_callback(leave)
            raise

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a socket that is connected, to whichever address of the host answers first."""
        if self._line is not None:
            return await self._line.stream(host, port)
        race = Race(await addresses(host, port))
        sock = await race.run()
        self.answered(host, race)
        return sock

    def answered(self, host: str, race: Race) -> None:
        """Keep which of the addresses of a name has answered, for the notes."""
        count = len(set(map(ip, race.addresses)))
        self._answers[host] = f"{host} answers as {race.answered} (of {count} addresses)" if count > 1 else ""

    def note(self, transport: asyncio.BaseTransport, name: str = "tls") -> None:
        """Keep what TLS tells of a connection, for the facts that begin with ``name``."""
        if name:
            self._seen[name] = seen(transport.get_extra_info("ssl_object"))

    def told(self, reading: Reading) -> Reading:
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

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS settings of the target, None where its mode is "off"."""
        target = self.target
        return context(target.tls, target.ca, target.cert, target.key)


def _line(target: Target, lines: Lines | None) -> Line | None:
    """Return the line of ssh by way of which a target is reached, None where it is reached directly."""
    way, alias = way_of(target), target.ssh
    if way == "local" or not target.host or (way != "ssh" and not alias):
        return None
    from parity_tui.reach.ssh import Destination, Lines  # here: most environments need none

    where = Destination(alias)
    if way == "ssh":
        where = Destination(target.host, target.user, target.port, alias if alias != target.host else "")
    return (lines or Lines()).to(where)


def drop(transport: asyncio.WriteTransport) -> None:
    """End a connection now, without a word to the peer; one that has ended already is left alone."""
    with suppress(AttributeError):  # what asyncio's TLS raises then, up to Python 3.11.4
        transport.abort()


class CappedReader(asyncio.StreamReader):
    """A stream reader that ends the connection rather than let a peer fill the memory."""

    def __init__(self, cap: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=cap // 2, loop=loop)
        self._cap = cap
        self.unheard = ""
        """what it means that a peer ends the connection before it has said anything; "" where that is not known"""

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """Take what has arrived, or end the connection where it is too much."""
        buffered: int = len(self._buffer)  # type: ignore[attr-defined]
        if buffered + len(data) > self._cap:
            self._refuse(buffered + len(data))
        else:
            self.unheard = ""
            super().feed_data(data)

    def feed_eof(self) -> None:
        """Take note of the end, with a guess at the reason where nothing came before it."""
        if self.unheard and self.exception() is None:
            self.set_exception(ConnectionResetError())
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        """Take note of what ended the connection, likewise."""
        if self.unheard and isinstance(exc, ConnectionError):
            exc = ServiceError("closed", self.unheard)
        super().set_exception(exc)

    async def readexactly(self, n: int) -> bytes:
        """Read ``n`` bytes, or end the connection where a peer announces more than it may send."""
        if n > self._cap:
            self._refuse(n)
        return await super().readexactly(n)

    def _refuse(self, size: int) -> None:
        """End the connection, with a reason for whoever reads."""
        if self.exception() is None:
            self.set_exception(
                ServiceError("protocol", f"announces or sends {size:,} bytes at once, more than any server of its kind")
            )
            transport: Any = self._transport  # type: ignore[attr-defined]
            if transport is not None:
                drop(transport)


@cache
def context(mode: str, ca: str = "", cert: str = "", key: str = "") -> ssl.SSLContext | None:
    """Return the TLS settings of a mode, None for "off".

    Cached: loading the system's authorities takes 20 ms.

    Raises ServiceError("tls", …) where a file of them cannot be used.
    """
    if mode == "off":
        return None
    try:
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        settings.sslobject_class = Side
        settings.check_hostname = mode == "verify-full"
        if mode in ("verify-ca", "verify-full"):
            settings.load_verify_locations(cafile=ca) if ca else settings.load_default_certs()
        else:
            settings.verify_mode = ssl.CERT_NONE
        if cert:
            # A password that nobody can be asked for is an error, not a prompt on the terminal.
            settings.load_cert_chain(cert, key or None, password="")
    except (OSError, ssl.SSLError) as error:
        raise ServiceError(
            "tls", f"cannot use the TLS files {' '.join(filter(None, (ca, cert, key)))}: {error}"
        ) from error
    return settings


_REFUSED = re.compile(rf"Errno {errno.ECONNREFUSED}\b")
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


def explain(error: BaseException, target: Target, timeout: float) -> Failure:
    """Return what an exception means, as one word of REASONS and one sentence."""
    reason, message = _explained(error, target, timeout)
    return Failure(reason, safe(scrub(message).strip()) or type(error).__name__)


def _explained(error: BaseException, target: Target, timeout: float) -> tuple[str, str]:
    """Return reason and sentence; the more special classes first."""
    where = target.address
    match error:
        case ServiceError():
            return error.reason, error.message
        case socket.gaierror(errno=socket.EAI_AGAIN):
            return "dns", f"no name server answered for {target.host}"
        case socket.gaierror():
            return "dns", f"the name {target.host} is not known"
        case NoReplyError():
            return "timeout", f"no answer in {timeout:g} s: connected, no reply ({where})"
        case TimeoutError():
            return "timeout", f"no answer in {timeout:g} s ({where})"
        case ssl.SSLCertVerificationError():
            return "tls", f"the certificate of {where} is not accepted: {unaccepted(error)}"
        case ssl.SSLError():
            return "tls", f"TLS with {where} failed: {failed(error)}"
        case ConnectionRefusedError():
            return "refused", f"{where} refused the connection"
        case ConnectionError() | EOFError():
            return "closed", f"{where} closed the connection"
        case ImportError():
            return "driver", f"the driver for {target.kind} cannot be loaded: {error}"
        case OSError() if _REFUSED.search(str(error)):
            return "refused", f"{where} refused the connection"
        case OSError() if error.errno in _UNREACHABLE:
            return "refused", f"there is no route to {where}"
        case _:
            return (
                "protocol",
                f"{where} answers in a way that is not understood ({type(error).__name__}: {error})",
            )

"""Connects to the service of one target: names, TCP, TLS, a route, shell scripts."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from parity_tui.model import Fact, Failure, FirstBytesCheck, Output, Reason, ServiceError, TlsMode
from parity_tui.transport.ahead import AheadTransport, begun
from parity_tui.transport.command import sh, way_of
from parity_tui.transport.errors import HangUpError, NoReplyError, describe
from parity_tui.transport.guard import ANY_SERVER, CAP, Guard, LimitedReader, LimitedWriter, drop
from parity_tui.transport.happy_eyeballs import HappyEyeballs, Peer, addresses, close_unused, connected, has_left
from parity_tui.transport.numeric_host import is_numeric
from parity_tui.transport.pipe import Pipe, unix_stream
from parity_tui.transport.routes import Routes
from parity_tui.transport.seldom import Seldom
from parity_tui.transport.sniff import identify_protocol
from parity_tui.transport.tls import Tls, alerting, context, seen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from parity_tui.model import Reading, Target
    from parity_tui.transport.route import Route

__all__ = ["CAP", "HangUpError", "LimitedReader", "NetworkDialer", "NoReplyError", "P", "context", "describe", "drop"]

P = TypeVar("P", bound=asyncio.BaseProtocol)

_FAILURES_OF_STREAMS = (Reason.CLOSED, Reason.TIMEOUT, Reason.PROTOCOL, Reason.TLS)
_REQUIRES_TLS = (TlsMode.REQUIRE, TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)


class NetworkDialer:
    """The Dialer of the model: opens every connection to one target."""

    def __init__(
        self,
        target: Target,
        timeout: float,
        routes: Routes | None = None,
        *,
        identify: Callable[[bytes], str] = identify_protocol,
    ) -> None:
        """Create a dialer; nothing is connected yet.

        Args:
            target: the target to connect to.
            timeout: seconds for one attempt; enforced by the caller.
            routes: the routes shared with other targets; by default the dialer has its own.
            identify: first bytes of a peer -> name of its protocol, "" if unknown.
        """
        self.target = target
        self.timeout = timeout
        self._identify = identify
        routes = routes or Routes()
        self._route = routes.of(target)
        self._commands, self._head_start = routes.commands, routes.head_start
        self._tls: dict[str, Tls] = {}
        self.peers: dict[str, Peer] = {}
        """by name, where it led to; numeric hosts and those behind a route have none"""
        self._preconnected: dict[tuple[str, int], tuple[asyncio.Task[socket.socket], bytes]] = {}
        self._pipes: deque[Pipe] = deque(maxlen=8)
        self._seldom = Seldom()
        self.connected = False
        """whether a connection was established, whatever followed"""

    async def open_tunnel(self) -> None:
        """Wait until the route to the target is up, if it needs one. Raises ServiceError(Reason.TUNNEL, …)."""
        if self._route is None:
            return
        try:
            # Before the caller's deadline, whose message cannot name the host.
            async with asyncio.timeout(self.timeout * 0.9):
                await self._bring_up(self._route)
        except TimeoutError:
            raise self._by_way(ServiceError(Reason.TUNNEL, self._route.late(self.timeout))) from None
        except ServiceError as error:
            raise self._by_way(error) from None

    async def _bring_up(self, route: Route) -> None:
        await route.up()

    def _by_way(self, error: ServiceError) -> ServiceError:
        """Return an error of the route that does not blame the target for a host before it."""
        host = error.message.partition(": ")[0]
        if self._route is None or error.reason is not Reason.TUNNEL or host not in self._route.hosts():
            return error
        if way_of(self.target) and host == self.target.host:
            return error
        return ServiceError(error.reason, f"via {error.message}")

    def suspect(self) -> None:
        """Find out whether the route still works, as half of the timeout has passed without a result."""
        if self._route is not None:
            self._route.check_pulse()

    def until_route_is_up(self, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """Call ``wake`` as soon as the route to the target is up, while a block runs."""
        return self._route.waiting(wake) if self._route is not None else nullcontext()

    async def _begun(self, host: str, port: int, first: bytes) -> socket.socket:
        """Return a connected socket on which the first bytes are sent."""
        early = self._head_start.take(host, port, first) if first and self._route is None else None
        sock = early[0] if early else await begun(self.stream(host, port), first)
        self.connected = self._route is None
        return sock

    @asynccontextmanager
    async def preconnect(self, host: str, port: int, first: bytes = b"") -> AsyncIterator[None]:
        """Start connecting, so that a driver can be imported meanwhile; see the Dialer of the model."""
        attempt = asyncio.create_task(self._begun(host, port, first))
        self._preconnected[host, port] = attempt, first
        try:
            await asyncio.sleep(0)  # lets the attempt start
            yield
        finally:
            if self._preconnected.pop((host, port), None) is not None:
                attempt.cancel()
                attempt.add_done_callback(close_unused)

    async def open(
        self,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        cap: int = CAP,
        name: str = "tls",
        *,
        check: FirstBytesCheck | None = None,
        most: str = ANY_SERVER,
        silence: str = "",
        plain: bool = False,
    ) -> tuple[LimitedReader, asyncio.StreamWriter]:
        """Open a stream behind the guard; see the Dialer of the model."""
        loop = asyncio.get_running_loop()
        address = self._address(host, port)
        guard = Guard(address, cap, most)
        guard.expect(check)
        reader = LimitedReader(guard, loop)
        if tls is not None:
            guess = "rejects our certificate" if self.target.cert else "requires a client certificate (cert, key)"
            silence = f"closes the connection after the TLS handshake: perhaps it {guess}"
        if silence:
            reader.on_silence = ServiceError(Reason.CLOSED, f"{address} {silence}")
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await self.connect(lambda: protocol, host, port, tls, plain=plain)
        self.record_tls(transport, name)
        writer = LimitedWriter(transport, protocol, reader, loop)
        writer.guard = guard
        return reader, writer

    async def connect(
        self,
        factory: Callable[[], P],
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        *,
        plain: bool = False,
    ) -> tuple[Any, P]:
        """Connect a protocol to ``host``:``port``, as loop.create_connection does.

        TLS verifies the name of ``host`` on every route.

        Raises ServiceError(Reason.TLS, …) where the peer accepts the connection but does not answer to TLS, and for a
        kind that asks for none where the target requires it, unless it means ``plain`` TCP.
        """
        if tls is None and not plain and self.target.tls in _REQUIRES_TLS:
            words = f'the kind "{self.target.kind}" connects without TLS, but tls is "{self.target.tls}"'
            raise ServiceError(Reason.TLS, f"{self._address(host, port)} is not used: {words}")
        sock, first = await self._socket(host, port)
        options: dict[str, Any] = {"sock": sock}
        if tls is not None:
            name = self.target.server_name(host)
            options |= {"ssl": tls, "server_hostname": name, "ssl_handshake_timeout": self.timeout * 0.8}
        try:
            with alerting(sock):
                transport, protocol = await asyncio.get_running_loop().create_connection(factory, **options)
        except (ConnectionAbortedError, ConnectionResetError) as error:
            if tls is None:
                raise
            aborted = isinstance(error, ConnectionAbortedError)
            failure = "does not answer the TLS handshake" if aborted else "closes the connection at the TLS handshake"
            words = f"accepts the connection and {failure}: perhaps it has no TLS"
            raise HangUpError(Reason.TLS, f"{self._address(host, port)} {words}") from None
        self.connected = self._route is None  # through a route, the local connection proves nothing
        return AheadTransport(transport, first) if first else transport, protocol

    def _address(self, host: str, port: int) -> str:
        return replace(self.target, host=host, port=port).address

    def cause(self, error: BaseException) -> BaseException:
        """Return why a connection failed: a route may learn only later that it does not reach the far end."""
        hung_up = isinstance(error, OSError | EOFError)
        if not hung_up and not (isinstance(error, ServiceError) and error.reason in (Reason.CLOSED, Reason.TLS)):
            return error
        return next((pipe.problem for pipe in self._pipes if pipe.problem is not None), error)

    def timeout_error(self) -> Exception:
        """Return the error of an exceeded deadline; its words depend on how far the connection got."""
        if self._route is not None and (host := self._route.silent_host(self.timeout * 0.4)):
            text = f"{host}: logged in, but no answer in {self.timeout:g} s: the host or the network hangs"
            return self._by_way(ServiceError(Reason.TUNNEL, text))
        return NoReplyError() if self.connected else TimeoutError()

    def explained(self, failure: Failure) -> Failure:
        """Return a failure of a stream with the clue of the route that it went through, if there is one."""
        if self._route is None or failure.reason not in _FAILURES_OF_STREAMS or not (clue := self._route.remark()):
            return failure
        return replace(failure, message=f"{failure.message}; {clue}")

    async def _socket(self, host: str, port: int) -> tuple[socket.socket, bytes]:
        """Return a connected socket, that of :meth:`preconnect` to the first caller, and the bytes sent on it."""
        if (found := self._preconnected.pop((host, port), None)) is None:
            return await self.stream(host, port), b""
        attempt, first = found
        try:
            return await attempt, first
        except asyncio.CancelledError:
            attempt.add_done_callback(close_unused)
            raise

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a socket connected to the first address of the host that answers; a path is a Unix socket."""
        if host.startswith("/"):
            return await unix_stream(host)
        if self._route is not None:
            try:
                sock = await self._route.stream(host, port)
            except ServiceError as error:
                raise self._by_way(error) from None
            if isinstance(sock, Pipe):
                self._pipes.append(sock)
            return sock
        if (early := self._head_start.take(host, port)) is not None:
            return await connected(*early)
        race = HappyEyeballs(await addresses(host, port))
        sock = await race.run()
        self.record_address(host, race)
        return sock

    def record_address(self, host: str, race: HappyEyeballs) -> None:
        """Record the address that answered, and all others of the name."""
        if not is_numeric(host):
            self.peers[host] = race.peer

    async def has_left_name(self) -> bool:
        """Look the names up again; return whether an address in use is no longer among those of its name."""
        return any([await has_left(host, peer) for host, peer in self.peers.items()])

    def record_tls(self, transport: asyncio.BaseTransport, name: str = "tls") -> None:
        """Record the TLS session of a connection; it becomes facts named ``name``.*."""
        if name:
            self._tls[name] = seen(transport.get_extra_info("ssl_object"))

    def with_connection_facts(self, reading: Reading) -> Reading:
        """Return the reading with the facts and notes of its connections: TLS, and the address that answered."""
        notes = (*self.target.notes, *(peer.note(host) for host, peer in self.peers.items() if peer.several))
        if not self._tls and not notes and not self.target.session:
            return reading
        now = time.time()
        facts = {f"url.{key}": Fact(value, source="the app's URL") for key, value in self.target.session.items()}
        facts |= {key: fact for name, tls in self._tls.items() for key, fact in tls.facts(name, now).items()}
        return replace(reading, facts={**reading.facts, **facts}, notes=(*reading.notes, *notes))

    async def sh(self, script: str, cap: int = CAP, *, outside: bool = False) -> Output:
        """Run a POSIX shell script where the target lives, or outside its container, and return its output.

        Raises ServiceError where the target cannot be reached, or prints more than ``cap`` bytes.
        """
        try:
            return await sh(self.target, self._route, self._commands, script, cap, self.timeout, outside)
        except ServiceError as error:
            raise self._by_way(error) from None

    def identify(self, first: bytes) -> str:
        """Return the name of the protocol of a peer's first bytes, "" if unknown."""
        return self._identify(first)

    def is_due(self, what: str) -> bool:
        """Return whether something that seldom changes is to be asked now; see the Dialer of the model."""
        return self._seldom.is_due(what)

    def ask_everything(self) -> None:
        """Make the next reading ask what seldom changes too."""
        self._seldom.forget()

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS settings of the target, None where its mode is OFF. Raises ServiceError(Reason.TLS, …)."""
        return context(self.target.tls, self.target.ca, self.target.cert, self.target.key)

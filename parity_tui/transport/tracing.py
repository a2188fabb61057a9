"""A dialer that records each step of connecting: which name, which address, which certificate, and how long it took."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from parity_tui.drift.words import plural
from parity_tui.model import Output, ServiceError, Target
from parity_tui.transport.dialer import CAP, NetworkDialer, P, context
from parity_tui.transport.happy_eyeballs import Address, HappyEyeballs, addresses, ip
from parity_tui.transport.numeric_host import is_numeric
from parity_tui.transport.pipe import Pipe
from parity_tui.transport.route import Route, Staged
from parity_tui.transport.routes import Routes
from parity_tui.transport.sniff import identify_protocol
from parity_tui.transport.tls import Tls, day, seen


class Span:
    """One step: when it began, how long it took, how it ended."""

    def __init__(self, name: str, where: str) -> None:
        self.name = name
        self.where = where
        """host:port, "" for a step that belongs to no connection"""
        self.began = time.monotonic()
        self.ended: float | None = None
        self.error: BaseException | None = None
        self.words = ""

    def end(self, error: BaseException | None = None, words: str = "") -> None:
        """Record the end."""
        self.ended, self.error = time.monotonic(), error
        self.words = words or self.words

    @property
    def well(self) -> bool:
        """Whether the step has ended without an error."""
        return self.ended is not None and self.error is None

    @property
    def seconds(self) -> float:
        """Duration; up to now for a step that has not ended."""
        return (time.monotonic() if self.ended is None else self.ended) - self.began


class TracingDialer(NetworkDialer):
    """A dialer that records a span for each step of the first connection to each address."""

    def __init__(
        self,
        target: Target,
        timeout: float,
        routes: Routes | None = None,
        *,
        identify: Callable[[bytes], str] = identify_protocol,
    ) -> None:
        super().__init__(target, timeout, routes, identify=identify)
        self.marks: list[Span] = []
        self._forwards: list[tuple[Pipe, Span]] = []
        self._latest = ""
        self._shaking: set[str] = set()

    @property
    def route(self) -> str:
        """The last station before the target, "" for a direct route."""
        return self._route.hosts()[-1] if self._route else ""

    def begin(self, name: str, where: str = "") -> Span:
        """Return a new span; only the first of its name and address is recorded."""
        span = Span(name, where)
        if not any((mark.name, mark.where) == (name, where) for mark in self.marks):
            self.marks.append(span)
        return span

    @contextmanager
    def step(self, name: str, where: str = "") -> Iterator[Span]:
        """Record the block as a span."""
        span = self.begin(name, where)
        try:
            yield span
        except BaseException as error:
            span.end(error)
            raise
        span.end()

    async def _bring_up(self, route: Route) -> None:
        if isinstance(route, Staged):
            await route.come_up(self.step)
            return
        with self.step("route") as span:
            await super()._bring_up(route)
            span.words = route.arrival()

    async def _find(self, route: Route, host: str, where: str = "") -> None:
        if isinstance(route, Staged):
            try:
                await route.find(host, lambda name: self.step(name, where))
            except ServiceError as error:
                raise self._by_way(error) from None

    def cause(self, error: BaseException) -> BaseException:
        """Return why a connection failed; a port-forward that did not reach its port is a step that failed."""
        cause = super().cause(error)
        for pipe, span in self._forwards:
            if pipe.problem is cause:
                span.error = cause
        return cause

    async def connect(
        self,
        factory: Callable[[], P],
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        *,
        plain: bool = False,
    ) -> tuple[Any, P]:
        """Connect a protocol and record its TLS handshake."""
        where = self._latest = f"{host}:{port}"
        if tls is not None:
            self._shaking.add(where)
        try:
            transport, protocol = await super().connect(factory, host, port, tls, plain=plain)
        except BaseException as error:
            self._end_handshake(where, error)
            raise
        self.connected = True
        if tls is not None:
            self._end_handshake(where, None, agreed(seen(transport.get_extra_info("ssl_object")), time.time()))
        return transport, protocol

    async def _socket(self, host: str, port: int) -> tuple[socket.socket, bytes]:
        made = await super()._socket(host, port)
        if (where := f"{host}:{port}") in self._shaking:  # TLS starts now
            self.begin("TLS", where)
        return made

    def _end_handshake(self, where: str, error: BaseException | None, words: str = "") -> None:
        self._shaking.discard(where)
        for mark in self.marks:
            if (mark.name, mark.where, mark.ended) == ("TLS", where, None):
                mark.end(error, words)

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a connected socket; name resolution and TCP are steps."""
        where = f"{host}:{port}"
        if self._route is not None:
            return await self._routed(self._route, host, port)
        if host.startswith("/"):
            with self.step("socket", where) as span:
                sock = await super().stream(host, port)
                span.words = f"{host} answers"
                return sock
        with self.step("name", where) as span:
            race = HappyEyeballs(await addresses(host, port))
            span.words = _resolution(host, race.addresses)
        with self.step("TCP", where) as span:
            sock = await race.run()
            refusals = [f"{ip} does not ({os.strerror(e.errno or 0).lower()})" for ip, e in race.failed.items()]
            span.words = "; ".join((f"{race.answered} answers", *refusals))
        self.record_address(host, race)
        return sock

    async def _routed(self, route: Route, host: str, port: int) -> socket.socket:
        where = f"{host}:{port}"
        await self._find(route, host, where)
        with self.step("port" if isinstance(route, Staged) else "TCP", where) as span:
            stream = await super().stream(host, port)
            span.words = route.reached(where)
        if isinstance(stream, Pipe) and span.name == "port":
            self._forwards.append((stream, span))
        return stream

    async def sh(self, script: str, cap: int = CAP, *, outside: bool = False) -> Output:
        """Run a script as a step, after those that lead to its place."""
        if self._route is not None and not any(mark.name == "command" for mark in self.marks):
            await self._find(self._route, self.target.host)
        with self.step("command"):
            return await super().sh(script, cap, outside=outside)

    def context(self) -> ssl.SSLContext | None:
        """Return TLS settings that record handshakes which come later in a protocol than its first bytes."""
        target, dialer = self.target, self
        settings = context.__wrapped__(target.tls, target.ca, target.cert, target.key)  # the cached ones are shared
        if settings is None:
            return None

        base: Any = settings.sslobject_class

        class TracedObject(base):  # type: ignore[misc]
            """TLS whose handshake is a span, unless :meth:`connect` records it."""

            span: Span | None = None

            def do_handshake(self) -> None:
                """Continue the handshake; called again whenever bytes arrive, until it ends."""
                if self.span is None and not dialer._shaking:
                    self.span = dialer.begin("TLS", dialer._latest)
                error: BaseException | None = None
                try:
                    super().do_handshake()
                except BaseException as raised:
                    error = raised
                    raise
                finally:
                    if self.span and not isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError):
                        self.span.end(error, "" if error else agreed(seen(self), time.time()))

        settings.sslobject_class = TracedObject
        return settings


def _resolution(host: str, addresses: list[Address]) -> str:
    if is_numeric(host):
        return "IP address, no lookup needed"
    return f"{host} is {', '.join(dict.fromkeys(map(ip, addresses)))}"


def agreed(tls: Tls, now: float) -> str:
    """Return the result of a handshake in words: the version, and how far the certificate can be trusted.

    >>> agreed(Tls("TLSv1.3", until=86400.0 * 9, issuer="Us", verified=True), now=0)
    'TLS 1.3, verified: issued by Us, until 1970-01-10 (9 days)'
    """
    version = tls.version.replace("TLSv", "TLS ")
    whose = f"issued by {tls.issuer or 'an unnamed authority'}"
    if tls.until is not None:
        days = int((tls.until - now) // 86400)
        whose += f", until {day(tls.until)} ({plural(days, 'day')})"
    return f"{version}, {'verified' if tls.verified else 'accepted without verification'}: {whose}"

"""A dialer that notes each step on the way and how long it takes: which name, which address, which certificate."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from parity_tui.drift.words import plural
from parity_tui.model import Output, Target
from parity_tui.transport.dialer import CAP, NetworkDialer, P, context
from parity_tui.transport.happy_eyeballs import Address, HappyEyeballs, addresses, ip, is_numeric
from parity_tui.transport.ssh import SSHConnections
from parity_tui.transport.tls import Tls, day, seen


class Span:
    """One step: when it began, how long it took, and how it ended."""

    def __init__(self, name: str, where: str) -> None:
        self.name = name
        self.where = where
        """host:port, "" where the step is not that of one connection"""
        self.began = time.monotonic()
        self.ended: float | None = None
        self.error: BaseException | None = None
        self.words = ""

    def end(self, error: BaseException | None = None, words: str = "") -> None:
        """Note the end."""
        self.ended, self.error = time.monotonic(), error
        self.words = words or self.words

    @property
    def well(self) -> bool:
        """Tell whether the step has come to a good end."""
        return self.ended is not None and self.error is None

    @property
    def seconds(self) -> float:
        """How long it has taken, up to now where it has not ended."""
        return (time.monotonic() if self.ended is None else self.ended) - self.began


class TracingDialer(NetworkDialer):
    """Reaches a target as any dialer does, one step after the other, and keeps a mark of each."""

    def __init__(self, target: Target, timeout: float, lines: SSHConnections | None = None) -> None:
        super().__init__(target, timeout, lines)
        self.marks: list[Span] = []
        """of the first connection to each address"""
        self._latest = ""
        self._shaking: set[str] = set()

    @property
    def route(self) -> str:
        """The host by way of which the target is reached, "" where it is reached directly."""
        return self._line.where.host if self._line else ""

    def begin(self, name: str, where: str = "") -> Span:
        """Return the mark of a step that begins; it is kept unless there is one of this name and address."""
        mark = Span(name, where)
        if not any((kept.name, kept.where) == (name, where) for kept in self.marks):
            self.marks.append(mark)
        return mark

    @contextmanager
    def step(self, name: str, where: str = "") -> Iterator[Span]:
        """Mark what is done within."""
        mark = self.begin(name, where)
        try:
            yield mark
        except BaseException as error:
            mark.end(error)
            raise
        mark.end()

    async def open_tunnel(self) -> None:
        """Wait for the line, where there is one, and mark it."""
        if self._line is None:
            return
        with self.step("route") as mark:
            await super().open_tunnel()
            mark.words = f"logged in to {self.route} by ssh"

    async def connect(
        self, factory: Callable[[], P], host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> tuple[Any, P]:
        """Connect a protocol, as any dialer does."""
        where = self._latest = f"{host}:{port}"
        if tls is not None:
            self._shaking.add(where)
        try:
            transport, protocol = await super().connect(factory, host, port, tls)
        except BaseException as error:
            self._shaken(where, error)
            raise
        self.connected = True
        if tls is not None:
            self._shaken(where, None, agreed(seen(transport.get_extra_info("ssl_object")), time.time()))
        return transport, protocol

    async def _taken(self, host: str, port: int) -> socket.socket:
        """Return a connected socket; where TLS comes first, its handshake begins now."""
        sock = await super()._taken(host, port)
        if (where := f"{host}:{port}") in self._shaking:
            self.begin("TLS", where)
        return sock

    def _shaken(self, where: str, error: BaseException | None, words: str = "") -> None:
        """Note the end of a handshake, if it is the first with an address."""
        self._shaking.discard(where)
        for mark in self.marks:
            if (mark.name, mark.where, mark.ended) == ("TLS", where, None):
                mark.end(error, words)

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a connected socket; each step to it is marked."""
        where = f"{host}:{port}"
        if self._line is not None:
            with self.step("TCP", where) as mark:
                stream = await self._line.stream(host, port)
                mark.words = f"{where} answers, as seen from {self.route}"
                return stream
        with self.step("name", where) as mark:
            race = HappyEyeballs(await addresses(host, port))
            mark.words = _named(host, race.addresses)
        with self.step("TCP", where) as mark:
            sock = await race.run()
            refusals = [f"{ip} does not ({os.strerror(e.errno or 0).lower()})" for ip, e in race.failed.items()]
            mark.words = "; ".join((f"{race.answered} answers", *refusals))
        self.record_address(host, race)
        return sock

    async def sh(self, script: str, cap: int = CAP) -> Output:
        """Run a script and mark that."""
        with self.step("command"):
            return await super().sh(script, cap)

    def context(self) -> ssl.SSLContext | None:
        """Return TLS settings whose handshakes are marked, wherever in a protocol they come."""
        target, probe = self.target, self
        settings = context.__wrapped__(target.tls, target.ca, target.cert, target.key)  # the cached ones are shared
        if settings is None:
            return None

        kind: Any = settings.sslobject_class

        class Watched(kind):  # type: ignore[misc]
            """A handshake that comes later in a protocol than its first word, with a mark."""

            mark: Span | None = None

            def do_handshake(self) -> None:
                """Go on with the handshake, which is asked for until nothing is missing any more."""
                if self.mark is None and not probe._shaking:
                    self.mark = probe.begin("TLS", probe._latest)
                error: BaseException | None = None
                try:
                    super().do_handshake()
                except BaseException as raised:
                    error = raised
                    raise
                finally:
                    if self.mark and not isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError):
                        self.mark.end(error, "" if error else agreed(seen(self), time.time()))

        settings.sslobject_class = Watched
        return settings


def _named(host: str, addresses: list[Address]) -> str:
    """Say what a name stands for."""
    if is_numeric(host):
        return f"{host} is an address, no name"
    return f"{host} is {', '.join(dict.fromkeys(map(ip, addresses)))}"


def agreed(tls: Tls, now: float) -> str:
    """Say what a handshake has come to: the version, and how far the certificate can be relied on.

    >>> agreed(Tls("TLSv1.3", until=86400.0 * 9, issuer="Us", verified=True), now=0)
    'TLS 1.3, verified: a certificate by Us, until 1970-01-10 (9 days)'
    """
    version = tls.version.replace("TLSv", "TLS ")
    whose = f"a certificate by {tls.issuer or 'nobody'}"
    if tls.until is not None:
        days = int((tls.until - now) // 86400)
        whose += f", until {day(tls.until)} ({plural(days, 'day')})"
    return f"{version}, {'verified' if tls.verified else 'not verified, so that whoever answers is believed'}: {whose}"

"""The event loop of a driver that connects by itself: every connection goes through the dialer and the guard.

The guard counts bytes and checks the first ones; a :class:`Conversation` takes all of them apart into messages, so that
the driver's C code sees whole and checked messages only.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable
from typing import Any

from parity_tui.model import Dialer, FirstBytesCheck, ServiceError
from parity_tui.transport.conversation import Conversation
from parity_tui.transport.foreign import foreign
from parity_tui.transport.guard import CAP, Guard, InspectingProtocol, drop, leave
from parity_tui.transport.tls import alerting


class ConversingProtocol(InspectingProtocol):
    """Wraps a driver's protocol: it receives whole messages that the conversation has checked."""

    def __init__(self, protocol: Any, loop: GuardedLoop, conversation: Conversation, transport: Any = None) -> None:
        super().__init__(protocol, loop.accept, transport)
        self.conversation = conversation
        self._loop = loop

    def connection_made(self, transport: Any) -> None:
        """Keep the transport, and pass on one that shows the conversation what the driver sends."""
        self._transport = transport
        self.protocol.connection_made(GuardedTransport(transport, self._loop, self.conversation))

    def pass_on(self, data: bytes) -> None:
        """Pass whole messages on, or abort the connection; the loop would log an error of the driver."""
        try:
            if whole := self.conversation.received(data):
                super().pass_on(whole)
        except Exception as error:
            problem = error if isinstance(error, ServiceError) else self.conversation.misunderstood(foreign(error))
            self._loop.problem = self._loop.problem or problem
            drop(self._transport)


class GuardedLoop(Guard):
    """The running event loop for a driver that connects by itself: connections go through the dialer and this guard.

    A subclass checks its first bytes in :meth:`check_for`, and its messages in :meth:`conversation_for`.
    """

    def __init__(self, dialer: Dialer, most: str, cap: int = CAP) -> None:
        super().__init__(dialer.target.address, cap, most)
        self.dialer = dialer
        self.tls = ""
        """version of TLS in use, "TLSv1.3"; "" without"""
        self._loop = asyncio.get_running_loop()
        self._transports: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def check_for(self, protocol: Any) -> FirstBytesCheck | None:
        """Return the check of the first bytes that one of the driver's protocols receives."""
        raise NotImplementedError

    def conversation_for(self, protocol: Any) -> Conversation | None:
        """Return the conversation of one of the driver's protocols; None where the check of the first bytes is all."""
        raise NotImplementedError

    async def create_connection(
        self, factory: Callable[[], Any], host: str | None = None, port: int | None = None, **options: Any
    ) -> tuple[GuardedTransport, Any]:
        """Connect to a host by the dialer, or start TLS on a connected socket (``sock``, ``ssl``) as the loop does.

        With ``ssl`` a connection to a host begins with TLS; without, the protocol may start it later.
        """
        if host is not None and port is not None:
            tls = options.get("ssl")
            made = await self.dialer.connect(lambda: self.inspect(factory()), host, port, tls, plain=tls is None)
        else:  # the first bytes came before TLS
            if name := options.get("server_hostname"):
                options["server_hostname"] = self.dialer.target.server_name(name)
            with alerting(options["sock"]):
                made = await self._loop.create_connection(lambda: self._inspecting(factory()), **options)
        transport, inspecting = made
        return self._guarded(transport, inspecting), inspecting.protocol

    async def create_unix_connection(self, factory: Callable[[], Any], path: str) -> tuple[GuardedTransport, Any]:
        """Connect to a Unix socket by the dialer."""
        return await self.create_connection(factory, path, 0)

    async def start_tls(
        self, transport: GuardedTransport, protocol: Any, context: ssl.SSLContext, *, server_hostname: str
    ) -> GuardedTransport:
        """Start TLS on a connection, as the loop does."""
        name = self.dialer.target.server_name(server_hostname)
        with alerting(transport.get_extra_info("socket")):
            made = await self._loop.start_tls(transport.wrapped, protocol, context, server_hostname=name)
        return self._guarded(made, protocol)

    def inspect(self, protocol: Any, transport: Any = None) -> InspectingProtocol:
        """Return a driver's protocol behind the guard."""
        self.expect(self.check_for(protocol))
        return self._inspecting(protocol, transport)

    def _inspecting(self, protocol: Any, transport: Any = None) -> InspectingProtocol:
        conversation = self.conversation_for(protocol)
        if conversation is None:
            return InspectingProtocol(protocol, self.accept, transport)
        return ConversingProtocol(protocol, self, conversation, transport)

    def _guarded(self, transport: Any, protocol: Any) -> GuardedTransport:
        self._transports.append(transport)
        self.dialer.record_tls(transport)
        tls = transport.get_extra_info("ssl_object")
        self.tls = (tls.version() or "") if tls else ""
        return GuardedTransport(transport, self, getattr(protocol, "conversation", None))

    def leave(self, goodbye: bytes = b"") -> None:
        """Send the ``goodbye`` of the protocol on the latest connection, and close all."""
        for transport in reversed(self._transports):  # TLS before the connection beneath it
            leave(transport, goodbye)
            goodbye = b""
        self._transports.clear()


class GuardedTransport:
    """A transport that shows the conversation what the driver sends, and keeps the guard before another protocol."""

    def __init__(self, transport: Any, loop: GuardedLoop, conversation: Conversation | None = None) -> None:
        self.wrapped = transport
        self._loop = loop
        self._conversation = conversation

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes."""
        if self._conversation is not None:
            self._conversation.sent(data)
        self.wrapped.write(data)

    def writelines(self, data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send bytes in parts."""
        self.write(b"".join(data))

    def set_protocol(self, protocol: Any) -> None:
        """Pass received bytes to another protocol of the driver."""
        inspecting = self._loop.inspect(protocol, self.wrapped)
        self._conversation = getattr(inspecting, "conversation", None)
        self.wrapped.set_protocol(inspecting)

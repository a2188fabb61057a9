"""Checks of every byte that a peer sends: byte budget, first bytes, silent close.

:class:`Guard` holds the checks and their wording. Drivers that take streams read from a :class:`LimitedReader`; drivers
that connect by themselves get a GuardedLoop (guarded_loop.py), which puts an :class:`InspectingProtocol` before theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from parity_tui.model import Dialer, FirstBytesCheck, Reason, ServiceError

CAP = 8 * 1024 * 1024
"""default budget: bytes that a peer may send in reply to one request"""
ANY_SERVER = "any server of its kind"
_FIRST = 64
"""bytes that identify a protocol"""
_LINES = 20_000
"""lines of a reply; a short line takes its share of the budget, as parsing many blocks the event loop"""
_LIMIT = 1024 * 1024
"""longest line in bytes; the transport pauses once twice as much is unread"""


def drop(transport: asyncio.WriteTransport) -> None:
    """Abort a connection; a closed one is left alone."""
    with suppress(AttributeError):  # raised by asyncio's TLS up to Python 3.11.4
        transport.abort()


def leave(transport: asyncio.WriteTransport, goodbye: bytes = b"") -> None:
    """Send the ``goodbye`` of a protocol and that of TLS, and close without waiting for the peer's."""
    with suppress(AttributeError, OSError, RuntimeError):  # RuntimeError: a driver has ended the writing itself
        if not transport.is_closing():
            transport.write(goodbye)
            transport.close()  # sends TLS's close_notify, and would then wait
    drop(transport)


def wrong_service(
    dialer: Dialer,
    first: bytes,
    expected: str,
    unknown: str = "like a different service",
    reason: Reason = Reason.WRONG_SERVICE,
) -> ServiceError:
    """Return the error of a peer whose first bytes are not those of the ``expected`` protocol.

    Args:
        expected: name of the protocol; completes "… answers like HTTP, not".
        unknown: completes "… answers" where the protocol cannot be identified.
    """
    name = dialer.identify(first)
    answers = f"like {name}" if name else unknown
    return ServiceError(reason, f"{dialer.target.address} answers {answers}, not {expected}")


def over_budget(address: str, most: str) -> ServiceError:
    """Return the error of a peer that exceeds its budget. ``most`` completes "… sends more than"."""
    return ServiceError(Reason.PROTOCOL, f"{address} sends more than {most}")


class Guard:
    """Counts received bytes and checks the first ones of a connection."""

    def __init__(self, address: str, cap: int = CAP, most: str = ANY_SERVER) -> None:
        self.cap = cap
        self.received = 0
        """bytes since the latest request; its sender sets it to 0"""
        self.problem: ServiceError | None = None
        """the first check that failed"""
        self._over_budget = over_budget(address, most)
        self._check: FirstBytesCheck | None = None
        self._first = b""

    def expect(self, check: FirstBytesCheck | None) -> None:
        """Pass the bytes that follow to ``check`` until it has seen enough of them to identify the protocol."""
        self._check, self._first = check, b""

    def announce(self, size: int) -> None:
        """Fail if so many bytes come at once, or shall come, that they alone exceed the budget."""
        if size > self.cap and self.problem is None:
            message = f"announces or sends {size:,} bytes at once, more than {ANY_SERVER}"
            self.problem = ServiceError(Reason.PROTOCOL, message)

    def count(self, size: int) -> None:
        """Take ``size`` bytes off the budget."""
        self.received += size
        if self.received > self.cap and self.problem is None:
            self.problem = self._over_budget

    def accept(self, data: bytes) -> bool:
        """Inspect received bytes and return whether the connection may go on."""
        self.announce(len(data))
        self.count(len(data))
        if self._check is not None and self.problem is None and len(self._first) < _FIRST:
            self._first += data[: _FIRST - len(self._first)]
            self.problem = self._check(self._first)
        return self.problem is None


class LimitedReader(asyncio.StreamReader):
    """Stream reader whose reads raise the guard's error once the peer fails a check."""

    def __init__(self, guard: Guard, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=min(guard.cap, _LIMIT), loop=loop)
        self._guard = guard
        self.on_silence: ServiceError | None = None
        """raised instead of a plain end where the peer closes the connection before it has sent anything"""

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """Buffer received bytes, or abort the connection."""
        if self._guard.accept(data):
            self.on_silence = None
            super().feed_data(data)
        else:
            self._abort()

    def feed_eof(self) -> None:
        """Mark the end of the stream; a silent end is an error where ``on_silence`` explains it."""
        if self.on_silence is not None and self.exception() is None:
            self.set_exception(self.on_silence)
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        """Mark the stream as failed, likewise."""
        silent = self.on_silence is not None and isinstance(exc, ConnectionError)
        super().set_exception(self.on_silence if silent else exc)  # type: ignore[arg-type]

    async def readline(self) -> bytes:
        """Return the next line with its newline.

        Raises:
            EOFError: the stream ends first; drivers that retry on b"" would block the event loop.
            ServiceError: the budget is exceeded.
        """
        try:
            line = await super().readline()
        except ValueError:  # longer than the limit
            self._guard.count(self._guard.cap)
        else:
            if not line.endswith(b"\n"):
                raise EOFError
            self._guard.count(max(0, self._guard.cap // _LINES - len(line)))
        if self._guard.problem is not None:
            self._abort()
            raise self._guard.problem
        return line

    async def readexactly(self, n: int) -> bytes:
        """Return ``n`` bytes. Raises as :meth:`readline` where the peer announces more than its budget."""
        self._guard.announce(n)
        if self._guard.problem is not None:
            self._abort()
        return await super().readexactly(n)

    async def repeats(self, expected: bytes) -> bool:
        """Take ``expected`` if the next bytes are these, and return whether they were; else nothing is taken."""
        buffer: bytearray = self._buffer  # type: ignore[attr-defined]
        while len(buffer) < len(expected) and expected.startswith(buffer) and not self.at_eof():
            if self.exception() is not None or self._eof:  # type: ignore[attr-defined]
                return False
            await self._wait_for_data("repeats")  # type: ignore[attr-defined]
        if not buffer.startswith(expected):
            return False
        del buffer[: len(expected)]
        self._maybe_resume_transport()  # type: ignore[attr-defined]
        return True

    def _abort(self) -> None:
        if self.exception() is None and self._guard.problem is not None:
            super().set_exception(self._guard.problem)
            transport: Any = self._transport  # type: ignore[attr-defined]
            if transport is not None:
                drop(transport)


def unread(reader: asyncio.StreamReader) -> int:
    """Return the number of received bytes that no read has taken: after the last reply, bytes that nobody asked for."""
    buffer: bytearray = reader._buffer  # type: ignore[attr-defined]
    return len(buffer)


def more_than_asked(address: str) -> ServiceError:
    """Return the error of a peer that sends more than the replies: a length among them was damaged."""
    return ServiceError(Reason.PROTOCOL, f"{address} sends more than it was asked for")


class LimitedWriter(asyncio.StreamWriter):
    """Stream writer of requests: each write renews the budget of the peer; closing does not wait for it."""

    guard: Guard

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a request."""
        self.guard.received = 0
        super().write(data)

    def writelines(self, data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send a request in parts."""
        self.guard.received = 0
        super().writelines(data)

    def close(self) -> None:
        """Close the connection."""
        leave(self.transport)


class InspectingProtocol(asyncio.Protocol):
    """Wraps a driver's protocol to inspect received bytes and abort the connection when a check fails."""

    def __init__(self, protocol: Any, accept: Callable[[bytes], bool], transport: Any = None) -> None:
        self.protocol = protocol
        self._accept = accept
        self._transport = transport
        for event in ("eof_received", "connection_lost", "pause_writing", "resume_writing"):
            setattr(self, event, getattr(protocol, event))

    def connection_made(self, transport: Any) -> None:
        """Keep the transport and pass it on."""
        self._transport = transport
        self.protocol.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass received bytes on, or abort the connection."""
        if self._accept(data):
            self.pass_on(data)
        else:
            drop(self._transport)

    def pass_on(self, data: bytes) -> None:
        """Pass bytes on in the form that the driver takes."""
        if isinstance(self.protocol, asyncio.BufferedProtocol):
            self._fill(data)
        else:
            self.protocol.data_received(data)

    def _fill(self, data: bytes) -> None:
        while data:
            buffer = memoryview(self.protocol.get_buffer(len(data)))
            size = min(len(buffer), len(data))
            if not size:
                raise RuntimeError("the driver's buffer is full")
            buffer[:size] = data[:size]
            self.protocol.buffer_updated(size)
            data = data[size:]

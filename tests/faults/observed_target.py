"""A target watched beside a healthy neighbour, and the faulty peers that it connects to."""

from __future__ import annotations

import asyncio
import signal
import socket
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, aclosing, asynccontextmanager, contextmanager
from types import FrameType

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Dialer, Failure, Outcome, Reading, ReadOnce, Service, Target
from parity_tui.services import kinds
from parity_tui.watcher import Watcher
from tests.builders import reading, target
from tests.proxy import Proxy, Script, listening

PATIENCE = 60.0
"""seconds after which a hanging test fails"""

MEGABYTE = 1024 * 1024
MOST_SENT = 48 * MEGABYTE
"""bytes that a peer can send: our limit and the system's buffers between two sockets"""


def observed(
    kind: str, port: int, host: str = "127.0.0.1", user: str = "parity", password: str | None = "sesame"
) -> Target:
    return target("observed", kind=kind, host=host, port=port, user=user, password=password)


class ObservedTarget:
    """Watches one target and a healthy neighbour."""

    def __init__(self, observed_target: Target, *, interval: float = 0.05, timeout: float = 0.5) -> None:
        self.readings = 0
        """how often the neighbour was read"""
        self._read = threading.Condition()
        neighbour = target("neighbour", kind="healthy")
        all_kinds = {**kinds(), "healthy": Service("Healthy", ("healthy",), self._connect, "none", ())}
        self.watch = Watcher(
            ["observed", "neighbour"],
            [observed_target, neighbour],
            all_kinds,
            Policy(),
            interval=interval,
            timeout=timeout,
        )

    @asynccontextmanager
    async def _connect(self, target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
        async def read() -> Reading:
            with self._read:
                self.readings += 1
                self._read.notify_all()
            return reading({"readings": str(self.readings)})

        yield read

    def wait_for_neighbour(self, readings: int) -> None:
        """Wait, in another thread, until the neighbour has been read so many times more."""
        enough = self.readings + readings
        with self._read:
            assert self._read.wait_for(lambda: self.readings >= enough, PATIENCE)

    async def boards(self) -> AsyncIterator[Outcome]:
        """Yield the outcome of the observed target from each new board; fail after PATIENCE."""
        async with asyncio.timeout(PATIENCE), aclosing(self.watch.boards()) as boards:  # type: ignore[type-var]
            async for board in boards:
                yield observed_outcome(board)

    async def until(self, ready: Callable[[Outcome], bool]) -> Outcome:
        """Watch until the outcome is as wanted and the neighbour has been read three times."""
        async with aclosing(self.boards()) as outcomes:  # type: ignore[type-var]
            async for outcome in outcomes:
                if ready(outcome) and self.readings >= 3:
                    return outcome
        raise AssertionError("the boards have ended")


def observed_outcome(board: Board) -> Outcome:
    (found,) = [outcome for outcome in board.outcomes() if outcome.target.environment == "observed"]
    return found


def answers(outcome: Outcome) -> bool:
    return outcome.reading is not None and outcome.failure is None


def fails(outcome: Outcome) -> bool:
    return outcome.failure is not None


def reading_of(outcome: Outcome) -> Reading:
    assert outcome.reading is not None
    return outcome.reading


def failure_of(outcome: Outcome) -> Failure:
    assert outcome.failure is not None
    return outcome.failure


@contextmanager
def watchdog(seconds: int = int(PATIENCE) + 20) -> Iterator[None]:
    """Fail a test whose event loop hangs, which no deadline of asyncio can do."""

    def fail(number: int, frame: FrameType | None) -> None:
        raise AssertionError("the event loop hangs")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class FaultyService:
    """Misbehaving peers; counts their clients and the bytes sent."""

    def __init__(self) -> None:
        self.sent = 0
        """bytes"""
        self.clients = 0

    def script(self, name: str) -> Script:
        """Return one of PEERS."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.clients += 1
            await PEERS[name](self, reader, writer)

        return serve

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send and count; end the connection of a client that takes too much."""
        if self.sent > MOST_SENT:
            raise ConnectionResetError
        writer.write(data)
        await writer.drain()
        self.sent += len(data)

    async def silent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            pass

    async def closes(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Close after the first bytes, or soon if the client sends none."""
        async with asyncio.timeout(0.1):
            await reader.read(65536)

    async def resets(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reset after the first bytes, or soon if the client sends none."""
        try:
            await self.closes(reader, writer)
        finally:
            abort = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, abort)

    async def babbles(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send bytes of no protocol and keep the connection open."""
        await self._send(writer, bytes(range(255, 127, -1)) * 4)
        await self.silent(reader, writer)

    async def web(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer as a web server does that understands nothing."""
        await self._first_bytes(reader)
        await self._send(writer, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async def ssh(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet as an SSH server does, which sends first, and wait."""
        await self._send(writer, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        await self.silent(reader, writer)

    async def drips(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send one byte at a time."""
        while True:
            await self._send(writer, b"5")
            await asyncio.sleep(0.1)

    async def floods(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send endless bytes without a line end."""
        while True:
            await self._send(writer, b"\x00\x00\x00\x7f" * 16384)

    async def lines(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send endless well-formed lines."""
        await self._first_bytes(reader)
        while True:
            await self._send(writer, b"STAT answer 42\r\n" * 4096)

    async def _first_bytes(self, reader: asyncio.StreamReader) -> None:
        """Wait for the first bytes of a client, but not long: some clients wait for the server."""
        try:
            async with asyncio.timeout(0.1):
                await reader.read(65536)
        except TimeoutError:
            pass


PEERS: Mapping[str, Callable[[FaultyService, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]] = {
    "silent": FaultyService.silent,
    "closes": FaultyService.closes,
    "resets": FaultyService.resets,
    "babbles": FaultyService.babbles,
    "web": FaultyService.web,
    "ssh": FaultyService.ssh,
    "drips": FaultyService.drips,
    "floods": FaultyService.floods,
    "lines": FaultyService.lines,
}


@contextmanager
def swallowing(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Yield a port on which even connecting gets no answer: its queue is full."""
    with socket.socket() as full, ExitStack() as queue:
        full.bind((host, port))
        full.listen(0)
        for _ in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()[1]


class SwitchableProxy(Proxy):
    """Freezes the connections to a real server, as a firewall that forgot them, or switches to another server."""

    frozen = False

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port)
        self._clients: set[asyncio.StreamWriter] = set()

    def switch(self, port: int) -> None:
        """Connect to another server from now on, and end the present connections."""
        self._server = ("127.0.0.1", port)
        for writer in self._clients:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection; one that comes while frozen stays open and gets nothing."""
        if self.frozen:
            await reader.read()
            return
        self._clients.add(writer)
        try:
            await super().serve(reader, writer)
        finally:
            self._clients.discard(writer)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, connection: object, *, from_client: bool
    ) -> None:
        """Forward one direction until frozen; a frozen connection stays frozen."""
        while data := await source.read(65536):
            if self.frozen:
                await asyncio.Event().wait()
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def switchable_proxy(port: int) -> AsyncIterator[SwitchableProxy]:
    """Yield a proxy in front of a port of this machine."""
    proxy = SwitchableProxy(port)
    async with listening(proxy.serve) as proxy.port:
        yield proxy

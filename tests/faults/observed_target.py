"""A target that something happens to, watched beside one that is well; and the peers that it happens by."""

from __future__ import annotations

import asyncio
import signal
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, aclosing, asynccontextmanager, contextmanager
from types import FrameType

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Dialer, Fact, Failure, Outcome, Reading, ReadOnce, Service, Target
from parity_tui.secrets import Secret
from parity_tui.services import kinds
from parity_tui.watcher import Watcher
from tests.proxy import Proxy, Script, listening

PATIENCE = 60.0
"""seconds after which a test is given up: no promise of anything, only the end of one that hangs"""

MEGABYTE = 1024 * 1024
MOST = 48 * MEGABYTE
"""bytes that a peer may get rid of: our cap, and what the system keeps between two sockets"""


def at(kind: str, port: int, host: str = "127.0.0.1", user: str = "parity", password: str | None = "sesame") -> Target:
    """Return a target of a kind on a port of this machine."""
    own = (lambda: Secret(password)) if password is not None else None
    scheme = kinds()[kind].schemes[0]
    return Target("patient", "it", kind, scheme, host, port, user=user, password=own)


class ObservedTarget:
    """One target under observation, and a neighbour that is well."""

    def __init__(self, target: Target, *, interval: float = 0.05, timeout: float = 0.5) -> None:
        self.readings = 0
        """how often the neighbour has been read"""
        neighbour = Target("neighbour", "it", "well", host="well.example", port=1)
        every = {**kinds(), "well": Service("Well", ("well",), self._connect, "none", ())}
        self.watch = Watcher(
            ["patient", "neighbour"], [target, neighbour], every, Policy(), interval=interval, timeout=timeout
        )

    @asynccontextmanager
    async def _connect(self, target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
        """Be well."""

        async def read() -> Reading:
            self.readings += 1
            return Reading("Well", "1.0", {"readings": Fact(str(self.readings))})

        yield read

    async def boards(self) -> AsyncIterator[Outcome]:
        """Yield what is known of the patient whenever there is a new board; give up after a while."""
        async with asyncio.timeout(PATIENCE), aclosing(self.watch.boards()) as boards:  # type: ignore[type-var]
            async for board in boards:
                yield patient(board)

    async def until(self, ready: Callable[[Outcome], bool]) -> Outcome:
        """Watch until the patient is as wanted, and the neighbour has been read three times since the start."""
        async with aclosing(self.boards()) as outcomes:  # type: ignore[type-var]
            async for outcome in outcomes:
                if ready(outcome) and self.readings >= 3:
                    return outcome
        raise AssertionError("the boards have ended")


def patient(board: Board) -> Outcome:
    """Return what is known of the target that something happens to."""
    (found,) = [outcome for outcome in board.outcomes() if outcome.target.environment == "patient"]
    return found


def why(outcome: Outcome) -> Failure:
    """Return why the target could not be read."""
    assert outcome.failure is not None
    return outcome.failure


@contextmanager
def watchdog(seconds: int = int(PATIENCE) + 20) -> Iterator[None]:
    """End a test whose event loop hangs: no deadline of asyncio would."""

    def bark(number: int, frame: FrameType | None) -> None:
        raise AssertionError("the event loop hangs")

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class FaultyService:
    """Peers that misbehave; what they have sent is counted."""

    def __init__(self) -> None:
        self.sent = 0
        """bytes"""
        self.clients = 0

    def script(self, name: str) -> Script:
        """Return one of PEERS by its name, counting its clients."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.clients += 1
            await PEERS[name](self, reader, writer)

        return serve

    async def say(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send and count; no more than would show that nobody stops it."""
        if self.sent > MOST:
            raise ConnectionResetError
        writer.write(data)
        await writer.drain()
        self.sent += len(data)

    async def silent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Accept and say nothing, whatever is said."""
        while await reader.read(65536):
            pass

    async def closes(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear a little, or wait a little where nobody speaks, and end."""
        async with asyncio.timeout(0.1):
            await reader.read(65536)

    async def resets(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear a little and reset the connection."""
        try:
            await self.closes(reader, writer)
        finally:
            abort = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, abort)

    async def babbles(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say what is no protocol at all, and stay."""
        await self.say(writer, bytes(range(255, 127, -1)) * 4)
        await self.silent(reader, writer)

    async def web(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be a web server that understood nothing."""
        await self._first_words(reader)
        await self.say(writer, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async def ssh(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be an SSH server, which speaks first and waits."""
        await self.say(writer, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        await self.silent(reader, writer)

    async def drips(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say one byte at a time, for ever."""
        while True:
            await self.say(writer, b"5")
            await asyncio.sleep(0.1)

    async def floods(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say bytes without end and without any line in them."""
        while True:
            await self.say(writer, b"\x00\x00\x00\x7f" * 16384)

    async def lines(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say well-formed lines without end."""
        await self._first_words(reader)
        while True:
            await self.say(writer, b"STAT answer 42\r\n" * 4096)

    async def _first_words(self, reader: asyncio.StreamReader) -> None:
        """Wait for what a client says first, but not long: some wait for the server."""
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
"""by name"""


@contextmanager
def swallowing(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Give a port where nothing is answered, not even the wish to connect: its queue is full already."""
    with socket.socket() as full, ExitStack() as queue:
        full.bind((host, port))
        full.listen(0)
        for _ in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()[1]


class Door(Proxy):
    """A proxy in front of a real server whose connections can be frozen, as by a firewall that forgot them."""

    frozen = False

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port)
        self._clients: set[asyncio.StreamWriter] = set()

    def lead(self, port: int) -> None:
        """Lead to that server from now on, and end the connections there are."""
        self._server = ("127.0.0.1", port)
        for writer in self._clients:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry a connection; while frozen, keep new ones open and carry nothing."""
        if self.frozen:
            await reader.read()
            return
        self._clients.add(writer)
        try:
            await super().serve(reader, writer)
        finally:
            self._clients.discard(writer)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, turn: object, *, ours: bool
    ) -> None:
        """Carry one way until frozen; a connection that was frozen once stays so."""
        while data := await source.read(65536):
            if self.frozen:
                await asyncio.Event().wait()
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def door(port: int) -> AsyncIterator[Door]:
    """Give a door in front of a port of this machine."""
    between = Door(port)
    async with listening(between.serve) as between.port:
        yield between

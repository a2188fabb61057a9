"""The peer that replays a recording with one damage, and the dialer that connects a kind to it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

from parity_tui.model import Output, Target
from parity_tui.services import identify
from parity_tui.transport.dialer import NetworkDialer
from tests.fuzz.conversations.conversation import NO_TLS, SHELL, Conversation, Line
from tests.fuzz.conversations.damage import Damage, Layer

DEADLINE = 60.0
"""seconds for one input, of which it needs none: its peer closes the connection"""
GRACE = 0.2
"""seconds of silence after which a peer whose reply was damaged closes the connection"""


class Stream(socket.socket):
    """One end of a pair, which takes the options of TCP."""

    def setsockopt(self, level: int, *option: Any) -> None:
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *option)


def stream_pair() -> tuple[socket.socket, socket.socket]:
    """Return both ends of a connection; the first one takes the options of TCP."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    return Stream(fileno=ours.detach()), theirs


class ReplayDialer(NetworkDialer):
    """Connects a kind to the peers of one input."""

    def __init__(
        self, conversation: Conversation, target: Target, damage: Damage | None, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(target, DEADLINE, identify=identify)
        self._waiting = list(enumerate(conversation.lines))
        self._damage = damage
        self._peer_tls = tls
        self._peers: list[Peer] = []

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a connection to the next recorded line of the port; to a silent peer that closes if there is none."""
        ours, theirs = stream_pair()
        index, line = self._next(port)
        damage = self._damage if self._damage and self._damage.line == index else None
        peer = Peer(line, damage, self._peer_tls)
        self._peers.append(peer)
        await asyncio.get_running_loop().create_connection(lambda: peer, sock=theirs)
        return ours

    async def sh(self, script: str, cap: int = 0, *, outside: bool = False) -> Output:
        """Return the recorded output of the script."""
        index, line = self._next(SHELL)
        damage = self._damage if self._damage and self._damage.line == index else None
        data = b"".join(damage.pieces(line.stream, 0)) if damage and damage.layer is Layer.REPLY else line.stream
        return Output(data, b"", damage.code if damage else 0)

    def _next(self, port: int) -> tuple[int, Line]:
        for index, line in self._waiting:
            if line.port == port:
                self._waiting.remove((index, line))
                return index, line
        return -1, Line(port, ())

    def end(self) -> None:
        """Close all connections."""
        for peer in self._peers:
            peer.close()


class Peer(asyncio.Protocol):
    """Sends the replies of one line as the client's requests arrive, in plain text or inside TLS."""

    def __init__(self, line: Line, damage: Damage | None, context: ssl.SSLContext | None) -> None:
        self._line = line
        self._damage = damage
        self._received = self._answered = self._turn = self._replied = self._emitted = 0
        self._damaged = False
        self._plain_until = line.tls_at
        self._tls = Tls(context) if line.tls_at != NO_TLS and context else None
        self._timer: asyncio.TimerHandle | None = None
        self._queue: list[bytes] = []
        self._ending = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._line.turns and self._tls is None:
            self.close()
        else:
            self._reply()
            self._wait()

    def data_received(self, data: bytes) -> None:
        if self._tls is None:
            self._received += len(data)
        else:
            plain = max(0, self._plain_until - self._received)
            self._received += len(data[:plain])
            if data[plain:]:
                self._received += self._tls.receive(data[plain:])
                self._emit(self._tls.output())
                if self._tls.failed:
                    self.close()
        self._reply()
        self._wait()

    def connection_lost(self, error: Exception | None) -> None:
        self._stop_timer()

    def _reply(self) -> None:
        turns = self._line.turns
        while not self._ending and self._turn < len(turns) and self._may_send(turns[self._turn].sent):
            reply = turns[self._turn].reply
            self._turn += 1
            self._answered = self._received
            start, self._replied = self._replied, self._replied + len(reply)
            damage = self._damage
            if damage and damage.layer is Layer.REPLY and start <= damage.offset < self._replied:
                for piece in damage.pieces(reply, start):
                    self._send(piece)
                self._damaged = not damage.harmless
                if damage.cuts:
                    self._end_after_queue()
            else:
                self._send(reply)

    def _may_send(self, sent: int) -> bool:
        if self._tls is not None and self._received >= self._plain_until and sent > self._plain_until:
            return self._tls.ready and self._received >= sent
        return self._received >= sent

    def _send(self, data: bytes) -> None:
        if self._tls is not None and self._tls.ready and self._received >= self._plain_until:
            data = self._tls.send(data)
        self._emit(data)

    def _emit(self, data: bytes) -> None:
        start, self._emitted = self._emitted, self._emitted + len(data)
        damage = self._damage
        if damage and damage.layer is Layer.RECORDS and data and start <= damage.offset < self._emitted:
            self._damaged = not damage.harmless
            for piece in damage.pieces(data, start):
                self._queue_piece(piece)
            if damage.cuts:
                self._end_after_queue()
        else:
            self._queue_piece(data)

    def _queue_piece(self, piece: bytes) -> None:
        if piece and not self._ending and not self._transport.is_closing():
            self._queue.append(piece)
            if len(self._queue) == 1:
                self._write_next()

    def _write_next(self) -> None:
        """Write one piece; the next follows once the loop has delivered it, so that the kernel joins no pieces."""
        if not self._transport.is_closing():
            self._transport.write(self._queue[0])
        after(3, self._written)

    def _written(self) -> None:
        self._queue.pop(0)
        if self._queue:
            self._write_next()
        elif self._ending:
            self.close()

    def _end_after_queue(self) -> None:
        self._ending = True
        if not self._queue:
            self.close()

    def _wait(self) -> None:
        """Close once the client has been silent for long after a damage; without one, its request is complete."""
        self._stop_timer()
        loop = asyncio.get_running_loop()
        if self._damaged:
            self._timer = loop.call_later(GRACE, self.close)
        elif self._turn < len(self._line.turns) and self._received > self._answered:
            self._timer = loop.call_later(5 * GRACE, self._assume_whole_request)

    def _assume_whole_request(self) -> None:
        """Reply to a request that is shorter than the recorded one, as of a driver of another version."""
        self._received = self._line.turns[self._turn].sent
        self._reply()
        self._wait()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Close the connection."""
        self._stop_timer()
        self._transport.close()


class Tls:
    """The server's side of TLS, in memory."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.ready = False
        """whether the handshake is complete"""
        self.failed = False

    def receive(self, data: bytes) -> int:
        """Take encrypted bytes and return the number of decrypted ones."""
        self._incoming.write(data)
        count = 0
        try:
            if not self.ready:
                self._object.do_handshake()
                self.ready = True
            while part := self._object.read(65536):
                count += len(part)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.failed = True
        return count

    def send(self, data: bytes) -> bytes:
        """Return the bytes encrypted."""
        if data:
            self._object.write(data)
        return self.output()

    def output(self) -> bytes:
        """Return the encrypted bytes that wait to be sent."""
        return self._outgoing.read()


def after(steps: int, call: Callable[[], None]) -> None:
    """Call after so many steps of the event loop."""
    loop = asyncio.get_running_loop()
    loop.call_soon(call) if steps <= 1 else loop.call_soon(after, steps - 1, call)

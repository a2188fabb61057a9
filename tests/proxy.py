"""A TCP proxy that keeps what a client sends and counts its round trips; and a peer that follows a script."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""what a made-up server does with one connection, which is ended when it returns"""


class Proxy:
    """Stands between a client and one server, on a port of its own."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        """where clients connect to, on 127.0.0.1"""
        self.sent = b""
        """all that clients have sent"""
        self.bursts = 0
        """how often a client began to send after the server had: round trips, without those of TCP itself"""
        self.connections = 0
        """how many clients there were"""
        self._server = (host, port)
        self._client_speaks: dict[object, bool] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways until either side ends it."""
        self.connections += 1
        there, back = await asyncio.open_connection(*self._server)
        turn = object()
        try:
            async with asyncio.TaskGroup() as both:
                up = both.create_task(self._carry(reader, back, turn, ours=True))
                down = both.create_task(self._carry(there, writer, turn, ours=False))
                await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
                up.cancel()
                down.cancel()
        finally:
            back.transport.abort()

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, turn: object, *, ours: bool
    ) -> None:
        """Carry one way, and note who speaks."""
        while data := await source.read(65536):
            if ours:
                self.sent += data
                self.bursts += not self._client_speaks.get(turn, False)
            self._client_speaks[turn] = ours
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def proxy(host: str, port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Proxy]:
    """Give a proxy in front of a server, one that speaks TLS to its clients where that is given."""
    between = Proxy(host, port)
    async with listening(between.serve, tls) as between.port:
        yield between


@asynccontextmanager
async def listening(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Give the port of 127.0.0.1 on which a made-up server follows a script with every client."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Follow the script; the client may have gone at any time."""
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await script(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def says(*answers: bytes) -> Script:
    """Return a server that answers whatever comes with one of these after the other, and then ends."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(65536)
            writer.write(answer)
            await writer.drain()
        writer.write_eof()
        await reader.read()

    return script


def floods(chunk: bytes) -> Script:
    """Return a server that sends the same for ever."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(chunk)
            await writer.drain()

    return script

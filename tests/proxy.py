"""A TCP proxy that records clients and counts their round trips; and a scripted server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""serves one connection of a scripted server, which is closed when it returns"""


class Proxy:
    """Forwards clients to one server, from a port of its own."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        """the port of 127.0.0.1 for clients"""
        self.sent = b""
        """all bytes from clients"""
        self.bursts = 0
        """round trips, without those of TCP: how often a client started to send after the server had sent"""
        self.connections = 0
        self._server = (host, port)
        self._client_sent_last: dict[object, bool] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection in both directions until either side ends it."""
        self.connections += 1
        server_reader, server_writer = await asyncio.open_connection(*self._server)
        connection = object()
        try:
            async with asyncio.TaskGroup() as both:
                up = both.create_task(self._carry(reader, server_writer, connection, from_client=True))
                down = both.create_task(self._carry(server_reader, writer, connection, from_client=False))
                await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
                up.cancel()
                down.cancel()
        finally:
            server_writer.transport.abort()

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, connection: object, *, from_client: bool
    ) -> None:
        """Forward one direction, and record the client."""
        while data := await source.read(65536):
            if from_client:
                self.sent += data
                self.bursts += not self._client_sent_last.get(connection, False)
            self._client_sent_last[connection] = from_client
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def proxy(host: str, port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Proxy]:
    """Yield a proxy in front of a server; with `tls` its clients use TLS."""
    between = Proxy(host, port)
    async with listening(between.serve, tls) as between.port:
        yield between


@asynccontextmanager
async def listening(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Yield the port of 127.0.0.1 on which a server runs a script for every client."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
    """Return a script that sends one answer after each request, and closes after the last."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(65536)
            writer.write(answer)
            await writer.drain()
        writer.write_eof()
        await reader.read()

    return script


def greets(*answers: bytes) -> Script:
    """Return a script that sends the first answer at once, each other one after a request, and closes at the end."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, answer in enumerate(answers):
            if number:
                await reader.read(65536)
            writer.write(answer)
            await writer.drain()
        writer.write_eof()
        await reader.read()

    return script


def floods(chunk: bytes) -> Script:
    """Return a script that sends the chunk endlessly."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(chunk)
            await writer.drain()

    return script

"""Ports that forward to a server with the delay of a distant network, and count bytes and round trips."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any


class DelayedPort:
    """Forwards one port of 127.0.0.1 to one server; delays bytes by half a round trip in each direction."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port = 0
        """for clients"""
        self.up = 0
        """bytes from clients"""
        self.down = 0
        """bytes to clients"""
        self.round_trips = 0
        """without those of TCP: how often a client started to send after the server had sent"""
        self.requests = 0
        """of HTTP"""
        self.connections = 0
        self._server = port
        self._trip = seconds

    def reset(self) -> None:
        """Count from zero."""
        self.up = self.down = self.round_trips = self.requests = self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until it ends or is cancelled."""
        with suppress(asyncio.CancelledError, OSError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward both directions; send nothing before the time of a TCP handshake has passed."""
        self.connections += 1
        ready = asyncio.get_running_loop().time() + self._trip
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._server)
        client_sent_last = [False]
        directions = [
            asyncio.create_task(self._forward(reader, server_writer, ready, client_sent_last, from_client=True)),
            asyncio.create_task(self._forward(server_reader, writer, ready, client_sent_last, from_client=False)),
        ]
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(self._trip)
        for task in directions:
            task.cancel()
        for end in (server_writer, writer):
            end.transport.abort()

    async def _forward(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        ready: float,
        client_sent_last: list[bool],
        *,
        from_client: bool,
    ) -> None:
        loop = asyncio.get_running_loop()
        while data := await source.read(65536):
            if from_client:
                self.up += len(data)
                self.requests += data.count(b" HTTP/1.1\r\n")
                self.round_trips += not client_sent_last[0]
            else:
                self.down += len(data)
            client_sent_last[0] = from_client
            if self._trip:
                loop.call_at(max(loop.time(), ready) + self._trip / 2, sink.write, data)
            else:
                sink.write(data)


class DelayedPorts:
    """Runs the delayed ports in a thread, so that the caller can wait for a process."""

    def __enter__(self) -> DelayedPorts:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def to(self, port: int, seconds: float = 0.0) -> DelayedPort:
        """Open a port that leads to a port of this machine with that round-trip time."""
        delayed = DelayedPort(port, seconds)
        server = self._do(asyncio.start_server(delayed.serve, "127.0.0.1", 0, backlog=1024))
        delayed.port = server.sockets[0].getsockname()[1]
        return delayed

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(_cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

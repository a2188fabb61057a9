"""A line to a server that has a length: it delays bytes by half a round trip each way, and counts them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any


class Line:
    """One port of 127.0.0.1 that leads to one server."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port = 0
        """where clients connect to"""
        self.up = 0
        """bytes from clients"""
        self.down = 0
        """bytes to clients"""
        self.turns = 0
        """how often a client began to send after the server had: round trips, without those of TCP itself"""
        self._server = port
        self._trip = seconds

    def forget(self) -> None:
        """Count from here."""
        self.up = self.down = self.turns = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until the bench is over with it."""
        with suppress(asyncio.CancelledError, OSError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways; nothing leaves before a handshake would be over."""
        ready = asyncio.get_running_loop().time() + self._trip
        there, back = await asyncio.open_connection("127.0.0.1", self._server)
        speaks = [False]
        carried = [
            asyncio.create_task(self._carry(reader, back, ready, speaks, ours=True)),
            asyncio.create_task(self._carry(there, writer, ready, speaks, ours=False)),
        ]
        await asyncio.wait(carried, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(self._trip)
        for task in carried:
            task.cancel()
        for end in (back, writer):
            end.transport.abort()

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, ready: float, speaks: list[bool], *, ours: bool
    ) -> None:
        """Carry one way."""
        loop = asyncio.get_running_loop()
        while data := await source.read(65536):
            if ours:
                self.up += len(data)
                self.turns += not speaks[0]
            else:
                self.down += len(data)
            speaks[0] = ours
            if self._trip:
                loop.call_at(max(loop.time(), ready) + self._trip / 2, sink.write, data)
            else:
                sink.write(data)


class Lines:
    """A thread that carries all lines, so that whoever measures can wait for a process meanwhile."""

    def __enter__(self) -> Lines:
        """Start the thread."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def to(self, port: int, seconds: float = 0.0) -> Line:
        """Open a line to a port of this machine whose round trip takes so long."""
        line = Line(port, seconds)
        server = self._do(asyncio.start_server(line.serve, "127.0.0.1", 0, backlog=1024))
        line.port = server.sockets[0].getsockname()[1]
        return line

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have something done in the thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all of them."""
        self._do(_cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_all() -> None:
    """Cancel everything that runs in this loop."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

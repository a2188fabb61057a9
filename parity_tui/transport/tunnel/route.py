"""A tunnel program as a route: started when it is first needed, and again when it has ended."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from parity_tui.drift.values import printable
from parity_tui.model import Reason, ServiceError, Tunnel
from parity_tui.transport.backoff import Backoff
from parity_tui.transport.commands import Process
from parity_tui.transport.recovery import Recovery
from parity_tui.transport.tunnel.place import Place
from parity_tui.transport.tunnel.placeholders import fill, leads_to
from parity_tui.transport.tunnel.program import GRACE, Program

LIMIT = 60.0
"""seconds in which a program has to listen, however long its waiters wait"""

_STABLE = 5.0
"""seconds after which an end is no failure to start"""

_FIRST_LOOK, _LAST_LOOK = 0.01, 0.2
"""seconds between two looks whether the program listens"""

_LONGEST_PAUSE = 30.0
"""seconds between two starts that fail"""


class TunnelRoute:
    """The program that leads to one host and port, for all targets there."""

    jump = None

    def __init__(self, tunnel: Tunnel, host: str, port: int, to: Callable[[Tunnel, str, int], TunnelRoute]) -> None:
        """Create a route; nothing is started yet.

        Args:
            tunnel: the program.
            host: where it leads to, as the far end knows it.
            port: likewise.
            to: the shared route of the same program to another host or port.
        """
        self.name = f"tunnel {printable(os.path.basename(tunnel.argv[0]) or tunnel.argv[0])}"
        self._tunnel, self._to = tunnel, to
        self._host, self._port = host, port
        self._argv = leads_to(tunnel, host, port)
        self._backoff = Backoff(_LONGEST_PAUSE)
        self.recovery = Recovery(self)
        """targets that wait for this program"""
        self._start_task: asyncio.Task[None] | None = None
        self._program: Program | None = None
        self._place: Place | None = None
        self._up_since = 0.0
        self._leaving: set[Program] = set()

    @property
    def is_up(self) -> bool:
        """Whether the program listens, as far as it is known."""
        return self._up_since > 0

    async def up(self) -> None:
        """Wait until the program listens; a cancelled waiter does not end it for the others.

        Raises ServiceError(Reason.TUNNEL, …).
        """
        if self.is_up:
            return
        if self._start_task is None:
            self._backoff.check()
            self._start_task = asyncio.create_task(self._start(), name=self.name)
            self._start_task.add_done_callback(_retrieve_exception)
        start = self._start_task
        await asyncio.wait((start,))
        error = None if start.cancelled() else start.exception()
        if isinstance(error, ServiceError):
            raise ServiceError(error.reason, error.message)
        if error is not None:
            raise error
        if not self.is_up:
            self._backoff.check()
            raise self._lost()

    async def _start(self) -> None:
        try:
            await self._listen()
        except ServiceError as error:
            self._backoff.begin(error)
            raise
        else:
            self._backoff.end()
            self._up_since = time.monotonic()
            self.recovery.announce()
        finally:
            self._start_task = None
            if not self.is_up:
                self._drop()

    async def _listen(self) -> None:
        """Start the program and wait until it listens."""
        place = self._place = Place("{socket}" in "".join(self._argv))
        program = self._program = self._launch(place)
        until, pause = time.monotonic() + LIMIT, _FIRST_LOOK
        while not await place.is_open(program):
            if program.is_over:
                raise self._error(program.describe_end())
            if place.taken_by:
                raise self._error(f"{place.taken_by} listens at {place}, which was free for it")
            if time.monotonic() > until:
                raise self._error(f"does not listen at {place}{_printing(program)}")
            await program.over(pause)
            pause = min(_LAST_LOOK, pause * 1.2)

    def _launch(self, place: Place) -> Program:
        argv, folder = fill(self._argv, place.values), self._tunnel.folder
        path = os.path.join(folder, argv[0]) if "/" in argv[0] else argv[0]
        if shutil.which(path) is None:
            place.close()
            raise self._error("this program is not installed here")
        try:
            return Program(argv, folder, place.folder, self._ended)
        except (OSError, ValueError) as error:
            place.close()
            raise self._error(f"cannot be started: {getattr(error, 'strerror', None) or error}") from error

    def _ended(self) -> None:
        """Take note of an end: one soon after the start makes the next start wait."""
        self._leaving = {program for program in self._leaving if not program.is_over}
        program = self._program
        if program is None or not program.is_over:
            return
        if self.is_up and time.monotonic() - self._up_since < _STABLE:
            self._backoff.begin(self._error(program.describe_end()))
        self._drop()

    def _drop(self) -> None:
        """Let the program go."""
        program, self._program, self._up_since = self._program, None, 0.0
        if self._place is not None:
            self._place.close()
        if program is not None and not program.is_over:
            self._leaving.add(program)
            program.let_go()

    async def stream(self, host: str, port: int) -> socket.socket:
        """Return a socket that leads to ``host``:``port`` through the program. Raises ServiceError."""
        if (host, port) != (self._host, self._port):
            if leads_to(self._tunnel, host, port) == self._argv:
                raise self._error(f"leads to {self._host}:{self._port} only, not to {host}:{port}: {_BOTH_NEEDED}")
            return await self._to(self._tunnel, host, port).stream(host, port)
        for _ in range(2):
            await self.up()
            program, place = self._program, self._place
            if program is None or place is None:
                continue
            try:
                return await place.connect(program)
            except OSError as error:
                if not isinstance(error, ConnectionError | FileNotFoundError):
                    raise
                if program is self._program:
                    self._drop()
        raise self._lost()

    async def process(self, argv: Sequence[str], seconds: float) -> Process:
        """Raise ServiceError: a tunnel carries connections."""
        raise self._error("carries connections, no commands")

    def arrival(self) -> str:
        """Return how an open tunnel is told."""
        program, place = self._program, self._place
        if program is None or place is None:
            return f"{self.name} has ended again"
        return f"{self.name} listens at {place}{_printing(program)}"

    def reached(self, address: str) -> str:
        """Return how a connection to an address is told."""
        return f"{self.name} accepts the connection to {address}"

    def late(self, seconds: float) -> str:
        """Return why the program is not up after ``seconds``."""
        program = self._program
        words = _printing(program) if program else ""
        return f"{self.name}: does not listen at {self._place} within {seconds:g} s, and is waited for{words}"

    def remark(self) -> str:
        """Return what the program has printed since the last stream was opened, "" for nothing."""
        words = self._program.latest_words if self._program is not None else ""
        return f"{self.name} prints {words}" if words else ""

    def hosts(self) -> list[str]:
        """Return the program's name."""
        return [self.name]

    def pending_host(self) -> str:
        """Return the program's name."""
        return self.name

    def check_pulse(self) -> None:
        """Do nothing: a program gives no sign of life."""

    def silent_host(self, seconds: float) -> str:
        """Return "": whether the program or its far end hangs cannot be known."""
        return ""

    def waiting(self, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """Call ``wake`` whenever the program listens again, while a block runs."""
        return self.recovery.waiting(wake)

    def pause(self) -> float:
        """Return the seconds until the next start is allowed."""
        return self._backoff.remaining()

    def forget(self) -> None:
        """Forget a failed start, so that the next use tries again at once."""
        self._backoff.end()

    async def close(self) -> None:
        """End the program, and wait until nothing of it is left."""
        await self.recovery.close()
        if (start := self._start_task) is not None:
            start.cancel()
            await asyncio.wait((start,))
        self._drop()
        leaving = list(self._leaving)
        await asyncio.gather(*(program.over(GRACE + 1) for program in leaving))
        for program in leaving:
            program.kill()

    def _error(self, text: str) -> ServiceError:
        return ServiceError(Reason.TUNNEL, f"{self.name}: {text}")

    def _lost(self) -> ServiceError:
        return self._error("has ended")


_BOTH_NEEDED = "write {host} and {target_port} in its words"


def _printing(program: Program) -> str:
    words = program.words
    return f"; it prints {words}" if words else ""


def _retrieve_exception(task: asyncio.Task[None]) -> None:
    """Keep asyncio from logging the failure of a start whose waiters were all cancelled."""
    if not task.cancelled():
        task.exception()

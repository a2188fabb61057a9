"""Runs commands that read a script: one at a time for each target, also once the caller has given one up."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable
from contextlib import suppress
from typing import Protocol

from parity_tui.model import Output, Reason, ServiceError

_ERROR_BYTES = 64 * 1024
"""bytes of a command's standard error that are kept"""


class Process(Protocol):
    """A command with three pipes: a process of this machine, a session of an SSH connection."""

    input: int
    """descriptor, not blocking, as are the others"""
    output: int
    error: int

    async def ended(self) -> int:
        """Wait for the end at the far end and return the exit code; may be called again.

        Raises ServiceError where the end cannot be known, as the line is lost.
        """

    def let_go(self) -> None:
        """Close the standard input, which ends a script on a leash."""

    def close(self) -> None:
        """Forget the command, and kill its part on this machine."""


class Exchange:
    """Feeds a command with a script and collects its output; the input stays open, as the leash of the script.

    With ``ends`` it is closed after the script, for a command that reads its input to the end.
    """

    def __init__(self, process: Process, script: str, cap: int, name: str, *, ends: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self._process, self._script, self._cap, self._name = process, script.encode(), cap, name
        self._ends, self._writes = ends, True
        self._open = {process.output: bytearray(), process.error: bytearray()}
        self._buffers = dict(self._open)
        self._complete: asyncio.Future[None] = self._loop.create_future()
        for descriptor in self._open:
            self._loop.add_reader(descriptor, self._read, descriptor)
        self._loop.add_writer(process.input, self._write)

    async def output(self) -> Output:
        """Wait for the end of the command and return its output.

        Raises ServiceError where it prints too much, or where the line is lost.
        """
        await self._complete
        out, error = (bytes(buffer) for buffer in self._buffers.values())
        return Output(out, error, await self._process.ended())

    def _read(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        buffer = self._buffers[descriptor]
        if not data:
            self._loop.remove_reader(descriptor)
            del self._open[descriptor]
            if not self._open and not self._complete.done():
                self._complete.set_result(None)
        elif descriptor == self._process.error:
            buffer += data[: _ERROR_BYTES - len(buffer)]
        else:
            buffer += data
            if len(buffer) > self._cap and not self._complete.done():
                text = f"{self._name} prints more than {self._cap:,} bytes"
                self._complete.set_exception(ServiceError(Reason.PROTOCOL, text))
                self._loop.remove_reader(descriptor)

    def _write(self) -> None:
        try:
            count = os.write(self._process.input, self._script[:65536])
        except BlockingIOError:
            return
        except OSError:  # the command needs no input, or has ended
            count = len(self._script)
        self._script = self._script[count:]
        if not self._script:
            self._end_input()

    def _end_input(self) -> None:
        if self._writes:
            self._writes = False
            self._loop.remove_writer(self._process.input)
            if self._ends:
                self._process.let_go()

    def close(self) -> None:
        """Stop reading and writing; to be called before the process is closed."""
        for descriptor in self._open:
            self._loop.remove_reader(descriptor)
        self._end_input()
        if self._complete.done() and not self._complete.cancelled():
            self._complete.exception()  # else asyncio reports it as one that nobody has seen


class Commands:
    """The commands of many targets that have not ended yet although their callers have gone."""

    def __init__(self) -> None:
        self._ending: dict[Hashable, asyncio.Task[None]] = {}

    async def turn(self, key: Hashable, seconds: float, place: str) -> None:
        """Wait until the last command of a target is over, or its limit has passed.

        Raises ServiceError where that takes longer than ``seconds``.
        """
        last = self._ending.get(key)
        if last is not None and not (await asyncio.wait((last,), timeout=seconds))[0]:
            raise ServiceError(
                Reason.TIMEOUT, f"{place}: the previous command is still running; the next one waits for it"
            )

    async def run(self, key: Hashable, process: Process, script: str, cap: int, limit: int, name: str) -> Output:
        """Run a script on a leash as the only command of a target.

        A command that the caller gives up, or of which the line is lost, is pending until it has ended, at most
        for the limit of the script.

        Raises ServiceError where the command prints more than ``cap`` bytes or is killed, or where its line is lost.
        """
        until = asyncio.get_running_loop().time() + limit + 1
        exchange = Exchange(process, script, cap, name)
        try:
            output = await exchange.output()
        except BaseException:
            exchange.close()
            process.let_go()
            ending = self._ending[key] = asyncio.create_task(_end(process, until))
            # A task that is cancelled before it starts runs no `finally`.
            ending.add_done_callback(lambda task: self._forget(key, task, process))
            raise
        exchange.close()
        process.close()
        if output.code < 0:  # what it has printed may be cut
            raise ServiceError(Reason.SERVER, f"{name} was killed before it ended")
        return output

    def _forget(self, key: Hashable, task: asyncio.Task[None], process: Process) -> None:
        process.close()
        if self._ending.get(key) is task:
            del self._ending[key]

    async def close(self) -> None:
        """End everything on this machine; the far ends follow."""
        pending = list(self._ending.values())
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending)


async def _end(process: Process, until: float) -> None:
    """Wait until a command without its leash is over, or until its own limit has ended it."""
    loop = asyncio.get_running_loop()
    with suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            with suppress(ServiceError):  # the line is lost: only the clock tells
                await process.ended()
                return
            await asyncio.sleep(until - loop.time())

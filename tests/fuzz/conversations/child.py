"""Runs inputs: ``python -m tests.fuzz.conversations.child CONVERSATION FOLDER WIDTH``, one input in each line of stdin.

Prints a line before and after each input: its number, then its end and a text. Ends with code 3 when it has grown.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import resource
import secrets
import ssl
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import msgspec

from parity_tui.model import Reading
from parity_tui.services import kinds, redact_reading
from parity_tui.transport.dialer import describe
from parity_tui.transport.event_loop import EventLoop
from tests.fuzz.conversations.conversation import MARK, Conversation, load
from tests.fuzz.conversations.damage import Damage
from tests.fuzz.conversations.replay import DEADLINE, ReplayDialer
from tests.fuzz.conversations.verdict import End, Result, judge

MOST_STALLED = 1.0
"""seconds of CPU that one step of the event loop may take; the longest parses a whole reply"""
MOST_GROWN = 100 * 1024 * 1024
"""bytes"""
GROWN = 3
"""exit code"""

_current: ContextVar[int] = ContextVar("input", default=-1)


def fix_bytes() -> None:
    """Make the nonces of logins, the marks of scripts and the number of this process those of the recordings."""
    os.getpid = lambda: 12345
    patched: Any = secrets
    patched.token_bytes = lambda nbytes=None: bytes(range(nbytes or 32))
    patched.token_hex = lambda nbytes=None: MARK[: 2 * (nbytes or 8)]
    fix_request_ids()


def fix_request_ids() -> None:
    """Give all messages to MongoDB one number: a reply repeats that of its request."""
    module: Any = importlib.import_module("pymongo.message")
    op_msg = module._op_msg

    def fixed(*arguments: Any, **options: Any) -> Any:
        _, message, *rest = op_msg(*arguments, **options)
        return (7, message[:4] + (7).to_bytes(4, "little") + message[8:], *rest)

    module._op_msg = fixed


class Child:
    """Runs the inputs of one conversation."""

    def __init__(self, conversation: Conversation, folder: Path) -> None:
        self._conversation = conversation
        self._service = kinds()[conversation.kind]
        self._target = conversation.target(str(folder / "ca.pem"))
        self._tls: ssl.SSLContext | None = None
        if conversation.encrypted:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(folder / "server.pem")
            self._tls.set_alpn_protocols(["h2", "http/1.1"])
        self._whole: list[Reading] = []
        self._stalls: dict[int, float] = {}
        self._printed = 0
        self._baseline = 0

    async def run(self, inputs: Sequence[tuple[int, Damage]], width: int) -> int:
        """Run all inputs, so many at a time; return the exit code."""
        self._whole, error, _ = await self._read(None)
        if error or len(self._whole) < self._conversation.readings:
            say("broken", text=f"the undamaged conversation fails: {error}")
            return 1
        self._baseline = resident()
        watch_steps(self._note_step)
        waiting = iter(inputs)

        async def work() -> None:
            for number, damage in waiting:
                _current.set(number)
                say("start", number)
                result = self._with_side_effects(number, await self._try(damage))
                say("end", number, result.end, result.text)

        async with asyncio.TaskGroup() as group:
            for _ in range(width):
                group.create_task(work())
        say(
            "peak", text=json.dumps({"memory": peak() - self._baseline, "stall": max(self._stalls.values(), default=0)})
        )
        return 0

    async def _try(self, damage: Damage) -> Result:
        readings, error, stuck = await self._read(damage)
        if stuck:
            return Result(End.STUCK, error or "")
        if error is not None and not error.strip():
            return Result(End.WORDLESS)
        return judge(self._conversation.name, damage, self._whole, readings, error or "")

    async def _read(self, damage: Damage | None) -> tuple[list[Reading], str | None, bool]:
        """Return the readings, the failure after them, and whether the deadline was exceeded."""
        dialer = ReplayDialer(self._conversation, self._target, damage, self._tls)
        readings: list[Reading] = []

        async def session() -> None:
            async with self._service.connect(self._target, dialer) as read:
                while len(readings) < self._readings(damage):
                    reading = dialer.with_connection_facts(await read())
                    readings.append(redact_reading(reading, self._service))

        task = asyncio.create_task(session())
        try:
            done, _ = await asyncio.wait({task}, timeout=DEADLINE)
        finally:
            dialer.end()
        if not done:
            task.cancel()
            return readings, "deadline", True
        error = ConnectionResetError() if task.cancelled() else task.exception()
        failure = describe(error, self._target, DEADLINE) if error is not None else None
        return readings, f"{failure.reason}: {failure.message}" if failure else None, False

    def _readings(self, damage: Damage | None) -> int:
        """Return how often to read; a damaged first reading is seldom followed by another."""
        line = self._conversation.lines[damage.line] if damage else None
        once = damage and line and damage.offset < line.size // 2 and damage.offset % 4
        return 1 if once else self._conversation.readings

    def _with_side_effects(self, number: int, result: Result) -> Result:
        """Return a worse result where this process has stalled, printed or grown meanwhile."""
        printed, self._printed = os.fstat(2).st_size - self._printed, os.fstat(2).st_size
        if (stalled := self._stalls.get(number, 0)) > MOST_STALLED:
            return Result(End.STALLED, f"{stalled:.1f} s")
        if printed > 0:
            with open(os.environ["FUZZ_STDERR"], "rb") as stderr:
                stderr.seek(self._printed - printed)
                return Result(End.PRINTED, stderr.read()[-600:].decode(errors="replace"))
        if resident() - self._baseline > MOST_GROWN // 2:
            gc.collect()  # buffers of closed connections wait in cycles
        if resident() - self._baseline > MOST_GROWN:
            say("end", number, End.GREW, f"{(resident() - self._baseline) >> 20} MB")
            os._exit(GROWN)
        return result

    def _note_step(self, seconds: float, number: int) -> None:
        if seconds > self._stalls.get(number, 0.001):
            self._stalls[number] = seconds


def watch_steps(note: Callable[[float, int], None]) -> None:
    """Call with the seconds of CPU of each step of the event loop, and with the input that it belongs to."""
    handle: Any = asyncio.events.Handle
    run = handle._run

    def measured(self: Any) -> None:
        started = time.thread_time()
        run(self)
        context = self._context
        note(time.thread_time() - started, context.get(_current, -1) if context else -1)

    handle._run = measured


def resident() -> int:
    """Return the bytes of memory that this process has at present, or had at most where that is unknown."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return peak()


def peak() -> int:
    """Return the bytes of memory that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def say(word: str, number: int = -1, end: str = "", text: str = "") -> None:
    """Print one line for the pool, at once."""
    os.write(1, json.dumps([word, number, end, text[:1000]]).encode() + b"\n")


def main(name: str, folder: str, width: str) -> int:
    fix_bytes()
    inputs = [msgspec.json.decode(line, type=tuple[int, Damage]) for line in sys.stdin.buffer]
    with asyncio.Runner(loop_factory=EventLoop) as runner:
        return runner.run(Child(load(name), Path(folder)).run(inputs, int(width)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))

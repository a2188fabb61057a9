"""Hostile servers of a kind: ``python -m tests.services.hostile_peers KIND NUMBER`` connects to each from a number on.

A conversation holds the parts that a server sends: the first one after the client's first bytes (at once where the
server speaks first), each further one after the client's next. Lines of the output are JSON: {"begin": number}, then
{"end": number, "outcome": "reading" or the reason of a failure, "message": …, "kilobytes": …}, the peak of the memory.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from parity_tui.model import Target, TlsMode
from parity_tui.secrets import Secret
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer, describe
from tests.proxy import Script, listening
from tests.services.mysql import conversations as mysql
from tests.services.postgres import conversations as postgres

Conversation = tuple[bytes, ...]

CONVERSATIONS: Mapping[str, Callable[[], list[Conversation]]] = {
    "postgres": postgres.conversations, "mysql": mysql.conversations,
}  # fmt: skip
"""kind -> conversations, a well-formed one first"""
SPEAKS_FIRST = {"mysql"}
_TARGETS = {
    "postgres": Target("dev", "it", "postgres", "postgresql", "127.0.0.1", 0, "db", "app"),
    "mysql": Target("dev", "it", "mysql", "mysql", "127.0.0.1", 0, "", "app"),
}
_TIMEOUT = 3.0


@dataclass
class Result:
    """How the client took the conversations of a kind."""

    outcomes: dict[int, tuple[str, str]] = field(default_factory=dict)
    """number -> "reading" or the reason, and the message"""
    deaths: dict[int, int] = field(default_factory=dict)
    """number -> exit code of the client that it ended"""
    hangs: list[int] = field(default_factory=list)
    growth: int = 0
    """kilobytes between the first conversation and the peak"""


def survive(kind: str, patience: float = 60.0, *arguments: str) -> Result:
    """Connect child processes to every hostile server of a kind; a further one where one has died or hangs."""
    result, number, total = Result(), 0, len(CONVERSATIONS[kind]())
    while number < total:
        number = _run_child([kind, str(number), *arguments], result, patience)
    return result


def _run_child(arguments: Sequence[str], result: Result, patience: float) -> int:
    """Run a child process until it ends; return the number of the next conversation."""
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.services.hostile_peers", *arguments]
    current, first = int(arguments[1]), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        while True:
            timer = threading.Timer(patience, child.kill)
            timer.start()
            line = child.stdout.readline()
            hangs = not timer.is_alive()
            timer.cancel()
            if not line:
                break
            report = json.loads(line)
            current = report.get("begin", current)
            if "end" in report:
                first = first or report["kilobytes"]
                result.growth = max(result.growth, report["kilobytes"] - first)
                result.outcomes[report["end"]] = report["outcome"], report["message"]
                current = report["end"] + 1
        error, code = child.stderr.read(), child.wait()
    if hangs:
        result.hangs.append(current)
    elif code:
        result.deaths[current] = code
    else:
        assert error == "" or "unguarded" in arguments, error
        return current
    return current + 1


def script(parts: Conversation, speaks_first: bool) -> Script:
    """Return the server of a conversation."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, part in enumerate(parts):
            if (number or not speaks_first) and not await reader.read(65536):
                return
            writer.write(part)
            await writer.drain()
        writer.write_eof()
        await reader.read()

    return serve


async def outcome(kind: str, parts: Conversation) -> tuple[str, str]:
    """Connect to the server of a conversation and read twice."""
    async with listening(script(parts, kind in SPEAKS_FIRST)) as port:
        target = replace(_TARGETS[kind], port=port, tls=TlsMode.OFF, password=lambda: Secret("swordfish"))
        try:
            dialer = NetworkDialer(target, _TIMEOUT)
            async with asyncio.timeout(_TIMEOUT), kinds()[kind].connect(target, dialer) as read:
                await read()
        except Exception as error:  # the watcher describes each
            failure = describe(error, target, _TIMEOUT)
            return str(failure.reason), failure.message
    return "reading", ""


def unguarded() -> None:
    """Let every byte through, to see what the guard is for."""
    from parity_tui.transport.conversation import Conversation

    def received(self: Any, data: bytes) -> bytes:
        return data

    Conversation.received = received  # type: ignore[method-assign]


def numbered(kind: str, first: int) -> Iterator[tuple[int, Conversation]]:
    """Yield the conversations of a kind from a number on."""
    yield from list(enumerate(CONVERSATIONS[kind]()))[first:]


def _report(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


async def main(kind: str, first: int) -> None:
    """Take the part of the client in every conversation."""
    for number, parts in numbered(kind, first):
        _report(begin=number)
        word, message = await outcome(kind, parts)
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _report(end=number, outcome=word, message=message, kilobytes=kilobytes)


if __name__ == "__main__":
    if "unguarded" in sys.argv:
        unguarded()
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))

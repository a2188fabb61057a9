"""Run a script of the POSIX shell: here, over ssh, in a container."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from parity_tui.model import ServiceError

if TYPE_CHECKING:
    from parity_tui.model import Target

WAYS = ("local", "ssh", "docker")
"""the second half of a scheme such as nginx+ssh"""


class Output(Struct, frozen=True):
    """What a script has printed."""

    out: bytes
    error: bytes
    code: int
    """of its last command"""


def argv_of(target: Target) -> list[str]:
    """Return the command that gives a shell where the target lives; the script comes by its standard input."""
    match target.scheme.rpartition("+")[2]:
        case "docker":
            return ["docker", "exec", "-i", target.host, "sh", "-s"]
        case "ssh":
            login = ["-l", target.user] if target.user else []
            port = ["-p", str(target.port)] if target.port else []
            return ["ssh", "-T", "-o", "BatchMode=yes", *login, *port, "--", target.host, "sh -s"]
        case _:
            return ["sh", "-s"]


async def run(argv: Sequence[str], script: str, cap: int) -> Output:
    """Run a command with a script as its input. Raises ServiceError where there is no such command."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ServiceError("driver", f"the command {argv[0]} is not installed here") from error
    try:
        out, words = await process.communicate(script.encode())
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return Output(out[:cap], words[:cap], process.returncode or 0)

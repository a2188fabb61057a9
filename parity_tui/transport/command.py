"""Run a script of the POSIX shell: here, over ssh, in a container."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from parity_tui.model import Output, Reason, ServiceError
from parity_tui.transport.supervised import kill_group, supervised

if TYPE_CHECKING:
    from parity_tui.model import Target
    from parity_tui.transport.ssh import SSHConnection

WAYS = ("local", "ssh", "docker")
"""the second half of a scheme such as nginx+ssh"""

_SHELL = ("sh", "-s")

# What a container was made from is known outside of it only: the shell within is told by a variable.
_ENTER = """\
image=$(docker inspect --format '{{.Config.Image}} {{.Image}}' "$1" 2>/dev/null </dev/null)
exec docker exec -i ${image:+-e "PARITY_IMAGE=$image"} "$1" sh -s"""
_WORDS = 64 * 1024
"""bytes of a command's standard error that are kept"""


def way_of(target: Target) -> str:
    """Return which of WAYS leads to a target that is read with commands, "" for all others."""
    way = target.scheme.rpartition("+")[2]
    return way if "+" in target.scheme and way in WAYS else ""


async def sh(target: Target, line: SSHConnection | None, script: str, cap: int) -> Output:
    """Run a script where a target lives, by way of ``line`` where that is another host.

    Raises ServiceError where that place cannot be reached, or where more than ``cap`` bytes are printed.
    """
    if line is None:
        output = await run(_argv(target), script, cap)
    else:
        from parity_tui.transport.ssh import quiet, words

        await line.up()
        output = await run(line.command(shlex.join(_argv(target))), script, cap, quiet(os.environ))
        if output.code == 255:
            raise ServiceError(Reason.TUNNEL, words(output.error.decode(errors="replace"), line.where.host))
    if way_of(target) == "docker" and output.code and not output.out:
        _check_docker(target.host, output, line)
    return output


def _argv(target: Target) -> tuple[str, ...]:
    """Return the command that is a shell where the target lives, as seen from its host."""
    if way_of(target) == "docker":
        return ("sh", "-c", _ENTER, "sh", target.host)
    return _SHELL


async def run(argv: Sequence[str], script: str, cap: int, env: Mapping[str, str] | None = None) -> Output:
    """Run a command with a script as its input. Whatever ends this ends the command and all that it has started.

    Raises ServiceError where there is no such command, or where it prints more than ``cap`` bytes.
    """
    import shutil

    if shutil.which(argv[0]) is None:
        raise ServiceError(Reason.DRIVER, f"the command {argv[0]} is not installed here")
    process = await asyncio.create_subprocess_exec(
        *supervised(argv, script),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=env,
    )
    assert process.stdin is not None  # noqa: S101 - all three are pipes
    try:
        out, error = await asyncio.gather(_printed(process.stdout, cap, argv[0]), _said(process.stderr))
        return Output(out, error, await process.wait())
    finally:
        if process.returncode is None:
            kill_group(process.pid)
        process.stdin.close()
        with suppress(TimeoutError):  # only something that has left the group can keep a pipe open
            await asyncio.wait_for(process.wait(), 1)


async def _printed(stream: asyncio.StreamReader | None, cap: int, name: str) -> bytes:
    """Return all that comes, or have enough of it."""
    data = bytearray()
    while stream is not None and (more := await stream.read(65536)):
        data += more
        if len(data) > cap:
            raise ServiceError(Reason.PROTOCOL, f"{name} prints more than {cap:,} bytes")
    return bytes(data)


async def _said(stream: asyncio.StreamReader | None) -> bytes:
    """Return the first that comes; the rest is read and forgotten."""
    data = bytearray()
    while stream is not None and (more := await stream.read(65536)):
        data += more[: _WORDS - len(data)]
    return bytes(data)


def _check_docker(container: str, output: Output, line: SSHConnection | None) -> None:
    """Raise ServiceError where it was docker that failed, and not the script."""
    said = output.error.decode(errors="replace").strip()
    last = said.splitlines()[-1][:300] if said else ""
    if output.code == 127 and re.search(r"docker:.* not found", said):
        where = "there" if line else "here"
        raise ServiceError(Reason.DRIVER, f"the command docker is not installed {where}")
    if "No such container" in said:
        raise ServiceError(Reason.SERVER, f"docker has no container {container}")
    if "is not running" in said:
        raise ServiceError(Reason.SERVER, f"the container {container} is not running")
    if "is paused" in said:
        raise ServiceError(Reason.SERVER, f"the container {container} is paused")
    if "Cannot connect to the Docker daemon" in said:
        raise ServiceError(Reason.REFUSED, "docker's daemon does not answer: is it running?")
    if "permission denied" in said and "docker" in said.lower():
        raise ServiceError(Reason.FORBIDDEN, "docker's daemon does not let this user in")
    if "executable file not found" in said:
        raise ServiceError(Reason.SERVER, f"the container {container} has no shell")
    if said.startswith(("Error", "OCI runtime", "docker:", "error during connect")):
        raise ServiceError(Reason.SERVER, f"docker: {last}")

"""Run a POSIX shell script: on this machine, over SSH, in a container."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from parity_tui.model import Output, Reason, ServiceError
from parity_tui.transport.foreign import foreign
from parity_tui.transport.supervised import kill_group, supervised

if TYPE_CHECKING:
    from parity_tui.model import Target
    from parity_tui.transport.ssh import SSHConnection

WAYS = ("local", "ssh", "docker")
"""second part of a scheme such as nginx+ssh"""

_SHELL = ("sh", "-s")

# Only the outside of a container knows its image; a variable passes it to the shell inside.
_ENTER = """\
image=$(docker inspect --format '{{.Config.Image}} {{.Image}}' "$1" 2>/dev/null </dev/null)
exec docker exec -i ${image:+-e "PARITY_IMAGE=$image"} "$1" sh -s"""
_ERROR_BYTES = 64 * 1024
"""bytes of a command's standard error that are kept"""


def way_of(target: Target) -> str:
    """Return the member of WAYS in a target's scheme, "" for a target that is not read with commands."""
    way = target.scheme.rpartition("+")[2]
    return way if "+" in target.scheme and way in WAYS else ""


async def sh(target: Target, connection: SSHConnection | None, script: str, cap: int) -> Output:
    """Run a script where a target lives: on this machine, or through an SSH connection.

    Raises ServiceError where the target cannot be reached, or prints more than ``cap`` bytes.
    """
    if connection is None:
        output = await run(_argv(target), script, cap)
    else:
        from parity_tui.transport.ssh import client_environ, describe_exit

        await connection.up()
        output = await run(connection.command(shlex.join(_argv(target))), script, cap, client_environ(os.environ))
        if output.code == 255:
            error = output.error.decode(errors="replace")
            raise ServiceError(Reason.TUNNEL, describe_exit(error, connection.destination.host))
    if way_of(target) == "docker" and output.code and not output.out:
        _check_docker(target.host, output, connection)
    return output


def _argv(target: Target) -> tuple[str, ...]:
    """Return the command that starts a shell where the target lives, as seen from its host."""
    if way_of(target) == "docker":
        return ("sh", "-c", _ENTER, "sh", target.host)
    return _SHELL


async def run(argv: Sequence[str], script: str, cap: int, env: Mapping[str, str] | None = None) -> Output:
    """Run a command with a script as its input; its process group is killed when this call ends or is cancelled.

    Raises ServiceError where the command is not installed, or prints more than ``cap`` bytes.
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
    error = asyncio.ensure_future(_read_start(process.stderr))
    try:
        out = await _read(process.stdout, cap, argv[0])
        return Output(out, await error, await process.wait())
    finally:
        if process.returncode is None:
            kill_group(process.pid)
        process.stdin.close()
        # A full pipe is paused and stays open until it is read to its end.
        rest = (_read_start(process.stdout), _read_start(process.stderr) if error.done() else error, process.wait())
        with suppress(TimeoutError):  # a process that has left the group may keep a pipe open
            await asyncio.wait_for(asyncio.gather(*rest), 1)


async def _read(stream: asyncio.StreamReader | None, cap: int, name: str) -> bytes:
    data = bytearray()
    while stream is not None and (more := await stream.read(65536)):
        data += more
        if len(data) > cap:
            raise ServiceError(Reason.PROTOCOL, f"{name} prints more than {cap:,} bytes")
    return bytes(data)


async def _read_start(stream: asyncio.StreamReader | None) -> bytes:
    """Read to the end and return the first _ERROR_BYTES."""
    data = bytearray()
    while stream is not None and (more := await stream.read(65536)):
        data += more[: _ERROR_BYTES - len(data)]
    return bytes(data)


def _check_docker(container: str, output: Output, connection: SSHConnection | None) -> None:
    """Raise ServiceError where docker failed, and not the script."""
    error = output.error.decode(errors="replace").strip()
    last = error.splitlines()[-1][:300] if error else ""
    if output.code == 127 and re.search(r"docker:.* not found", error[:4000]):
        where = "there" if connection else "here"
        raise ServiceError(Reason.DRIVER, f"the command docker is not installed {where}")
    if "No such container" in error:
        raise ServiceError(Reason.SERVER, f"docker has no container {container}")
    if "is not running" in error:
        raise ServiceError(Reason.SERVER, f"the container {container} is not running")
    if "is paused" in error:
        raise ServiceError(Reason.SERVER, f"the container {container} is paused")
    if "Cannot connect to the Docker daemon" in error:
        raise ServiceError(Reason.REFUSED, "docker's daemon does not answer: is it running?")
    if "permission denied" in error and "docker" in error.lower():
        raise ServiceError(Reason.FORBIDDEN, "docker's daemon does not let this user in")
    if "executable file not found" in error:
        raise ServiceError(Reason.SERVER, f"the container {container} has no shell")
    if error.startswith(("Error", "OCI runtime", "docker:", "error during connect")):
        raise ServiceError(Reason.SERVER, f"docker: {foreign(last)}")

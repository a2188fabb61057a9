"""Run a POSIX shell script: on this machine, over SSH, in a container."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING

from parity_tui.drift.board import target_key
from parity_tui.model import Output, Reason, ServiceError
from parity_tui.transport.foreign import foreign
from parity_tui.transport.leash import on_leash, with_limit
from parity_tui.transport.supervised import LocalProcess

if TYPE_CHECKING:
    from parity_tui.model import Target
    from parity_tui.transport.commands import Commands
    from parity_tui.transport.route import Route

WAYS = ("local", "ssh", "docker")
"""second part of a scheme such as nginx+ssh"""

_SHELL = ("sh", "-s")

# Only the outside of a container knows its image; a variable passes it to the shell inside.
_ENTER = """\
image=$(docker inspect --format '{{.Config.Image}} {{.Image}}' "$1" 2>/dev/null </dev/null)
docker exec -i ${image:+-e "PARITY_IMAGE=$image"} "$1" sh -s"""
_GRACE = 2
"""seconds from the deadline of a caller to the limit of the script"""


def way_of(target: Target) -> str:
    """Return the member of WAYS in a target's scheme, "" for a target that is not read with commands."""
    way = target.scheme.rpartition("+")[2]
    return way if "+" in target.scheme and way in WAYS else ""


async def sh(
    target: Target,
    route: Route | None,
    commands: Commands,
    script: str,
    cap: int,
    timeout: float,
    outside: bool = False,
) -> Output:
    """Run a script where a target lives: on this machine, or through a route.

    The script ends with this call, even at the far end, and later than ``timeout`` by itself.

    Args:
        target: the target.
        route: the way to its host, None for this machine.
        commands: those of all targets.
        script: complete commands of the POSIX shell.
        cap: bytes that it may print.
        timeout: seconds that the caller waits.
        outside: whether a container's script runs on its host.

    Raises ServiceError where the target cannot be reached, prints too much, or still runs the last script.
    """
    limit, key = math.ceil(timeout) + _GRACE, target_key(target)
    until = time.monotonic() + timeout * 0.9  # before the caller's deadline, whose message cannot name the cause
    await commands.turn(key, timeout * 0.9, route.hosts()[-1] if route else target.host or "here")
    argv = _SHELL if outside else _argv(target, limit)
    process = LocalProcess(argv) if route is None else await route.process(argv, until - time.monotonic())
    output = await commands.run(key, process, on_leash(script, limit), cap, limit, "sh")
    if way_of(target) == "docker" and output.code and not output.out:
        _check_docker(target.host, output, route)
    return output


def _argv(target: Target, limit: int) -> tuple[str, ...]:
    """Return the command that starts a shell where the target lives, as seen from its host."""
    if way_of(target) == "docker":
        return ("sh", "-c", with_limit(_ENTER, limit + 1), "sh", target.host)
    return _SHELL


def _check_docker(container: str, output: Output, route: Route | None) -> None:
    """Raise ServiceError where docker failed, and not the script."""
    error = output.error.decode(errors="replace").strip()
    last = error.splitlines()[-1][:300] if error else ""
    if output.code == 127 and re.search(r"docker:.* not found", error[:4000]):
        where = "there" if route else "here"
        raise ServiceError(Reason.DRIVER, f"the command docker is not installed {where}")
    if "No such container" in error:
        raise ServiceError(Reason.SERVER, f"docker has no container {container}")
    if "is not running" in error:
        raise ServiceError(Reason.SERVER, f"the container {container} is not running")
    if "is paused" in error:
        raise ServiceError(Reason.SERVER, f"the container {container} is paused")
    if "Cannot connect to the Docker daemon" in error:
        raise ServiceError(Reason.REFUSED, "docker's daemon did not answer: is it running?")
    if "permission denied" in error and "docker" in error.lower():
        raise ServiceError(Reason.FORBIDDEN, "this user may not use docker's daemon")
    if "executable file not found" in error:
        raise ServiceError(Reason.SERVER, f"the container {container} has no shell")
    if error.startswith(("Error", "OCI runtime", "docker:", "error during connect")):
        raise ServiceError(Reason.SERVER, f"docker: {foreign(last)}")

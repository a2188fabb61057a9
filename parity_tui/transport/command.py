"""Run a POSIX shell script: on this machine, over SSH, in a container."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING

from parity_tui.model import Output, Reason, ServiceError, target_key
from parity_tui.transport.foreign import foreign
from parity_tui.transport.leash import on_leash, with_limit
from parity_tui.transport.supervised import LocalProcess

if TYPE_CHECKING:
    from parity_tui.model import Target
    from parity_tui.transport.commands import Commands
    from parity_tui.transport.route import Route

ENGINES = ("docker", "podman")
"""commands that reach into a container, and the ways that are named after them"""
WAYS = ("local", "ssh", *ENGINES, "kube")
"""second part of a scheme such as nginx+ssh"""

_SHELL = ("sh", "-s")


# Only the outside of a container knows its image; a variable passes it to the shell inside.
_ENTER = """\
image=$("$2" inspect --format '{{.Config.Image}} {{.Image}}' "$1" 2>/dev/null </dev/null)
"$2" exec -i ${image:+-e "PARITY_IMAGE=$image"} "$1" sh -s"""
# The words of Docker 28 and of Podman 5; a container of Podman that is paused is called not running.
_FAILURES = (
    ("no such container", Reason.SERVER, "{engine} has no container {container}"),
    (
        "is not running|can only create exec sessions on running",
        Reason.SERVER,
        "the container {container} is not running",
    ),
    ("is paused", Reason.SERVER, "the container {container} is paused"),
    ("cannot connect to the docker daemon", Reason.REFUSED, "docker's daemon did not answer: is it running?"),
    (
        "(cannot|unable to) connect to podman(?!.*permission denied)",
        Reason.REFUSED,
        "podman's service did not answer: is it running?",
    ),
    ("permission denied.*docker", Reason.FORBIDDEN, "this user may not use docker's daemon"),
    ("podman.*permission denied", Reason.FORBIDDEN, "this user may not use podman's service"),
    ("executable file .*not found", Reason.SERVER, "the container {container} has no shell"),
)
"""(message of an engine, reason, our words), the first that matches"""
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
    if way_of(target) == "kube" and output.code and not output.out:
        from parity_tui.transport.kube.errors import check_exec  # here: most environments need none

        check_exec(target.kube, target.host, output)
    if (engine := way_of(target)) in ENGINES and output.code and not output.out:
        _check_engine(engine, target.host, output, route)
    return output


def _argv(target: Target, limit: int) -> tuple[str, ...]:
    """Return the command that starts a shell where the target lives, as seen from its host."""
    if (engine := way_of(target)) in ENGINES:
        return ("sh", "-c", with_limit(_ENTER, limit + 1), "sh", target.host, engine)
    return _SHELL


def _check_engine(engine: str, container: str, output: Output, route: Route | None) -> None:
    """Raise ServiceError where the engine failed, and not the script."""
    error = output.error.decode(errors="replace").strip()
    last = error.splitlines()[-1] if error else ""
    if output.code == 127 and re.search(rf"{engine}:.* not found", error[:4000]):
        where = "there" if route else "here"
        raise ServiceError(Reason.DRIVER, f"the command {engine} is not installed {where}")
    for words, reason, sentence in _FAILURES:
        if re.search(words, error[:4000], re.IGNORECASE):
            raise ServiceError(reason, sentence.format(engine=engine, container=container))
    if error.startswith(("Error", "OCI runtime", f"{engine}:", "error during connect")):
        raise ServiceError(Reason.SERVER, f"{engine}: {foreign(last, 300)}")

"""Commands on this machine that never outlive this process.

A small shell starts each command in a process group of its own and reads from a pipe that this process holds. When
the pipe closes, which the kernel ensures even after SIGKILL, the shell kills the group.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress

# $1: input of the command, $2: folder to remove at the end ("" for none), then the command.
_SUPERVISE = """\
exec 3<&0
{ read -r end; [ -z "$2" ] || rm -rf -- "$2"; kill -KILL 0; } <&3 >/dev/null 2>&1 &
watchdog=$!
printf '%s\\n' "$1" 2>/dev/null | { shift 2; exec "$@" 3<&-; }
code=$?
exec 2>/dev/null
kill -KILL "$watchdog"
[ -z "$2" ] || rm -rf -- "$2"
exit "$code"
"""


def supervised(argv: Sequence[str], script: str = "", folder: str = "") -> list[str]:
    """Return the command that runs ``argv`` supervised, with ``script`` as its input.

    Start it as the leader of a session, with a pipe as its standard input; keep that open, and end it with
    :func:`kill_group`.

    Args:
        argv: the command.
        script: its standard input, at most 128 KiB.
        folder: removed when this process or the command ends; "" for none.
    """
    return ["/bin/sh", "-c", _SUPERVISE, "sh", script, folder, *argv]


def kill_group(leader: int) -> None:
    """Kill a supervised command and its children; call it before waiting for the leader."""
    with suppress(ProcessLookupError, PermissionError):  # macOS raises the latter for a group that has ended
        os.killpg(leader, signal.SIGKILL)

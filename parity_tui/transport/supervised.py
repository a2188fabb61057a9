"""Commands of this machine that end with this process, whatever ends it.

Each is started by a small shell that leads a group of its own and reads from a pipe that is held here. When the
pipe ends, and the kernel ends it even after SIGKILL, the shell kills the group.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress

# $1: what the command reads, $2: a folder that goes with us ("" for none), then the command itself.
_SUPERVISE = """\
exec 3<&0
{ read -r end; [ -z "$2" ] || rm -rf -- "$2"; kill -KILL 0; } <&3 >/dev/null 2>&1 &
leash=$!
printf '%s\\n' "$1" 2>/dev/null | { shift 2; exec "$@" 3<&-; }
code=$?
exec 2>/dev/null
kill -KILL "$leash"
[ -z "$2" ] || rm -rf -- "$2"
exit "$code"
"""


def supervised(argv: Sequence[str], script: str = "", folder: str = "") -> list[str]:
    """Return the command that runs ``argv`` with ``script`` as its input, on a leash.

    It must be started as the leader of a session, with a pipe as its standard input that is kept open, and is
    ended by :func:`kill_group`. The script may have 128 KiB. ``folder`` is removed where this process is gone.
    """
    return ["/bin/sh", "-c", _SUPERVISE, "sh", script, folder, *argv]


def kill_group(leader: int) -> None:
    """Kill a leashed command with all that it has started; its leader must not have been waited for yet."""
    with suppress(ProcessLookupError, PermissionError):  # on macOS the latter for a group that has ended by itself
        os.killpg(leader, signal.SIGKILL)

"""Commands on this machine that never outlive this process.

A small shell starts each command in a process group of its own and reads from a pipe that this process holds. When
the pipe closes, which the kernel ensures even after SIGKILL, the shell kills the group.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from parity_tui.model import Reason, ServiceError
from parity_tui.transport.child_environ import child_environ

# $1: descriptor of the pipe, $2: folder to remove at the end ("" for none), then the command. Not every shell can
# duplicate a descriptor above 9.
_SUPERVISE = """\
case $1 in ?) exec 3<&"$1" ;; *) exec 3<"/dev/fd/$1" ;; esac
{ read -r end; [ -z "$2" ] || rm -rf -- "$2"; kill -KILL 0; } <&3 >/dev/null 2>&1 &
watchdog=$! folder=$2
shift 2
"$@" 3<&-
code=$?
exec 2>/dev/null
kill -KILL "$watchdog"
[ -z "$folder" ] || rm -rf -- "$folder"
exit "$code"
"""

_POLL = 0.01
"""seconds between two looks whether a command has ended, once its output has"""


def supervised(argv: Sequence[str], pipe: int = 0, folder: str = "") -> list[str]:
    """Return the command that runs ``argv`` supervised.

    Start it as the leader of a session, with the reading end of a pipe; keep the other end open, and end it with
    :func:`kill_group`.

    Args:
        argv: the command.
        pipe: descriptor of the pipe in the new process; by default its standard input.
        folder: removed when this process or the command ends; "" for none.
    """
    return ["/bin/sh", "-c", _SUPERVISE, "sh", str(pipe), folder, *argv]


def kill_group(leader: int) -> None:
    """Kill a supervised command and its children; call it before waiting for the leader."""
    with suppress(ProcessLookupError, PermissionError):  # macOS raises the latter for a group that has ended
        os.killpg(leader, signal.SIGKILL)


class LocalProcess:
    """A supervised command; see the protocol Process of :mod:`parity_tui.transport.commands`."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start a command.

        Raises ServiceError(Reason.DRIVER, …) where it is not installed.
        """
        import shutil  # here, as subprocess: few targets are read by commands
        import subprocess

        if shutil.which(argv[0]) is None:
            raise ServiceError(Reason.DRIVER, f"the command {argv[0]} is not installed here")
        pipe, self._leash = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the configuration names the command
                supervised(argv, pipe), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                bufsize=0, start_new_session=True, env=child_environ() if env is None else env, pass_fds=(pipe,),
            )  # fmt: skip
        except BaseException:
            os.close(self._leash)
            raise
        finally:
            os.close(pipe)
        streams = self._process.stdin, self._process.stdout, self._process.stderr
        self._streams = [stream for stream in streams if stream is not None]
        self.input, self.output, self.error = (stream.fileno() for stream in self._streams)
        for stream in self._streams:
            os.set_blocking(stream.fileno(), False)

    async def ended(self) -> int:
        """Wait for the end and return the exit code."""
        import asyncio  # here: a kind that is imported needs no event loop yet

        # No child watcher of asyncio: one that outlives the loop prints a complaint.
        while (code := self._process.poll()) is None:  # noqa: ASYNC110 - no event announces it
            await asyncio.sleep(_POLL)
        return code

    def let_go(self) -> None:
        """Close the standard input, which ends a script on a leash."""
        self._streams[0].close()

    def close(self) -> None:
        """Kill the command, if it still runs."""
        if self._leash < 0:
            return
        if self._process.poll() is None:
            kill_group(self._process.pid)
        os.close(self._leash)
        self._leash = -1
        for stream in self._streams:
            stream.close()
        self._process.wait()  # does not block: the process is killed

"""The process of a tunnel program: TERM, then KILL, whenever this process ends or lets it go."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress

from parity_tui.transport.child_environ import child_environ
from parity_tui.transport.foreign import foreign
from parity_tui.transport.supervised import kill_group
from parity_tui.transport.tunnel.listener import kill_marked

GRACE = 1
"""seconds from TERM to KILL"""
COOKIE = "PARITY_TUI_TUNNEL"
"""variable by which processes of the program are found that left its process group"""

# Standard input: closes when this process ends or lets the program go. Standard output: the exit code.
# Standard error: all that the program prints. $1: its cookie, $2: folder to remove, $3: seconds from TERM to KILL.
_RUN = """\
exec 3<&0 4>&1 5>&2 </dev/null >/dev/null 2>&1
cookie=$1 folder=$2 grace=$3
shift 3
finish() {
  looks=0 left=20
  while [ "$looks" -lt 3 ] && [ "$left" -gt 0 ]; do # a process that is forking is seen at a later look
    looks=$((looks + 1)) left=$((left - 1))
    for file in $(grep -Fls -- "$cookie" /proc/[0-9]*/environ); do
      file=${file%/environ}; kill -KILL "${file#/proc/}" && looks=0
    done
  done
  [ -z "$folder" ] || rm -rf -- "$folder"
}
trap : TERM
{ trap '' TERM; read -r end; kill -TERM 0; sleep "$grace"; finish; kill -KILL 0; } <&3 3<&- 4>&- 5>&- &
( export "$cookie"; exec "$@" ) >&5 2>&5 3<&- 4>&- 5>&-
code=$?
trap '' TERM PIPE
finish
echo "$code" >&4
kill -KILL 0
"""

_OUTPUT = 16 * 1024
"""bytes of the output that are kept"""
_CHUNK, _CHUNKS = 64 * 1024, 8
"""bytes that are read at once, and how often: a program that prints more has to wait"""
_PAUSE = 0.05
"""seconds between two looks at the output, which may be endless"""
_LINES = 3
"""last lines of the output that are shown"""


class Program:
    """A running program, with the end of its output."""

    def __init__(self, argv: Sequence[str], folder: str, private: str, on_end: Callable[[], None]) -> None:
        """Start it.

        Args:
            argv: its words.
            folder: in which it runs.
            private: folder that is removed at its end, "" for none.
            on_end: called when it has ended.

        Raises OSError, ValueError.
        """
        self._private, self._on_end = private, on_end
        self._output = b""
        self._printed_bytes = self._marked = 0
        self._code: int | None = None
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.cookie = f"{COOKIE}={secrets.token_hex(8)}"
        self._process = subprocess.Popen(  # noqa: S603 - the configuration names it, and no shell reads its words
            ["/bin/sh", "-c", _RUN, "sh", self.cookie, private, str(GRACE), *argv],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
            cwd=folder, start_new_session=True, env=child_environ(),
        )  # fmt: skip
        self._status, self._printed = self._descriptors()
        self._loop.add_reader(self._status, self._read_status)
        self._loop.add_reader(self._printed, self._read_output)

    def _descriptors(self) -> tuple[int, int]:
        status, printed = self._process.stdout, self._process.stderr
        assert status is not None  # noqa: S101 - both are pipes
        assert printed is not None  # noqa: S101
        for stream in (status, printed):
            os.set_blocking(stream.fileno(), False)
        return status.fileno(), printed.fileno()

    @property
    def group(self) -> int:
        """Its process group."""
        return self._process.pid

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._over.is_set()

    def mark(self) -> None:
        """Remember how much is printed."""
        self._drain()
        self._marked = self._printed_bytes

    @property
    def latest_words(self) -> str:
        """The words printed since the mark."""
        self._drain()
        return self.words if self._printed_bytes > self._marked else ""

    @property
    def words(self) -> str:
        """The last lines that it printed, without secrets, in quotes; "" for none."""
        text = self._output.decode(errors="replace")
        if len(self._output) == _OUTPUT:  # the first line is cut, and a secret in it perhaps too
            text = text.partition("\n")[2]
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return f'"{foreign("; ".join(lines[-_LINES:]))}"' if lines else ""

    def describe_end(self) -> str:
        """Return how it ended, and its last words."""
        code = self._code
        if code is None:
            ending = "was killed"
        elif code == 0:
            ending = "ended with exit code 0, instead of staying in the foreground"
        elif code - 128 in signal.valid_signals():  # the shell's number for it
            ending = f"was ended by {signal.Signals(code - 128).name}"
        else:
            ending = f"ended with exit code {code}"
        return f"{ending}: {words}" if (words := self.words) else f"{ending} and printed nothing"

    def _read_output(self) -> None:
        self._loop.remove_reader(self._printed)
        if self._drain():
            self._loop.call_later(_PAUSE, self._resume)

    def _drain(self) -> bool:
        """Read what is printed, to a limit; return whether more may come."""
        for _ in range(_CHUNKS):
            if self.is_over:
                return False
            try:
                data = os.read(self._printed, _CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._output = (self._output + data)[-_OUTPUT:]
            self._printed_bytes += len(data)
        return True

    def _resume(self) -> None:
        if not self.is_over:
            self._loop.add_reader(self._printed, self._read_output)

    def _read_status(self) -> None:
        """Read the exit code; the end of the pipe is the end of the program."""
        data = os.read(self._status, 64)
        if data:
            with suppress(ValueError):
                self._code = int(data)
        else:
            self.kill()

    def let_go(self) -> None:
        """End it: TERM now, KILL after the grace."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.close()

    async def over(self, seconds: float) -> bool:
        """Wait for its end, and return whether it came within ``seconds``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
        return self.is_over

    def kill(self) -> None:
        """Kill all that is left of it."""
        if self.is_over:
            return
        for descriptor in (self._status, self._printed):
            self._loop.remove_reader(descriptor)
        self._drain()  # what was printed last
        kill_group(self._process.pid)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None  # noqa: S101 - all are pipes
            stream.close()
        self._process.wait()  # does not block: the process is killed
        if self._code is None:
            kill_marked(self.cookie)
        if self._private:
            shutil.rmtree(self._private, ignore_errors=True)
        self._over.set()
        self._on_end()

"""A pty with a screen: starts a program in it, counts its bytes, types, hangs up."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pyte

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 30.0
"""seconds for a wait that usually takes a fraction of one"""

_INHERITED = ("PATH", "HOME", "VIRTUAL_ENV", "SYSTEMROOT")


class Terminal:
    """A process and its terminal."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, size: tuple[int, int]) -> None:
        self.process = process
        self.master = master
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.written = bytearray()
        """all output of the process"""

    def pump(self, seconds: float) -> int:
        """Read output for up to ``seconds``; return the number of bytes."""
        before, end = len(self.written), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                break
            try:
                data = os.read(self.master, 65536)
            except OSError:
                break
            if not data:
                break
            self.written.extend(data)
            self.stream.feed(data.replace(b"\x1b[<u", b""))
        return len(self.written) - before

    def until(self, condition: Callable[[], bool], name: str) -> None:
        """Read output until a condition holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"never seen: {name}\n" + "\n".join(self.screen.display)
            self.pump(0.05)

    def see(self, text: str) -> None:
        """Read output until a text is on the screen."""
        self.until(lambda: any(text in line for line in self.screen.display), text)

    def quiet(self, seconds: float = 0.5) -> None:
        """Read output until none has come for ``seconds``."""
        self.until(lambda: self.pump(seconds) == 0, "quiet")

    def type(self, keys: str) -> None:
        """Send keys."""
        os.write(self.master, keys.encode())

    def end(self) -> int:
        """Wait for the end of the process and read the rest of its output; return its exit code."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, "the process does not end"
            self.pump(0.05)
        while self.pump(0.2):
            pass
        return self.process.returncode

    def hang_up(self) -> None:
        """Close the terminal."""
        os.close(self.master)
        self.master = -1

    @property
    def shown(self) -> list[str]:
        """The screen's lines."""
        return list(self.screen.display)


@contextmanager
def opened(
    *arguments: str,
    size: tuple[int, int] = (120, 40),
    environment: Mapping[str, str] | None = None,
    module: str = "tests.ui.preview",
    controlling: bool = True,
    before: Callable[[], None] = lambda: None,
) -> Iterator[Terminal]:
    """Start a module in a new terminal and end it with the test; ``before`` is called in its process."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    variables = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    variables |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
    variables |= environment or {}

    def prepare() -> None:
        os.setsid()
        if controlling:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        before()

    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env={name: value for name, value in variables.items() if value},
        preexec_fn=prepare,
    )
    os.close(slave)
    terminal = Terminal(process, master, size)
    try:
        yield terminal
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        if terminal.master >= 0:
            os.close(terminal.master)

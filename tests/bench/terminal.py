"""A terminal of 120x40 that notes when which bytes came, and what was on its screen then."""

from __future__ import annotations

import fcntl
import os
import pty
import resource
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pyte
from msgspec import Struct, field

from tests.bench.run import ROOT, variables

COLUMNS, LINES = 120, 40
PATIENCE = 60.0
"""seconds"""

FRAME = 4096
"""bytes by which a first frame is on its way: it leaves in one write"""


class Usage(Struct, frozen=True):
    """What a process has taken from the machine."""

    cpu: float
    """seconds"""
    peak: float
    """MB of memory, at most at once"""


class Terminal(Struct):
    """A process and what it has written so far."""

    process: subprocess.Popen[bytes]
    master: int
    began: float
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    """seconds since the start, bytes"""

    def listen(self, seconds: float, enough: Callable[[], bool] = lambda: False) -> int:
        """Take what is written, for so long or until it is enough, and return how many bytes it was."""
        before, end = self.size, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0 and not enough():
            if select.select([self.master], [], [], left)[0]:
                try:
                    data = os.read(self.master, 1 << 20)
                except OSError:  # the process has ended
                    break
                if not data:
                    break
                self.chunks.append((time.perf_counter() - self.began, data))
        return self.size - before

    def quiet(self, seconds: float) -> None:
        """Take what is written until nothing has been for so long."""
        while self.listen(seconds):
            pass

    def settle(self, seconds: float) -> None:
        """Wait for the first frame, and then until nothing has been written for so long."""
        self.listen(PATIENCE, lambda: self.size >= FRAME)
        self.quiet(seconds)

    def answer(self, keys: str) -> float:
        """Type, and return the seconds until something is written; so many as it waits where nothing is."""
        before, began = self.size, time.perf_counter()
        os.write(self.master, keys.encode())
        self.listen(1.0, lambda: self.size > before)
        return time.perf_counter() - began

    @property
    def size(self) -> int:
        """Bytes so far."""
        return sum(len(data) for _, data in self.chunks)

    def since(self, size: int) -> float:
        """Return when so many bytes had come, in seconds since the start."""
        total = 0
        for at, data in self.chunks:
            total += len(data)
            if total >= size:
                return at
        raise TimeoutError(f"only {total} bytes came")

    def first(self, condition: Callable[[Sequence[str]], bool]) -> float:
        """Return when a condition first held of the screen's lines, in seconds since the start."""
        screen = pyte.Screen(COLUMNS, LINES)
        stream = pyte.ByteStream(screen)
        for at, data in self.chunks:
            stream.feed(data.replace(b"\x1b[<u", b""))
            if condition(screen.display):
                return at
        raise TimeoutError("it never came to that:\n" + "\n".join(screen.display))

    def usage(self) -> Usage:
        """Return what the process has taken."""
        if sys.platform != "linux":
            words = subprocess.check_output(["ps", "-o", "time=,rss=", "-p", str(self.process.pid)], text=True).split()
            minutes, seconds = words[0].rsplit(":", 1)
            return Usage(60 * float(minutes.rsplit(":", 1)[-1]) + float(seconds), int(words[1]) / 1024)
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return Usage((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak_of(str(self.process.pid)))


def peak_of(process: str) -> float:
    """Return the MB that a process, or "self", has held at once; it does not count what it was forked from."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    with open(f"/proc/{process}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


@contextmanager
def opened(command: Sequence[str]) -> Iterator[Terminal]:
    """Start a command in a terminal of true colour; it is killed afterwards."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env=variables(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8"),
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(process, master, began)
    finally:
        process.kill()
        process.wait()
        os.close(master)

"""A terminal of 120x40 that records the bytes of a program with their times."""

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
from itertools import pairwise

import pyte
from msgspec import Struct, field

from parity_tui.demo.supervisor import family
from tests.bench.run import ROOT, variables

COLUMNS, LINES = 120, 40
PATIENCE = 60.0
"""seconds"""

FRAME = 4096
"""bytes that show a first frame: it is sent in one write"""


class Usage(Struct, frozen=True):
    """The resources used by a process."""

    cpu: float
    """seconds"""
    peak: float
    """MB of memory"""
    resident: float
    """MB of memory now"""


class Terminal(Struct):
    """A process and its output so far."""

    process: subprocess.Popen[bytes]
    master: int
    began: float
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    """seconds since the start, bytes"""

    def listen(self, seconds: float, enough: Callable[[], bool] = lambda: False) -> int:
        """Read for so many seconds or until `enough`; return the number of bytes."""
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
        """Read until nothing has been written for so many seconds."""
        while self.listen(seconds):
            pass

    def settle(self, seconds: float) -> None:
        """Wait for the first frame, and then until nothing has been written for so many seconds."""
        self.listen(PATIENCE, lambda: self.size >= FRAME)
        self.quiet(seconds)

    def answer(self, keys: str) -> float:
        """Type; return the seconds until the first byte, at most 1."""
        before, began = self.size, time.perf_counter()
        os.write(self.master, keys.encode())
        self.listen(1.0, lambda: self.size > before)
        return time.perf_counter() - began

    @property
    def size(self) -> int:
        """Bytes so far."""
        return sum(len(data) for _, data in self.chunks)

    def since(self, size: int) -> float:
        """Return the seconds from the start until so many bytes were written."""
        total = 0
        for at, data in self.chunks:
            total += len(data)
            if total >= size:
                return at
        raise TimeoutError(f"only {total} bytes were written")

    def longest_pause(self, begin: float, end: float) -> float:
        """Return the longest time without output between two times, both in seconds since the start."""
        times = [begin, *(at for at, _ in self.chunks if begin < at < end), end]
        return max(after - before for before, after in pairwise(times))

    def first(self, condition: Callable[[Sequence[str]], bool]) -> float:
        """Return the seconds from the start until the screen's lines met a condition."""
        screen = pyte.Screen(COLUMNS, LINES)
        stream = pyte.ByteStream(screen)
        for at, data in self.chunks:
            stream.feed(data.replace(b"\x1b[<u", b""))
            if condition(screen.display):
                return at
        raise TimeoutError("the condition was never met:\n" + "\n".join(screen.display))

    def usage(self) -> Usage:
        if sys.platform != "linux":
            words = subprocess.check_output(["ps", "-o", "time=,rss=", "-p", str(self.process.pid)], text=True).split()
            minutes, seconds = words[0].rsplit(":", 1)
            size = int(words[1]) / 1024
            return Usage(60 * float(minutes.rsplit(":", 1)[-1]) + float(seconds), size, size)
        processes = list(map(str, family(self.process.pid)))  # the board runs in a child process
        cpu, peak = sum(map(_cpu_of, processes)), max(map(peak_of, processes))
        return Usage(cpu, peak, max(_memory_of(process, "VmRSS") for process in processes))


def _cpu_of(process: str) -> float:
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(process: str) -> float:
    """Return the peak memory in MB of a process or of "self", without that of its parent."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return _memory_of(process, "VmHWM")


def _memory_of(process: str, name: str) -> float:
    with open(f"/proc/{process}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1024


@contextmanager
def opened(command: Sequence[str]) -> Iterator[Terminal]:
    """Start a command in a terminal with true colour; kill it afterwards."""
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

"""A program started by a sandbox, and ports of 127.0.0.1."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_given_ports: set[int] = set()
_ports_lock = threading.Lock()


class StartError(Exception):
    """A server or one of its tools failed; the text is for a person."""


class Process:
    """A program that the supervisor started.

    Args:
        request: sends one request to the supervisor and returns its reply; raises StartError.
        name: name for people.
        pid: process id.
        log: file that its output goes to.
    """

    def __init__(self, request: Callable[..., dict[str, Any]], name: str, pid: int, log: Path) -> None:
        self.name = name
        self.pid = pid
        self.log = log
        self._request = request

    def code(self) -> int | None:
        """Return the exit code, None while it runs."""
        code: int | None = self._request(do="poll", pid=self.pid)["code"]
        return code

    def signal(self, number: int, *, family: bool = False) -> None:
        """Send a signal to the program, or to it and all its descendants."""
        self._request(do="signal", pid=self.pid, signal=int(number), family=family)

    def wait(self, deadline: float) -> int:
        """Wait until it ends and return the exit code; kill it after ``deadline`` seconds."""
        wait_until(lambda: self.code() is not None, deadline)
        if self.code() is None:
            self.signal(signal.SIGKILL, family=True)
            wait_until(lambda: self.code() is not None, deadline)
        code = self.code()
        return -signal.SIGKILL if code is None else code

    def words(self) -> str:
        """Return its output so far."""
        try:
            return self.log.read_text(errors="replace")
        except OSError:
            return ""

    def last_words(self) -> str:
        """Return the last line of its output, shortened."""
        lines = [line.strip() for line in self.words().splitlines() if line.strip()]
        return lines[-1][:300] if lines else "no output"


def wait_until(condition: Callable[[], bool], deadline: float, pause: float = 0.02) -> bool:
    """Poll a condition for at most ``deadline`` seconds; return whether it became true."""
    until = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True


def free_port() -> int:
    """Return a free port of 127.0.0.1 that this process has not handed out before."""
    with _ports_lock:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port: int = probe.getsockname()[1]
            if port not in _given_ports:
                _given_ports.add(port)
                return port


def answers(port: int) -> bool:
    """Return whether a port of 127.0.0.1 accepts connections."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False

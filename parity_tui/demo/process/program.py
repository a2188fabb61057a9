"""A program that runs in a home, asked about by way of its guard."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity_tui.demo.process import Sandbox


class StartError(Exception):
    """A server or a program of its did not do what it had to; the text is for a person."""


class Process:
    """A program that the guard started."""

    def __init__(self, home: Sandbox, name: str, pid: int, log: Path) -> None:
        """Remember whom to ask about it."""
        self.name = name
        self.pid = pid
        self.log = log
        self._home = home

    def code(self) -> int | None:
        """Return the exit code, None while it runs."""
        code: int | None = self._home.ask(do="poll", pid=self.pid)["code"]
        return code

    def signal(self, number: int, *, family: bool = False) -> None:
        """Send a signal to the program, or to it and all that it started."""
        self._home.ask(do="signal", pid=self.pid, signal=int(number), family=family)

    def wait(self, deadline: float) -> int:
        """Wait for its end and return the exit code; after so many seconds it is killed."""
        wait_until(lambda: self.code() is not None, deadline)
        if self.code() is None:
            self.signal(signal.SIGKILL, family=True)
            wait_until(lambda: self.code() is not None, deadline)
        code = self.code()
        return -signal.SIGKILL if code is None else code

    def words(self) -> str:
        """Return all that it has said so far."""
        try:
            return self.log.read_text(errors="replace")
        except OSError:
            return ""

    def last_words(self) -> str:
        """Return the last line that it said, shortened."""
        lines = [line.strip() for line in self.words().splitlines() if line.strip()]
        return lines[-1][:300] if lines else "it said nothing"


def wait_until(true: Callable[[], bool], deadline: float, pause: float = 0.02) -> bool:
    """Ask again and again, for so many seconds at most; tell whether it became true."""
    until = time.monotonic() + deadline
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True

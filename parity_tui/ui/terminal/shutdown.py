"""Ends the board soon and restores the terminal, on signals, hang-ups and a vanished terminal."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

HUNG_UP = 128 + signal.SIGHUP
_PATIENCE = 2.0
"""seconds for an orderly shutdown"""
_ECHO = 0.5
"""seconds in which a signal comes again from the process that waits for the board"""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

# Resets what Textual sets: mouse, bracketed paste, focus, kitty keys, synchronised output, wrapping, screen, cursor.
_RESTORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[?2026l\x1b[<u"
    b"\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
)


_lifeline = -1
"""of :func:`end_with_parent`"""


def end_with_parent(lifeline: int) -> None:
    """End the board when the other end of the pipe ``lifeline`` is closed: the process that waits for it is dead."""
    global _lifeline
    _lifeline = lifeline


def restore(attributes: list[Any] | None) -> None:
    """Restore the terminal: its ``attributes``, its screen, cursor and mouse. Never fails, and never waits."""
    with suppress(Exception):  # a process in the background may write as well
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    with suppress(Exception):
        termios.tcflush(2, termios.TCOFLUSH)
    with suppress(Exception):
        if attributes is not None:
            termios.tcsetattr(0, termios.TCSANOW, attributes)
    with suppress(Exception):
        os.set_blocking(2, False)
        os.write(2, _RESTORE)
        time.sleep(0.05)
        os.set_blocking(2, True)


class ShutdownGuard:
    """Watches terminal and signals from before the board starts until it has ended.

    ``abandon`` is called from a thread before the process exits without cleaning up.
    """

    def __init__(self, abandon: Callable[[], None]) -> None:
        self._abandon = abandon
        self._attributes: list[Any] | None = None
        with suppress(termios.error, OSError):
            self._attributes = termios.tcgetattr(0)
        self._ending = threading.Event()
        self._began = 0.0
        self._ended = threading.Event()

    def watch(self) -> None:
        """Start watching for a terminal that vanishes without a signal, as under nohup or docker exec."""
        threading.Thread(target=self._watch_terminal, daemon=True, name="parity-terminal").start()

    def _watch_terminal(self) -> None:
        poll = select.poll()
        poll.register(0, select.POLLHUP | select.POLLERR | select.POLLNVAL)
        if _lifeline >= 0:
            poll.register(_lifeline, select.POLLIN)
        while not self._ended.is_set():
            if _lifeline in dict(poll.poll()):
                self._exit(128 + signal.SIGKILL)
            if not self._ended.wait(0.5):
                self._exit(HUNG_UP)

    def handle_signals(self, loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
        """End the board in order on a signal: ``leave`` is called with the exit code."""

        def handle(number: int) -> None:
            self.begin(128 + number)
            leave(128 + number)
            for each in _SIGNALS:  # the loop would restore the default, which kills, before this process has ended
                loop.remove_signal_handler(each)
                signal.signal(each, lambda again, _: self.begin(128 + again))

        for number in _SIGNALS:
            loop.add_signal_handler(number, handle, number)

    def begin(self, code: int) -> None:
        """Begin a shutdown that may take two seconds; exit at once if one has begun already.

        A repetition within half a second is one signal that arrives by two ways.
        """
        if self._ending.is_set():
            if time.monotonic() - self._began > _ECHO:
                self._exit(code)
            return
        self._began = time.monotonic()
        self._ending.set()
        threading.Thread(target=self._deadline, args=(code,), daemon=True, name="parity-deadline").start()

    def _deadline(self, code: int) -> None:
        if not self._ended.wait(_PATIENCE):
            self._exit(code)
        if code:  # threads of Textual may wait for a terminal that is gone, and Python for them
            time.sleep(_PATIENCE)
            os._exit(code)

    def finish(self) -> None:
        """Stop watching: the board has ended in order.

        A signal that comes again is ignored: Python restores the defaults, which kill, before the process ends.
        """
        self._ended.set()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _exit(self, code: int) -> None:
        """Exit the process now; restore the terminal if it still takes output."""
        with suppress(Exception):
            self._abandon()
        restore(self._attributes)
        os._exit(code)


def flush_output() -> None:
    """Flush stdout and stderr; a closed pipe must not change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with open(os.devnull, "wb") as devnull:
                os.dup2(devnull.fileno(), stream.fileno())

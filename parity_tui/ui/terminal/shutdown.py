"""However the board ends, it ends soon and leaves the terminal as it was: signals, hang-ups, a tty that is gone."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

HUNG_UP = 128 + signal.SIGHUP
_PATIENCE = 2.0
"""seconds for an orderly end"""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

# What Textual switches on, off again: mouse, bracketed paste, focus, kitty keys, synchronised output; wrapping on,
# the normal screen, the cursor.
_RESTORE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[?2026l\x1b[<u"
    b"\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
)


class ShutdownGuard:
    """Watches the terminal and the signals from before the board starts until after it has ended."""

    def __init__(self, abandon: Callable[[], None]) -> None:
        self._abandon = abandon
        self._attributes: list[Any] | None = None
        with suppress(termios.error, OSError):
            self._attributes = termios.tcgetattr(0)
        self._ending = threading.Event()
        self._ended = threading.Event()

    def watch(self) -> None:
        """Start looking out for a terminal that vanishes without a signal, as under nohup or docker exec."""
        threading.Thread(target=self._look_out, daemon=True, name="parity-lifeline").start()

    def _look_out(self) -> None:
        """End the process when the terminal is gone."""
        poll = select.poll()
        poll.register(0, select.POLLHUP | select.POLLERR | select.POLLNVAL)
        while not self._ended.is_set():
            poll.poll()
            if not self._ended.wait(0.5):
                self._leave(HUNG_UP)

    def obey(self, loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
        """Have signals end the board in order: ``leave`` is called with the exit code."""

        def asked(number: int) -> None:
            self.ending(128 + number)
            leave(128 + number)

        for number in _SIGNALS:
            loop.add_signal_handler(number, asked, number)

    def ending(self, code: int) -> None:
        """Be told that the end has begun: it may take two seconds and no longer. The second time it is now."""
        if self._ending.is_set():
            self._leave(code)
        self._ending.set()
        threading.Thread(target=self._deadline, args=(code,), daemon=True, name="parity-deadline").start()

    def _deadline(self, code: int) -> None:
        """End the process if it has not ended by itself."""
        if not self._ended.wait(_PATIENCE):
            self._leave(code)

    def ended(self) -> None:
        """Be told that all is over and in order."""
        self._ended.set()

    def _leave(self, code: int) -> None:
        """End the process now, with the terminal as it was as far as it still listens."""
        with suppress(Exception):
            self._abandon()
        self._restore()
        os._exit(code)

    def _restore(self) -> None:
        """Give the terminal back; a stuck one is not waited for."""
        with suppress(Exception):
            termios.tcflush(2, termios.TCOFLUSH)
        with suppress(Exception):
            if self._attributes is not None:
                termios.tcsetattr(0, termios.TCSANOW, self._attributes)
        with suppress(Exception):
            os.set_blocking(2, False)
            os.write(2, _RESTORE)
            time.sleep(0.05)
            os.set_blocking(2, True)

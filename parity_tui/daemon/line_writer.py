"""Writes lines to a descriptor in a thread: a reader that stalls delays nothing."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable

MAX_LINES = 10_000
"""that may wait for the reader"""
_CLOSE_TIMEOUT = 1.0
"""seconds for the last lines"""


class LineWriter:
    """Writes whole lines in order, and each at once; the oldest are dropped when too many wait."""

    def __init__(self, descriptor: int, say: Callable[[str], None], fail: Callable[[OSError], None]) -> None:
        """Start the thread.

        Args:
            descriptor: is not closed.
            say: called by :meth:`write` when lines are dropped.
            fail: called in the thread when the descriptor cannot be written; nothing is written any more.
        """
        self._descriptor = descriptor
        self._say = say
        self._fail = fail
        self._lines: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._dropping = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="parity-lines")
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Hand over one line, its end included; returns at once."""
        with self._changed:
            full = len(self._lines) >= MAX_LINES
            self._dropping &= bool(self._lines)  # the reader has caught up
            if full:
                self._lines.popleft()
            self._lines.append(line)
            self._changed.notify()
        if full and not self._dropping:
            self._say(f"the events are not read: more than {MAX_LINES:,} wait, and the oldest are dropped")
        self._dropping |= full

    def close(self) -> None:
        """Write the last lines, but do not wait for a reader that stalls."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(_CLOSE_TIMEOUT)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines or self._closing)
                if not self._lines:
                    return
                line = self._lines.popleft()
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError as error:
                self._fail(error)
                return

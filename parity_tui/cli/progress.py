"""A status line on a terminal while a command waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from parity_tui.drift.board import Board

_DELAY = 0.7
"""seconds before the line appears"""


class Progress:
    """One status line, which disappears at the end; shows nothing if the stream is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._started = time.monotonic()
        self._length = 0

    def show(self, board: Board) -> None:
        """Name the targets that have not answered, once that takes long."""
        if self._on and time.monotonic() - self._started > _DELAY:
            waiting = [f"{o.target.environment} {o.target.service}" for o in board.outcomes() if o.pending]
            self.say(f"waiting for {', '.join(waiting)}" if waiting else "")

    def say(self, text: str) -> None:
        """Replace the line."""
        if self._on:
            self._stream.write(f"\r{text[:78]:<{self._length}}")
            self._stream.flush()
            self._length = len(text[:78])

    def end(self) -> None:
        """Remove the line for good: another program part takes over the terminal."""
        self.clear()
        self._on = False

    def clear(self) -> None:
        """Remove the line until the next one."""
        if self._length:
            self._stream.write(f"\r{'':<{self._length}}\r")
            self._stream.flush()
            self._length = 0

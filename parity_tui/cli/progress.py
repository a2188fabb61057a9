"""A line that says what is waited for, on a terminal that nobody else writes to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from parity_tui.drift.board import Board

PATIENCE = 0.7
"""seconds after which a person is told what is waited for"""


class Progress:
    """One line on a terminal that says what is waited for, gone when there is nothing more to wait for."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._started = time.monotonic()
        self._length = 0

    def show(self, board: Board) -> None:
        """Say which targets have not answered, if it takes long."""
        if self._on and time.monotonic() - self._started > PATIENCE:
            waiting = [f"{o.target.environment} {o.target.service}" for o in board.outcomes() if o.pending]
            self.say(f"waiting for {', '.join(waiting)}" if waiting else "")

    def say(self, text: str) -> None:
        """Show a line in place of the one before."""
        if self._on:
            self._stream.write(f"\r{text[:78]:<{self._length}}")
            self._stream.flush()
            self._length = len(text[:78])

    def end(self) -> None:
        """Take the line away and say nothing more: the terminal is somebody else's now."""
        self.clear()
        self._on = False

    def clear(self) -> None:
        """Take the line away."""
        if self._length:
            self._stream.write(f"\r{'':<{self._length}}\r")
            self._stream.flush()
            self._length = 0

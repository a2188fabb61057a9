"""A status line on a terminal while a command waits."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import asyncio

    from parity_tui.drift.board import Board

_DELAY = 1.0
"""seconds before the line appears"""


class Progress:
    """One status line, which disappears at the end; shows nothing if the stream is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._started = time.monotonic()
        self._line = ""
        self._board: Board | None = None
        self._timer: asyncio.TimerHandle | None = None

    def show(self, board: Board) -> None:
        """Count the targets that were read and name those that have not answered, once that takes long.

        A running event loop shows the line in time also while no newer board arrives.
        """
        if not self._on:
            return
        self._board = board
        remaining = self._started + _DELAY - time.monotonic()
        if remaining <= 0:
            self._draw()
        elif self._timer is None:
            import asyncio

            self._timer = asyncio.get_running_loop().call_later(remaining, self._draw)

    def _draw(self) -> None:
        if self._on and self._board is not None:
            self.say(status(self._board, self._width()))

    def say(self, text: str) -> None:
        """Replace the line by another one."""
        line = text[: self._width()]
        if self._on and line != self._line:
            self._write(f"\r{line:<{len(self._line)}}")
            self._line = line

    def end(self) -> None:
        """Remove the line for good: another program part takes over the terminal."""
        self.clear()
        self._on = False
        if self._timer is not None:
            self._timer.cancel()

    def clear(self) -> None:
        """Remove the line until the next one."""
        if self._line:
            self._write(f"\r{'':<{len(self._line)}}\r")
            self._line = ""

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the terminal may have been closed
            self._stream.write(text)
            self._stream.flush()

    def _width(self) -> int:
        """Return the cells of a line, without the last one: after it some terminals begin another line."""
        try:
            return (os.get_terminal_size(self._stream.fileno()).columns or 80) - 1
        except (OSError, ValueError):
            return 79


def status(board: Board, width: int) -> str:
    """Return how many targets were read and which are awaited, "" at the end; as many names as fit."""
    outcomes = list(board.outcomes())
    waiting = [f"{each.target.environment} {each.target.service}" for each in outcomes if each.pending]
    failed = sum(not each.pending and each.failure is not None for each in outcomes)
    if not waiting:
        return ""
    counts = f"{len(outcomes) - len(waiting) - failed} of {len(outcomes)} read{f', {failed} failed' if failed else ''}"
    return _fitting(f"{counts}, waiting for ", waiting, width)


def _fitting(text: str, names: Sequence[str], width: int) -> str:
    """Return the text and as many names as fit; the number of the others follows.

    >>> _fitting("waiting for ", ["dev cache", "dev queue", "staging cache"], 36)
    'waiting for dev cache and 2 more'
    """
    for count in range(len(names), 0, -1):
        more = f" and {len(names) - count} more" if count < len(names) else ""
        line = text + ", ".join(names[:count]) + more
        if len(line) <= width:
            return line
    return line

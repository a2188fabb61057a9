"""The board: a terminal program on Textual, which is imported only once the terminal is known to bear it.

:func:`run` is all that others need. Nothing below this package knows a service or a driver, or compares values.
"""

from __future__ import annotations

import gc
import os
import sys

from parity_tui.drift.board import Board
from parity_tui.ui.protocols import BoardServices, BoardSource
from parity_tui.ui.terminal.capabilities import inspect, refusal

__all__ = ["BoardServices", "BoardSource", "run"]

# Textual reads these when it is imported. Nothing on the board moves by itself, and nothing is animated.
_TEXTUAL = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}


def run(source: BoardSource, *, board: Board, wiring: BoardServices | None = None, mouse: bool | None = None) -> int:
    """Show the boards of ``source`` until the person has seen enough, and return the exit code.

    ``board`` is the one before anything is known: it is painted before the first connection is made. ``mouse``
    None means: unless over SSH or in tmux. Codes: 0 left by key, 70 a fault of our own, 2 no usable terminal,
    128 + n ended by signal n (129 also when the terminal has vanished).
    """
    if why := refusal(os.environ):
        print(f"parity-tui: {why}", file=sys.stderr)  # noqa: T201 - there is no board to say it on
        return 2
    for name, value in _TEXTUAL.items():
        os.environ.setdefault(name, value)
    gc.disable()  # until the first frame is painted: nothing is garbage yet, and looking for it takes its time
    from parity_tui.ui.app import start

    return start(source, board, wiring or BoardServices(), inspect(os.environ, mouse))

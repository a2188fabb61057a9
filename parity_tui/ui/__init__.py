"""The board: a terminal program on Textual, which is imported only after the terminal was checked.

:func:`run` is its entry point. Nothing in this package knows a kind of service or a driver, or compares values.
"""

from __future__ import annotations

import gc
import os
import sys

from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.ui.protocols import BoardServices, BoardSource
from parity_tui.ui.terminal.capabilities import inspect, refusal

__all__ = ["BoardServices", "BoardSource", "run"]

# Textual reads these at import: no animations, which are traffic over a slow line.
_TEXTUAL_ENVIRONMENT = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}


def run(
    source: BoardSource,
    *,
    board: Board,
    services: BoardServices | None = None,
    mouse: bool | None = None,
    ascii_only: bool = False,
) -> int:
    """Show the boards of ``source`` until the user quits, and return the exit code.

    ``board`` is shown before the first connection is made. Without ``mouse`` the mouse is used unless over SSH or in
    tmux; with ``ascii_only`` no other characters are painted.

    Codes: 0 quit by key, 70 internal error, 2 unusable terminal, 128 + n ended by signal n (129 also if the
    terminal has vanished).
    """
    if reason := refusal(os.environ):
        print(f"parity-tui: {reason}", file=sys.stderr)  # noqa: T201 - the board cannot show it
        return 2
    for name, value in _TEXTUAL_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if any(os.get_terminal_size(2)):  # of a terminal that does not know its size, they are the only word
        for name in ("COLUMNS", "LINES"):  # they stay when the terminal is resized, and Textual would believe them
            os.environ.pop(name, None)
    gc.disable()  # until the first frame: collecting costs time, and nothing is garbage yet
    from parity_tui.ui.start import start

    terminal = inspect(os.environ, mouse)
    return start(source, board, services or BoardServices(), replace(terminal, ascii=terminal.ascii or ascii_only))

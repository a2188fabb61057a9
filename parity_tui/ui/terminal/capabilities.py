"""Capabilities of the terminal, checked before the board starts, and whether it keeps up with output."""

from __future__ import annotations

import os
from collections.abc import Mapping

from msgspec import Struct

from parity_tui.report.symbols import shows_unicode


class Terminal(Struct, frozen=True):
    """Capabilities of a terminal."""

    ascii: bool = False
    """only ASCII can be shown"""
    sixteen_colours: bool = False
    """at most its own 16 colours, or none, are used"""
    mouse: bool = True
    erases: bool = False
    """erasing the rest of a line paints it in the present background: that of GNU screen does not"""


def refusal(environ: Mapping[str, str], alternative: str = "parity-tui check") -> str:
    """Return why the board cannot run on this terminal and the command to use instead, "" if it can."""
    other = f"`{alternative}` prints the same as text"
    for number, name in ((0, "standard input"), (2, "standard error, where the board is drawn,")):
        if not os.isatty(number):
            return f"the board needs a terminal, and {name} is not one: {other}"
    kind = environ.get("TERM", "")
    if kind in ("", "dumb", "unknown"):
        problem = f'TERM is "{kind}"' if kind else "TERM is not set"
        return f"the board needs a terminal with cursor control, and {problem}: {other}"
    return ""


def inspect(environ: Mapping[str, str], mouse: bool | None = None) -> Terminal:
    """Return the capabilities; without ``mouse`` the mouse is used unless over SSH or in tmux.

    >>> inspect({"TERM": "xterm", "TMUX": "x"}).sixteen_colours, inspect({"TERM": "xterm-256color"}).sixteen_colours
    (True, False)
    """
    many = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    many = many or "256color" in environ.get("TERM", "") or "direct" in environ.get("TERM", "")
    remote = "SSH_CONNECTION" in environ or "TMUX" in environ
    return Terminal(
        ascii=not shows_unicode(environ),
        sixteen_colours="NO_COLOR" in environ or not many,
        mouse=not remote if mouse is None else mouse,
        erases="TMUX" in environ or not environ.get("TERM", "").startswith("screen"),
    )


def is_busy(app: object) -> bool:
    """Return whether the terminal has not taken all earlier output of a Textual app.

    A full queue of Textual's writer thread blocks the event loop. Textual has no public access to it.
    """
    writer = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    size = getattr(queue, "qsize", None)
    return bool(size and size() > 0)

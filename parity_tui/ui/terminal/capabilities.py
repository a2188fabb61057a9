"""What the terminal can do, before it is asked to do it; and whether it keeps up."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from msgspec import Struct

PLAIN_WAY = "`parity-tui check` prints the same as text"


class Terminal(Struct, frozen=True):
    """What was found of the terminal."""

    ascii: bool = False
    """only ASCII can be shown"""
    sixteen: bool = False
    """no more than 16 colours, or none at all: its own ones are used"""
    mouse: bool = True


def refusal(environ: Mapping[str, str]) -> str:
    """Return why there can be no board on this terminal, with what to do instead; "" where there can be one."""
    for number, name in ((0, "the input"), (2, "the error output, where the board is drawn,")):
        if not os.isatty(number):
            return f"the board needs a terminal, and {name} is none: {PLAIN_WAY}"
    kind = environ.get("TERM", "")
    if kind in ("", "dumb", "unknown"):
        said = f'TERM is "{kind}"' if kind else "TERM is not set"
        return f"the board needs a terminal that can place its text, and {said}: {PLAIN_WAY}"
    return ""


def inspect(environ: Mapping[str, str], mouse: bool | None = None) -> Terminal:
    """Return what the terminal can do; over SSH and in tmux the mouse stays theirs unless it is asked for.

    >>> inspect({"TERM": "xterm", "TMUX": "x"}).sixteen, inspect({"TERM": "xterm-256color"}).sixteen
    (True, False)
    """
    stream = sys.__stderr__
    encoding = (stream.encoding if stream else "").lower().replace("-", "").replace("_", "")
    many = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    many = many or "256color" in environ.get("TERM", "") or "direct" in environ.get("TERM", "")
    remote = "SSH_CONNECTION" in environ or "TMUX" in environ
    return Terminal(
        ascii=encoding != "utf8",
        sixteen="NO_COLOR" in environ or not many,
        mouse=not remote if mouse is None else mouse,
    )


def busy(driver: object) -> bool:
    """Tell whether the terminal has not yet taken what was written before.

    Textual's writer thread has a queue that blocks everything when it is full; it has no public way to ask.
    """
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    size = getattr(queue, "qsize", None)
    return bool(size and size() > 0)

"""Scrolling by the terminal's own region: few bytes, and the same picture as one that is painted anew."""

from __future__ import annotations

import fcntl
import re
import signal
import struct
import termios
from typing import Any

import pytest

from tests.ui.terminal import Terminal, opened

MOST = 1500
"""bytes of a key that scrolls"""
SIZE = (80, 24)


def picture(terminal: Terminal) -> list[list[Any]]:
    """Return every character of the screen with its style."""
    screen = terminal.screen
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def position(terminal: Terminal) -> tuple[int, int]:
    """Return the number of the row under the cursor, and that of all rows; zeros while none are shown."""
    found = re.search(r"(\d+) of (\d+) ─", "\n".join(terminal.shown))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def show_all_rows(terminal: Terminal) -> None:
    """Wait for what can be read, which moves the cursor's row, and show all of it."""
    terminal.see("reading 16 of 17")
    terminal.type("d")
    terminal.until(lambda: "all rows" in terminal.shown[0], "all rows")


def painted_anew(terminal: Terminal, size: tuple[int, int]) -> list[list[Any]]:
    """Return the picture after another size and this one again, for which everything is painted."""
    for columns, lines in ((size[0] - 1, size[1]), size):
        terminal.screen.resize(lines, columns)
        fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        terminal.process.send_signal(signal.SIGWINCH)
        terminal.quiet(0.4)
    return picture(terminal)


@pytest.mark.parametrize(("start", "key"), [("g", "j"), ("G", "k"), ("g", "jjjk"), ("G", "kkkj")])
def test_scrolled_screen_equals_one_painted_anew(start: str, key: str) -> None:
    with opened("--same", size=SIZE) as terminal:
        show_all_rows(terminal)
        terminal.type(start)
        terminal.until(lambda: position(terminal)[0] == (1 if start == "g" else position(terminal)[1]), "the first row")
        for each in (key * 30)[:30]:
            before = position(terminal)
            terminal.type(each)
            terminal.until(lambda before=before: position(terminal) != before, each)  # type: ignore[misc]
        terminal.quiet(0.2)
        assert b"\x1bD" in terminal.written or b"\x1bM" in terminal.written
        seen = picture(terminal)
        assert seen == painted_anew(terminal, SIZE)


def test_scrolling_key_sends_the_new_line_alone() -> None:
    with opened() as terminal:
        show_all_rows(terminal)
        terminal.quiet()
        sizes = []
        for key in "j" * 40 + "k" * 30:
            row, before = position(terminal), len(terminal.written)
            terminal.type(key)
            terminal.until(lambda row=row: position(terminal) != row, key)  # type: ignore[misc]
            terminal.quiet(0.05)
            if b"\x1bD" in terminal.written[before:] or b"\x1bM" in terminal.written[before:]:
                sizes.append(len(terminal.written) - before)
    assert len(sizes) > 10
    assert sorted(sizes)[len(sizes) // 2] <= MOST

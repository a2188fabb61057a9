"""Faults 51 and 60: a terminal that changes while the board is open, a clock that is set back.

44 to 50 and 52 to 54 are shown by tests/ui/test_terminal.py, tests/ui/test_painting.py and test_files.py here.
"""

from __future__ import annotations

import fcntl
import signal
import struct
import termios

import pytest

from parity_tui.ui.view import labels
from tests.ui.terminal import Terminal, opened


def resize(terminal: Terminal, columns: int, lines: int) -> None:
    """Give the terminal another size, as tmux does when somebody attaches with another window."""
    fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    terminal.process.send_signal(signal.SIGWINCH)
    if columns and lines:
        terminal.screen.resize(lines, columns)


def test_another_size_while_it_is_open_is_painted_anew() -> None:
    """Faults 44, 51: detached and attached with other windows, down to nothing; the board is whole each time."""
    with opened("--still") as terminal:
        terminal.see("no answer in 3 s")
        for columns, lines in ((200, 50), (1, 1), (0, 0), (500, 3), (80, 24)):
            resize(terminal, columns, lines)
            terminal.quiet(0.3)
        terminal.see("TimeZone")
        terminal.see("tab next drift")
        assert len(terminal.shown[0].rstrip()) <= 80
        terminal.type("q")
        assert terminal.end() == 0


def test_a_terminal_of_no_size_is_no_crash() -> None:
    """Fault 44: as `docker exec -t` and serial lines begin."""
    with opened("--still", size=(0, 0)) as terminal:
        terminal.until(lambda: len(terminal.written) > 200, "a first frame")
        terminal.quiet(0.3)
        terminal.type("q")
        assert terminal.end() == 0


@pytest.mark.parametrize("seconds", [-5.0, -86_400.0 * 365])
def test_an_age_is_never_negative(seconds: float) -> None:
    """Fault 60: what was read "in the future" was read just now."""
    assert labels.age(seconds) == labels.age(0.0)

"""Faults of the terminal that tests/ui does not show: another size while the board is open, and no size at all."""

from __future__ import annotations

import fcntl
import signal
import struct
import termios

from tests.ui.terminal import Terminal, opened


def resize(terminal: Terminal, columns: int, lines: int) -> None:
    """Resize the terminal, as tmux does when another window attaches."""
    fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    terminal.process.send_signal(signal.SIGWINCH)
    if columns and lines:
        terminal.screen.resize(lines, columns)


def test_resized_terminal_is_repainted_completely() -> None:
    """Faults 44, 51: As by detaching and attaching with other windows, down to no size."""
    with opened("--still") as terminal:
        terminal.see("no answer in 3 s")
        for columns, lines in ((200, 50), (1, 1), (0, 0), (500, 3), (80, 24)):
            resize(terminal, columns, lines)
            terminal.quiet(0.3)
        terminal.see("▸ database")
        terminal.see("tab next drift")
        assert len(terminal.shown[0].rstrip()) <= 80
        terminal.type("q")
        assert terminal.end() == 0


def test_terminal_without_size_does_not_crash() -> None:
    """Fault 44: As `docker exec -t` and serial lines begin."""
    with opened("--still", size=(0, 0)) as terminal:
        terminal.until(lambda: len(terminal.written) > 200, "a first frame")
        terminal.quiet(0.3)
        terminal.type("q")
        assert terminal.end() == 0

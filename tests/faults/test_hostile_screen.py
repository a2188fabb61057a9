"""Hostile text from servers stays text on the board in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.hostile import OBEYED, OURS
from tests.ui.terminal import Terminal, opened

KEYS = (
    "d", "v", "\x1b", "\t", "jjjjjjjjjj", "y", "\x1b", "a", "\x1b", "e", "x\r", "\x1b", "t", "\x1b", "?", "\x1b",
    "/\x0boops\r", "\x1b", "G", "g", "b", "z", "z",
)  # fmt: skip
"""every view, copy and export"""


def foreign(terminal: Terminal) -> list[bytes]:
    """Return the written sequences that are neither the board's own nor printable."""
    left = OURS.sub(b"", bytes(terminal.written))
    return [left[max(0, found.start() - 30) : found.end() + 30] for found in OBEYED.finditer(left)]


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1", "TERM": "xterm", "COLORTERM": ""}])
def test_board_writes_only_its_own_sequences(variables: dict[str, str], tmp_path: Path) -> None:
    """Faults 28, 29: Byte by byte, in every view of a hostile board."""
    environment = {**variables, "TMPDIR": str(tmp_path)}
    with opened(module="tests.faults.hostile", environment=environment) as terminal:
        terminal.see("critical")
        terminal.type("\t")
        terminal.see("It matters")
        for keys in KEYS:
            terminal.type(keys)
            terminal.quiet(0.15)
        terminal.type("q")
        assert terminal.end() == 0
        assert foreign(terminal) == []
        written = bytes(terminal.written)
        assert b"\x1b]0;" not in written
        assert b"\x1b[666" not in written
        assert b"\x1b]52;c;b3duZWQ=" not in written
        assert b"[/oops]" in written


def test_ten_thousand_hostile_settings_are_shown() -> None:
    """Fault 26: Of each target; a key reaches the last line."""
    with opened("10000", module="tests.faults.hostile") as terminal:
        terminal.see("critical")
        terminal.type("zdG")
        terminal.see("of ")
        terminal.type("/009999\r")
        terminal.see("009999")
        terminal.type("q")
        assert terminal.end() == 0
        assert foreign(terminal) == []

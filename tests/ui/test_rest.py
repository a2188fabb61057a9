"""A board at rest in a real terminal: nothing wakes it but input, readings and its files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.ui.terminal import Terminal, opened

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform != "linux", reason="counts wake-ups in /proc"),
]

ALONE = "\x1b"
"""an escape that begins no sequence, which a pause shows"""


def wake_ups(terminal: Terminal) -> int:
    """Return how often the threads of the board have waited so far."""
    statuses = Path(f"/proc/{terminal.process.pid}/task").glob("*/status")
    lines = (line for status in statuses for line in status.read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary"))


def test_board_at_rest_sleeps_until_a_key_comes() -> None:
    with opened("--fresh") as terminal:
        terminal.see("no answer in 3 s")
        terminal.quiet(1.5)
        before = wake_ups(terminal)
        assert terminal.pump(2.0) == 0
        assert wake_ups(terminal) - before < 8
        terminal.type("/zone")
        terminal.see("filter: zone")
        terminal.type(ALONE)
        terminal.until(lambda: not any("filter: zone" in line for line in terminal.shown), "no filter")
        terminal.type("q")
        assert terminal.end() == 0

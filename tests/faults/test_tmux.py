"""Fault 51: the board in tmux, to which one terminal after the other is attached."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.ui.terminal import Terminal, opened

pytestmark = pytest.mark.terminal

MANY_COLOURS = re.compile(rb"\x1b\[[\d;]*[34]8[;:][25]")
"""a colour beyond sixteen"""

EIGHT_COLOURS = {"TERM": "xterm", "COLORTERM": ""}


class Session:
    """The board in a tmux of its own."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "socket")
        self.ended = folder / "ended"
        board = shlex.join([sys.executable, "-m", "tests.ui.preview", "--still"])
        self._start = ["new-session", f"{board}; echo $? > {shlex.quote(str(self.ended))}"]

    def start(self, size: tuple[int, int]) -> AbstractContextManager[Terminal]:
        """Start the board from a terminal of many colours, without a status line."""
        quiet = ["set", "-g", "status", "off", ";", "set", "-g", "default-terminal", "tmux-256color", ";"]
        return opened(self.socket, "start-server", ";", *quiet, *self._start, module="tests.faults.tmux", size=size)

    def attach(self, size: tuple[int, int], variables: dict[str, str]) -> AbstractContextManager[Terminal]:
        """Attach another terminal."""
        return opened(self.socket, "attach", module="tests.faults.tmux", size=size, environment=variables)

    def command(self, *words: str) -> None:
        """Run a tmux command."""
        subprocess.run(["tmux", "-S", self.socket, *words], check=True, capture_output=True)


@pytest.fixture
def session() -> Iterator[Session]:
    """Yield a tmux that ends with the test; its path is short, because sockets need that."""
    if not shutil.which("tmux"):
        missing("there is no tmux here")
    with tempfile.TemporaryDirectory(prefix="parity-tmux-") as folder:
        started = Session(Path(folder))
        try:
            yield started
        finally:
            with suppress(subprocess.CalledProcessError):  # tmux ends with its last session
                started.command("kill-server")


def without_ages(lines: list[str]) -> list[str]:
    """Return a screen without its ages in minutes, which go on between two boards."""
    return [re.sub(r"\b\d min\b", "N min", line) for line in lines]


def fresh(size: tuple[int, int]) -> list[str]:
    """Return the screen of a board opened at that size, without ages."""
    with opened("--still", size=size, environment={"TERM": "tmux-256color", "TMUX": "x"}) as terminal:
        terminal.see("tab next drift")
        terminal.quiet()
        return without_ages(terminal.shown)


def test_board_survives_reattachment_in_tmux(session: Session) -> None:
    """Fault 51: With another size and fewer colours the screen looks as if opened there."""
    with session.start((120, 40)) as first:
        first.see("tab next drift")
        first.quiet()
        assert without_ages(first.shown) == fresh((120, 40))
        assert MANY_COLOURS.search(first.written)
        session.command("detach-client")
        assert first.end() == 0
    assert not session.ended.exists()
    for size, variables in (((80, 24), EIGHT_COLOURS), ((200, 50), {}), ((100, 30), EIGHT_COLOURS)):
        with session.attach(size, variables) as terminal:
            terminal.see("tab next drift")
            terminal.quiet()
            assert without_ages(terminal.shown) == fresh(size)
            assert bool(MANY_COLOURS.search(terminal.written)) is not bool(variables)
            terminal.hang_up()
    with session.attach((120, 40), EIGHT_COLOURS) as last:
        last.see("tab next drift")
        last.type("?")
        last.see("minimum severity")
        last.type("\x1b")
        last.until(lambda: not any("minimum severity" in line for line in last.shown), "the board without the help")
        last.type("q")
        assert last.end() == 0
    assert session.ended.read_text() == "0\n"

"""Fault 51: the board in a real tmux, to which one terminal after the other is attached."""

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

MANY = re.compile(rb"\x1b\[[\d;]*[34]8[;:][25]")
"""a colour beyond the sixteen that every terminal has"""

FEW = {"TERM": "xterm", "COLORTERM": ""}
"""a terminal of eight colours"""


class Session:
    """The board in a tmux; terminals come and go."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "socket")
        self.ended = folder / "ended"
        board = shlex.join([sys.executable, "-m", "tests.ui.preview", "--still"])
        self._start = ["new-session", f"{board}; echo $? > {shlex.quote(str(self.ended))}"]

    def start(self, size: tuple[int, int]) -> AbstractContextManager[Terminal]:
        """Start the board from a terminal of many colours; tmux has no line of its own there."""
        quiet = ["set", "-g", "status", "off", ";", "set", "-g", "default-terminal", "tmux-256color", ";"]
        return opened(self.socket, "start-server", ";", *quiet, *self._start, module="tests.faults.tmux", size=size)

    def attach(self, size: tuple[int, int], variables: dict[str, str]) -> AbstractContextManager[Terminal]:
        """Attach another terminal."""
        return opened(self.socket, "attach", module="tests.faults.tmux", size=size, environment=variables)

    def tell(self, *words: str) -> None:
        """Tell tmux something."""
        subprocess.run(["tmux", "-S", self.socket, *words], check=True, capture_output=True)


@pytest.fixture
def session() -> Iterator[Session]:
    """Give a tmux that ends with the test; the path of a socket must be short."""
    if not shutil.which("tmux"):
        missing("there is no tmux here")
    with tempfile.TemporaryDirectory(prefix="parity-tmux-") as folder:
        found = Session(Path(folder))
        try:
            yield found
        finally:
            with suppress(subprocess.CalledProcessError):  # it ends with its last session
                found.tell("kill-server")


def fresh(size: tuple[int, int]) -> list[str]:
    """Return what a board shows that is opened at once with that size, in a terminal that never changes."""
    with opened("--still", size=size, environment={"TERM": "tmux-256color", "TMUX": "x"}) as terminal:
        terminal.see("tab next drift")
        terminal.quiet()
        return terminal.shown


def test_detached_and_attached_with_another_size_and_fewer_colours(session: Session) -> None:
    """Fault 51: Each time the screen is as if the board had begun there; keys work, and it ends in order."""
    with session.start((120, 40)) as first:
        first.see("tab next drift")
        first.quiet()
        assert first.shown == fresh((120, 40))
        assert MANY.search(first.written)
        session.tell("detach-client")
        assert first.end() == 0
    assert not session.ended.exists()
    for size, variables in (((80, 24), FEW), ((200, 50), {}), ((100, 30), FEW)):
        with session.attach(size, variables) as terminal:
            terminal.see("tab next drift")
            terminal.quiet()
            assert terminal.shown == fresh(size)
            assert bool(MANY.search(terminal.written)) is not bool(variables)
            terminal.hang_up()
    with session.attach((120, 40), FEW) as last:
        last.see("tab next drift")
        last.type("?")
        last.see("leave")
        last.type("\x1b")
        last.until(lambda: not any("leave" in line for line in last.shown), "the board without the sheet of keys")
        last.type("q")
        assert last.end() == 0
    assert session.ended.read_text() == "0\n"

"""The end of the demo's board: it names what it waits for, ends soon and leaves nothing."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from parity_tui.demo import Demo, background
from parity_tui.demo import demo as module
from parity_tui.demo.process import wait_until
from parity_tui.demo.supervisor import family
from tests.live import running
from tests.ui.terminal import Terminal, opened


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Folder for the demo's files, which the servers' user can enter."""
    with tempfile.TemporaryDirectory(prefix="parity-ending-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@pytest.mark.parametrize("ending", ["key", "hang-up", "SIGKILL"])
def test_nothing_is_left_after_the_board(temporary: Path, ending: str) -> None:
    """No process, no file, whether the board ends by its key, with its terminal, or at once."""
    environment = {"TMPDIR": str(temporary), "PYTHONWARNINGS": ""}
    with opened("demo", module="parity_tui", environment=environment) as terminal:
        terminal.see("against production")
        pids = family(terminal.process.pid)
        assert len(pids) > 5
        assert any(temporary.iterdir())
        end(terminal, ending)
        assert wait_until(lambda: not running(pids) and not any(temporary.iterdir()), 30)


def test_own_files_are_made_in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor thus removes those that a killed board leaves, such as a configuration for nginx's parser."""
    monkeypatch.setattr(module, "SERVICES", {})
    before = tempfile.tempdir
    with background.running(Demo()) as demo, tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == demo.home
    assert tempfile.tempdir == before
    assert not demo.home.exists()


def end(terminal: Terminal, ending: str) -> None:
    """End the board and check its last words and exit code."""
    if ending == "key":
        terminal.type("q")
        assert terminal.end() == 0
        assert b" servers \xe2\x80\xa6" in terminal.written[terminal.written.rindex(b"\x1b[?1049l") :]
    elif ending == "hang-up":
        terminal.hang_up()
        assert terminal.process.wait(30) == 128 + signal.SIGHUP
    else:
        terminal.process.kill()
        assert terminal.process.wait(30) == -signal.SIGKILL

"""The board in its child process: however it ends, the terminal is whole and the exit code right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from parity_tui.demo.supervisor import family
from tests.live import running
from tests.ui.terminal import Terminal, opened

NORMAL_SCREEN, CURSOR = b"\x1b[?1049l", b"\x1b[?25h"
SHELL = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
argv = [sys.executable, "-m", "parity_tui", "--config", sys.argv[1]]
job = subprocess.Popen(argv, process_group=0, restore_signals=True)
os.tcsetpgrp(0, job.pid)
while True:
    _, status = os.waitpid(job.pid, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        break
    print("STOPPED", flush=True)
    sys.stdin.readline()
    os.tcsetpgrp(0, job.pid)
    os.killpg(job.pid, signal.SIGCONT)
print("ENDED", os.waitstatus_to_exitcode(status), flush=True)
sys.stdin.readline()
"""
"""the duties of a shell for a job: its own process group, the terminal's foreground, fg after a stop"""
COUNTS = """
import signal, sys, time
from parity_tui.cli.guardian import guarded
def show():
    received = []
    signal.signal(signal.SIGINT, lambda *_: received.append(1))
    print("READY", flush=True)
    until = time.monotonic() + 20
    while not received and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.5)
    return len(received)
sys.exit(guarded(show))
"""
"""returns how many interrupts arrive"""


@contextmanager
def board(folder: Path, controlling: bool = True) -> Iterator[tuple[Terminal, list[Any]]]:
    """Open the board of the program itself; yield its terminal and the terminal's attributes before."""
    config = folder / "parity.toml"
    config.write_text("[environments.dev.services]\nsessions = 'redis://127.0.0.1:1'\n")
    config.chmod(0o600)
    home = {"HOME": str(folder), "XDG_STATE_HOME": "", "XDG_CACHE_HOME": ""}
    before: list[Any] = []
    with opened(
        "--config", str(config), module="parity_tui", environment=home, controlling=controlling
    ) as terminal:  # fmt: skip
        before += termios.tcgetattr(terminal.master)
        terminal.see("sessions")
        terminal.see("refused")
        assert termios.tcgetattr(terminal.master) != before
        yield terminal, before


def child_of(terminal: Terminal) -> int:
    """Return the process that shows the board."""
    (child,) = [pid for pid in family(terminal.process.pid) if pid != terminal.process.pid]
    return child


def whole(terminal: Terminal, before: list[Any]) -> bool:
    last = terminal.written.rindex(NORMAL_SCREEN)
    return CURSOR in terminal.written[last:] and termios.tcgetattr(terminal.master) == before


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_terminal_is_whole_after_a_crash(tmp_path: Path, number: signal.Signals) -> None:
    with board(tmp_path) as (terminal, before):
        os.kill(child_of(terminal), number)
        assert terminal.end() == 70
        assert whole(terminal, before)
        last = bytes(terminal.written[terminal.written.rindex(NORMAL_SCREEN) :]).decode()
    assert f"signal {number.value}" in last
    if number is signal.SIGKILL:
        assert "possibly out of memory" in last
    else:
        log = next(tmp_path.rglob("crash.log"))
        assert str(log) in last.replace("\r\n", "")
        assert "Current thread" in log.read_text()


def test_crash_signal_to_the_parent_is_the_boards(tmp_path: Path) -> None:
    with board(tmp_path) as (terminal, before):
        terminal.process.send_signal(signal.SIGSEGV)
        assert terminal.end() == 70
        assert whole(terminal, before)


def test_board_ends_with_its_parent(tmp_path: Path) -> None:
    """Where the terminal outlives it, as under a shell."""
    with board(tmp_path, controlling=False) as (terminal, before):
        child = child_of(terminal)
        terminal.process.kill()
        terminal.until(lambda: not running([child]), "the end of the board")
        terminal.pump(0.2)
        assert whole(terminal, before)


@pytest.mark.parametrize(
    ("number", "code", "send"),
    [(signal.SIGTERM, 143, os.kill), (signal.SIGHUP, 129, os.killpg), (signal.SIGINT, 130, os.killpg)],
    ids=["process", "group", "keyboard"],
)
def test_signals_end_the_board_in_order(
    tmp_path: Path, number: signal.Signals, code: int, send: Callable[[int, int], None]
) -> None:
    with board(tmp_path) as (terminal, before):
        send(terminal.process.pid, number)
        assert terminal.end() == code
        assert whole(terminal, before)


def test_quit_leaves_no_process(tmp_path: Path) -> None:
    with board(tmp_path) as (terminal, before):
        child = child_of(terminal)
        terminal.type("q")
        assert terminal.end() == 0
        assert whole(terminal, before)
        assert not running([child])


def test_board_goes_on_after_suspension(tmp_path: Path) -> None:
    """In a shell's job: Ctrl+Z stops both processes, fg continues them, the exit code arrives."""
    config = tmp_path / "parity.toml"
    config.write_text("[environments.dev.services]\nsessions = 'redis://127.0.0.1:1'\n")
    script = tmp_path / "shell.py"
    script.write_text(SHELL)
    config.chmod(0o600)
    home = {"HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    with opened(str(config), module=script.stem, environment=home) as terminal:
        terminal.see("refused")
        for _ in range(2):
            seen = len(terminal.written)
            terminal.type("\x1a")
            terminal.until(lambda seen=seen: b"STOPPED" in terminal.written[seen:], "the stop")  # type: ignore[misc]
            seen = len(terminal.written)
            terminal.type("\n")
            terminal.until(lambda seen=seen: b"sessions" in terminal.written[seen:], "the board again")  # type: ignore[misc]
        terminal.type("q")
        terminal.until(lambda: b"ENDED 0" in terminal.written, "the end of the job")


@pytest.mark.parametrize("how", ["keyboard", "kill"])
def test_interrupt_arrives_once(tmp_path: Path, how: str) -> None:
    """Ctrl+C reaches every process of the foreground, kill only the one that is named."""
    (tmp_path / "counts.py").write_text(COUNTS)
    with opened(module="counts", environment={"PYTHONPATH": str(tmp_path)}) as terminal:
        terminal.see("READY")
        if how == "keyboard":
            terminal.type("\x03")
        else:
            terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 1


def test_board_without_a_terminal_has_no_parent() -> None:
    code = "import os, sys; from parity_tui.cli.guardian import guarded; sys.exit(guarded(lambda: os.getppid() == %d))"
    command = [sys.executable, "-c", code % os.getpid()]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 1

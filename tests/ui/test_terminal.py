"""The board in a real terminal: bytes written, colours, encodings, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.ui.terminal import PATIENCE, Terminal, opened

pytestmark = pytest.mark.terminal

NORMAL_SCREEN = b"\x1b[?1049l"


def filled(terminal: Terminal) -> None:
    """Wait until the panes are filled and nothing is written any more."""
    terminal.see("no answer in 3 s")
    terminal.quiet()


def restored(terminal: Terminal) -> bool:
    """Return whether normal screen and cursor are back and the mouse is off."""
    tail = bytes(terminal.written[-600:])
    return NORMAL_SCREEN in tail and b"\x1b[?25h" in tail and b"\x1b[?1003l" in tail


def test_first_frame_is_small_and_precedes_connections() -> None:
    """At most 40 KB, with every service being read."""
    with opened("--empty") as terminal:
        terminal.see("sessions")
        terminal.quiet()
        assert len(terminal.written) <= 40_000
        assert sum("reading…" in line for line in terminal.shown) >= 6


def test_nothing_is_painted_at_rest() -> None:
    with opened("--fresh") as terminal:
        filled(terminal)
        assert terminal.pump(2.0) == 0


def test_one_changed_cell_is_few_bytes() -> None:
    """At most 150 bytes."""
    with opened("--counter") as terminal:
        terminal.see("reading 16 of 17")
        terminal.type("/uptime\r")
        terminal.see("filter: uptime")
        terminal.quiet(0.3)
        assert min(next_change(terminal) for _ in range(3)) <= 150


def next_change(terminal: Terminal) -> int:
    """Return the number of bytes of the next change."""
    before = len(terminal.written)
    terminal.until(lambda: len(terminal.written) > before, "a change")
    terminal.pump(0.1)
    return len(terminal.written) - before


def test_equal_board_writes_nothing() -> None:
    with opened("--same") as terminal:
        filled(terminal)
        assert terminal.pump(2.0) == 0


@pytest.mark.parametrize("key", ["q", "\x03"])
def test_quit_key_restores_the_terminal(key: str) -> None:
    with opened("--still") as terminal:
        filled(terminal)
        terminal.type(key)
        assert terminal.end() == 0
        assert restored(terminal)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_signal_restores_the_terminal(number: signal.Signals, code: int) -> None:
    """Faults 47, 48: The exit code is 128 + n."""
    with opened("--still") as terminal:
        filled(terminal)
        terminal.process.send_signal(number)
        assert terminal.end() == code
        assert restored(terminal)


def test_board_survives_suspension() -> None:
    """Fault 48: After fg the board is painted and read again."""
    with opened("--still") as terminal:
        filled(terminal)
        before = len(terminal.written)
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.until(lambda: stopped(terminal.process.pid), "the process stopped")
        terminal.pump(0.2)
        assert NORMAL_SCREEN in terminal.written[before:]
        before = len(terminal.written)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.until(lambda: b"TimeZone" in terminal.written[before:], "the board again")
        terminal.type("q")
        assert terminal.end() == 0


def test_board_without_a_shell_is_not_suspended() -> None:
    """As the command of ssh or tmux it has no shell that could: it would outlive its terminal."""
    with opened("--still") as terminal:
        filled(terminal)
        terminal.type("\x1a")
        terminal.see("no shell is there to resume the board")
        assert not stopped(terminal.process.pid)
        terminal.type("q")
        assert terminal.end() == 0


def test_keys_in_one_write_reach_the_modal() -> None:
    with opened("--still") as terminal:
        filled(terminal)
        terminal.type("?jqx qq")
        assert terminal.end() == 0


def stopped(pid: int) -> bool:
    """Return whether a process is stopped."""
    return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def test_second_quit_exits_at_once() -> None:
    """Fault 54: Although the first one still waits for the source."""
    with opened("--stubborn") as terminal:
        filled(terminal)
        terminal.type("q")
        terminal.pump(0.3)
        started = time.monotonic()
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(PATIENCE) in (0, 143)
        assert time.monotonic() - started < PATIENCE


def test_stubborn_source_does_not_delay_the_exit() -> None:
    with opened("--stubborn") as terminal:
        filled(terminal)
        terminal.type("q")
        assert terminal.process.wait(PATIENCE) == 0


def test_vanished_terminal_ends_the_board() -> None:
    """Fault 46: Without a signal, as under nohup or docker exec."""
    with opened("--still", controlling=False) as terminal:
        filled(terminal)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE) == 129


def test_hang_up_ends_the_board() -> None:
    """Fault 46: A dropped connection."""
    with opened("--still") as terminal:
        filled(terminal)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE) == 129


def test_stuck_terminal_does_not_delay_the_exit() -> None:
    """Fault 45: On SIGTERM, although the terminal takes no output."""
    with opened("--busy") as terminal:
        terminal.see("database")
        time.sleep(3)  # nothing is read from the pty: its buffer fills up
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(PATIENCE) == 143


def test_stuck_terminal_does_not_delay_reading() -> None:
    """Fault 45: Boards are taken meanwhile; then one paint shows the newest."""
    with opened("--busy") as terminal:
        terminal.see("database")
        terminal.type("/setting_00\r")
        terminal.see("turn 0")
        time.sleep(3)
        written = len(terminal.written)
        turn = turn_shown(terminal) + 50
        terminal.until(lambda: turn_shown(terminal) > turn, "newer boards")
        # Only output on its way and the newest board are written, not the boards in between.
        assert len(terminal.written) - written < 400_000
        terminal.type("q")
        assert terminal.end() == 0


def turn_shown(terminal: Terminal) -> int:
    return int(next(found[1] for line in terminal.shown if (found := re.search(r"turn (\d{5})", line))))


@pytest.mark.parametrize("kind", ["dumb", "unknown", ""])
def test_dumb_terminal_is_refused(kind: str) -> None:
    """Fault 50: One line names `parity-tui check`."""
    with opened("--still", environment={"TERM": kind}) as terminal:
        assert terminal.end() == 2
        assert b"parity-tui check" in terminal.written
        assert b"\x1b[?1049h" not in terminal.written


@pytest.mark.parametrize("redirected", ["<", "2>"])
def test_redirected_terminal_is_refused(redirected: str) -> None:
    """Fault 49: As input or as error output."""
    with opened(redirected, module="tests.ui.redirected") as terminal:
        assert terminal.end() == 2
        assert b"\x1b[?1049h" not in terminal.written


def colours(written: bytes) -> set[bytes]:
    """Return every SGR sequence that sets a colour."""
    return set(re.findall(rb"\x1b\[[\d;]*(?:3[0-7]|4[0-7]|38;5;\d+|38;2[\d;]+|9[0-7])[\d;]*m", written))


def test_no_color_drops_every_colour() -> None:
    """Fault 50: Symbols still mark drift."""
    with opened("--still", environment={"NO_COLOR": "1"}) as terminal:
        filled(terminal)
        assert colours(bytes(terminal.written)) == set()
        assert any("‼ product" in line and "◆" in line for line in terminal.shown)


def test_sixteen_colours_are_the_terminals_own() -> None:
    """Fault 50: Without COLORTERM and 256 colours."""
    with opened("--still", environment={"TERM": "xterm", "COLORTERM": ""}) as terminal:
        filled(terminal)
        used = colours(bytes(terminal.written))
        assert used
        assert not any(b"38;2" in colour or b"38;5" in colour for colour in used)


def test_terminal_without_utf8_gets_ascii() -> None:
    """Fault 50: With latin-1 widths hold, and no escape shows."""
    with opened("--still", environment={"LANG": "", "LC_ALL": "C", "PYTHONIOENCODING": "latin-1"}) as terminal:
        filled(terminal)
        assert bytes(terminal.written).isascii()
        assert not any("\\u25" in line or "\\u2" in line for line in terminal.shown)
        bars = {line.index("|") for line in terminal.shown if line.count("|") == 3}
        assert len(bars) == 1
        terminal.type("?")
        terminal.see("minimum severity")
        assert bytes(terminal.written).isascii()


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (19, 24), (80, 4)])
def test_tiny_screen_does_not_crash(size: tuple[int, int]) -> None:
    """Fault 44: The board starts and ends with a key."""
    with opened("--still", size=size) as terminal:
        terminal.until(lambda: len(terminal.written) > 200, "a first frame")
        terminal.quiet()
        terminal.type("q")
        assert terminal.end() == 0


@pytest.mark.parametrize(("module", "argument"), [("preview", "--still"), ("redirected", ">")])
def test_size_is_that_of_the_terminal(module: str, argument: str) -> None:
    """An exported COLUMNS, as of `docker exec -e COLUMNS`, stays when the terminal grows; stdout may be a file."""
    with opened(argument, module=f"tests.ui.{module}", environment={"COLUMNS": "30", "LINES": "8"}) as terminal:
        filled(terminal)
        assert len(terminal.shown[0].rstrip()) > 100
        assert "help" in terminal.shown[-1]


def test_crash_shows_no_values(tmp_path: Path) -> None:
    """Fault 52: A traceback without locals and known secrets, on a restored terminal."""
    with opened("--crash", environment={"HOME": str(tmp_path)}) as terminal:
        assert terminal.end() == 70
        assert NORMAL_SCREEN in terminal.written
        text = bytes(terminal.written)
        assert b"RuntimeError" in text
        assert b"swordfish" not in text
        assert b"locals" not in text
        assert b"crash.log" in text
    assert "swordfish" not in (tmp_path / ".local/state/parity-tui/log/crash.log").read_text()


def test_failed_driver_task_is_not_printed() -> None:
    """A task that fails after the board has ended."""
    with opened("--orphan") as terminal:
        filled(terminal)
        terminal.type("q")
        assert terminal.end() == 0
        assert b"Traceback" not in terminal.written
        assert b"swordfish" not in terminal.written


def test_source_error_is_shown() -> None:
    """Without the password in it."""
    with opened("--error") as terminal:
        terminal.see("reading has stopped")
        terminal.see("not reading")
        assert b"swordfish" not in terminal.written


def test_terminal_helper_ends_its_process() -> None:
    with opened("--still") as terminal:
        pid = terminal.process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)

"""The board in a real terminal: how much it writes, what it looks like without colours or UTF-8, how it ends."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.ui.terminal import PATIENCE, Terminal, opened

LEFT = b"\x1b[?1049l"
"""leaves the alternate screen"""


def filled(terminal: Terminal) -> None:
    """Wait until the panes are filled."""
    terminal.see("no answer in 3 s")
    terminal.quiet()


def restored(terminal: Terminal) -> bool:
    """Tell whether the terminal was given back: normal screen, cursor, and no mouse."""
    tail = bytes(terminal.written[-600:])
    return LEFT in tail and b"\x1b[?25h" in tail and b"\x1b[?1003l" in tail


def test_the_first_paint_is_small_and_before_any_connection() -> None:
    """The first frame takes at most 40 KB, and shows every service as being read."""
    with opened("--empty") as terminal:
        terminal.see("sessions")
        terminal.quiet()
        assert len(terminal.written) <= 40_000
        assert sum("reading…" in line for line in terminal.shown) >= 6


def test_nothing_is_painted_at_rest() -> None:
    """Nothing at all is written while nothing moves and nothing is old."""
    with opened("--fresh") as terminal:
        filled(terminal)
        assert terminal.pump(2.0) == 0


def test_one_changed_cell_is_few_bytes() -> None:
    """A value that nobody needs to be told of takes at most 150 bytes when it changes."""
    with opened("--counter") as terminal:
        terminal.see("reading 16 of 17")
        terminal.type("/uptime\r")
        terminal.see("filter: uptime")
        terminal.quiet(0.3)
        assert min(next_change(terminal) for _ in range(3)) <= 150


def next_change(terminal: Terminal) -> int:
    """Return how many bytes the next change took."""
    before = len(terminal.written)
    terminal.until(lambda: len(terminal.written) > before, "a change")
    terminal.pump(0.1)
    return len(terminal.written) - before


def test_a_second_paint_of_the_same_is_nothing() -> None:
    """A board that says the same writes nothing."""
    with opened("--same") as terminal:
        filled(terminal)
        assert terminal.pump(2.0) == 0


@pytest.mark.parametrize("key", ["q", "\x03"])
def test_a_key_leaves_and_gives_the_terminal_back(key: str) -> None:
    """Both q and ctrl+c end it with 0, with the terminal as it was."""
    with opened("--still") as terminal:
        filled(terminal)
        terminal.type(key)
        assert terminal.end() == 0
        assert restored(terminal)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_it_in_order(number: signal.Signals, code: int) -> None:
    """SIGTERM, SIGHUP and SIGINT give the terminal back and end with 128 + n (faults 47, 48)."""
    with opened("--still") as terminal:
        filled(terminal)
        terminal.process.send_signal(number)
        assert terminal.end() == code
        assert restored(terminal)


def test_it_can_be_suspended_and_brought_back() -> None:
    """After ctrl+z the terminal is the shell's; after fg the board is painted again and reads anew (fault 48)."""
    with opened("--still") as terminal:
        filled(terminal)
        before = len(terminal.written)
        terminal.type("\x1a")
        terminal.until(lambda: stopped(terminal.process.pid), "the process stopped")
        terminal.pump(0.2)
        assert LEFT in terminal.written[before:]
        before = len(terminal.written)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.until(lambda: b"TimeZone" in terminal.written[before:], "the board again")
        terminal.type("q")
        assert terminal.end() == 0


def stopped(pid: int) -> bool:
    """Tell whether a process is stopped."""
    return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def test_a_second_wish_to_leave_is_obeyed_at_once() -> None:
    """When the end takes its time, asking again does not (fault 54)."""
    with opened("--stubborn") as terminal:
        filled(terminal)
        terminal.type("q")
        terminal.pump(0.3)
        started = time.monotonic()
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(PATIENCE) in (0, 143)
        assert time.monotonic() - started < PATIENCE


def test_a_source_that_does_not_end_is_not_waited_for() -> None:
    """Whatever still hangs on a server when the person leaves holds up nobody."""
    with opened("--stubborn") as terminal:
        filled(terminal)
        terminal.type("q")
        assert terminal.process.wait(PATIENCE) == 0


def test_a_terminal_that_vanishes_without_a_signal_ends_it() -> None:
    """Under nohup or docker exec nobody tells: it is noticed, with no spin meanwhile (fault 46)."""
    with opened("--still", controlling=False) as terminal:
        filled(terminal)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE) == 129


def test_a_terminal_that_hangs_up_ends_it() -> None:
    """Fault 46: a connection that drops ends it."""
    with opened("--still") as terminal:
        filled(terminal)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE) == 129


def test_a_stuck_terminal_does_not_hold_up_the_end() -> None:
    """Fault 45: a terminal that takes nothing any more is not waited for when SIGTERM comes."""
    with opened("--busy") as terminal:
        terminal.see("database")
        time.sleep(3)  # nothing is read from the pty meanwhile: its buffer fills up
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(PATIENCE) == 143


def test_a_stuck_terminal_does_not_hold_up_the_reading() -> None:
    """Fault 45: while a terminal takes nothing, boards are still taken; then one paint shows the newest."""
    with opened("--busy") as terminal:
        terminal.see("database")
        terminal.type("/setting_00\r")
        terminal.see("turn 0")
        time.sleep(3)
        written = len(terminal.written)
        turn = turn_shown(terminal) + 50
        terminal.until(lambda: turn_shown(terminal) > turn, "newer boards")
        # What had not been taken is not painted after the event: only what was on its way, and then the newest.
        assert len(terminal.written) - written < 400_000
        terminal.type("q")
        assert terminal.end() == 0


def turn_shown(terminal: Terminal) -> int:
    """Return the turn that is on the screen."""
    return int(next(found[1] for line in terminal.shown if (found := re.search(r"turn (\d{5})", line))))


@pytest.mark.parametrize("kind", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_place_text_is_refused_with_the_plain_way(kind: str) -> None:
    """Fault 50: TERM=dumb and its like get one line that names `parity-tui check`, and 2."""
    with opened("--still", environment={"TERM": kind}) as terminal:
        assert terminal.end() == 2
        assert b"parity-tui check" in terminal.written
        assert b"\x1b[?1049h" not in terminal.written


@pytest.mark.parametrize("redirected", ["<", "2>"])
def test_what_is_no_terminal_is_refused(redirected: str) -> None:
    """Fault 49: without a terminal to read from or to draw on there is one line and 2."""
    with opened(redirected, module="tests.ui.redirected") as terminal:
        assert terminal.end() == 2
        assert b"\x1b[?1049h" not in terminal.written


def colours(written: bytes) -> set[bytes]:
    """Return every SGR sequence that sets a colour."""
    return set(re.findall(rb"\x1b\[[\d;]*(?:3[0-7]|4[0-7]|38;5;\d+|38;2[\d;]+|9[0-7])[\d;]*m", written))


def test_no_color_means_no_colour_and_drift_is_still_marked() -> None:
    """Fault 50: NO_COLOR drops every colour; marks say the same."""
    with opened("--still", environment={"NO_COLOR": "1"}) as terminal:
        filled(terminal)
        assert colours(bytes(terminal.written)) == set()
        assert any("‼ product" in line and "◆" in line for line in terminal.shown)


def test_sixteen_colours_are_the_terminals_own() -> None:
    """Fault 50: without COLORTERM and 256 colours no other colour is asked for."""
    with opened("--still", environment={"TERM": "xterm", "COLORTERM": ""}) as terminal:
        filled(terminal)
        used = colours(bytes(terminal.written))
        assert used
        assert not any(b"38;2" in colour or b"38;5" in colour for colour in used)


def test_a_terminal_without_utf8_gets_ascii() -> None:
    """Fault 50: with latin-1 every character that is written is ASCII, the widths hold, and no escape shows."""
    with opened("--still", environment={"LANG": "", "LC_ALL": "C", "PYTHONIOENCODING": "latin-1"}) as terminal:
        filled(terminal)
        assert bytes(terminal.written).isascii()
        assert not any("\\u25" in line or "\\u2" in line for line in terminal.shown)
        bars = {line.index("|") for line in terminal.shown if line.count("|") == 3}
        assert len(bars) == 1
        terminal.type("?")
        terminal.see("least severity")
        assert bytes(terminal.written).isascii()


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (19, 24), (80, 4)])
def test_a_screen_that_is_too_small_is_no_crash(size: tuple[int, int]) -> None:
    """Fault 44: it starts, says so if it can, and ends with a key."""
    with opened("--still", size=size) as terminal:
        terminal.until(lambda: len(terminal.written) > 200, "a first frame")
        terminal.quiet()
        terminal.type("q")
        assert terminal.end() == 0


def test_a_crash_shows_no_values_and_gives_the_terminal_back(tmp_path: Path) -> None:
    """Fault 52: a fault of our own is a traceback without locals and without any known secret."""
    with opened("--crash", environment={"HOME": str(tmp_path)}) as terminal:
        assert terminal.end() == 70
        assert LEFT in terminal.written
        text = bytes(terminal.written)
        assert b"RuntimeError" in text
        assert b"swordfish" not in text
        assert b"locals" not in text
        assert b"crash.log" in text
    assert "swordfish" not in (tmp_path / ".local/state/parity-tui/log/crash.log").read_text()


def test_what_a_driver_leaves_behind_is_not_printed() -> None:
    """A task that nobody waits for, and that fails at the end, says nothing on the terminal that was given back."""
    with opened("--orphan") as terminal:
        filled(terminal)
        terminal.type("q")
        assert terminal.end() == 0
        assert b"Traceback" not in terminal.written
        assert b"swordfish" not in terminal.written


def test_errors_of_the_source_are_said() -> None:
    """When reading ends with an error, it stays on screen, without the password in it."""
    with opened("--error") as terminal:
        terminal.see("reading has stopped")
        terminal.see("not reading")
        assert b"swordfish" not in terminal.written


def test_the_children_of_the_test_are_gone() -> None:
    """A test here leaves no process behind."""
    with opened("--still") as terminal:
        pid = terminal.process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)

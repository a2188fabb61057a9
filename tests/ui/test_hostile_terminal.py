"""Bytes that no keyboard sends, sizes that no screen has, and every way in which the board itself may fail."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading
from pathlib import Path

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from parity_tui.ui.terminal.input import TerminalInput
from tests.ui.terminal import Terminal, opened

MEGABYTE = 1 << 20
PASTE = b"\x1b[200~%s\x1b[201~"
DROPPED = [
    b"\xe9", b"\xff\xfe", b"\xc2\x9b1;1R", b"\x1b[999999999999999999;1R", b"\x1b[1;999999999999999999R", b"\x1b[1;2R",
    b"\x1b[48;99999;99999;0;0t", b"\x1b[48;24;80;0;0t", b"\x1b[?2048;1$y", b"\x1b[?62;22c", b"\x1b[>0;276;0c",
    b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]52;c;eHE=\x07", b"\x1bP1+r544e=71\x1b\\", b"\x1b_Gi=1;OK\x1b\\",
    b"\x1b[1114112u", b"\x1b[55296u", b"\x1b[97;1;1114112u", b"\x1b[<0;9999999999999999999999;1M", b"\x1b[<0;-1;1M",
    b"\x1b[M\x20qq", b"\x1b[32;10;10M", b"\x1b[" + b"1;" * 5000 + b"q", b"\x1b[201~", b"\x1bq", b"\x1bOz",
]  # fmt: skip
"""replies and reports that no question of the board has asked for, and malformed ones"""


@pytest.mark.parametrize("data", DROPPED, ids=lambda data: repr(data[:20]))
def test_unexpected_input_is_dropped(data: bytes) -> None:
    assert TerminalInput().feed(data + b"d") == "d"
    terminal = TerminalInput()
    assert "".join(terminal.feed(bytes([byte])) for byte in data + b"d") == "d"


def test_every_key_of_textual_passes() -> None:
    cursor_reports = {sequence for sequence in ANSI_SEQUENCES_KEYS if sequence[-1] == "R" and ";" in sequence}
    for sequence in set(ANSI_SEQUENCES_KEYS) - cursor_reports - {"\x1b", "\x1b\x1b", "\x9b"}:
        assert TerminalInput().feed(sequence.encode()) == sequence
        terminal = TerminalInput()
        assert "".join(terminal.feed(letter.encode()) for letter in sequence) == sequence


@pytest.mark.parametrize(
    "sequence", ["\x1b[97;5u", "\x1b[57441;2u", "\x1b[<35;10;20M", "\x1b[I", "\x1b[?2026;2$y", "é漢"]
)
def test_wanted_reports_pass(sequence: str) -> None:
    assert TerminalInput().feed(sequence.encode()) == sequence


def test_escape_is_a_key_after_a_pause() -> None:
    terminal = TerminalInput()
    assert terminal.feed(b"\x1b") == ""
    assert terminal.pause() == "\x1b"
    assert terminal.feed(b"\x1b]0;unending") == ""
    assert terminal.pause() == ""
    assert terminal.feed(b"d") == "d"


def test_paste_is_cut_and_ends() -> None:
    terminal = TerminalInput()
    passed = terminal.feed(PASTE % (b"q" * MEGABYTE) + b"d")
    assert passed.startswith("\x1b[200~q")
    assert passed.endswith("\x1b[201~d")
    assert len(passed) < 5000
    pieces = [terminal.feed(bytes([byte])) for byte in PASTE % b"a\x1b[20b" + b"d"]
    assert "".join(pieces) == "\x1b[200~a[20b\x1b[201~d"


def test_paste_without_end_is_over_after_silence() -> None:
    terminal = TerminalInput()
    terminal.feed(b"\x1b[200~abc")
    assert "\x1b[201~" in [terminal.pause() for _ in range(20)]
    assert terminal.feed(b"d") == "d"


def test_flood_of_characters_keeps_the_interrupt() -> None:
    terminal = TerminalInput()
    passed = "".join(terminal.feed(b"jk" * 2048) for _ in range(100)) + terminal.feed(b"d" * 4000 + b"\x03")
    assert len(passed) < 1000
    assert passed.endswith("\x03")
    assert terminal.feed(b"d") == "d"


def peak(terminal: Terminal) -> int:
    """Return the largest memory of a process so far, in bytes."""
    status = (Path("/proc") / str(terminal.process.pid) / "status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def send(terminal: Terminal, data: bytes) -> None:
    """Write data while the output is read: the kernel takes only a few kilobytes at once."""
    writer = threading.Thread(target=write_all, args=(terminal.master, data))
    writer.start()
    terminal.until(lambda: not writer.is_alive(), "all input taken")


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data[:4096]) :]


def open_help(terminal: Terminal) -> None:
    """Press the key again while an unfinished sequence takes it."""
    for _ in range(20):
        terminal.type("?")
        terminal.quiet(0.5)
        if any("minimum severity" in line for line in terminal.shown):
            return
    raise AssertionError("no help\n" + "\n".join(terminal.shown))


@pytest.mark.terminal
@pytest.mark.parametrize(
    "data",
    [
        b"".join(DROPPED),
        b"\x1b]0;" + b"a" * MEGABYTE,
        b"\x1b[" + b"1;" * (MEGABYTE // 2),
        PASTE % (b"a" * MEGABYTE),
        b"/" + PASTE % (b"a" * MEGABYTE) + b"\r",
        b"/" + b"abcdefg" * (MEGABYTE // 8) + b"\r",
        b"\x1b[A" * 20_000,
    ],
    ids=["dropped", "string", "sequence", "paste", "filter", "typed", "arrows"],
)
def test_hostile_input_leaves_the_board_usable(data: bytes) -> None:
    with opened("--still") as terminal:
        terminal.see("no answer in 3 s")
        before = peak(terminal)
        send(terminal, data)
        terminal.quiet(0.5)
        terminal.type("\r")  # leaves the filter
        terminal.quiet(0.5)
        open_help(terminal)
        assert peak(terminal) - before < 50 * MEGABYTE
        terminal.type("qq")
        assert terminal.end() == 0


@pytest.mark.terminal
def test_absurd_size_takes_little_memory() -> None:
    with opened("--still") as terminal:
        terminal.see("no answer in 3 s")
        fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", 65535, 65535, 0, 0))
        terminal.quiet(1)
        assert peak(terminal) < 200 * MEGABYTE
        terminal.type("q")
        assert terminal.end() == 0


@pytest.mark.terminal
@pytest.mark.parametrize(
    "way", ["handler", "described", "timer", "worker", "thread", "input", "output", "panic", "closing", "start"]
)
def test_every_crash_is_reported_with_exit_70(way: str, tmp_path: Path) -> None:
    with opened(way, module="tests.ui.crashing", environment={"HOME": str(tmp_path)}) as terminal:
        if way in ("handler", "described", "input"):
            terminal.see("no answer in 3 s")
            terminal.type("d")
        assert terminal.end() == 70
        log = (tmp_path / ".local/state/parity-tui/log/crash.log").read_text()
        assert "Error" in log or "Described" in log
        assert "swordfish" not in log
        assert b"swordfish" not in terminal.written

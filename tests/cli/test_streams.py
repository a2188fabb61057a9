"""Output by stream: progress on a terminal, colours and width in a pipe, origin of a report."""

from __future__ import annotations

import io
import os
import pty
import re
import socket
import subprocess
import sys
from pathlib import Path

import pyte
import pytest

from parity_tui.cli import Exit, main
from parity_tui.cli.progress import Progress, status
from parity_tui.model import Failure, Reason
from tests.builders import board, reading

CONFIG = "".join(f"[environments.{name}.services]\ncache = 'memory://'\n" for name in ("dev", "production"))
CHECK = [sys.executable, "-m", "parity_tui", "check", "--timeout", "120s"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a folder with two environments in parity."""
    monkeypatch.chdir(tmp_path)
    for name in ("PARITY_CONFIG", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    Path("parity.toml").write_text(CONFIG)
    return tmp_path


def silent_server(folder: Path) -> socket.socket:
    """Add a service of production that accepts connections and says nothing."""
    server = socket.create_server(("127.0.0.1", 0))
    url = f"redis://127.0.0.1:{server.getsockname()[1]}"
    (folder / "parity.toml").write_text(f"{CONFIG}queue = '{url}'\n")
    return server


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_progress_counts_and_names_and_vanishes(command: str, folder: Path) -> None:
    with silent_server(folder) as server:
        ours, theirs = pty.openpty()
        arguments = [*CHECK[:3], command, *CHECK[4:]]
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        text = b""
        while b"queue" not in text:
            text += os.read(ours, 1000)
        assert text.decode().strip() == "2 of 3 read, waiting for production queue"
        server.accept()[0].close()
        process.wait(120)
        text += os.read(ours, 1000)
        os.close(ours)
    screen = pyte.Screen(80, 5)
    pyte.ByteStream(screen).feed(text)
    assert "".join(screen.display).strip() == ""


def test_progress_is_absent_from_a_pipe(folder: Path) -> None:
    with silent_server(folder):
        command = [*CHECK[:-1], "2s"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (result.returncode, result.stderr) == (Exit.UNKNOWN, "")


def test_progress_counts_failures_apart_and_fits() -> None:
    answers = {"dev": reading(), "test": Failure(Reason.TIMEOUT, "late"), "staging": None, "production": None}
    line = status(board(answers), 79)
    assert line == "1 of 4 read, 1 failed, waiting for staging it, production it"
    assert status(board(answers), 59) == "1 of 4 read, 1 failed, waiting for staging it and 1 more"
    assert status(board({"dev": reading()}), 79) == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_ended_progress_is_erased_and_silent() -> None:
    stream = Terminal()
    progress = Progress(stream)
    progress.say("starting")
    progress.say("starting")
    progress.end()
    progress.say("late")
    assert stream.getvalue() == "\rstarting\r        \r"


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_environment_decides_about_colours_in_pipe(
    environment: dict[str, str],
    coloured: bool,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["check"]) == Exit.PARITY
    assert ("\x1b[" in capsys.readouterr().out) is coloured


@pytest.mark.usefixtures("folder")
def test_option_turns_forced_colours_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "")  # restored at the end: the option sets it
    assert main(["check", "--no-color"]) == Exit.PARITY
    assert "\x1b[" not in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("columns", "longest"), [("50", 50), ("300", 300), ("0", 80), ("x", 80), ("9" * 30, 1000)])
def test_columns_set_the_width_in_pipe(
    columns: str, longest: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")  # the bold heading keeps its padding
    assert main(["check"]) == Exit.PARITY
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert longest - 2 <= max(map(len, lines)) <= longest


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_report_has_time_and_configuration(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", format_]) == Exit.PARITY
    assert re.search(
        r"^taken \d{4}-\d\d-\d\d \d\d:\d\d UTC from ./parity.toml\.?$",
        capsys.readouterr().out.replace("\\", ""),
        re.MULTILINE | re.IGNORECASE,
    )


def test_missing_configuration_names_init_and_demo(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "parity.toml").unlink()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    assert main(["check"]) == Exit.USAGE
    error = capsys.readouterr().err
    assert "\n    parity-tui init\n" in error
    assert error.endswith("\n    parity-tui demo\n")


@pytest.mark.parametrize("words", ["--help", "check --help", "--version", "kinds"])
def test_text_that_cannot_be_written_is_an_error(words: str) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "parity_tui", *words.split()]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (Exit.UNWRITTEN, "parity-tui: cannot write: no space left on device\n")

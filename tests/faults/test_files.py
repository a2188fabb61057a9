"""Faults 49, 52 to 55, 59: streams, disks and homes that are not as they should be; a fault of our own."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from parity_tui.ui.terminal import files
from tests.faults.program import ROOT, configured, ended, shell, started

FULL = "import parity_tui.report.text as text\ndef to_text(*_, **__):\n    "
"""what comes next happens in place of the report"""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_change_nothing_but_what_is_seen(tmp_path: Path, closed: str) -> None:
    """Fault 49: cron and supervisors start programs so; the exit code is what it ever is."""
    configured(tmp_path)
    code, out, error = shell(f"$P check {closed}", tmp_path)
    assert (code, error) == (0, "")
    assert out == "" or ">&-" not in closed.replace("2>&-", "")


@pytest.mark.parametrize("command", ["check", "check --format json", "kinds"])
def test_a_reader_that_has_gone_is_no_error(tmp_path: Path, command: str) -> None:
    """Fault 49: as in `check | head -1`: quiet, and 141 or the code of the command."""
    configured(tmp_path)
    code, _, error = shell(f"$P {command} | true", tmp_path)
    assert code in (0, 141)
    assert error == ""


@pytest.mark.parametrize("command", ["check", "kinds", "init --env-file dev=.env -o -"])
def test_a_full_disk_behind_the_output_is_said_and_never_parity(tmp_path: Path, command: str) -> None:
    """Fault 55: `check > report.txt` on a full disk is neither 0 nor drift, and no traceback."""
    configured(tmp_path)
    (tmp_path / ".env").write_text("REDIS_URL=redis://localhost\n")
    code, _, error = shell(f"$P {command} > /dev/full", tmp_path)
    assert code == 74
    assert error.splitlines()[-1] == "parity-tui: cannot write: no space left on device"
    assert "Traceback" not in error


def test_a_full_disk_behind_the_errors_changes_nothing(tmp_path: Path) -> None:
    """Fault 55: the report is what counts."""
    configured(tmp_path)
    code, out, _ = shell("$P check 2> /dev/full", tmp_path)
    assert (code, "parity" in out) == (0, True)


def test_an_export_to_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    """Fault 55: the board goes on; only the sentence says so."""
    with pytest.raises(OSError, match="No space left") as caught:
        files._write(Path("/dev/full"), "board", os.O_TRUNC)
    assert files.describe(caught.value) == "no space left on device"
    with pytest.raises(OSError, match=r"\d") as missing:
        files.write_export("board", "md", tmp_path / "gone", datetime(2026, 1, 1))
    assert files.describe(missing.value) == "no such file or directory"


def test_a_copy_that_no_folder_takes_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55: a temporary folder that is gone is an error of the system, and is tried again the next time."""
    files._private.cache_clear()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(OSError, match="No such file"):
        files.write_copy("row")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert files.write_copy("row").read_text() == "row"
    files._private.cache_clear()


def test_a_fault_of_our_own_is_told_without_secrets_and_kept_in_a_log(tmp_path: Path) -> None:
    """Fault 52: a traceback without values, the path of the log, a code that is not that of drift."""
    configured(tmp_path, 'timeout="1s"\n[environments.dev.services]\ncache = "redis://:swordfish@127.0.0.1:1"\n')
    script = FULL + "password = 'sword' + 'fish'\n    raise ValueError(f'\\x1b[2J {password} \\u202e')\n"
    code, out, error = ended(started("check", folder=tmp_path, script=script + "text.to_text = to_text"))
    log = tmp_path / ".local" / "state" / "parity-tui" / "log" / "crash.log"
    assert (code, out) == (70, "")
    assert str(log) in error
    assert log.stat().st_mode & 0o777 == 0o600
    for said in (error, log.read_text()):
        assert "ValueError: \\x1b[2J ••• \\u202e" in said
        assert "swordfish" not in said
        assert "\x1b" not in said


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Fault 52, 55: the traceback is told all the same, and the code is the same."""
    configured(tmp_path)
    (tmp_path / ".local").write_text("a file in place of the folder")
    script = FULL + "raise ValueError('ours')\ntext.to_text = to_text"
    code, _, error = ended(started("check", folder=tmp_path, script=script))
    assert code == 70
    assert "ValueError: ours" in error
    assert "no log was written: not a directory" in error


INTERRUPTED = """
import sys
class Finder:
    def find_spec(self, name, *_):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("module", ["parity_tui.cli", "argparse", "parity_tui.config", "parity_tui.watcher"])
def test_an_interrupt_while_it_starts_is_no_traceback(tmp_path: Path, module: str) -> None:
    """Fault 53: 130 and not a word, whatever is being imported."""
    configured(tmp_path)
    result = ended(started("check", folder=tmp_path, script=INTERRUPTED.format(module=module)))
    assert result == (130, "", "")


def test_the_command_begins_where_an_interrupt_is_looked_out_for() -> None:
    """Fault 53: the installed command is `python -m parity_tui`, and imports nothing else before."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"parity-tui": "parity_tui.__main__:main"}


def test_an_interrupt_while_a_server_is_waited_for_is_no_traceback(tmp_path: Path) -> None:
    """Fault 48: 130 and not a word, long before the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        configured(tmp_path, f"timeout='10m'\n[environments.dev.services]\ncache = 'redis://127.0.0.1:{port}'\n")
        process = started("check", folder=tmp_path)
        silent.settimeout(20)
        connection, _ = silent.accept()
        with connection:
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            assert ended(process) == (130, "", "")


STUBBORN = """
import asyncio
async def stubborn(*_, **__):
    print("begun", flush=True)
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            print("asked", flush=True)
from parity_tui.cli import commands
commands.read_once = stubborn
"""


def test_a_second_interrupt_is_obeyed_at_once(tmp_path: Path) -> None:
    """Fault 54: when the first one only begins the end, and the end does not come."""
    configured(tmp_path)
    process = started("check", folder=tmp_path, script=STUBBORN)
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGINT)
    code, _, error = ended(process)
    assert (code, error) == (130, "")


NOBODY = """
import pwd
def unknown(*_):
    raise KeyError("uid not found")
pwd.getpwuid = unknown
"""
"""as in a container started with --user 12345"""

UNREACHED = "".join(
    f"s{at} = '{scheme}127.0.0.1:1/0'\n"
    for at, scheme in enumerate(("postgresql://u@", "mysql://u@", "redis://", "amqp://", "memcached://", "http://"))
)


def test_no_home_and_no_name_for_the_user_is_no_crash(tmp_path: Path) -> None:
    """Fault 59: getpass.getuser and ~ have nothing to say; drivers like to ask them for a user and a file."""
    configured(tmp_path, "[environments.dev.services]\n" + UNREACHED)
    code, out, error = ended(started("check", folder=tmp_path, home=False, script=NOBODY))
    assert (code, out.count("refused"), error) == (3, 6, "")
    script = NOBODY + FULL + "raise ValueError('ours')\ntext.to_text = to_text"
    code, _, error = ended(started("check", folder=tmp_path, home=False, script=script))
    assert code == 70
    assert "no log was written: could not determine the home directory" in error
    (tmp_path / "parity.toml").unlink()
    code, _, error = ended(started("check", folder=tmp_path, home=False, script=NOBODY))
    assert (code, "no configuration" in error) == (2, True), error
    assert not (tmp_path / "~").exists()


def test_the_folders_of_xdg_are_kept_to(tmp_path: Path) -> None:
    """Fault 59: the configuration is found, and the log is written, where they say."""
    own = tmp_path / "etc" / "parity-tui"
    own.mkdir(parents=True)
    configured(own)
    places = {"XDG_CONFIG_HOME": str(tmp_path / "etc"), "XDG_STATE_HOME": str(tmp_path / "state")}
    script = FULL + "raise ValueError('ours')\ntext.to_text = to_text"
    code, _, error = ended(started("check", folder=tmp_path, script=script, more=places))
    assert (code, (tmp_path / "state" / "parity-tui" / "log" / "crash.log").is_file()) == (70, True), error

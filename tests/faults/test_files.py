"""Faulty streams, disks and homes; errors in the program itself; interrupts."""

from __future__ import annotations

import os
import signal
import socket
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from parity_tui.ui.terminal import files
from tests.faults.program import ROOT, finish, shell, start, write_config

FULL = "import parity_tui.report.text as text\ndef to_text(*_, **__):\n    "
"""the code after it replaces the report"""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_keep_the_exit_code(tmp_path: Path, closed: str) -> None:
    """Fault 49: Cron and supervisors start programs with closed streams."""
    write_config(tmp_path)
    code, out, error = shell(f"$P check {closed}", tmp_path)
    assert (code, error) == (0, "")
    assert out == "" or ">&-" not in closed.replace("2>&-", "")


@pytest.mark.parametrize("command", ["check", "check --format json", "kinds"])
def test_closed_pipe_is_no_error(tmp_path: Path, command: str) -> None:
    """Fault 49: As in `check | head -1`: the exit code is 141 or that of the command."""
    write_config(tmp_path)
    code, _, error = shell(f"$P {command} | true", tmp_path)
    assert code in (0, 141)
    assert error == ""


@pytest.mark.parametrize("command", ["check", "kinds", "init --env-file dev=.env -o -"])
def test_full_disk_behind_output_exits_with_74(tmp_path: Path, command: str) -> None:
    """Fault 55: `check > report.txt` on a full disk means neither parity nor drift."""
    write_config(tmp_path)
    (tmp_path / ".env").write_text("REDIS_URL=redis://localhost\n")
    code, _, error = shell(f"$P {command} > /dev/full", tmp_path)
    assert code == 74
    assert error.splitlines()[-1] == "parity-tui: cannot write: no space left on device"
    assert "Traceback" not in error


def test_full_disk_behind_errors_changes_nothing(tmp_path: Path) -> None:
    """Fault 55: Only the report counts."""
    write_config(tmp_path)
    code, out, _ = shell("$P check 2> /dev/full", tmp_path)
    assert (code, "parity" in out) == (0, True)


def test_failed_export_has_a_message(tmp_path: Path) -> None:
    """Fault 55: A full disk or a missing folder."""
    with pytest.raises(OSError, match="No space left") as caught:
        files._write(Path("/dev/full"), "board", os.O_TRUNC)
    assert files.describe(caught.value) == "no space left on device"
    with pytest.raises(OSError, match=r"\d") as missing:
        files.write_export("board", "md", tmp_path / "gone", datetime(2026, 1, 1))
    assert files.describe(missing.value) == "no such file or directory"


def test_crash_is_logged_without_secrets(tmp_path: Path) -> None:
    """Fault 52: A traceback without values, the path of the log, an exit code of its own."""
    write_config(tmp_path, 'timeout="1s"\n[environments.dev.services]\ncache = "redis://:swordfish@127.0.0.1:1"\n')
    script = FULL + "password = 'sword' + 'fish'\n    raise ValueError(f'\\x1b[2J {password} \\u202e')\n"
    code, out, error = finish(start("check", folder=tmp_path, script=script + "text.to_text = to_text"))
    log = tmp_path / ".local" / "state" / "parity-tui" / "log" / "crash.log"
    assert (code, out) == (70, "")
    assert str(log) in error
    assert log.stat().st_mode & 0o777 == 0o600
    for text in (error, log.read_text()):
        assert "ValueError: \\x1b[2J ••• \\u202e" in text
        assert "swordfish" not in text
        assert "\x1b" not in text


def test_crash_without_log_prints_the_traceback(tmp_path: Path) -> None:
    """Faults 52, 55: The log cannot be written."""
    write_config(tmp_path)
    (tmp_path / ".local").write_text("a file in place of the folder")
    script = FULL + "raise ValueError('ours')\ntext.to_text = to_text"
    code, _, error = finish(start("check", folder=tmp_path, script=script))
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
def test_interrupt_during_start_prints_no_traceback(tmp_path: Path, module: str) -> None:
    """Fault 53: Exit code 130 without output, during any import."""
    write_config(tmp_path)
    result = finish(start("check", folder=tmp_path, script=INTERRUPTED.format(module=module)))
    assert result == (130, "", "")


def test_installed_command_starts_in_main_module() -> None:
    """Fault 53: It handles an interrupt before it imports anything else."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"parity-tui": "parity_tui.__main__:main"}


def test_interrupt_during_connect_prints_no_traceback(tmp_path: Path) -> None:
    """Fault 48: Exit code 130 without output, long before the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        write_config(tmp_path, f"timeout='10m'\n[environments.dev.services]\ncache = 'redis://127.0.0.1:{port}'\n")
        process = start("check", folder=tmp_path)
        silent.settimeout(20)
        connection, _ = silent.accept()
        with connection:
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            assert finish(process) == (130, "", "")


STUBBORN = """
import asyncio
async def stubborn(*_, **__):
    print("waiting", flush=True)
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            print("cancelled", flush=True)
from parity_tui.cli import commands
commands.read_once = stubborn
"""


def test_second_interrupt_ends_at_once(tmp_path: Path) -> None:
    """Fault 54: After the first one a task ignores its cancellation."""
    write_config(tmp_path)
    process = start("check", folder=tmp_path, script=STUBBORN)
    assert process.stdout
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "cancelled\n"
    process.send_signal(signal.SIGINT)
    code, _, error = finish(process)
    assert (code, error) == (130, "")


UNKNOWN_USER = """
import pwd
def unknown(*_):
    raise KeyError("uid not found")
pwd.getpwuid = unknown
"""
"""as in a container started with --user 12345"""

UNREACHABLE = "".join(
    f"s{at} = '{scheme}127.0.0.1:1/0'\n"
    for at, scheme in enumerate(("postgresql://u@", "mysql://u@", "redis://", "amqp://", "memcached://", "http://"))
)


def test_unknown_user_without_home_is_no_crash(tmp_path: Path) -> None:
    """Fault 59: getpass.getuser and ~ raise, and drivers use both."""
    write_config(tmp_path, "[environments.dev.services]\n" + UNREACHABLE)
    code, out, error = finish(start("check", folder=tmp_path, home=False, script=UNKNOWN_USER))
    assert (code, out.count("refused"), error) == (3, 6, "")
    script = UNKNOWN_USER + FULL + "raise ValueError('ours')\ntext.to_text = to_text"
    code, _, error = finish(start("check", folder=tmp_path, home=False, script=script))
    assert code == 70
    assert "no log was written: could not determine the home directory" in error
    (tmp_path / "parity.toml").unlink()
    code, _, error = finish(start("check", folder=tmp_path, home=False, script=UNKNOWN_USER))
    assert (code, "no configuration" in error) == (2, True), error
    assert not (tmp_path / "~").exists()


def test_xdg_folders_hold_configuration_and_log(tmp_path: Path) -> None:
    """Fault 59: XDG_CONFIG_HOME and XDG_STATE_HOME replace the folders of the home."""
    config_home = tmp_path / "etc" / "parity-tui"
    config_home.mkdir(parents=True)
    write_config(config_home)
    variables = {"XDG_CONFIG_HOME": str(tmp_path / "etc"), "XDG_STATE_HOME": str(tmp_path / "state")}
    script = FULL + "raise ValueError('ours')\ntext.to_text = to_text"
    code, _, error = finish(start("check", folder=tmp_path, script=script, more=variables))
    assert (code, (tmp_path / "state" / "parity-tui" / "log" / "crash.log").is_file()) == (70, True), error

"""Where passwords come from, and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from parity_tui.config import password
from parity_tui.config.targets import ServiceEntry
from parity_tui.model import ServiceError

from .conftest import Parse


def said(ask: password.PasswordSource) -> str:
    """Return why there is no password."""
    with pytest.raises(ServiceError) as caught:
        ask()
    assert caught.value.reason == "secret"
    return caught.value.message


def python(code: str) -> list[str]:
    """Return a command that runs a line of Python."""
    return [sys.executable, "-c", code]


def test_a_variable_is_read_at_each_login() -> None:
    """So that a new value counts without a restart."""
    environ: dict[str, str] = {}
    ask = password.variable("PROD_DB_PASSWORD", environ)
    assert said(ask) == "password: the variable PROD_DB_PASSWORD is not set"
    environ["PROD_DB_PASSWORD"] = ""
    assert said(ask) == "password: the variable PROD_DB_PASSWORD is empty"
    environ["PROD_DB_PASSWORD"] = "hunter22"
    assert ask().reveal() == "hunter22"
    environ["PROD_DB_PASSWORD"] = "\udcff"
    assert said(ask) == "password: the variable PROD_DB_PASSWORD holds no text"


@pytest.mark.parametrize(("content", "meant"), [("a b\n", "a b"), ("ab\r\n", "ab"), ("ab\n\n", "ab\n"), ("é", "é")])
def test_a_file_is_the_password_without_one_newline(tmp_path: Path, content: str, meant: str) -> None:
    """As secrets are mounted into containers."""
    (tmp_path / "secret").write_bytes(content.encode())
    assert password.file(tmp_path / "secret")().reveal() == meant


def test_a_file_that_is_no_password_is_said_in_words(tmp_path: Path) -> None:
    """Without quoting what is in it."""
    path = tmp_path / "secret"
    assert said(password.file(path)) == f"password: the file {path} cannot be read: No such file or directory"
    path.write_bytes(b"")
    assert said(password.file(path)).endswith("gives nothing")
    path.write_bytes(b"\xff\xfe")
    assert said(password.file(path)).endswith("holds no text")
    path.write_bytes(b"x" * 100_000)
    assert said(password.file(path)).endswith("too large for a password")
    assert "Is a directory" in said(password.file(tmp_path))


def test_a_command_is_run_once_however_many_ask(tmp_path: Path) -> None:
    """It may ask a person for a fingerprint."""
    ask = password.command(python("open('runs', 'a').write('x'); print('hunter22')"), tmp_path)
    given: list[str] = []
    threads = [threading.Thread(target=lambda: given.append(ask().reveal())) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == ["hunter22"] * 5
    assert (tmp_path / "runs").read_text() == "x"


def test_targets_with_the_same_command_share_its_run(read: Parse, tmp_path: Path) -> None:
    """Ten services of one environment are one question."""
    (tmp_path / "give.py").write_text("open('runs', 'a').write('x'); print('hunter22')")
    table = f"url = 'redis://h'\npassword_command = ['{sys.executable}', 'give.py']\n"
    config = read(f"[environments.dev.services.a]\n{table}[environments.dev.services.b]\n{table}")
    for target in config.targets:
        assert target.password is not None
        target.password()
    assert (tmp_path / "runs").read_text() == "x"


def test_a_command_that_failed_says_its_last_line_and_is_run_again(tmp_path: Path) -> None:
    """Without the password that it may have quoted, and without escape sequences."""
    code = "import sys, os; print('hunter22');os.path.exists('ok') or sys.exit('a\\n\\x1b[31mno key for hunter22')"
    ask = password.command(python(code), tmp_path)
    assert said(ask) == f'password: the command "{sys.executable}" ended with 1: [31mno key for •••'
    (tmp_path / "ok").touch()
    assert ask().reveal() == "hunter22"


def test_a_command_that_cannot_be_run_or_gives_nothing_is_said_in_words(tmp_path: Path) -> None:
    """Each by its name."""
    assert said(password.command(["no-such-program"], tmp_path)) == (
        'password: the command "no-such-program" cannot be run: No such file or directory'
    )
    assert "cannot be run" in said(password.command(["a\0b"], tmp_path))
    assert said(password.command(python("pass"), tmp_path)).endswith("gives nothing")
    assert said(password.command(python("print('a\\nb')"), tmp_path)).endswith("printed more than one line")
    assert "was ended by signal 9" in said(password.command(python("import os; os.kill(os.getpid(), 9)"), tmp_path))


def test_a_command_has_no_terminal_and_no_input(tmp_path: Path) -> None:
    """Nothing draws a question over the board."""
    code = "import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())"
    assert password.command(python(code), tmp_path)().reveal() == "'' True"


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    """A child that keeps the pipe open does not keep us waiting either."""
    code = (
        "import os, subprocess, sys, time; child = subprocess.Popen(['sleep', '600']);"
        "open('child', 'w').write(str(child.pid)); time.sleep(600)"
    )
    ask = password.command(python(code), tmp_path, limit=2)
    assert said(ask).endswith("gave no answer in 2 s")
    child = int((tmp_path / "child").read_text())
    for _ in range(500):  # whoever adopts it needs a moment to see that it is gone
        if not _runs(child):
            break
        time.sleep(0.01)
    assert not _runs(child)


def _runs(process: int) -> bool:
    """Tell whether a process runs; one that has ended and is not yet collected does not."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()[:1] not in ("", "Z")


def test_no_source_shows_a_password() -> None:
    """Nor does the table it stood in."""
    entry = ServiceEntry(url="redis://:hunter22@h", password="hunter22")
    assert "hunter22" not in f"{entry!r}{entry.__rich_repr__()}{password.variable('A', {'A': 'hunter22'})!r}"

"""The sources of passwords, and their errors."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from parity_tui.config import password
from parity_tui.config.targets import ServiceEntry
from parity_tui.demo.process import wait_until
from parity_tui.model import ServiceError
from tests.live import running

from .conftest import Parse


def problem(read: password.PasswordSource) -> str:
    """Return the message of a failed login."""
    with pytest.raises(ServiceError) as caught:
        read()
    assert caught.value.reason == "secret"
    return caught.value.message


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_variable_is_read_at_each_login() -> None:
    environ: dict[str, str] = {}
    ask = password.variable("PROD_DB_PASSWORD", environ)
    assert problem(ask) == "password: the variable PROD_DB_PASSWORD is not set"
    environ["PROD_DB_PASSWORD"] = ""
    assert problem(ask) == "password: the variable PROD_DB_PASSWORD is empty"
    environ["PROD_DB_PASSWORD"] = "hunter22"
    assert ask().reveal() == "hunter22"
    environ["PROD_DB_PASSWORD"] = "\udcff"
    assert problem(ask) == "password: the variable PROD_DB_PASSWORD is not text"


@pytest.mark.parametrize(("content", "meant"), [("a b\n", "a b"), ("ab\r\n", "ab"), ("ab\n\n", "ab\n"), ("é", "é")])
def test_file_is_the_password_without_one_newline(tmp_path: Path, content: str, meant: str) -> None:
    (tmp_path / "secret").write_bytes(content.encode())
    assert password.file(tmp_path / "secret")().reveal() == meant


def test_invalid_password_file_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert problem(password.file(path)) == f"password: the file {path} cannot be read: No such file or directory"
    path.write_bytes(b"")
    assert problem(password.file(path)).endswith("gives nothing")
    path.write_bytes(b"\xff\xfe")
    assert problem(password.file(path)).endswith("holds no text")
    path.write_bytes(b"x" * 100_000)
    assert problem(password.file(path)).endswith("larger than 64 KB")
    assert "it is a folder" in problem(password.file(tmp_path))


def test_command_runs_once_for_concurrent_logins(tmp_path: Path) -> None:
    ask = password.command(python("open('runs', 'a').write('x'); print('hunter22')"), tmp_path)
    given: list[str] = []
    threads = [threading.Thread(target=lambda: given.append(ask().reveal())) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == ["hunter22"] * 5
    assert (tmp_path / "runs").read_text() == "x"


def test_targets_with_equal_commands_share_one_run(read: Parse, tmp_path: Path) -> None:
    (tmp_path / "give.py").write_text("open('runs', 'a').write('x'); print('hunter22')")
    table = f"url = 'redis://h'\npassword_command = ['{sys.executable}', 'give.py']\n"
    config = read(f"[environments.dev.services.a]\n{table}[environments.dev.services.b]\n{table}")
    for target in config.targets:
        assert target.password is not None
        target.password()
    assert (tmp_path / "runs").read_text() == "x"


def test_failed_command_shows_last_line_and_runs_again(tmp_path: Path) -> None:
    code = "import sys, os; print('hunter22');os.path.exists('ok') or sys.exit('a\\n\\x1b[31mno key for hunter22')"
    ask = password.command(python(code), tmp_path)
    assert problem(ask) == f'password: the command "{sys.executable}" ended with 1: [31mno key for •••'
    (tmp_path / "ok").touch()
    assert ask().reveal() == "hunter22"


def test_useless_command_is_explained(tmp_path: Path) -> None:
    assert problem(password.command(["no-such-program"], tmp_path)) == (
        'password: the command "no-such-program" cannot be run: No such file or directory'
    )
    assert "cannot be run" in problem(password.command(["a\0b"], tmp_path))
    assert problem(password.command(python("pass"), tmp_path)).endswith("gives nothing")
    assert problem(password.command(python("print('a\\nb')"), tmp_path)).endswith("printed more than one line")
    assert "was ended by signal 9" in problem(password.command(python("import os; os.kill(os.getpid(), 9)"), tmp_path))


def test_command_has_no_terminal_and_no_input(tmp_path: Path) -> None:
    code = "import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())"
    assert password.command(python(code), tmp_path)().reveal() == "'' True"


def test_hanging_command_is_killed_with_its_children(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys, time; child = subprocess.Popen(['sleep', '600']);"
        "open('child', 'w').write(str(child.pid)); time.sleep(600)"
    )
    ask = password.command(python(code), tmp_path, timeout=2)
    assert problem(ask).endswith("gave no answer in 2 s")
    child = int((tmp_path / "child").read_text())
    assert wait_until(lambda: not running([child]), 30)


def test_no_source_shows_a_password() -> None:
    entry = ServiceEntry(url="redis://:hunter22@h", password="hunter22")
    assert "hunter22" not in f"{entry!r}{entry.__rich_repr__()}{password.variable('A', {'A': 'hunter22'})!r}"

"""A parity.toml that was never allowed starts no program and sends nothing but logins, whatever the command."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.program import finish, start
from tests.init.builders import run as run_init
from tests.ui.terminal import opened

VARIABLES = {"AWS_SECRET_ACCESS_KEY": "topsecret-4711", "CACHE_PASSWORD": "swordfish-4711"}


class Listener:
    """A server that hangs up on every client and keeps what it sent."""

    def __init__(self) -> None:
        self.received = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):  # closed at the end of the test
            while True:
                client, _ = self._socket.accept()
                with client, suppress(OSError):
                    client.settimeout(5)
                    self.received += client.recv(65536)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.close()


def hostile(folder: Path, listener: Listener) -> Path:
    """Write a configuration that runs ./ran and sends a variable; two of its targets do neither."""
    address = f"127.0.0.1:{listener.port}"
    path = folder / "parity.toml"
    path.write_text(f"""\
[environments.dev.services]
command = {{ url = "redis://{address}", password_command = ["sh", "-c", "touch ran; echo x"] }}
variable = "http://{address}/${{AWS_SECRET_ACCESS_KEY}}"
login = "redis://:${{CACHE_PASSWORD}}@{address}"
memory = "memory://"
program = "runtime+local://{folder}/program"
tunnel = {{ url = "redis://{address}", tunnel = ["{folder}/program", "{{port}}"] }}
""")
    path.chmod(0o600)
    program = folder / "program"
    program.write_text(f"#!/bin/sh\ntouch {folder}/ran\n")
    program.chmod(0o755)
    return path


def run(folder: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    return finish(start(*arguments, folder=folder, more={**VARIABLES, **more}))


def ran(folder: Path) -> bool:
    return (folder / "ran").exists()


NEEDS = (
    "run sh -c 'touch ran; echo x'",
    "send the variable AWS_SECRET_ACCESS_KEY to the server of its URL",
    "run {folder}/program on this machine",
    "run {folder}/program '{{port}}'",
)


def test_check_reads_only_what_needs_no_consent(tmp_path: Path, listener: Listener) -> None:
    hostile(tmp_path, listener)
    code, out, error = run(tmp_path, "check", "--format", "json")
    readings = {service["name"]: service["readings"]["dev"] for service in json.loads(out)["services"]}
    assert code == 3
    for name, need in zip(("command", "variable", "program", "tunnel"), NEEDS, strict=True):
        need = need.format(folder=tmp_path)
        assert readings[name]["reason"] == "config"
        assert readings[name]["message"] == (
            f"parity.toml was never allowed to {need}; if you trust it, run parity-tui allow"
        )
        assert need in error
    assert "so 4 of 6 targets are not read" in error
    assert "parity-tui allow" in error
    assert readings["memory"]["state"] == "ok"
    assert b"swordfish-4711" in listener.received
    assert b"topsecret-4711" not in listener.received
    assert "topsecret-4711" not in out + error
    assert not ran(tmp_path)


def test_doctor_says_the_same(tmp_path: Path, listener: Listener) -> None:
    hostile(tmp_path, listener)
    code, out, _ = run(tmp_path, "doctor", "--format", "json")
    steps = [step["words"] for target in json.loads(out)["targets"] for step in target["steps"]]
    assert code == 3
    assert sum("if you trust it, run parity-tui allow" in words for words in steps) == 4
    assert not ran(tmp_path)
    assert b"topsecret-4711" not in listener.received


def test_board_says_the_same(tmp_path: Path, listener: Listener) -> None:
    hostile(tmp_path, listener)
    more = {**VARIABLES, "HOME": str(tmp_path)}
    with opened(str(tmp_path), "--timeout", "3s", module="tests.leaky", environment=more, size=(200, 50)) as terminal:
        terminal.see("was never allowed")
        terminal.until(lambda: b"swordfish-4711" in listener.received, "the login that needs no consent")
        terminal.type("q")
        assert terminal.end() == 0
    assert not ran(tmp_path)
    assert b"topsecret-4711" not in listener.received


def test_allowed_file_runs_until_it_changes(tmp_path: Path, listener: Listener) -> None:
    path = hostile(tmp_path, listener)
    code, out, _ = run(tmp_path, "allow")
    assert (code, ran(tmp_path)) == (0, False)
    assert all(need.format(folder=tmp_path) in out for need in NEEDS)
    run(tmp_path, "check")
    assert ran(tmp_path)
    assert b"topsecret-4711" in listener.received
    (tmp_path / "ran").unlink()
    path.write_text(path.read_text() + "# changed\n")
    run(tmp_path, "check")
    assert not ran(tmp_path)


def test_permission_is_private_and_of_one_folder(tmp_path: Path, listener: Listener) -> None:
    path = hostile(tmp_path, listener)
    run(tmp_path, "allow")
    (record,) = (tmp_path / ".local/state/parity-tui/allowed").iterdir()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert stat.S_IMODE(record.parent.stat().st_mode) == 0o700
    other = tmp_path / "other"
    other.mkdir()
    (other / "parity.toml").write_text(path.read_text())
    run(other, "check", HOME=str(tmp_path))
    assert not ran(other)
    record.chmod(0o666)
    run(tmp_path, "check")
    assert not ran(tmp_path)


@pytest.mark.parametrize("way", ["option", "variable"])
def test_named_file_needs_no_permission(way: str, tmp_path: Path, listener: Listener) -> None:
    path = hostile(tmp_path, listener)
    if way == "option":
        run(tmp_path, "check", "--config", str(path))
    else:
        run(tmp_path, "check", PARITY_CONFIG=str(path))
    assert ran(tmp_path)


@pytest.mark.parametrize("command", ["check", "doctor", "history", "allow", ""])
@pytest.mark.parametrize("named", [False, True])
def test_file_that_others_write_ends_with_2(command: str, named: bool, tmp_path: Path, listener: Listener) -> None:
    path = hostile(tmp_path, listener)
    path.chmod(0o666)
    arguments = [*([command] if command else []), *(["--config", str(path)] if named else [])]
    code, out, error = run(tmp_path, *arguments)
    assert (code, out) == (2, "")
    assert "is not used: others can write it: read it, then chmod go-w" in error
    assert not ran(tmp_path)
    assert listener.received == b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_file_of_another_user_runs_nothing_as_root(tmp_path: Path, listener: Listener) -> None:
    path = hostile(tmp_path, listener)
    os.chown(path, 65_533, 65_533)
    code, out, error = run(tmp_path, "check")
    assert (code, out) == (2, "")
    assert "belongs to user 65533, neither to you nor to root" in error
    assert not ran(tmp_path)
    assert run(tmp_path, "allow")[0] == 2
    run(tmp_path, "check", "--config", str(path))
    assert ran(tmp_path)


def test_init_allows_what_it_wrote(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("services:\n  web:\n    image: nginx:1.27\n    container_name: web\n")
    assert run_init("--compose", "compose.yml", folder=tmp_path).returncode == 0
    _, out, error = run(tmp_path, "check")
    assert "never allowed" not in out + error
    path = tmp_path / "parity.toml"
    path.write_text(path.read_text() + "# changed\n")
    assert "never allowed to run nginx in the container web" in run(tmp_path, "check", "--format", "json")[1]


def test_help_and_completion_run_nothing(tmp_path: Path, listener: Listener) -> None:
    hostile(tmp_path, listener)
    run(tmp_path, "allow")
    for arguments in ("--help", "check --help", "completion bash", "completion --names service", "allow"):
        run(tmp_path, *arguments.split())
    assert not ran(tmp_path)
    assert listener.received == b""

"""The sandbox: taken ports, programs out of reach, private folders, failing programs."""

import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from parity_tui.demo.process import StartError
from parity_tui.demo.redis import Redis
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.servers import Servers
from tests.conftest import TestServers, missing


def test_server_moves_from_a_taken_port(servers: Servers) -> None:
    server = Redis(servers.home, "late", servers.program("valkey", "9"))
    with socket.create_server(("127.0.0.1", server.port)):
        taken = server.port
        server.start()
    assert server.port != taken
    assert server.do("PING") == "+PONG"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another user")
def test_unreachable_program_is_copied_with_its_libraries(tmp_path: Path, servers: Servers) -> None:
    """The copies keep their positions relative to each other."""
    tmp_path.chmod(0o700)
    for name in ("package/install/bin", "package.libs"):
        (tmp_path / name).mkdir(parents=True, mode=0o700)
    shutil.copy("/bin/true", tmp_path / "package/install/bin/true")
    install, libraries = servers.home.lend(tmp_path / "package/install", tmp_path / "package.libs")
    assert servers.home.may_enter(install / "bin")
    assert not servers.home.may_enter(tmp_path / "package/install")
    assert (install / "../../package.libs").resolve() == libraries.resolve()
    assert servers.home.run("true", [str(install / "bin/true")]) == ""


def test_failing_program_is_reported_with_last_line() -> None:
    with Sandbox() as sandbox, pytest.raises(StartError, match=r"^list exited with code 3: so there$"):
        sandbox.run("list", ["/bin/sh", "-c", "echo first; echo so there; exit 3"])


def test_missing_program_is_reported() -> None:
    with Sandbox() as sandbox, pytest.raises(StartError, match="No such file"):
        sandbox.run("nothing", ["/nonexistent/program"])


def test_folder_is_made_once_for_all_threads() -> None:
    with Sandbox() as sandbox, ThreadPoolExecutor(8) as threads:
        together = Barrier(8)

        def make(number: int) -> Path:
            together.wait(20)
            return sandbox.folder(f"shared-{number // 8}")

        folders = list(threads.map(make, range(8 * 50)))
    assert len(set(folders)) == 50


def test_only_servers_may_read_their_files(servers: Servers) -> None:
    path = servers.file("secret", "x")
    assert path.stat().st_mode & 0o777 == 0o600


def test_missing_server_skips_a_test_or_fails_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    with TestServers() as servers:
        monkeypatch.delenv("CI", raising=False)
        with pytest.raises(pytest.skip.Exception, match=r"no postgres 7\.1 .* pip install"):
            servers.postgres("7.1")
        monkeypatch.setenv("CI", "true")
        with pytest.raises(pytest.fail.Exception, match=r"no postgres 7\.1"):
            servers.postgres("7.1")
    with pytest.raises(pytest.fail.Exception, match="gone"):
        missing("gone")

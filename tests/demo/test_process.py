"""The home of servers: ports that are taken, programs out of reach, folders that others cannot read."""

import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from parity_tui.demo.process import Sandbox, StartError
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from tests.conftest import TestServers, missing


def test_a_port_that_was_taken_meanwhile_is_given_up(servers: Servers) -> None:
    """The server moves to another port and comes up there."""
    server = Redis(servers.home, "late", servers.program("valkey", "9"))
    with socket.create_server(("127.0.0.1", server.port)):
        taken = server.port
        server.start()
    assert server.port != taken
    assert server.do("PING") == "+PONG"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
def test_a_program_out_of_the_servers_reach_is_copied_with_its_neighbours(tmp_path: Path, servers: Servers) -> None:
    """Folders keep their places beside each other, and the copy can be entered."""
    tmp_path.chmod(0o700)
    for name in ("package/install/bin", "package.libs"):
        (tmp_path / name).mkdir(parents=True, mode=0o700)
    shutil.copy("/bin/true", tmp_path / "package/install/bin/true")
    install, libraries = servers.home.lend(tmp_path / "package/install", tmp_path / "package.libs")
    assert servers.home.may_enter(install / "bin")
    assert not servers.home.may_enter(tmp_path / "package/install")
    assert (install / "../../package.libs").resolve() == libraries.resolve()
    assert servers.home.run("true", [str(install / "bin/true")]) == ""


def test_a_program_that_fails_is_quoted() -> None:
    """The error has its name, its exit code and its last line."""
    with Sandbox() as home, pytest.raises(StartError, match=r"^list ended with 3: so there$"):
        home.run("list", ["/bin/sh", "-c", "echo first; echo so there; exit 3"])


def test_a_program_that_cannot_be_started_is_said_so() -> None:
    """What the guard could not do comes back as an error."""
    with Sandbox() as home, pytest.raises(StartError, match="No such file"):
        home.run("nothing", ["/nonexistent/program"])


def test_folder_is_made_once_for_all_threads() -> None:
    with Sandbox() as home, ThreadPoolExecutor(8) as threads:
        together = Barrier(8)

        def make(number: int) -> Path:
            together.wait(20)
            return home.folder(f"shared-{number // 8}")

        folders = list(threads.map(make, range(8 * 50)))
    assert len(set(folders)) == 50


def test_files_for_servers_are_theirs_alone(servers: Servers) -> None:
    """Nobody else may read what may hold a password."""
    path = servers.file("secret", "x")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_missing_server_skips_a_test_and_fails_it_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a laptop a test may be left out; in CI it may not."""
    with TestServers() as place:
        monkeypatch.delenv("CI", raising=False)
        with pytest.raises(pytest.skip.Exception, match=r"no postgres 7\.1 .* pip install"):
            place.postgres("7.1")
        monkeypatch.setenv("CI", "true")
        with pytest.raises(pytest.fail.Exception, match=r"no postgres 7\.1"):
            place.postgres("7.1")
    with pytest.raises(pytest.fail.Exception, match="gone"):
        missing("gone")

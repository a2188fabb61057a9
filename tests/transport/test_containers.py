"""Shell scripts in a container, by made-up engines with the messages of Docker 28 and Podman 5."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parity_tui.model import Output
from parity_tui.transport.routes import Routes
from tests.transport.sshd import Hosts, script
from tests.transport.ways import failure, output, target


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a made-up docker command, first on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "docker"


async def test_script_runs_in_the_container_of_the_url(docker: Path) -> None:
    script(docker, '[ "$1" = inspect ] && exit 1; echo "$@"; shift 3; exec "$@"')
    result = await output(target("docker", "web"), "echo inside; exit 3")
    assert result == Output(b"exec -i web sh -s\ninside\n", b"", 3)


async def test_shell_in_a_container_knows_its_image(docker: Path) -> None:
    script(docker, '[ "$1" = inspect ] && { echo "web:1.2 sha256:01"; exit; }; echo "$4"')
    result = await output(target("docker", "web"), "exit")
    assert result.out == b"PARITY_IMAGE=web:1.2 sha256:01\n"


@pytest.mark.parametrize(
    ("message", "code", "expected"),
    [
        ("Error response from daemon: No such container: web", 1, ("server", "docker has no container web")),
        ("Error: No such container: web", 1, ("server", "docker has no container web")),
        (
            "Error response from daemon: container 8f2c is not running",
            1,
            ("server", "the container web is not running"),
        ),
        (
            "Error response from daemon: Container web is paused, unpause the container before exec",
            1,
            ("server", "the container web is paused"),
        ),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            1,
            ("refused", "docker's daemon did not answer: is it running?"),
        ),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            1,
            ("forbidden", "this user may not use docker's daemon"),
        ),
        (
            'OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not '
            "found in $PATH: unknown",
            127,
            ("server", "the container web has no shell"),
        ),
        (
            "Error response from daemon: something new",
            1,
            ("server", "docker: Error response from daemon: something new"),
        ),
    ],
)
async def test_failures_of_docker_are_described(
    docker: Path, message: str, code: int, expected: tuple[str, str]
) -> None:
    script(docker, f"cat >&2 <<'EOF'\n{message}\nEOF\nexit {code}")
    assert await failure(target("docker", "web")) == expected


@pytest.fixture
def podman(docker: Path) -> Path:
    """Return the path of a made-up podman command, first on PATH."""
    return docker.with_name("podman")


async def test_script_runs_in_the_container_of_podman(podman: Path) -> None:
    script(podman, '[ "$1" = inspect ] && { echo "web:1.2 4f01"; exit; }; echo "$4 $5"; shift 5; exec "$@"')
    result = await output(target("podman", "web"), "echo inside; exit 3")
    assert result == Output(b"PARITY_IMAGE=web:1.2 4f01 web\ninside\n", b"", 3)


@pytest.mark.parametrize(
    ("message", "code", "expected"),
    [
        (
            'Error: no container with name or ID "web" found: no such container',
            125,
            ("server", "podman has no container web"),
        ),
        (
            "Error: can only create exec sessions on running containers: container state improper",
            255,
            ("server", "the container web is not running"),
        ),
        (
            "Error: crun: executable file `sh` not found in $PATH: No such file or directory: OCI runtime attempted to "
            "invoke a command that was not found",
            127,
            ("server", "the container web has no shell"),
        ),
        (
            "Cannot connect to Podman. Please verify your connection to the Linux system using `podman system "
            "connection list`, or try `podman machine init`\nError: unable to connect to Podman socket: dial unix "
            "///run/podman/podman.sock: connect: no such file or directory",
            125,
            ("refused", "podman's service did not answer: is it running?"),
        ),
        (
            "Error: unable to connect to Podman socket: dial unix ///run/podman/podman.sock: permission denied",
            125,
            ("forbidden", "this user may not use podman's service"),
        ),
        ("Error: something new", 125, ("server", "podman: Error: something new")),
    ],
)
async def test_failures_of_podman_are_described(
    podman: Path, message: str, code: int, expected: tuple[str, str]
) -> None:
    script(podman, f"cat >&2 <<'EOF'\n{message}\nEOF\nexit {code}")
    assert await failure(target("podman", "web")) == expected


async def test_failing_script_is_no_failure_of_docker(docker: Path) -> None:
    script(docker, 'shift 3; exec "$@"')
    assert await output(target("docker", "web"), "echo nginx: not found >&2; exit 127") == Output(
        b"", b"nginx: not found\n", 127
    )


async def test_container_behind_a_host_is_not_local(hosts: Hosts, routes: Routes, far: Path, docker: Path) -> None:
    script(docker, "echo wrong")
    script(far / "docker", '[ "$1" = inspect ] && exit 1; echo far; shift 3; exec "$@"')
    result = await output(target("docker", "web", jump="bastion"), "echo $SSH_CONNECTION", routes)
    assert result.out.startswith(b"far\n127.0.0.1 ")


async def test_missing_docker_is_described(
    hosts: Hosts, routes: Routes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remote = await failure(target("docker", "web", jump="strict"), routes=routes)
    assert remote[0] in ("driver", "refused")
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await failure(target("docker", "web")) == ("driver", "the command docker is not installed here")
    assert await failure(target("podman", "web")) == ("driver", "the command podman is not installed here")

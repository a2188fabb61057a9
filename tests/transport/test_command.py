"""Scripts of the shell: here, on another host, in a container; ended with all that they have started."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from parity_tui.model import Output, ServiceError, Target
from parity_tui.transport.command import run
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.ssh import SSHConnections
from tests.live import gone
from tests.transport.sshd import Hosts, script


def target(way: str, host: str = "", by: str = "") -> Target:
    """Return what is read with commands."""
    return Target("dev", "web", "host", f"host+{way}", host, ssh=by)


async def output(where: Target, text: str, lines: SSHConnections | None = None) -> Output:
    """Return what a script prints there."""
    async with asyncio.timeout(20):
        return await NetworkDialer(where, 20, lines).sh(text)


async def failure(where: Target, text: str = "echo", lines: SSHConnections | None = None) -> tuple[str, str]:
    """Return why a script cannot be run there."""
    with pytest.raises(ServiceError) as caught:
        await output(where, text, lines)
    return caught.value.reason, caught.value.message


# Here


async def test_what_a_script_prints_and_its_code_are_returned() -> None:
    """Both outputs apart, and quotes, dollars and lines as they are."""
    text = "cat <<'EOF'\nit's \"2\" %s\\n $HOME\nEOF\nprintf 'a\\tb\\0' >&2\nexit 7"
    assert await output(target("local"), text) == Output(b'it\'s "2" %s\\n $HOME\n', b"a\tb\0", 7)


async def test_a_script_finds_our_own_variables_and_nothing_to_read_but_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is measured here is measured as the user would; nothing waits for an answer."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert (await output(target("local"), "echo $TZ\ncat")).out == b"Asia/Tokyo\n"


async def test_a_command_that_does_not_read_its_script_is_no_error() -> None:
    """It may end before the script is written."""
    assert await run(["true"], "#" * 100_000, 10) == Output(b"", b"", 0)


async def test_a_command_that_there_is_not_is_said_to_be_missing() -> None:
    """And is no traceback."""
    with pytest.raises(ServiceError) as caught:
        await run(["parity-tui-has-no-such-command"], "", 10)
    assert (caught.value.reason, caught.value.message) == (
        "driver",
        "the command parity-tui-has-no-such-command is not installed here",
    )


def pids(path: Path) -> list[int]:
    """Return the processes that a script has written down."""
    return [int(word) for word in path.read_text().split()]


async def test_more_than_enough_ends_the_command_while_it_prints(tmp_path: Path) -> None:
    """Fault 8: it would never end, and is not kept in memory until it does."""
    text = f"echo $$ > {tmp_path}/pids; while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done"
    with pytest.raises(ServiceError) as caught:
        async with asyncio.timeout(20):
            await run(["sh", "-s"], text, 100_000)
    assert (caught.value.reason, caught.value.message) == ("protocol", "sh prints more than 100,000 bytes")
    assert gone(tmp_path / "none", pids(tmp_path / "pids"))


async def test_a_flood_of_errors_is_read_and_forgotten() -> None:
    """It neither fills the memory nor stops the command; the first words are kept."""
    text = "i=0; while [ $i -lt 20000 ]; do echo wwwwwwwwwwwwwwwwwwww >&2; i=$((i + 1)); done; echo done"
    got = await run(["sh", "-s"], text, 100)
    assert (got.out, got.error[:4], len(got.error)) == (b"done\n", b"wwww", 65536)


async def test_a_deadline_ends_all_that_a_script_has_started(tmp_path: Path) -> None:
    """Children in the background and those that close their ears to signals."""
    text = (
        f"sleep 1000 & echo $! > {tmp_path}/pids\n(trap '' TERM INT HUP; sleep 1000) & echo $! >> {tmp_path}/pids\n"
        f"echo $$ >> {tmp_path}/pids\ntouch {tmp_path}/ready\nsleep 1000"
    )
    task = asyncio.create_task(NetworkDialer(target("local"), 20).sh(text))
    async with asyncio.timeout(20):
        while not (tmp_path / "ready").exists():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(tmp_path / "none", pids(tmp_path / "pids"))


# On another host


async def test_a_script_runs_on_the_host_of_the_url(hosts: Hosts, lines: SSHConnections) -> None:
    """What it prints on either side comes back, and its code."""
    got = await output(target("ssh", "bastion"), "echo $SSH_CONNECTION; echo here >&2; exit 4", lines)
    assert got.out.split()[-1] == str(hosts.bastion.port).encode()
    assert (got.error[-5:], got.code) == (b"here\n", 4)


async def test_our_locale_stays_here(hosts: Hosts, lines: SSHConnections, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients are often told to take it along: it would be read as if it were the other host's."""
    hosts.bastion.settings["AcceptEnv"] = "LC_*"
    hosts.bastion.end()
    hosts.bastion.start()
    monkeypatch.setenv("LC_TIME", "de_AT.UTF-8")
    assert (await output(target("ssh", "bastion"), "echo $LC_TIME", lines)).out == b"\n"


async def test_a_host_behind_the_environments_own_is_reached_by_way_of_it(hosts: Hosts, lines: SSHConnections) -> None:
    """One login at each of the two, however many scripts there are and whoever else uses the first."""
    before = hosts.strict.logins(), hosts.bastion.logins(), hosts.bastion.carried(hosts.strict.port)
    for _ in range(3):
        got = await output(target("ssh", "strict", by="bastion"), "echo $SSH_CONNECTION", lines)
        assert got.out.split()[-1] == str(hosts.strict.port).encode()
    await NetworkDialer(
        Target("dev", "cache", "redis", "redis", "127.0.0.1", 1, ssh="bastion"), 20, lines
    ).open_tunnel()
    after = hosts.strict.logins(), hosts.bastion.logins(), hosts.bastion.carried(hosts.strict.port)
    assert [now - then for then, now in zip(before, after, strict=True)] == [1, 1, 1]


async def test_the_environments_own_host_is_not_reached_by_way_of_itself(hosts: Hosts, lines: SSHConnections) -> None:
    """Its name may mean nothing there."""
    before = hosts.bastion.carried(hosts.bastion.port)
    assert (await output(target("ssh", "bastion", by="bastion"), "echo a", lines)).out == b"a\n"
    assert hosts.bastion.carried(hosts.bastion.port) == before


@pytest.mark.parametrize(
    ("host", "by", "said"),
    [
        ("wrongkey", "", "wrongkey: Permission denied (publickey)"),
        ("strict", "wrongkey", "wrongkey: Permission denied (publickey)"),
        ("refusing", "bastion", "refusing: bastion cannot connect to it"),
        ("nowhere", "", "nowhere: Could not resolve hostname nowhere.invalid"),
    ],
)
async def test_a_host_that_cannot_be_reached_is_said_to_be(
    hosts: Hosts, lines: SSHConnections, host: str, by: str, said: str
) -> None:
    """The one that fails is named: the host itself or the one before it."""
    reason, message = await failure(target("ssh", host, by), lines=lines)
    assert (reason, message[: len(said)]) == ("tunnel", said)


# In a container: what the docker command is told, and what it says, recorded from Docker 28


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of a made-up docker command that stands first on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "docker"


async def test_a_script_runs_in_the_container_of_the_url(docker: Path) -> None:
    """By docker exec, with the script as its input and no terminal."""
    script(docker, '[ "$1" = inspect ] && exit 1; echo "$@"; shift 3; exec "$@"')
    got = await output(target("docker", "web"), "echo inside; exit 3")
    assert got == Output(b"exec -i web sh -s\ninside\n", b"", 3)


async def test_the_shell_in_a_container_is_told_what_it_was_made_from(docker: Path) -> None:
    """Only docker knows the image and its digest; they travel with the one call that there is."""
    script(docker, '[ "$1" = inspect ] && { echo "web:1.2 sha256:01"; exit; }; echo "$4"')
    got = await output(target("docker", "web"), "exit")
    assert got.out == b"PARITY_IMAGE=web:1.2 sha256:01\n"


@pytest.mark.parametrize(
    ("said", "code", "meant"),
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
            ("refused", "docker's daemon does not answer: is it running?"),
        ),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            1,
            ("forbidden", "docker's daemon does not let this user in"),
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
async def test_what_docker_says_is_no_output_of_the_script(
    docker: Path, said: str, code: int, meant: tuple[str, str]
) -> None:
    """No container, no daemon, no rights, no shell: each in words."""
    script(docker, f"cat >/dev/null\ncat >&2 <<'EOF'\n{said}\nEOF\nexit {code}")
    assert await failure(target("docker", "web")) == meant


async def test_a_script_that_fails_in_a_container_is_no_failure_of_docker(docker: Path) -> None:
    """Its code and its words are its own."""
    script(docker, 'shift 3; exec "$@"')
    assert await output(target("docker", "web"), "echo nginx: not found >&2; exit 127") == Output(
        b"", b"nginx: not found\n", 127
    )


async def test_a_container_of_an_environment_behind_a_host_is_one_of_that_host(
    hosts: Hosts, lines: SSHConnections, far: Path, docker: Path
) -> None:
    """Never the one of the same name that happens to run here."""
    script(docker, "echo wrong")
    script(far / "docker", '[ "$1" = inspect ] && exit 1; echo far; shift 3; exec "$@"')
    got = await output(target("docker", "web", by="bastion"), "echo $SSH_CONNECTION", lines)
    assert got.out.startswith(b"far\n127.0.0.1 ")


async def test_without_docker_that_is_said(
    hosts: Hosts, lines: SSHConnections, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Here, and on a host that has none."""
    there = await failure(target("docker", "web", by="strict"), lines=lines)
    assert there[0] in ("driver", "refused")
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await failure(target("docker", "web")) == ("driver", "the command docker is not installed here")


def test_the_ways_are_named_once() -> None:
    """A kind that is read with commands has a scheme for each."""
    from parity_tui.transport.command import WAYS, way_of

    assert [way_of(target(way, "x")) for way in WAYS] == list(WAYS)
    assert way_of(Target("dev", "cache", "redis", "redis")) == ""

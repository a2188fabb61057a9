"""Commands at the far end, counted there: they end with this program, and a target never has two of them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from parity_tui.demo.process import wait_until
from parity_tui.drift.policy import Policy
from parity_tui.model import ServiceError, Target
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.routes import Routes
from parity_tui.transport.ssh import Destination
from parity_tui.watcher import Watcher
from tests.transport.sshd import Hosts, script

PROGRAM = """
import asyncio, sys
from parity_tui.model import Target
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.event_loop import run
from parity_tui.transport.routes import Routes

async def main():
    routes = Routes()
    dialer = NetworkDialer(Target("a", "b", "host", sys.argv[1], sys.argv[2]), float(sys.argv[3]), routes)
    await dialer.open_tunnel()
    script = asyncio.create_task(dialer.sh(sys.argv[4]))
    await asyncio.to_thread(sys.stdin.readline)
    script.cancel()
    await routes.close()

run(main())
"""


def count(mark: str) -> int:
    """Return the number of processes at the far end that hang."""
    result = subprocess.run(["ps", "-eo", "stat=,args="], capture_output=True, text=True, check=True)
    return sum(f"sleep {mark}" in line and not line.startswith("Z") for line in result.stdout.splitlines())


@pytest.fixture
def mark(hosts: Hosts) -> str:
    """Return the argument of `sleep` that marks the processes of a test."""
    return f"1000.{os.getpid()}{time.monotonic_ns()}"


@pytest.fixture(params=["ssh", "docker", "local"])
def way(request: pytest.FixtureRequest, hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Yield each way to run commands; a container's processes belong to no group of docker's client."""
    script(tmp_path / "docker", '[ "$1" = inspect ] && exit 1; shift 3; exec setsid -w "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return str(request.param)


@pytest.fixture
def start(mark: str) -> Iterator[Callable[[str, float], subprocess.Popen[bytes]]]:
    """Yield a function that starts a program whose command at the far end hangs."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(way: str, seconds: float) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-c", PROGRAM, f"host+{way}", "bastion", str(seconds), f"sleep {mark}"]
        started.append(subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=subprocess.PIPE))
        assert wait_until(lambda: count(mark) == 1, 60)
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", ["end", "SIGKILL"])
def test_far_command_ends_with_the_program(
    way: str, how: str, mark: str, start: Callable[[str, float], subprocess.Popen[bytes]]
) -> None:
    process = start(way, 1000)
    if how == "end":
        assert process.communicate(b"\n", timeout=60)[1] == b""
    else:
        process.send_signal(signal.Signals[how])
        process.wait(60)
    assert wait_until(lambda: count(mark) == 0, 60)


async def hang(dialer: NetworkDialer, mark: str, seconds: float) -> None:
    """Run a hanging command and give it up after a time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await dialer.sh(f"sleep {mark}")


def client(routes: Routes, host: str) -> int:
    """Return the process group of the client."""
    process = routes.to(Destination(host))._process
    assert process
    return process.pid


async def test_given_up_command_ends_at_the_far_end(way: str, mark: str, routes: Routes) -> None:
    dialer = NetworkDialer(Target("dev", "web", "host", f"host+{way}", "bastion"), 1000, routes)
    await hang(dialer, mark, 2)
    assert await asyncio.to_thread(wait_until, lambda: count(mark) == 0, 60)
    assert (await dialer.sh("echo next")).out == b"next\n"


async def test_dead_line_leaves_the_far_limit(mark: str, routes: Routes) -> None:
    dialer = NetworkDialer(Target("dev", "web", "host", "host+ssh", "bastion"), 2, routes)
    await dialer.open_tunnel()
    running = asyncio.create_task(dialer.sh(f"sleep {mark}"))
    assert await asyncio.to_thread(wait_until, lambda: count(mark) == 1, 60)
    os.killpg(client(routes, "bastion"), signal.SIGSTOP)
    running.cancel()
    await asyncio.wait((running,))
    with pytest.raises(ServiceError, match="bastion: the previous command is still running"):
        async with asyncio.timeout(60):
            await dialer.sh(f"sleep {mark}")
    assert await asyncio.to_thread(wait_until, lambda: count(mark) == 0, 60)


@pytest.fixture
def restart(hosts: Hosts) -> Iterator[Callable[[str], None]]:
    """Yield a function that starts the bastion with another number of sessions."""

    def again(sessions: str) -> None:
        hosts.bastion.end()
        hosts.bastion.settings.pop("MaxSessions", None)
        if sessions:
            hosts.bastion.settings["MaxSessions"] = sessions
        hosts.bastion.start()

    yield again
    again("")


def watcher(hosts: int, kind: str, timeout: float) -> Watcher:
    """Return a watcher of targets that are read by commands at the bastion."""
    names = [f"env{number}" for number in range(hosts)]
    targets = [Target(name, "web", kind, f"{kind}+ssh", "bastion") for name in names]
    return Watcher(names, targets, kinds(), Policy(), interval=0.05, timeout=timeout)


async def failures(boards: AsyncIterator[object], watching: Watcher) -> AsyncIterator[dict[str, str]]:
    """Yield the failure of each environment, "" for a reading, after each board."""
    async for _ in boards:
        yield {
            outcome.target.environment: outcome.failure.message if outcome.failure else ""
            for outcome in watching.board.outcomes()
        }


async def test_hanging_target_has_one_command(hosts: Hosts, far: Path, mark: str) -> None:
    tries = far / "tries"
    script(far / "nginx", f"echo >> {tries}\nsleep {mark}")
    most = 0
    watching = watcher(1, "nginx", 1)
    async with asyncio.timeout(90), aclosing(watching.boards()) as boards:  # type: ignore[type-var]
        async for _ in failures(boards, watching):
            most = max(most, await asyncio.to_thread(count, mark))
            if tries.exists() and len(tries.read_text()) > 2:
                break
    assert most <= 1
    assert await asyncio.to_thread(wait_until, lambda: count(mark) == 0, 60)


async def test_seven_targets_share_two_sessions(hosts: Hosts, restart: Callable[[str], None]) -> None:
    restart("2")
    watching, complete = watcher(7, "host", 30), 0
    async with asyncio.timeout(120), aclosing(watching.boards()) as boards:  # type: ignore[type-var]
        async for found in failures(boards, watching):
            assert not any(found.values()), found
            complete += len(found) == 7
            if complete > 10:
                break
    assert hosts.bastion.logins() == 1


async def test_unserved_target_names_the_host(hosts: Hosts, restart: Callable[[str], None], mark: str) -> None:
    restart("1")
    routes = Routes()
    busy, waiting = (
        NetworkDialer(Target(name, "web", "host", "host+ssh", "bastion"), 3, routes) for name in ("a", "b")
    )
    hanging = asyncio.create_task(hang(busy, mark, 60))
    assert await asyncio.to_thread(wait_until, lambda: count(mark) == 1, 60)
    with pytest.raises(ServiceError, match=r"^bastion allows no more sessions: 1 at a time"):
        await waiting.sh("echo")
    hanging.cancel()
    await routes.close()
    assert hosts.bastion.logins() == 1


async def test_host_without_sessions_is_named(hosts: Hosts, restart: Callable[[str], None]) -> None:
    restart("0")
    routes = Routes()
    with pytest.raises(ServiceError, match=r"^bastion allows no more sessions$"):
        await NetworkDialer(Target("a", "web", "host", "host+ssh", "bastion"), 60, routes).sh("echo")
    await routes.close()
    assert hosts.bastion.logins() == 1

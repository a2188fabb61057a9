"""SSH connections that end: they are replaced, and nothing outlives the program."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from parity_tui.demo.servers import Servers
from parity_tui.demo.supervisor import family
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome
from parity_tui.services import kinds
from parity_tui.transport.ssh import Destination
from parity_tui.watcher import Watcher
from tests.live import gone, running
from tests.transport.ssh_targets import target
from tests.transport.sshd import Hosts


async def outcomes(boards: AsyncIterator[Board], condition: Callable[[dict[str, Outcome]], bool]) -> dict[str, Outcome]:
    """Return the outcomes by environment of the first board that meets a condition."""
    async with asyncio.timeout(40):
        async for board in boards:
            latest = {outcome.target.environment: outcome for outcome in board.outcomes()}
            if condition(latest):
                return latest
    raise AssertionError("the boards have ended")


def new_watcher(port: int) -> Watcher:
    """Return a watcher of one server, directly and behind the inner host."""
    targets = [
        target("redis", port, environment="direct"),
        target("redis", port, "inner", environment="far"),
    ]
    return Watcher(["direct", "far"], targets, kinds(), Policy(), interval=0.05, timeout=20)


async def test_killed_client_is_replaced(servers: Servers, hosts: Hosts) -> None:
    watcher = new_watcher(servers.valkey().port)
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await outcomes(boards, lambda found: all(outcome.reading for outcome in found.values()))
        connection = watcher.routes.to(Destination("inner"))
        process, logins = connection._process, hosts.inner.logins()
        assert process is not None
        (client,) = [pid for pid in family(process.pid) if name_of(pid) == "ssh" and is_client(pid, process.pid)]
        os.kill(client, signal.SIGKILL)
        late = time.time()
        found = await outcomes(boards, lambda found: hosts.inner.logins() > logins and found["far"].at > late + 0.2)
    assert found["direct"].failure is None
    assert found["far"].failure is None


def name_of(pid: int) -> str:
    """Return the name of a process, "" if it has ended."""
    argv = ["ps", "-o", "comm=", "-p", str(pid)]
    return Path(subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()).name


def is_client(pid: int, leader: int) -> bool:
    """Return whether a process is the client itself and not its ProxyCommand."""
    argv = ["ps", "-o", "args=", "-p", str(pid)]
    return "-N" in subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split() and pid != leader


async def test_host_that_restarts_is_waited_for(servers: Servers, hosts: Hosts) -> None:
    """Fault 5: the latest values stay; the direct target is still read."""
    watcher = new_watcher(servers.valkey().port)
    async with aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await outcomes(boards, lambda found: all(outcome.reading for outcome in found.values()))
        hosts.inner.end()
        try:
            found = await outcomes(boards, lambda found: found["far"].failure is not None)
            assert found["far"].failure is not None
            assert found["far"].failure.reason == "tunnel"
            assert found["far"].reading is not None
            late = time.time()
            await outcomes(boards, lambda found: found["direct"].at > late and found["direct"].failure is None)
        finally:
            hosts.inner.start()
        await outcomes(boards, lambda found: found["far"].failure is None)
    assert watcher.routes.to(Destination("inner"))._process is None


PROGRAM = """
import asyncio, os, sys
from parity_tui.model import Target
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.event_loop import run
from parity_tui.transport.routes import Routes

async def main():
    routes = Routes()
    far = Target("a", "b", "host", "host+ssh", "inner")
    await NetworkDialer(far, 20, routes).open_tunnel()
    there = asyncio.create_task(NetworkDialer(far, 20, routes).sh("echo; sleep 1000"))
    here = asyncio.create_task(NetworkDialer(Target("a", "b", "host", "host+local"), 20).sh("sleep 1000"))
    await asyncio.sleep(0.5)
    folders = [connection._folder for connection in routes._routes.values()]
    print(*folders, flush=True)
    if sys.argv[1] == "end":
        await asyncio.to_thread(sys.stdin.read)
        here.cancel(), there.cancel()
        await routes.close()
        return
    await asyncio.sleep(1000)

run(main())
"""


@pytest.mark.parametrize("how", ["end", "SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_nothing_outlives_the_program(how: str, hosts: Hosts) -> None:
    """Fault 46: no client, no command, no folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    folder = Path(process.stdout.readline().decode().split()[0])
    processes = family(process.pid)
    names = sorted(name_of(pid) for pid in processes)
    assert (folder.is_dir(), names.count("sleep"), names.count("ssh")) == (True, 2, 3)
    if how == "end":
        process.communicate(b"", timeout=20)
    else:
        process.send_signal(signal.Signals[how])
        process.communicate(timeout=20)
    assert gone(folder, processes), [(pid, name_of(pid)) for pid in running(processes)]

"""Services behind tunnel programs: equal readings, one program for all targets, back after its end, none left."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Reason, ServiceError, Tunnel
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.routes import Routes
from parity_tui.transport.tracing import TracingDialer
from parity_tui.transport.tunnel.route import TunnelRoute
from tests.conftest import missing
from tests.transport.ssh_targets import failure, reading, target
from tests.transport.sshd import Hosts
from tests.transport.test_ssh_line import Outcomes, all_failed, all_well, until, watch
from tests.transport.tunnels import FORWARD, FORWARD_BY_PORT, all_gone, behind, running, wait_until

KINDS = {"valkey": "redis", "postgres": "postgres"}
"""products, and the kind that reads each"""


@pytest.fixture(autouse=True)
def _socat() -> None:
    if not shutil.which("socat"):
        missing("socat is not installed here")


@pytest.fixture
async def routes() -> AsyncIterator[Routes]:
    """Yield routes that are closed after the test."""
    result = Routes()
    yield result
    await result.close()


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> tuple[str, Server]:
    """Yield the kind and a server of each product in turn."""
    servers = request.getfixturevalue(f"{request.param}_servers")
    return KINDS[request.param], servers[list(servers)[-1]]


@pytest.mark.parametrize("argv", [FORWARD, FORWARD_BY_PORT])
async def test_reading_through_tunnel_equals_the_direct_one(
    server: tuple[str, Server], argv: tuple[str, ...], routes: Routes
) -> None:
    kind, database = server
    through = await reading(behind(kind, database.port, *argv), routes)
    assert through == await reading(target(kind, database.port), routes)
    assert len(running(f":{database.port}")) >= 1


async def test_endless_output_delays_no_reading(servers: Servers, routes: Routes) -> None:
    port = servers.valkey().port
    verbose = behind("redis", port, "sh", "-c", 'yes & exec "$@"', "sh", *FORWARD)
    assert await reading(verbose, routes) == await reading(target("redis", port), routes)


async def test_forwarding_by_ssh_is_a_tunnel(servers: Servers, hosts: Hosts, routes: Routes) -> None:
    port = servers.valkey().port
    argv = ("ssh", "-N", "-o", "ControlPath=none", "-L", "{socket}:{host}:{target_port}", "bastion")
    assert await reading(behind("redis", port, *argv), routes) == await reading(target("redis", port), routes)
    unknown = await failure(behind("redis", port, *argv[:-1], "nowhere"), routes)
    assert unknown.message.startswith("via tunnel ssh: ended with exit code 255: ")


async def test_targets_share_the_program_of_equal_words(routes: Routes) -> None:
    one, other = behind("redis", 6379), behind("postgres", 6379, environment="prod")
    assert routes.of(one) is routes.of(other)
    assert routes.of(one) is not routes.of(behind("redis", 6380))
    assert routes.of(one) is not routes.of(replace(one, tunnel=Tunnel(FORWARD, "/tmp")))


async def test_other_port_gets_its_own_program(servers: Servers, routes: Routes) -> None:
    cache = servers.valkey()
    dialer = NetworkDialer(behind("redis", 1), 20, routes)
    (await dialer.stream("127.0.0.1", cache.port)).close()
    fixed = behind("redis", 1, "socat", "UNIX-LISTEN:{socket},fork", f"TCP:127.0.0.1:{cache.port}")
    with pytest.raises(ServiceError, match=r"leads to 127.0.0.1:1 only, not to 127.0.0.1:2: write {host}") as caught:
        await NetworkDialer(fixed, 20, routes).stream("127.0.0.1", 2)
    assert caught.value.reason is Reason.TUNNEL


async def test_socket_is_private_and_removed(servers: Servers, routes: Routes) -> None:
    dialer = TracingDialer(behind("redis", servers.valkey().port), 20, routes)
    await dialer.open_tunnel()
    path = Path(dialer.marks[0].words.rpartition(" listens at ")[2])
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await routes.close()
    assert not path.parent.exists()


async def test_brace_and_variable_reach_the_program(tmp_path: Path, routes: Routes) -> None:
    argv = ("sh", "-c", 'echo "$1" >words; exec "$0" "$2" -', "socat", "{{{host}}}", "UNIX-LISTEN:{socket}")
    await NetworkDialer(behind("redis", 1, *argv, folder=str(tmp_path)), 20, routes).open_tunnel()
    assert (tmp_path / "words").read_text() == "{127.0.0.1}\n"


async def test_killed_program_comes_back_during_a_board(servers: Servers) -> None:
    cache = servers.valkey()
    watching = watch([behind("redis", cache.port, environment=name) for name in ("a", "b")], 20)
    async with aclosing(watching.boards()) as boards:  # type: ignore[type-var]
        await until(boards, watching, all_well)
        (group,) = {os.getpgid(pid) for pid in running(f"TCP:127.0.0.1:{cache.port}")}
        os.killpg(group, signal.SIGKILL)
        killed = time.time()

        def read_again(found: Outcomes) -> bool:
            return all_well(found) and all(outcome.at > killed for outcome in found.values())

        await until(boards, watching, read_again)
        assert group not in {os.getpgid(pid) for pid in running(f"TCP:127.0.0.1:{cache.port}")}
    assert all_gone(f"TCP:127.0.0.1:{cache.port}")


async def test_program_that_fails_wakes_targets_later(servers: Servers, tmp_path: Path) -> None:
    cache, ready = servers.valkey(), tmp_path / "ready"
    argv = ("sh", "-c", 'test -e ready && exec "$@"', "sh", *FORWARD)
    watching = watch([behind("redis", cache.port, *argv, folder=str(tmp_path), environment=name) for name in "ab"], 20)
    async with aclosing(watching.boards()) as boards:  # type: ignore[type-var]
        found = await until(boards, watching, all_failed)
        assert {outcome.failure.message for outcome in found.values() if outcome.failure} == {
            "via tunnel sh: ended with exit code 1 and printed nothing"
        }
        ready.touch()
        await until(boards, watching, all_well)


PROGRAM = """\
import asyncio, sys
from parity_tui.transport.routes import Routes
from parity_tui.transport.dialer import NetworkDialer
from tests.transport.tunnels import behind

async def main():
    await NetworkDialer(behind("redis", 1, *sys.argv[1:]), 60, Routes()).open_tunnel()
    print("up", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


SLEEPERS = 'setsid sleep "$1" & "$2" "$3" "$4"; sleep "$1"'
"""a program in two sessions, whose socket accepts one connection"""


@pytest.mark.parametrize("stubborn", [False, True])
def test_nothing_is_left_after_sigkill(stubborn: bool) -> None:
    mark = str(random.randrange(10**8, 10**9))
    script = f"trap '' TERM; {SLEEPERS}" if stubborn else SLEEPERS
    argv = [sys.executable, "-c", PROGRAM, "sh", "-c", script, "sh", mark, "socat", "UNIX-LISTEN:{socket}", "-"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        folders = {word for pid in running(mark) for word in words(pid) if word.endswith("/s")}
        assert len(folders) == 1
        process.kill()
    assert wait_until(lambda: not running(mark), 3)
    assert not Path(folders.pop().removeprefix("UNIX-LISTEN:")).parent.exists()


def words(pid: int) -> list[str]:
    """Return the words of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


async def test_up_is_cancelled_for_one_waiter_only(routes: Routes) -> None:
    route = routes.of(behind("redis", 1))
    assert isinstance(route, TunnelRoute)
    impatient = asyncio.create_task(route.up())
    patient = asyncio.create_task(route.up())
    await asyncio.sleep(0)
    impatient.cancel()
    await patient
    assert route.is_up
    assert impatient.cancelled()

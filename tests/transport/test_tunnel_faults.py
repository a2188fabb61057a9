"""Tunnel programs that misbehave: words within the timeout, and nothing left of them."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parity_tui.model import Reason, ServiceError
from parity_tui.secrets import Secret
from parity_tui.transport.dialer import NetworkDialer, describe
from parity_tui.transport.routes import Routes
from parity_tui.transport.tunnel import place
from parity_tui.transport.tunnel.listener import listeners
from parity_tui.transport.tunnel.route import TunnelRoute
from tests.transport.ssh_targets import failure
from tests.transport.tunnels import all_gone, behind, python, wait_until

TIMEOUT = 0.5

LISTEN = """\
import os, socket, sys, time
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
"""
DAEMON = """\
import os, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
time.sleep(600)
"""
SLOW = f"""\
import os, time
with open("starts", "a") as file: file.write("x")
while not os.path.exists("go"): time.sleep(0.01)
{LISTEN}
time.sleep(600)
"""
FLOOD = """\
import sys
while True: sys.stderr.write("y" * 4000 + "\\n" * int(sys.argv[1]))
"""


@pytest.fixture
async def routes() -> AsyncIterator[Routes]:
    """Yield routes that are closed after the test."""
    result = Routes()
    yield result
    await result.close()


@pytest.fixture
def mark() -> Iterator[str]:
    """Yield a word by which the processes of this test are found; none is left afterwards."""
    word = str(random.randrange(10**8, 10**9))
    yield word
    assert all_gone(word)


ENDS = {
    "exit": (("sh", "-c", "echo An error occurred >&2; echo no credentials; exit 254"), 'ended with exit code 254: "An '
             'error occurred; no credentials"'),
    "silent": (("sh", "-c", "exit 1"), "ended with exit code 1 and printed nothing"),
    "signal": (("sh", "-c", "kill -TERM $$"), "was ended by SIGTERM and printed nothing"),
    "background": (python(DAEMON, "{port}"), "ended with exit code 0, instead of staying in the foreground"),
    "missing": (("./no/such",), "this program is not installed here"),
    "folder": (("/",), "this program is not installed here"),
    "secret": (("sh", "-c", "echo swordfish-4711; exit 3"), 'ended with exit code 3: "•••"'),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
async def test_program_that_ends_is_told_with_its_words(name: str, mark: str, routes: Routes) -> None:
    Secret("swordfish-4711")
    argv, words = ENDS[name]
    found = await failure(behind("redis", 1, *argv, "{port}", mark), routes, 20)
    program = os.path.basename(argv[0]) or argv[0]
    assert found.reason is Reason.TUNNEL
    assert found.message.startswith(f"via tunnel {program}: {words}")


async def test_failing_program_is_not_started_at_once_again(tmp_path: Path, mark: str, routes: Routes) -> None:
    ending = behind("redis", 1, "sh", "-c", "echo >>starts; exit 1", "{port}", mark, folder=str(tmp_path))
    route = routes.of(ending)
    assert isinstance(route, TunnelRoute)
    for _ in range(3):
        assert "ended with exit code 1" in (await failure(ending, routes)).message
        route._backoff._until += 60
    assert (tmp_path / "starts").read_text() == "\n"
    routes.forget()
    await failure(ending, routes)
    assert (tmp_path / "starts").read_text() == "\n\n"


HANGS = {
    "mute": (("sh", "-c", "sleep 600"), "and is waited for"),
    "stubborn": (("sh", "-c", "trap '' TERM; echo wait; sleep 600"), 'and is waited for; it prints "wait"'),
    "flood": (python(FLOOD, "1"), 'and is waited for; it prints "yyyy'),
    "one line": (python(FLOOD, "0"), "and is waited for"),
    "other port": (python(LISTEN + "time.sleep(600)", "0"), 'and is waited for; it prints "listening"'),
}  # fmt: skip


@pytest.mark.parametrize("name", HANGS)
async def test_program_that_never_listens_is_told_in_time(name: str, mark: str, routes: Routes) -> None:
    argv, words = HANGS[name]
    hanging = behind("redis", 1, *argv, mark, "{port}")
    for _ in range(100):  # a slow machine may need several attempts to print
        started = time.monotonic()
        found = await failure(hanging, routes, TIMEOUT)
        assert time.monotonic() - started < TIMEOUT + 5
        assert found.reason is Reason.TUNNEL
        assert "does not listen at 127.0.0.1:" in found.message
        if f" within {TIMEOUT:g} s, {words}" in found.message:
            break
    else:
        raise AssertionError(found.message)
    route = routes.of(hanging)
    assert isinstance(route, TunnelRoute)
    assert route._program
    assert len(route._program._output) <= 16 * 1024


async def test_slow_program_is_waited_for_by_later_attempts(mark: str, tmp_path: Path, routes: Routes) -> None:
    slow = behind("redis", 1, *python(SLOW, "{port}", mark), folder=str(tmp_path))
    assert "does not listen" in (await failure(slow, routes, 0.5)).message
    (tmp_path / "go").touch()
    await NetworkDialer(slow, 20, routes).open_tunnel()
    assert (tmp_path / "starts").read_text() == "x"


async def test_stranger_at_the_port_is_not_trusted(monkeypatch: pytest.MonkeyPatch, mark: str, routes: Routes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        monkeypatch.setattr(place, "_free_port", lambda: port)
        found = await failure(behind("redis", 1, "sh", "-c", "sleep 600", mark, "{port}"), routes, 20)
        assert found.reason is Reason.TUNNEL
        assert f" listens at 127.0.0.1:{port}, which was free for it" in found.message
        assert "another program of the user " in found.message


async def test_port_that_changes_hands_is_not_trusted(mark: str, routes: Routes) -> None:
    """The program stops to listen and lives on, and another takes its port before the next connection."""
    script = f"{LISTEN}listening.accept(); listening.close(); time.sleep(600)"
    dialer = NetworkDialer(behind("redis", 1, *python(script, "{port}", mark)), 20, routes)
    (await dialer.stream("127.0.0.1", 1)).close()
    (port,) = place._ports
    assert await asyncio.to_thread(wait_until, lambda: not listeners(port))
    with socket.create_server(("127.0.0.1", port)):
        stream = await dialer.stream("127.0.0.1", 1)  # of a program that was started again
        assert stream.getpeername()[1] != port
        stream.close()


async def test_refusal_at_the_far_end_is_told(mark: str, routes: Routes) -> None:
    script = f"{LISTEN}while True:\n c = listening.accept()[0]; print('far end refused', flush=True); c.close()"
    refused = behind("redis", 1, *python(script, "{port}", mark))
    dialer = NetworkDialer(refused, 20, routes)
    for _ in range(2):
        reader, writer = await dialer.open("127.0.0.1", 1)
        with pytest.raises((OSError, EOFError)) as caught:
            await reader.readexactly(1)
        writer.transport.abort()
        told = dialer.explained(describe(caught.value, refused, 20)).message
        assert told.startswith("127.0.0.1:1 closed the connection; tunnel python")
        assert told.endswith('far end refused"')


async def test_program_with_one_connection_is_started_again(mark: str, routes: Routes) -> None:
    script = f"{LISTEN}connection = listening.accept()[0]; listening.close(); connection.recv(1)"
    dialer = NetworkDialer(behind("redis", 1, *python(script, "{port}", mark)), 20, routes)
    (await dialer.stream("127.0.0.1", 1)).close()
    async with asyncio.timeout(60):
        while True:
            try:
                (await dialer.stream("127.0.0.1", 1)).close()
                break
            except ServiceError:
                await asyncio.sleep(0.1)


async def test_tunnel_runs_no_commands(routes: Routes) -> None:
    route = routes.of(behind("redis", 1))
    assert route
    with pytest.raises(ServiceError, match="carries connections, no commands"):
        await route.process(("true",), 1)

"""Faults of names, addresses and clocks, and the pauses between attempts."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from parity_tui.demo.process import free_port
from parity_tui.model import Reason, ServiceError
from parity_tui.ui.view import labels
from parity_tui.watcher.supervisor import Supervisor
from tests.conftest import missing
from tests.faults.conftest import START_SERVER, DisposableServers, target_of
from tests.faults.observed_target import (
    ObservedTarget,
    answers,
    fails,
    failure_of,
    observed,
    reading_of,
    swallowing,
)
from tests.proxy import listening, says

HANGING = """
import socket, sys, threading
ask = socket.getaddrinfo
def hang(host, *more, **words):
    if "hangs" in str(host):
        threading.Event().wait()
    return ask(host, *more, **words)
socket.getaddrinfo = hang
from parity_tui.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""the program on a machine without name servers: look-ups never return, and cannot be interrupted"""


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str] | OSError]:
    """Yield made-up names with their addresses, or the error of looking them up."""
    names: dict[str, list[str] | OSError] = {}
    ask = socket.getaddrinfo

    def look_up(host: str | None, port: int | None, *more: Any, **words: Any) -> list[Any]:
        found = names.get(host or "", [host] if host else [])
        if isinstance(found, OSError):
            raise found
        return [info for address in found for info in ask(address, port, *more, **words)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def test_hanging_names_delay_neither_others_nor_exit(tmp_path: Path) -> None:
    """Fault 12: Ten look-ups hang, more than asyncio has threads; the eleventh target is still tried."""
    services = "\n".join(f'hung-{number} = "redis://hangs-{number}.example"' for number in range(10))
    file = tmp_path / "parity.toml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    file.write_text(f'[environments.dev.services]\n{services}\nclosed = "redis://localhost:{port}"\n')
    words = [sys.executable, "-c", HANGING, "check", "--config", str(file), "--timeout", "0.5s", "--format", "json"]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    messages = [
        message for message in all_strings(json.loads(done.stdout)) if "answer in" in message or "refused" in message
    ]
    assert sum("no answer in 0.5 s (hangs-" in message for message in messages) >= 10
    assert any("refused the connection" in message for message in messages)


def all_strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in all_strings(each)]


@pytest.mark.parametrize("kind", START_SERVER)
async def test_unknown_name_differs_from_unanswered_lookup(kind: str, resolved: dict[str, list[str] | OSError]) -> None:
    """Fault 12: Both messages contain the name."""
    resolved["nowhere.example"] = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    resolved["later.example"] = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    unknown = failure_of(await ObservedTarget(observed(kind, 1, "nowhere.example"), timeout=20).until(fails))
    unheard = failure_of(await ObservedTarget(observed(kind, 1, "later.example"), timeout=20).until(fails))
    assert (unknown.reason, unknown.message) == ("dns", "the name nowhere.example does not exist")
    assert (unheard.reason, unheard.message) == ("dns", "no name server answered for later.example")


@pytest.mark.parametrize("kind", START_SERVER)
async def test_first_answering_address_of_a_name_is_used(
    kind: str, disposable: DisposableServers, resolved: dict[str, list[str] | OSError]
) -> None:
    """Fault 13: The first address drops packets, the second refuses, the third is read; a note names it."""
    port = disposable[kind].port
    resolved["several.example"] = ["127.0.0.2", "127.0.0.3", "127.0.0.1"]
    with swallowing("127.0.0.2", port):
        target = target_of(kind, port, "several.example")
        reading = reading_of(await ObservedTarget(target, timeout=20).until(answers))
    assert "several.example answers as 127.0.0.1 (of 3 addresses)" in reading.notes


def free_ipv6_port() -> int:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
            port: int = server.getsockname()[1]
            return port
    except OSError:
        missing("IPv6 is not available")
        raise


async def test_ipv6_addresses_are_bracketed_and_tried_first(
    resolved: dict[str, list[str] | OSError],
) -> None:
    """Fault 14: [::1]:port in messages; a name whose IPv6 address refuses is read over IPv4."""
    port = free_ipv6_port()
    refused = failure_of(await ObservedTarget(observed("redis", port, "::1"), timeout=20).until(fails))
    assert refused.message == f"[::1]:{port} refused the connection"
    resolved["both.example"] = ["::1", "127.0.0.1"]
    async with listening(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as ipv4_port:
        both = failure_of(await ObservedTarget(observed("redis", ipv4_port, "both.example"), timeout=20).until(fails))
    assert both.reason == "wrong-service"


async def test_jumping_clock_keeps_the_pace_of_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 16: The wall clock jumps a day ahead or back at every call."""
    looks = 0
    day = 86400.0

    def jumping() -> float:
        nonlocal looks
        looks += 1
        return 1.8e9 + (day if looks % 2 else -day)

    watched = ObservedTarget(observed("redis", free_port()), interval=0.2, timeout=5)
    monkeypatch.setattr("parity_tui.watcher.supervisor.time.time", jumping)
    began = time.monotonic()
    await watched.until(lambda outcome: watched.readings >= 5)
    # Four pauses of 0.2 s with a jitter of 5 %; a slow machine can only take longer.
    assert time.monotonic() - began > 4 * 0.2 * 0.95 - 0.05
    assert looks >= 4


@pytest.mark.parametrize("ahead", [-86400, 86400])
async def test_wrong_clock_of_a_server_changes_no_fact(ahead: int) -> None:
    """Fault 32: No time of a server is compared, neither with ours nor with another server's."""

    def stats(now: int) -> bytes:
        return b"STAT pid 1\r\nSTAT uptime 5\r\nSTAT time %d\r\nSTAT version 1.6.18\r\nEND\r\nSTAT c 1\r\nEND\r\n" % now

    now = int(time.time())
    async with listening(says(stats(now))) as right, listening(says(stats(now + ahead))) as wrong:
        seen = [await ObservedTarget(observed("memcached", port), timeout=20).until(answers) for port in (right, wrong)]
    first, second = map(reading_of, seen)
    assert first.facts == second.facts


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (ServiceError(Reason.SERVER, "too many connections"), True),
        (ServiceError(Reason.SERVER, "the database system is starting up"), True),
        (ServiceError(Reason.AUTH, "the password was rejected"), False),
        (ServiceError(Reason.AUTH, "the password has expired"), False),
        (ServiceError(Reason.SECRET, "the command failed"), False),
    ],
)
async def test_pauses_grow_and_passwords_are_tried_once(
    error: Exception, retried: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults 5, 19, 20, 21, 22: Pauses double from 1 s to 30 s, with jitter against simultaneous retries."""
    pauses: list[float | None] = []
    enough = asyncio.Event()

    async def sleep(self: object, seconds: float | None) -> None:
        pauses.append(seconds)
        if seconds is None or len(pauses) == 8:
            enough.set()
            await asyncio.Event().wait()

    watched = ObservedTarget(observed("redis", 1))
    monkeypatch.setattr(Supervisor, "_sleep", sleep)
    supervisor = watched.watch._supervisors[0]
    monkeypatch.setattr(supervisor, "_run_session", session_ending_with(error))
    supervisor.start()
    async with asyncio.timeout(20):
        await enough.wait()
    await asyncio.wait(supervisor.stop())
    if not retried:
        assert pauses == [None]
        return
    assert len(pauses) == 8
    for number, pause in enumerate(pauses):
        most = min(30.0, 2.0**number)
        assert pause is not None
        assert most / 2 <= pause <= most


def session_ending_with(error: Exception) -> Any:
    async def session() -> Exception:
        return error

    return session


@pytest.mark.parametrize("seconds", [-5.0, -86_400.0 * 365])
def test_age_is_never_negative(seconds: float) -> None:
    """Fault 60: A reading "from the future" is shown as new."""
    assert labels.age(seconds) == labels.age(0.0)

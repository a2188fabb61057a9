"""Names, addresses, clocks and the pauses between attempts."""

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
from parity_tui.model import Outcome, Reason, ServiceError
from parity_tui.watcher.supervisor import Supervisor
from tests.conftest import missing
from tests.faults.conftest import START, Wing, into
from tests.faults.observed_target import ObservedTarget, at, swallowing, why
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
"""the program on a machine whose name servers are gone: look-ups never return, and cannot be interrupted"""


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str] | OSError]:
    """Give what names are resolved to: addresses, or the error that looking them up gives."""
    names: dict[str, list[str] | OSError] = {}
    ask = socket.getaddrinfo

    def look_up(host: str | None, port: int | None, *more: Any, **words: Any) -> list[Any]:
        """Return the addresses of the names that are made up, and of others as ever."""
        found = names.get(host or "", [host] if host else [])
        if isinstance(found, OSError):
            raise found
        return [info for address in found for info in ask(address, port, *more, **words)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def failed(outcome: Outcome) -> bool:
    """Tell whether the latest attempt failed."""
    return outcome.failure is not None


def answered(outcome: Outcome) -> bool:
    """Tell whether the target answers."""
    return outcome.reading is not None and outcome.failure is None


def test_names_that_are_never_resolved_delay_neither_the_others_nor_the_end(tmp_path: Path) -> None:
    """Fault 12: Ten hanging look-ups, more than asyncio has threads for: the eleventh name is read, and that is all."""
    services = "\n".join(f'hung-{number} = "redis://hangs-{number}.example"' for number in range(10))
    file = tmp_path / "parity.toml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    file.write_text(f'[environments.dev.services]\n{services}\nclosed = "redis://localhost:{port}"\n')
    words = [sys.executable, "-c", HANGING, "check", "--config", str(file), "--timeout", "0.5s", "--format", "json"]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    messages = [
        message for message in _strings(json.loads(done.stdout)) if "answer in" in message or "refused" in message
    ]
    assert sum("no answer in 0.5 s (hangs-" in message for message in messages) >= 10
    assert any("refused the connection" in message for message in messages)


def _strings(value: object) -> list[str]:
    """Return every text in a document."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _strings(each)]


@pytest.mark.parametrize("kind", START)
async def test_a_name_that_is_not_known_is_told_from_name_servers_that_do_not_answer(
    kind: str, resolved: dict[str, list[str] | OSError]
) -> None:
    """Fault 12: Both by name, and in different words."""
    resolved["nowhere.example"] = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    resolved["later.example"] = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    unknown = why(await ObservedTarget(at(kind, 1, "nowhere.example"), timeout=20).until(failed))
    unheard = why(await ObservedTarget(at(kind, 1, "later.example"), timeout=20).until(failed))
    assert (unknown.reason, unknown.message) == ("dns", "the name nowhere.example is not known")
    assert (unheard.reason, unheard.message) == ("dns", "no name server answered for later.example")


@pytest.mark.parametrize("kind", START)
async def test_of_several_addresses_the_one_that_answers_is_used(
    kind: str, wing: Wing, resolved: dict[str, list[str] | OSError]
) -> None:
    """Fault 13: The first swallows everything, the second refuses, and the third is read within one deadline; which one
    that is, is told.
    """
    port = wing[kind].port
    resolved["several.example"] = ["127.0.0.2", "127.0.0.3", "127.0.0.1"]
    with swallowing("127.0.0.2", port):
        target = into(kind, port, "several.example")
        reading = (await ObservedTarget(target, timeout=20).until(answered)).reading
    assert reading is not None
    assert "several.example answers as 127.0.0.1 (of 3 addresses)" in reading.notes


def _six() -> int:
    """Return a port of ::1 that is free."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
            port: int = server.getsockname()[1]
            return port
    except OSError:
        missing("no IPv6 here")
        raise


async def test_addresses_of_the_sixth_version_are_written_and_read_as_such(
    resolved: dict[str, list[str] | OSError],
) -> None:
    """Fault 14: [::1]:port in words; and a name whose sixth address refuses is read by its fourth."""
    port = _six()
    refused = why(await ObservedTarget(at("redis", port, "::1"), timeout=20).until(failed))
    assert refused.message == f"[::1]:{port} refused the connection"
    resolved["both.example"] = ["::1", "127.0.0.1"]
    async with listening(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as fourth:
        both = why(await ObservedTarget(at("redis", fourth, "both.example"), timeout=20).until(failed))
    assert both.reason == "wrong-service"


async def test_a_clock_that_jumps_causes_no_burst_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 16: The wall clock goes a day ahead and a day back at every look; readings come at their pace."""
    looks = 0
    day = 86400.0

    def jumping() -> float:
        nonlocal looks
        looks += 1
        return 1.8e9 + (day if looks % 2 else -day)

    ward = ObservedTarget(at("redis", free_port()), interval=0.2, timeout=5)
    monkeypatch.setattr("parity_tui.watcher.supervisor.time.time", jumping)
    began = time.monotonic()
    await ward.until(lambda outcome: ward.readings >= 5)
    # Four pauses of 0.2 s with a jitter of a twentieth: that it takes longer depends on the machine, not less.
    assert time.monotonic() - began > 4 * 0.2 * 0.95 - 0.05
    assert looks >= 4


@pytest.mark.parametrize("ahead", [-86400, 86400])
async def test_a_server_whose_clock_is_wrong_says_the_same_as_any_other(ahead: int) -> None:
    """Fault 32: No time of a server is compared, neither with ours nor with that of another server."""

    def answer(now: int) -> bytes:
        return b"STAT pid 1\r\nSTAT uptime 5\r\nSTAT time %d\r\nSTAT version 1.6.18\r\nEND\r\nSTAT c 1\r\nEND\r\n" % now

    now = int(time.time())
    async with listening(says(answer(now))) as right, listening(says(answer(now + ahead))) as wrong:
        seen = [await ObservedTarget(at("memcached", port), timeout=20).until(answered) for port in (right, wrong)]
    first, second = (outcome.reading for outcome in seen)
    assert first is not None
    assert second is not None
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
async def test_pauses_grow_from_one_second_to_thirty_and_a_password_is_tried_once(
    error: Exception, retried: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults 5, 19, 20, 21, 22: With jitter, so that many of us do not come back at once."""
    pauses: list[float | None] = []
    enough = asyncio.Event()

    async def sleep(self: object, seconds: float | None) -> None:
        pauses.append(seconds)
        if seconds is None or len(pauses) == 8:
            enough.set()
            await asyncio.Event().wait()

    ward = ObservedTarget(at("redis", 1))
    monkeypatch.setattr(Supervisor, "_sleep", sleep)
    supervisor = ward.watch._supervisors[0]
    monkeypatch.setattr(supervisor, "_run_session", _ends_with(error))
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


def _ends_with(error: Exception) -> Any:
    """Return a session that ends at once."""

    async def session() -> Exception:
        return error

    return session

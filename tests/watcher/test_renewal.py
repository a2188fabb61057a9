"""Connections are renewed: the new one first, without a gap, and a server that accepts none is failed and let go."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from parity_tui.config import target
from parity_tui.demo.process import wait_until
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.drift.board import Board
from parity_tui.drift.changes import of_servers
from parity_tui.drift.policy import Policy
from parity_tui.model import Dialer, Failure, Reading, ReadOnce, Reason, Service, ServiceError, Target
from parity_tui.services import kinds
from parity_tui.transport.dialer import NetworkDialer
from parity_tui.transport.tls import Tls
from parity_tui.watcher import Watcher, link
from tests.watcher.builders import PATIENCE, outcome, watch_until


class RenewedKind:
    """A kind whose connections each read the next of several instances; logs logins and farewells."""

    def __init__(self, *instances: str, room: int = 2, dies: bool = False) -> None:
        self._instances = list(instances)
        self._room = room
        self._dies = dies
        self._open = 0
        self.log: list[str] = []
        self.left = asyncio.Event()

    @asynccontextmanager
    async def connect(self, target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
        if self._open == self._room:
            raise ServiceError(Reason.SERVER, "too many connections")
        instance = self._instances.pop(0) if len(self._instances) > 1 else self._instances[0]
        number = sum(event.startswith("login") for event in self.log) + 1
        self.log.append(f"login {number}")
        self._open += 1

        async def read() -> Reading:
            if self._dies and f"login {number + 1}" in self.log:
                raise ConnectionResetError
            self.log.append(f"read {number}")
            return Reading("Thing", "1.0", {}, instance=instance)

        try:
            yield read
        finally:
            self._open -= 1
            self.log.append(f"farewell {number}")
            self.left.set()

    def watcher(self, renewal: float = 0.05, interval: float = 0.01) -> Watcher:
        """Return a watcher of one target of this kind."""
        service = Service("Made up", ("made",), self.connect, "none", ())
        return Watcher(
            ["dev"], [Target("dev", "db", "made", host="dev.example", port=1)], {"made": service}, Policy(),
            interval=interval, timeout=5, renewal=renewal,
        )  # fmt: skip


async def boards_until(watcher: Watcher, logins: int, kind: RenewedKind) -> list[Board]:
    """Watch until so many connections have been read; return all boards."""
    boards: list[Board] = []

    def enough(board: Board) -> bool:
        boards.append(board)
        return f"read {logins}" in kind.log

    await watch_until(watcher, enough)
    return boards


def seen_restarts(boards: list[Board]) -> int:
    return sum(change.restarted for pair in pairwise(boards) for change in of_servers(*pair))


async def test_new_connection_reads_before_the_old_one_leaves() -> None:
    kind = RenewedKind("a")
    boards = await boards_until(kind.watcher(), 3, kind)
    first = kind.log.index("farewell 1")
    assert kind.log[first - 2 : first] == ["login 2", "read 2"]
    assert not any(board.summary.failed for board in boards)
    assert seen_restarts(boards) == 0
    assert kind.log.count("farewell 1") == 1


async def test_equal_reading_of_renewed_connection_is_redacted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    redacted: list[Reading] = []

    def redact(reading: Reading, service: Service) -> Reading:
        redacted.append(reading)
        return reading

    monkeypatch.setattr(link, "redact_reading", redact)
    kind = RenewedKind("a")
    await boards_until(kind.watcher(), 3, kind)
    assert len(redacted) == 1


async def test_facts_of_new_connection_are_those_of_new_connection() -> None:
    """Also where a kind returns one object for all its connections."""
    same, seen = Reading("Thing", "1.0", {}), list[str]()
    service = Service("Made up", ("made",), RenewedKind("a").connect, "none", ())

    async def read() -> Reading:
        return same

    latest = None
    for version in ("TLSv1.3", "TLSv1.2"):
        dialer = NetworkDialer(Target("dev", "db", "made"), 5)
        dialer._tls["tls"] = Tls(version, verified=True)
        connection = link.Link(read, dialer, AsyncExitStack(), 0.0, latest)
        reading = await connection.read(service)
        seen.append(reading.facts["tls.version"].raw or "")
        latest = connection.latest
    assert seen == ["TLSv1.3", "TLSv1.2"]


async def test_other_reading_of_renewed_connection_is_shown() -> None:
    kind = RenewedKind("a", "b")
    readings = [outcome(board, "dev").reading for board in await boards_until(kind.watcher(), 3, kind)]
    assert {reading.instance for reading in readings if reading is not None} == {"a", "b"}


async def test_renewed_connection_to_another_living_server_is_no_restart() -> None:
    kind = RenewedKind("a", "b")
    assert seen_restarts(await boards_until(kind.watcher(), 4, kind)) == 0


async def test_restart_between_two_readings_is_seen_by_the_new_connection() -> None:
    kind = RenewedKind("a", "b", dies=True)
    assert seen_restarts(await boards_until(kind.watcher(renewal=0.0), 3, kind)) == 1


async def test_long_interval_keeps_no_connection() -> None:
    kind = RenewedKind("a")
    await boards_until(watcher := kind.watcher(renewal=60, interval=10), 1, kind)
    assert kind.log == ["login 1", "read 1", "farewell 1"]
    assert watcher.board.summary.failed == 0


async def test_paused_watcher_keeps_no_connection() -> None:
    kind = RenewedKind("a")
    watcher = kind.watcher(renewal=60)
    async with asyncio.timeout(PATIENCE), aclosing(watcher.boards()) as boards:  # type: ignore[type-var]
        await anext(boards)
        await anext(boards)
        watcher.pause(True)
        await kind.left.wait()
        watcher.pause(False)
        while "read 2" not in kind.log:
            await anext(boards)


async def test_server_with_room_for_one_connection_is_let_go_first() -> None:
    kind = RenewedKind("a", room=1)
    boards = await boards_until(kind.watcher(), 3, kind)
    assert not any(board.summary.failed for board in boards)


def on(server: Server, user: str = "", renewal: float = 0.3) -> Watcher:
    """Return a watcher of one real server."""
    it = target("dev", "it", server.url(user), Path("/"), {})
    return Watcher(["dev"], [it], kinds(), Policy(), interval=0.05, timeout=2, renewal=renewal)


async def failure_after(watcher: Watcher, act: Callable[[], object]) -> Failure:
    """Watch, act once the target has been read, and return the failure that follows."""
    acted = False

    def failed(board: Board) -> bool:
        nonlocal acted
        found = outcome(board, "dev")
        if found.reading and not acted:
            acted = True
            act()
        return acted and found.failure is not None

    found = outcome(await watch_until(watcher, failed), "dev").failure
    assert found is not None
    return found


async def test_postgresql_in_smart_shutdown_stops_and_is_failed(servers: Servers) -> None:
    server = servers.postgres("16")
    process = server.process
    assert process is not None
    found = await failure_after(on(server, "postgres"), lambda: process.signal(signal.SIGTERM))
    assert found.reason in (Reason.REFUSED, Reason.SERVER, Reason.CLOSED)
    assert wait_until(lambda: process.code() is not None, 10)


async def test_postgresql_without_its_postmaster_is_failed(servers: Servers) -> None:
    server = servers.postgres("16")
    process = server.process
    assert process is not None
    try:
        found = await failure_after(on(server, "postgres"), lambda: process.signal(signal.SIGSTOP))
    finally:
        process.signal(signal.SIGCONT)
    assert found.reason is Reason.TIMEOUT


async def test_rotated_password_is_noticed_and_waits(servers: Servers) -> None:
    server = servers.postgres("16", password="boss", sql=["CREATE ROLE parity LOGIN PASSWORD 'sesame'"])
    it = target("dev", "it", server.url("parity", "sesame", "postgres"), Path("/"), {})
    watcher = Watcher(["dev"], [it], kinds(), Policy(), interval=0.05, timeout=5, renewal=0.3)
    found = await failure_after(watcher, lambda: server.sql("ALTER ROLE parity PASSWORD 'other'"))
    assert found.reason is Reason.AUTH
    assert found.message.endswith("; r tries again")


async def test_redis_with_room_for_one_client_never_fails(servers: Servers) -> None:
    server = servers.redis("7.0", settings={"maxclients": "1"})
    seen: list[int] = []

    def renewed(board: Board) -> bool:
        found = outcome(board, "dev")
        assert found.failure is None
        seen.append(found.connection)
        return len(seen) > 12

    await watch_until(on(server, renewal=0.2), renewed)

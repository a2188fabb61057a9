"""What a person is told of servers that are exchanged or change roles while they are watched: no error, but news."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing

import pytest

from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.drift.changes import Change, changes
from tests.faults.conftest import START, UPGRADES, Wing, into
from tests.faults.observed_target import PATIENCE, ObservedTarget, door, patient


async def told(ward: ObservedTarget, act: Callable[[], object], enough: Callable[[list[Change]], bool]) -> list[Change]:
    """Do something once the target has been read, and return what is told until that is enough."""
    found: list[Change] = []
    acted: asyncio.Future[object] | None = None
    board = ward.watch.board
    async with asyncio.timeout(PATIENCE), aclosing(ward.watch.boards()) as boards:  # type: ignore[type-var]
        async for newer in boards:
            found += (change for change in changes(board, newer) if change.environment == "patient")
            board = newer
            if acted is None and patient(board).reading:
                acted = asyncio.ensure_future(asyncio.to_thread(act))
            if acted and acted.done() and enough(found):
                acted.result()
                break
    return found


@pytest.mark.parametrize("kind", sorted(set(START) - {"http"}))  # whose servers do not say when they were started
async def test_a_restart_is_news_once(kind: str, wing: Wing) -> None:
    """Fault 17: Killed and started again: one sentence, whether it was seen to be away or not."""
    server = wing[kind]

    def again() -> None:
        server.kill()
        time.sleep(1.1)  # MariaDB tells its start in seconds, and can be back within one
        server.start()

    news = await told(ObservedTarget(into(kind, server.port), timeout=5, interval=0.3), again, bool)
    assert [(change.subject, change.transition) for change in news if change.restarted] == [("it restarted", "")]


@pytest.mark.parametrize(
    ("kind", "fixture", "old", "new"),
    [upgrade for upgrade in UPGRADES if upgrade[0] != "rabbitmq"],  # which tells of its runs by its HTTP API only
)
async def test_a_restart_as_another_version_tells_both_versions(
    kind: str, fixture: str, old: str, new: str, request: pytest.FixtureRequest
) -> None:
    """Fault 17: "restarted 16.14 → 18.4", and no second sentence on the version."""
    versions: Mapping[str, Server] = request.getfixturevalue(fixture)
    async with door(versions[old].port) as between:
        loop = asyncio.get_running_loop()
        news = await told(
            ObservedTarget(into(kind, between.port), timeout=20),
            lambda: loop.call_soon_threadsafe(between.lead, versions[new].port),
            bool,
        )
    (restart,) = [change for change in news if change.setting == "version"]
    assert restart.restarted
    assert restart.before.startswith(old)
    assert restart.after.startswith(new)


async def test_another_role_is_news(servers: Servers) -> None:
    """Fault 18: A replica that becomes the primary, without a restart."""
    server = servers.redis("7.0")
    server.do("REPLICAOF", "127.0.0.1", "1")
    promote = lambda: server.do("REPLICAOF", "NO", "ONE")  # noqa: E731
    news = await told(ObservedTarget(into("redis", server.port), timeout=20), promote, bool)
    assert [(change.subject, change.transition) for change in news if change.setting == "role"] == [
        ("it role", "slave → master")
    ]
    assert not any(change.restarted for change in news)

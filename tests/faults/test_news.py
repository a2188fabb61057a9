"""Restarts, upgrades and failovers of watched servers are announced as changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing

import pytest

from parity_tui.demo.servers import Servers
from parity_tui.drift.changes import Change, changes
from tests.faults.conftest import START_SERVER, UPGRADES, DisposableServers, Upgrade, target_of
from tests.faults.observed_target import PATIENCE, ObservedTarget, observed_outcome, switchable_proxy


async def first_changes(watched: ObservedTarget, act: Callable[[], object]) -> list[Change]:
    """Run an action once the target has been read; return the changes of the first board that has any after it.

    Outages are left out.
    """
    found: list[Change] = []
    action: asyncio.Future[object] | None = None
    board = watched.watch.board
    async with asyncio.timeout(PATIENCE), aclosing(watched.watch.boards()) as boards:  # type: ignore[type-var]
        async for newer in boards:
            news = changes(board, newer)
            found += (event for event in news if event.environment == "observed" and not event.kind.outage)
            board = newer
            if action is None and observed_outcome(board).reading:
                action = asyncio.ensure_future(asyncio.to_thread(act))
            if action and action.done() and found:
                action.result()
                break
    return found


@pytest.mark.parametrize("kind", sorted(set(START_SERVER) - {"http", "pgbouncer", "smtp"}))  # their start is not known
async def test_restart_is_announced_once(kind: str, disposable: DisposableServers) -> None:
    """Fault 17: Killed and started again, with or without a failed reading between."""
    server = disposable[kind]

    def restart() -> None:
        server.kill()
        time.sleep(1.1)  # MariaDB counts its start in seconds, and a restart can be quicker
        server.start()

    news = await first_changes(ObservedTarget(target_of(kind, server.port), timeout=5, interval=0.3), restart)
    assert [(change.subject, change.transition) for change in news if change.restarted] == [("it restarted", "")]


@pytest.mark.parametrize("upgrade", [kind for kind in UPGRADES if kind != "rabbitmq"], indirect=True)
async def test_upgrade_is_announced_with_both_versions(upgrade: Upgrade) -> None:
    """Fault 17: "restarted 16.14 → 18.4", without a second change of the version. AMQP has no start of a RabbitMQ."""
    async with switchable_proxy(upgrade.old.port) as proxy:
        loop = asyncio.get_running_loop()
        news = await first_changes(
            ObservedTarget(target_of(upgrade.kind, proxy.port), timeout=20),
            lambda: loop.call_soon_threadsafe(proxy.switch, upgrade.new.port),
        )
    (restart,) = [change for change in news if change.setting == "version"]
    assert restart.restarted
    assert restart.before.startswith(upgrade.old_version)
    assert restart.after.startswith(upgrade.new_version)


async def test_failover_is_announced_as_no_restart(servers: Servers) -> None:
    """Fault 18: A replica becomes the primary."""
    server = servers.redis("7.0")
    server.do("REPLICAOF", "127.0.0.1", "1")
    promote = lambda: server.do("REPLICAOF", "NO", "ONE")  # noqa: E731
    news = await first_changes(ObservedTarget(target_of("redis", server.port), timeout=20), promote)
    assert [(change.subject, change.transition) for change in news if change.setting == "role"] == [
        ("it role", "slave → master")
    ]
    assert not any(change.restarted for change in news)

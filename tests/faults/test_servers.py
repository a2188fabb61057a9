"""Real servers that freeze, die, change or refuse while they are watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Outcome, State
from tests.faults.conftest import START_SERVER, UPGRADES, DisposableServers, Upgrade, target_of
from tests.faults.observed_target import (
    ObservedTarget,
    answers,
    fails,
    failure_of,
    observed,
    reading_of,
    switchable_proxy,
)
from tests.faults.steps import Condition, nothing, run_steps


@pytest.mark.parametrize("kind", START_SERVER)
async def test_frozen_server_is_stale_and_recovers(kind: str, disposable: DisposableServers) -> None:
    """Fault 6: The connection stays open without an answer."""
    server = disposable[kind]
    watched = ObservedTarget(target_of(kind, server.port), timeout=1)
    try:
        seen = await run_steps(watched, (answers, server.pause), (lambda o: o.stale, server.resume), (answers, nothing))
    finally:
        server.resume()
    assert failure_of(seen[1]).reason == "timeout"
    assert reading_of(seen[1]) == reading_of(seen[0])
    assert reading_of(seen[2]).facts == reading_of(seen[0]).facts


@pytest.mark.parametrize("kind", START_SERVER)
async def test_killed_server_is_stale_and_recovers(kind: str, disposable: DisposableServers) -> None:
    """Faults 5, 17: The last values stay; the restarted server is read again without a key, as another instance."""
    server = disposable[kind]
    watched = ObservedTarget(target_of(kind, server.port), timeout=5)
    refused: Condition = lambda o: o.stale and failure_of(o).reason == "refused"  # noqa: E731
    seen = await run_steps(watched, (answers, server.kill), (refused, server.start), (answers, nothing))
    assert reading_of(seen[1]) == reading_of(seen[0])
    assert reading_of(seen[2]).version == reading_of(seen[0]).version
    if reading_of(seen[0]).instance and kind != "mysql":  # MySQL counts in seconds, and a restart may be quicker
        assert reading_of(seen[2]).instance != reading_of(seen[0]).instance


@pytest.mark.parametrize("upgrade", UPGRADES, indirect=True)
async def test_upgraded_server_shows_new_values_without_failure(upgrade: Upgrade) -> None:
    """Fault 17: Another version answers on the same address."""
    async with switchable_proxy(upgrade.old.port) as proxy:
        watched = ObservedTarget(target_of(upgrade.kind, proxy.port), timeout=20)
        loop = asyncio.get_running_loop()
        switch: Callable[[], object] = lambda: loop.call_soon_threadsafe(proxy.switch, upgrade.new.port)  # noqa: E731
        failures: list[Outcome] = []

        def upgraded(outcome: Outcome) -> bool:
            if outcome.failure:
                failures.append(outcome)
            return answers(outcome) and reading_of(outcome).version.startswith(upgrade.new_version)

        seen = await run_steps(watched, (answers, switch), (upgraded, nothing))
    before, after = map(reading_of, seen)
    assert before.version.startswith(upgrade.old_version)
    assert before.facts.keys() != after.facts.keys() or upgrade.kind == "rabbitmq"
    assert failures == []


def set_postgres_password(server: Postgres, password: str) -> None:
    server.sql(f"ALTER ROLE parity PASSWORD '{password}'")


def set_redis_password(server: Redis, password: str) -> None:
    server.do("ACL", "SETUSER", "parity", "resetpass", f">{password}")


def server_with_password(kind: str, servers: Servers) -> tuple[Server, Callable[..., None]]:
    """Return a server whose user parity has the password "sesame", and the function that changes it."""
    if kind == "postgres":
        sql = ["CREATE ROLE parity LOGIN PASSWORD 'sesame'", "GRANT pg_read_all_settings TO parity"]
        server = servers.postgres("16", password="boss", sql=sql, initdb=["--auth=scram-sha-256"])
        return server, set_postgres_password
    rights = ["parity", "on", ">sesame", "resetkeys", "-@all", "+info", "+config|get", "+ping"]
    return servers.redis("7.0", acl=[rights]), set_redis_password


@pytest.mark.parametrize("kind", ["postgres", "redis"])
async def test_changed_password_is_tried_once(kind: str, servers: Servers) -> None:
    """Faults 21, 5: After a lost connection the old password is rejected; only a key tries it again."""
    server, change_password = server_with_password(kind, servers)
    async with switchable_proxy(server.port) as proxy:
        watched = ObservedTarget(observed(kind, proxy.port), timeout=20)
        loop = asyncio.get_running_loop()
        connections: list[int] = []

        def lock_out() -> None:
            change_password(server, "other")
            loop.call_soon_threadsafe(proxy.switch, server.port)

        def let_in_again() -> None:
            watched.wait_for_neighbour(20)
            connections.append(proxy.connections)
            change_password(server, "sesame")
            loop.call_soon_threadsafe(watched.watch.refresh)

        seen = await run_steps(watched, (answers, lock_out), (fails, let_in_again), (answers, nothing))
    assert failure_of(seen[1]).reason == "auth"
    assert "sesame" not in failure_of(seen[1]).message
    assert reading_of(seen[1]) == reading_of(seen[0])
    assert connections == [2]


async def test_revoked_rights_hide_values(servers: Servers) -> None:
    """Fault 23: PostgreSQL's and Redis's settings, visible until then."""
    postgres, _ = server_with_password("postgres", servers)
    assert isinstance(postgres, Postgres)
    redis, _ = server_with_password("redis", servers)
    assert isinstance(redis, Redis)
    seen = await run_steps(
        ObservedTarget(observed("postgres", postgres.port), timeout=20),
        (answers, lambda: postgres.sql("REVOKE pg_read_all_settings FROM parity")),
        (lambda o: answers(o) and bool(reading_of(o).hidden) and "data_directory" not in reading_of(o).facts, nothing),
    )
    assert "data_directory" in reading_of(seen[0]).facts
    seen = await run_steps(
        ObservedTarget(observed("redis", redis.port), timeout=20),
        (answers, lambda: redis.do("ACL", "SETUSER", "parity", "-config|get")),
        (lambda o: answers(o) and any(glob == "*" for glob, _ in reading_of(o).hidden), nothing),
    )
    assert reading_of(seen[1]).version == reading_of(seen[0]).version
    assert "save" in reading_of(seen[0]).facts
    assert "save" not in reading_of(seen[1]).facts


async def test_failover_shows_the_new_role(servers: Servers) -> None:
    """Fault 18: A promoted replica shows another role at the next reading, without a failure."""
    server = servers.redis("7.0")
    server.do("REPLICAOF", "127.0.0.1", "1")

    def has_role(role: str) -> Condition:
        return lambda o: answers(o) and reading_of(o).facts["role"].raw == role

    seen = await run_steps(
        ObservedTarget(target_of("redis", server.port), timeout=20),
        (has_role("slave"), lambda: server.do("REPLICAOF", "NO", "ONE")),
        (has_role("master"), nothing),
    )
    assert reading_of(seen[0]).instance == reading_of(seen[1]).instance


async def test_full_server_is_read_once_it_has_room(servers: Servers) -> None:
    """Fault 20: maxclients, in the server's own words."""
    server = servers.redis("7.0", settings={"maxclients": "1"})
    _, writer = await asyncio.open_connection(server.host, server.port)
    await asyncio.sleep(0)
    seen = await run_steps(
        ObservedTarget(target_of("redis", server.port), timeout=20),
        (fails, writer.transport.abort),
        (answers, nothing),
    )
    assert failure_of(seen[0]).reason == "server"
    assert "max number of clients" in failure_of(seen[0]).message
    assert State.VALUE in {fact.state for fact in reading_of(seen[1]).facts.values()}

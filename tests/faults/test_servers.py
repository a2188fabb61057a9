"""Real servers that are stopped, killed, exchanged, closed and demoted while they are watched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

import pytest

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from parity_tui.model import Outcome, State
from tests.faults.conftest import START, UPGRADES, Wing, into
from tests.faults.observed_target import ObservedTarget, at, door, why
from tests.faults.story import Step, live, nothing, story, told


@pytest.mark.parametrize("kind", START)
async def test_a_server_that_is_frozen_and_goes_on_is_stale_and_comes_back(kind: str, wing: Wing) -> None:
    """Fault 6: Connections stay open and nobody answers; nobody has to ask for the return."""
    server = wing[kind]
    ward = ObservedTarget(into(kind, server.port), timeout=1)
    try:
        seen = await story(ward, (live, server.pause), (lambda o: o.stale, server.resume), (live, nothing))
    finally:
        server.resume()
    assert why(seen[1]).reason == "timeout"
    assert told(seen[1]) == told(seen[0])
    assert told(seen[2]).facts == told(seen[0]).facts


@pytest.mark.parametrize("kind", START)
async def test_a_server_that_is_killed_and_started_again_is_stale_and_comes_back(kind: str, wing: Wing) -> None:
    """Faults 5, 17: The last values stay; after the restart it is read again by itself, as another run."""
    server = wing[kind]
    ward = ObservedTarget(into(kind, server.port), timeout=5)
    refused: Step = lambda o: o.stale and why(o).reason == "refused"  # noqa: E731
    seen = await story(ward, (live, server.kill), (refused, server.start), (live, nothing))
    assert told(seen[1]) == told(seen[0])
    assert told(seen[2]).version == told(seen[0]).version
    if told(seen[0]).instance and kind != "mysql":  # which counts in seconds, and may be that quick
        assert told(seen[2]).instance != told(seen[0]).instance


@pytest.mark.parametrize(
    ("kind", "fixture", "old", "new"),
    UPGRADES,
)
async def test_a_server_that_comes_back_as_another_version_is_no_failure(
    kind: str, fixture: str, old: str, new: str, request: pytest.FixtureRequest
) -> None:
    """Fault 17: On the same address: every value is the new one's, and there is no word of an error."""
    versions: Mapping[str, Server] = request.getfixturevalue(fixture)
    async with door(versions[old].port) as between:
        ward = ObservedTarget(into(kind, between.port), timeout=20)
        loop = asyncio.get_running_loop()
        swap: Callable[[], object] = lambda: loop.call_soon_threadsafe(between.lead, versions[new].port)  # noqa: E731
        failures: list[Outcome] = []

        def another(outcome: Outcome) -> bool:
            if outcome.failure:
                failures.append(outcome)
            return live(outcome) and told(outcome).version.startswith(new)

        seen = await story(ward, (live, swap), (another, nothing))
    assert told(seen[0]).version.startswith(old)
    assert told(seen[0]).facts.keys() != told(seen[1]).facts.keys() or kind == "rabbitmq"
    assert failures == []


def _postgres_password(server: Postgres, word: str) -> None:
    server.sql(f"ALTER ROLE parity PASSWORD '{word}'")


def _redis_password(server: Redis, word: str) -> None:
    server.do("ACL", "SETUSER", "parity", "resetpass", f">{word}")


def _guarded(kind: str, servers: Servers) -> tuple[Server, Callable[..., None]]:
    """Return a server with a user parity whose password is "sesame", and what changes that."""
    if kind == "postgres":
        lets_in = ["--auth=scram-sha-256"]
        sql = ["CREATE ROLE parity LOGIN PASSWORD 'sesame'", "GRANT pg_read_all_settings TO parity"]
        return servers.postgres("16", password="boss", sql=sql, initdb=lets_in), _postgres_password
    rights = ["parity", "on", ">sesame", "resetkeys", "-@all", "+info", "+config|get", "+ping"]
    return servers.redis("7.0", acl=[rights]), _redis_password


@pytest.mark.parametrize("kind", ["postgres", "redis"])
async def test_a_password_that_is_changed_meanwhile_is_tried_once(kind: str, servers: Servers) -> None:
    """Faults 21, 5: The connection is lost, the old password rejected: one attempt, until a person asks again."""
    server, change = _guarded(kind, servers)
    async with door(server.port) as between:
        ward = ObservedTarget(at(kind, between.port), timeout=20)
        loop = asyncio.get_running_loop()
        attempts: list[int] = []

        def lock_out() -> None:
            change(server, "other")
            loop.call_soon_threadsafe(between.lead, server.port)

        def let_in_again() -> None:
            before = ward.readings
            while ward.readings < before + 20:  # a while in which everybody else is read
                time.sleep(0.05)
            attempts.append(between.connections)
            change(server, "sesame")
            loop.call_soon_threadsafe(ward.watch.refresh)

        seen = await story(ward, (live, lock_out), (lambda o: o.failure is not None, let_in_again), (live, nothing))
    assert why(seen[1]).reason == "auth"
    assert "sesame" not in why(seen[1]).message
    assert told(seen[1]) == told(seen[0])
    assert attempts == [2]


async def test_rights_that_are_taken_away_hide_values_and_break_nothing(servers: Servers) -> None:
    """Fault 23: PostgreSQL's and Redis's settings, seen until just now."""
    postgres, _ = _guarded("postgres", servers)
    assert isinstance(postgres, Postgres)
    redis, _ = _guarded("redis", servers)
    assert isinstance(redis, Redis)
    seen = await story(
        ObservedTarget(at("postgres", postgres.port), timeout=20),
        (live, lambda: postgres.sql("REVOKE pg_read_all_settings FROM parity")),
        (lambda o: live(o) and bool(told(o).hidden) and "data_directory" not in told(o).facts, nothing),
    )
    assert "data_directory" in told(seen[0]).facts
    seen = await story(
        ObservedTarget(at("redis", redis.port), timeout=20),
        (live, lambda: redis.do("ACL", "SETUSER", "parity", "-config|get")),
        (lambda o: live(o) and any(glob == "*" for glob, _ in told(o).hidden), nothing),
    )
    assert told(seen[1]).version == told(seen[0]).version
    assert "save" in told(seen[0]).facts
    assert "save" not in told(seen[1]).facts


async def test_a_failover_is_told_by_the_role_that_is_shown(servers: Servers) -> None:
    """Fault 18: A replica becomes the primary: its role is another one at the next reading, and no error."""
    server = servers.redis("7.0")
    server.do("REPLICAOF", "127.0.0.1", "1")

    def plays(role: str) -> Step:
        return lambda o: live(o) and told(o).facts["role"].raw == role

    seen = await story(
        ObservedTarget(into("redis", server.port), timeout=20),
        (plays("slave"), lambda: server.do("REPLICAOF", "NO", "ONE")),
        (plays("master"), nothing),
    )
    assert told(seen[0]).instance == told(seen[1]).instance


async def test_a_server_with_no_room_is_asked_ever_more_rarely_and_read_once_there_is_room(servers: Servers) -> None:
    """Fault 20: maxclients, in the server's own words, and no hammering while it lasts."""
    server = servers.redis("7.0", settings={"maxclients": "1"})
    _, writer = await asyncio.open_connection(server.host, server.port)
    await asyncio.sleep(0)
    seen = await story(
        ObservedTarget(into("redis", server.port), timeout=20),
        (lambda o: o.failure is not None, writer.transport.abort),
        (live, nothing),
    )
    assert why(seen[0]).reason == "server"
    assert "max number of clients" in why(seen[0]).message
    assert State.VALUE in {fact.state for fact in told(seen[1]).facts.values()}

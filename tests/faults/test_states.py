"""Real servers in passing states: a standby, a long start, an expired password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Outcome
from tests.faults.conftest import target_of
from tests.faults.observed_target import (
    ObservedTarget,
    answers,
    fails,
    failure_of,
    observed,
    reading_of,
    switchable_proxy,
)
from tests.faults.states import Gate, Standby, promote, run_as_root, start_recovery, start_without_waiting
from tests.faults.steps import Condition, nothing, run_steps


def fails_with(words: str) -> Condition:
    return lambda outcome: outcome.failure is not None and words in outcome.failure.message


async def test_promoted_standby_shows_its_role_without_reconnecting(servers: Servers) -> None:
    """Fault 18: PostgreSQL's next reading has the other role, without a failure."""
    standby = Standby(servers, servers.postgres("15"))
    standby.start()
    failures: list[Outcome] = []

    def is_standby(value: str) -> Condition:
        def met(outcome: Outcome) -> bool:
            if outcome.failure:
                failures.append(outcome)
            return answers(outcome) and reading_of(outcome).facts["in_hot_standby"].raw == value

        return met

    async with switchable_proxy(standby.port) as proxy:
        watched = ObservedTarget(target_of("postgres", proxy.port), timeout=20)
        seen = await run_steps(watched, (is_standby("on"), standby.promote), (is_standby("off"), nothing))
        assert proxy.connections == 1
    assert failures == []
    assert ["standby" in reading_of(outcome).notes for outcome in seen] == [True, False]
    assert reading_of(seen[0]).instance == reading_of(seen[1]).instance


async def test_recovering_database_is_starting_and_then_read(servers: Servers) -> None:
    """Fault 19: SQLSTATE 57P03 during the recovery; the last values stay until then."""
    server = servers.postgres("16", sql=["CREATE TABLE left_over AS SELECT generate_series(1, 100000)"])
    gates: list[Gate] = []

    def crash() -> None:
        server.kill()
        gates.append(start_recovery(server))

    seen = await run_steps(
        ObservedTarget(target_of("postgres", server.port), timeout=20),
        (answers, crash),
        (fails_with("is starting: the database system is starting up"), lambda: gates[0].open()),
        (answers, nothing),
    )
    assert failure_of(seen[1]).reason == "server"
    assert reading_of(seen[1]) == reading_of(seen[0])
    assert reading_of(seen[2]).instance != reading_of(seen[0]).instance


async def test_closed_standby_is_read_once_it_is_promoted(servers: Servers) -> None:
    """Fault 19: SQLSTATE 57P03 too, but the server is not starting: hot_standby is off."""
    server = servers.postgres("16")

    def close() -> None:
        server.kill()
        (server.folder / "data" / "standby.signal").touch()
        server.settings["hot_standby"] = "off"
        start_without_waiting(server)

    seen = await run_steps(
        ObservedTarget(target_of("postgres", server.port), timeout=20),
        (answers, close),
        (fails_with("is not accepting connections"), lambda: promote(server)),
        (answers, nothing),
    )
    assert failure_of(seen[1]).reason == "server"
    assert "Hot standby mode is disabled" in failure_of(seen[1]).message
    assert "starting" not in failure_of(seen[1]).message


@pytest.mark.parametrize("version", ["7.0", "8.0"])
async def test_loading_redis_is_read_with_a_note(version: str, servers: Servers) -> None:
    """Fault 19: A loading server answers INFO and CONFIG correctly; a note names the state."""
    slow = {"rdbcompression": "no", "loading-process-events-interval-bytes": "1024"}
    server = servers.redis(version, settings=slow)
    server.do("EVAL", "for i = 1, 600 do redis.call('SET', i, string.rep('x', 2000)) end", "0")
    server.do("SAVE")

    def crash() -> None:
        server.kill()
        server.settings["key-load-delay"] = "100000"
        start_without_waiting(server)

    def loading(outcome: Outcome) -> bool:
        return answers(outcome) and "starting: it still loads its data" in reading_of(outcome).notes

    seen = await run_steps(
        ObservedTarget(target_of("redis", server.port), timeout=20),
        (answers, crash),
        (loading, lambda: server.do("CONFIG", "SET", "key-load-delay", "0")),
        (lambda o: answers(o) and not loading(o), nothing),
    )
    assert reading_of(seen[1]).version == reading_of(seen[0]).version
    assert reading_of(seen[1]).facts["rdbcompression"].raw == "no"


async def test_starting_mariadb_is_silent_and_then_read(servers: Servers) -> None:
    """Fault 19: It accepts connections long before it greets."""
    server = servers.mariadb("10.11")
    gate = Gate(server)
    wait = f"BEGIN NOT ATOMIC WHILE LOAD_FILE('{gate.path}') IS NULL DO DO SLEEP(0.05); END WHILE; END"
    file = servers.home.write(server.folder / "wait.sql", f"{wait};\n")

    def crash() -> None:
        server.kill()
        server.settings["init_file"] = server.inside(file)
        start_without_waiting(server)

    seen = await run_steps(
        ObservedTarget(target_of("mysql", server.port), timeout=1),
        (answers, crash),
        (fails_with("connected, no reply"), gate.open),
        (answers, nothing),
    )
    assert failure_of(seen[1]).reason == "timeout"
    assert reading_of(seen[2]).version == reading_of(seen[0]).version


async def test_booting_broker_refuses_and_is_then_read(servers: Servers) -> None:
    """Fault 19: RabbitMQ opens its port last; every failure until then is retried."""
    server = servers.prepare_rabbitmq("3.10")
    seen = await run_steps(
        ObservedTarget(target_of("rabbitmq", server.port), timeout=20),
        (fails, lambda: start_without_waiting(server)),
        (answers, nothing),
    )
    assert failure_of(seen[0]).reason == "refused"
    assert reading_of(seen[1]).version.startswith("3.10")


def postgres_with_password(servers: Servers) -> tuple[Postgres, Callable[[str], object]]:
    """Return a server whose user parity has the password "sesame", and the function that runs a statement."""
    sql = ["CREATE ROLE parity LOGIN PASSWORD 'sesame'"]
    server = servers.postgres("16", password="boss", sql=sql, initdb=["--auth=scram-sha-256"])
    return server, server.sql


def mariadb_with_password(servers: Servers, version: str, disconnects: str) -> tuple[MariaDB, Callable[[str], object]]:
    """Return the same of MariaDB, which disconnects a user with an expired password if `disconnects` is ON."""
    settings = {"disconnect_on_expired_password": disconnects}
    server = servers.mariadb(version, settings=settings, sql=["CREATE USER parity@'%' IDENTIFIED BY 'sesame'"])
    return server, lambda statement: run_as_root(server, statement)


EXPIRED = {
    "postgres": (
        postgres_with_password,
        "ALTER ROLE parity VALID UNTIL '2001-01-01'",
        "ALTER ROLE parity VALID UNTIL 'infinity'",
        "rejects the password of parity: it is wrong or has expired",  # the server's message is the same for both
    ),
    "mysql": (
        lambda servers: mariadb_with_password(servers, "10.11", "OFF"),
        "ALTER USER parity@'%' PASSWORD EXPIRE",
        "ALTER USER parity@'%' IDENTIFIED BY 'sesame'",
        "the password of parity has expired",
    ),
    "mysql, disconnecting": (
        lambda servers: mariadb_with_password(servers, "11.8", "ON"),
        "ALTER USER parity@'%' PASSWORD EXPIRE",
        "ALTER USER parity@'%' IDENTIFIED BY 'sesame'",
        "the password of parity has expired",
    ),
    "mysql, changed": (
        lambda servers: mariadb_with_password(servers, "10.11", "OFF"),
        "ALTER USER parity@'%' IDENTIFIED BY 'other'",
        "ALTER USER parity@'%' IDENTIFIED BY 'sesame'",
        "refuses parity with this password",
    ),
}
"""server, statement that invalidates the password, statement that renews it, message"""


@pytest.mark.parametrize("case", EXPIRED)
async def test_expired_password_is_tried_once(case: str, servers: Servers) -> None:
    """Faults 21, 22: Only a key makes a second attempt."""
    make, invalidate, renew, words = EXPIRED[case]
    server, run = make(servers)
    async with switchable_proxy(server.port) as proxy:
        watched = ObservedTarget(observed(case.partition(",")[0], proxy.port), timeout=20)
        loop = asyncio.get_running_loop()
        connections: list[int] = []

        def expire() -> None:
            run(invalidate)
            loop.call_soon_threadsafe(proxy.switch, server.port)

        def let_in_again() -> None:
            watched.wait_for_neighbour(30)
            connections.append(proxy.connections)
            run(renew)
            loop.call_soon_threadsafe(watched.watch.refresh)

        seen = await run_steps(watched, (answers, expire), (fails, let_in_again), (answers, nothing))
    assert failure_of(seen[1]).reason == "auth"
    assert words in failure_of(seen[1]).message
    assert "sesame" not in failure_of(seen[1]).message
    assert reading_of(seen[1]) == reading_of(seen[0])
    assert connections == [2]

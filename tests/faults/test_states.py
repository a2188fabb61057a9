"""Real servers in states that go by, or that only a person ends: a standby, a long start, an old password."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from parity_tui.demo.mysql import MariaDB
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.model import Outcome
from tests.faults.conftest import into
from tests.faults.observed_target import ObservedTarget, at, door, why
from tests.faults.states import Gate, Standby, as_root, begin, promote, recovering
from tests.faults.story import Step, failed, live, nothing, story, told


def says(words: str) -> Step:
    """Return the step that has come once an attempt fails with these words."""
    return lambda outcome: outcome.failure is not None and words in outcome.failure.message


async def test_a_standby_that_is_promoted_says_so_on_the_same_connection(servers: Servers) -> None:
    """Fault 18: PostgreSQL's: its role is another one at the next reading, and there is no word of an error."""
    standby = Standby(servers, servers.postgres("15"))
    standby.start()
    failures: list[Outcome] = []

    def stands(by: str) -> Step:
        def step(outcome: Outcome) -> bool:
            if outcome.failure:
                failures.append(outcome)
            return live(outcome) and told(outcome).facts["in_hot_standby"].raw == by

        return step

    async with door(standby.port) as between:
        ward = ObservedTarget(into("postgres", between.port), timeout=20)
        seen = await story(ward, (stands("on"), standby.promote), (stands("off"), nothing))
        assert between.connections == 1
    assert failures == []
    assert ["standby" in told(outcome).notes for outcome in seen] == [True, False]
    assert told(seen[0]).instance == told(seen[1]).instance


async def test_a_database_that_recovers_from_a_crash_is_starting_and_then_read(servers: Servers) -> None:
    """Fault 19: 57P03 while it lasts; the last values stay, and nobody has to ask for the return."""
    server = servers.postgres("16", sql=["CREATE TABLE left_over AS SELECT generate_series(1, 100000)"])
    gates: list[Gate] = []

    def crash() -> None:
        server.kill()
        gates.append(recovering(server))

    seen = await story(
        ObservedTarget(into("postgres", server.port), timeout=20),
        (live, crash),
        (says("is starting: the database system is starting up"), lambda: gates[0].open()),
        (live, nothing),
    )
    assert why(seen[1]).reason == "server"
    assert told(seen[1]) == told(seen[0])
    assert told(seen[2]).instance != told(seen[0]).instance


async def test_a_standby_that_is_closed_to_readers_says_so_and_is_read_once_it_is_none(servers: Servers) -> None:
    """Fault 19: 57P03 too, but it is not starting: hot_standby is off."""
    server = servers.postgres("16")

    def close() -> None:
        server.kill()
        (server.folder / "data" / "standby.signal").touch()
        server.settings["hot_standby"] = "off"
        begin(server)

    seen = await story(
        ObservedTarget(into("postgres", server.port), timeout=20),
        (live, close),
        (says("is not accepting connections"), lambda: promote(server)),
        (live, nothing),
    )
    assert why(seen[1]).reason == "server"
    assert "Hot standby mode is disabled" in why(seen[1]).message
    assert "starting" not in why(seen[1]).message


@pytest.mark.parametrize("version", ["7.0", "8.0"])
async def test_a_redis_that_loads_its_data_is_read_and_says_so(version: str, servers: Servers) -> None:
    """Fault 19: INFO and CONFIG are answered meanwhile: what it says is right, and a note says that it is starting."""
    slow = {"rdbcompression": "no", "loading-process-events-interval-bytes": "1024"}
    server = servers.redis(version, settings=slow)
    server.do("EVAL", "for i = 1, 600 do redis.call('SET', i, string.rep('x', 2000)) end", "0")
    server.do("SAVE")

    def crash() -> None:
        server.kill()
        server.settings["key-load-delay"] = "100000"
        begin(server)

    def loading(outcome: Outcome) -> bool:
        return live(outcome) and "starting: it still loads its data" in told(outcome).notes

    seen = await story(
        ObservedTarget(into("redis", server.port), timeout=20),
        (live, crash),
        (loading, lambda: server.do("CONFIG", "SET", "key-load-delay", "0")),
        (lambda o: live(o) and not loading(o), nothing),
    )
    assert told(seen[1]).version == told(seen[0]).version
    assert told(seen[1]).facts["rdbcompression"].raw == "no"


async def test_a_mariadb_that_still_starts_is_silent_and_then_read(servers: Servers) -> None:
    """Fault 19: It takes connections long before it speaks: said as it is, and read without anybody's help."""
    server = servers.mariadb("10.11")
    gate = Gate(server)
    wait = f"BEGIN NOT ATOMIC WHILE LOAD_FILE('{gate.path}') IS NULL DO DO SLEEP(0.05); END WHILE; END"
    file = servers.home.write(server.folder / "wait.sql", f"{wait};\n")

    def crash() -> None:
        server.kill()
        server.settings["init_file"] = server.inside(file)
        begin(server)

    seen = await story(
        ObservedTarget(into("mysql", server.port), timeout=1),
        (live, crash),
        (says("connected, no reply"), gate.open),
        (live, nothing),
    )
    assert why(seen[1]).reason == "timeout"
    assert told(seen[2]).version == told(seen[0]).version


async def test_a_broker_that_still_boots_is_refused_and_then_read(servers: Servers) -> None:
    """Fault 19: RabbitMQ opens its port last: everything on the way is a reason to try again."""
    server = servers.prepare_rabbitmq("3.10")
    seen = await story(
        ObservedTarget(into("rabbitmq", server.port), timeout=20),
        (failed, lambda: begin(server)),
        (live, nothing),
    )
    assert why(seen[0]).reason == "refused"
    assert told(seen[1]).version.startswith("3.10")


def _postgres(servers: Servers) -> tuple[Postgres, Callable[[str], object]]:
    """Return a PostgreSQL with a user parity whose password is "sesame", and what runs a statement."""
    sql = ["CREATE ROLE parity LOGIN PASSWORD 'sesame'"]
    server = servers.postgres("16", password="boss", sql=sql, initdb=["--auth=scram-sha-256"])
    return server, server.sql


def _mariadb(servers: Servers, version: str, disconnects: str) -> tuple[MariaDB, Callable[[str], object]]:
    """Return a MariaDB with such a user; it may end the connection of one whose password has expired."""
    settings = {"disconnect_on_expired_password": disconnects}
    server = servers.mariadb(version, settings=settings, sql=["CREATE USER parity@'%' IDENTIFIED BY 'sesame'"])
    return server, lambda statement: as_root(server, statement)


EXPIRED = {
    "postgres": (
        _postgres,
        "ALTER ROLE parity VALID UNTIL '2001-01-01'",
        "ALTER ROLE parity VALID UNTIL 'infinity'",
        "rejects the password of parity: it is wrong or has expired",  # the server does not say which
    ),
    "mysql": (
        lambda servers: _mariadb(servers, "10.11", "OFF"),
        "ALTER USER parity@'%' PASSWORD EXPIRE",
        "ALTER USER parity@'%' IDENTIFIED BY 'sesame'",
        "the password of parity has expired",
    ),
    "mysql, which ends the connection": (
        lambda servers: _mariadb(servers, "11.8", "ON"),
        "ALTER USER parity@'%' PASSWORD EXPIRE",
        "ALTER USER parity@'%' IDENTIFIED BY 'sesame'",
        "the password of parity has expired",
    ),
    "mysql, where it is another one": (
        lambda servers: _mariadb(servers, "10.11", "OFF"),
        "ALTER USER parity@'%' IDENTIFIED BY 'other'",
        "ALTER USER parity@'%' IDENTIFIED BY 'sesame'",
        "does not take parity with this password",
    ),
}
"""by kind: the server, what makes the password an old one, what makes it good again, and what is said"""


@pytest.mark.parametrize("case", EXPIRED)
async def test_a_password_that_expires_meanwhile_is_tried_once(case: str, servers: Servers) -> None:
    """Faults 21, 22: In words, and no second attempt until a person asks for it."""
    make, shut, renew, words = EXPIRED[case]
    server, run = make(servers)
    async with door(server.port) as between:
        ward = ObservedTarget(at(case.partition(",")[0], between.port), timeout=20)
        loop = asyncio.get_running_loop()
        attempts: list[int] = []

        def expire() -> None:
            run(shut)
            loop.call_soon_threadsafe(between.lead, server.port)

        def let_in_again() -> None:
            before = ward.readings
            while ward.readings < before + 30:  # a while in which everybody else is read
                time.sleep(0.05)
            attempts.append(between.connections)
            run(renew)
            loop.call_soon_threadsafe(ward.watch.refresh)

        seen = await story(ward, (live, expire), (failed, let_in_again), (live, nothing))
    assert why(seen[1]).reason == "auth"
    assert words in why(seen[1]).message
    assert "sesame" not in why(seen[1]).message
    assert told(seen[1]) == told(seen[0])
    assert attempts == [2]

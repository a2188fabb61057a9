"""Every server that we start serves, and ends as it is told."""

import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.process import StartError, answers
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from tests.live import gone

ODD = "p/a%@s:s&=#w '\"\\ö"
"""A password with every sign that URLs, shells and configuration files trip over."""


async def test_every_postgres_answers_with_its_version(each_postgres: Postgres) -> None:
    """The version that the program tells is the version that the server tells."""
    assert each_postgres.sql("SHOW server_version")[0].startswith(each_postgres.version)


async def test_postgres_takes_settings_statements_and_a_password(servers: Servers) -> None:
    """Settings come from its file, a role's password is asked for by SCRAM."""
    settings = {"work_mem": "8MB", "search_path": '"it\'s"'}
    make = f"CREATE ROLE reader LOGIN PASSWORD '{ODD.replace(chr(39), chr(39) * 2)}'"
    server = servers.postgres("16", settings=settings, sql=[make], password=ODD)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host=server.host, port=server.port, user="reader", password="no", database="postgres")
    connection = await asyncpg.connect(server.url("reader", ODD, "postgres"))
    try:
        assert await connection.fetchval("SHOW work_mem") == "8MB"
        assert (
            await connection.fetchval("SELECT source FROM pg_settings WHERE name = 'work_mem'") == "configuration file"
        )
        assert await connection.fetchval("SHOW search_path") == '"it\'s"'
    finally:
        await connection.close()


def test_a_server_that_does_not_come_up_says_why(servers: Servers) -> None:
    """The error ends with the server's own last words."""
    with pytest.raises(StartError, match=r"PostgreSQL 16\.14 did not come up: .*(no_such_setting|errors)"):
        servers.postgres("16.14", settings={"no_such_setting": "1"})


def test_postgres_stops_restarts_and_survives_a_crash(servers: Servers) -> None:
    """It keeps its port and its settings through all of that."""
    server = servers.postgres("18")
    server.restart({"work_mem": "9MB"})
    server.kill()
    assert not answers(server.port)
    server.start()
    assert server.sql("SHOW work_mem") == ["9MB"]
    server.stop()
    assert not answers(server.port)


def test_a_paused_server_holds_still_and_goes_on(servers: Servers) -> None:
    """While it is paused it accepts and says nothing."""
    server = servers.valkey("9")
    server.pause()
    with pytest.raises(TimeoutError):
        server.do("PING")
    server.resume()
    assert server.do("PING") == "+PONG"


def test_every_redis_answers_with_its_version(each_redis: Redis) -> None:
    """The version that the program tells is the version that the server tells."""
    assert f"v={each_redis.version}" in each_redis.words() or each_redis.version in each_redis.words()


def test_every_valkey_answers(each_valkey: Redis) -> None:
    """Both wheels serve."""
    assert each_valkey.do("PING") == "+PONG"


def test_redis_takes_settings_passwords_and_users(servers: Servers) -> None:
    """Odd passwords arrive whole."""
    acl = [["reader", "on", f">{ODD}", "-@all", "+ping"]]
    server = servers.redis("7.0", settings={"save": "", "maxmemory": "64mb"}, password=ODD, acl=acl)
    assert server.do("AUTH", "reader", ODD) == "+OK"
    assert server.do("CONFIG", "GET", "maxmemory") == "*2"


def test_every_memcached_serves(each_memcached: Memcached) -> None:
    """Both versions accept connections."""
    assert answers(each_memcached.port)


def test_every_rabbitmq_answers_with_its_version(each_rabbitmq: RabbitMQ) -> None:
    """The management API is there and tells the version."""
    assert each_rabbitmq.api("GET", "/api/overview")["rabbitmq_version"] == each_rabbitmq.version


END = """
import os, signal, sys
from parity_tui.demo.servers import Servers
from tests.live import gone
servers = Servers()
postgres, valkey = servers.postgres("18"), servers.valkey("9")
valkey.pause()
print(servers.home.root, postgres.process.pid, valkey.process.pid, flush=True)
if sys.argv[1] == "leave":
    servers.close()
elif sys.argv[1] == "fall":
    os.kill(os.getpid(), signal.SIGKILL)
else:
    raise SystemExit(3)
"""


@pytest.mark.parametrize("way", ["leave", "fall", "forget"])
def test_nothing_is_left_however_the_program_ends(way: str) -> None:
    """Closed, killed by SIGKILL or simply ended: no process and no folder is left, a paused one neither."""
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", END, way], capture_output=True, text=True, check=False)
    folder, *pids = said.stdout.split()
    assert len(pids) == 2, said.stderr
    assert gone(Path(folder), [int(pid) for pid in pids])

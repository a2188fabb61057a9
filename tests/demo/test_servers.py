"""Every server that we start serves, takes its settings and ends on request."""

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
"""A password with every character that URLs, shells and configuration files must escape."""


async def test_every_postgres_reports_its_version(each_postgres: Postgres) -> None:
    assert each_postgres.sql("SHOW server_version")[0].startswith(each_postgres.version)


async def test_postgres_takes_settings_statements_and_password(servers: Servers) -> None:
    """Settings come from its file; roles log in by SCRAM."""
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


def test_failed_start_is_reported_with_last_line(servers: Servers) -> None:
    with pytest.raises(StartError, match=r"PostgreSQL 16\.14 did not come up: .*(no_such_setting|errors)"):
        servers.postgres("16.14", settings={"no_such_setting": "1"})


def test_postgres_survives_stop_restart_and_crash(servers: Servers) -> None:
    server = servers.postgres("18")
    server.restart({"work_mem": "9MB"})
    server.kill()
    assert not answers(server.port)
    server.start()
    assert server.sql("SHOW work_mem") == ["9MB"]
    server.stop()
    assert not answers(server.port)


def test_paused_server_is_silent_until_resumed(servers: Servers) -> None:
    server = servers.valkey("9")
    server.pause()
    with pytest.raises(TimeoutError):
        server.do("PING")
    server.resume()
    assert server.do("PING") == "+PONG"


def test_every_redis_logs_its_version(each_redis: Redis) -> None:
    assert f"v={each_redis.version}" in each_redis.words() or each_redis.version in each_redis.words()


def test_every_valkey_serves(each_valkey: Redis) -> None:
    assert each_valkey.do("PING") == "+PONG"


def test_redis_takes_settings_passwords_and_users(servers: Servers) -> None:
    acl = [["reader", "on", f">{ODD}", "-@all", "+ping"]]
    server = servers.redis("7.0", settings={"save": "", "maxmemory": "64mb"}, password=ODD, acl=acl)
    assert server.do("AUTH", "reader", ODD) == "+OK"
    assert server.do("CONFIG", "GET", "maxmemory") == "*2"


def test_every_memcached_serves(each_memcached: Memcached) -> None:
    assert answers(each_memcached.port)


def test_every_rabbitmq_reports_its_version(each_rabbitmq: RabbitMQ) -> None:
    assert each_rabbitmq.api("GET", "/api/overview")["rabbitmq_version"] == each_rabbitmq.version


SCRIPT = """
import os, signal, sys
from parity_tui.demo.servers import Servers
from tests.live import gone
servers = Servers()
postgres, valkey = servers.postgres("18"), servers.valkey("9")
valkey.pause()
print(servers.home.root, postgres.process.pid, valkey.process.pid, flush=True)
if sys.argv[1] == "close":
    servers.close()
elif sys.argv[1] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
else:
    raise SystemExit(3)
"""


@pytest.mark.parametrize("ending", ["close", "kill", "exit"])
def test_no_process_or_folder_survives_the_program(ending: str) -> None:
    """After close(), SIGKILL or plain exit; a paused server ends too."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, ending], capture_output=True, text=True, check=False
    )
    folder, *pids = result.stdout.split()
    assert len(pids) == 2, result.stderr
    assert gone(Path(folder), [int(pid) for pid in pids])

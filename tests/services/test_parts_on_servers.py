"""Addresses in parts lead to real servers, however a dotenv file spells them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.redis import Redis
from parity_tui.drift.row import ALARMS

PASSWORD = "s3cr /@:#fish"


@pytest.fixture
def login(postgres_servers: Mapping[str, Postgres]) -> Iterator[Postgres]:
    """Return a server with a role that needs a password."""
    server = postgres_servers["16"]
    server.sql(f"CREATE ROLE parts LOGIN PASSWORD '{PASSWORD}'")
    yield server
    server.sql("DROP ROLE parts")


def test_spellings_of_one_server_are_equal(
    tmp_path: Path,
    login: Postgres,
    redis_servers: Mapping[str, Redis],
    memcached_servers: Mapping[str, Memcached],
) -> None:
    redis, memcached = next(iter(redis_servers.values())), next(iter(memcached_servers.values()))
    spellings = {
        "dev": f"DB_CONNECTION=pgsql\nDB_HOST=127.0.0.1\nDB_PORT={login.port}\nDB_DATABASE=postgres\n"
        f"DB_USERNAME=parts\nDB_PASSWORD='{PASSWORD}'\nREDIS_HOST=127.0.0.1\nREDIS_PORT={redis.port}\n"
        f"REDIS_PASSWORD=null\nMEMCACHED_HOST=127.0.0.1:{memcached.port}\n",
        "production": f"PGHOST=127.0.0.1\nPGPORT={login.port}\nPGUSER=parts\nPGPASSWORD='{PASSWORD}'\n"
        f"PGDATABASE=postgres\nSPRING_REDIS_HOST=127.0.0.1\nSPRING_REDIS_PORT={redis.port}\n"
        f"MEMCACHED_SERVERS=127.0.0.1:{memcached.port}\n",
    }
    files = []
    for name, text in spellings.items():
        (tmp_path / name).write_text(text)
        files += ["--env-file", f"{name}={name}"]
    result = subprocess.run(
        [sys.executable, "-m", "parity_tui", "check", "--format", "json", "--timeout", "20s", *files],
        cwd=tmp_path, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert PASSWORD not in result.stdout + result.stderr
    services = {service["name"]: service for service in json.loads(result.stdout)["services"]}
    assert set(services) - {"env"} == {"database", "redis", "memcached"}
    for name in set(services) - {"env"}:
        rows = [row["setting"] for row in services[name]["rows"] if row["verdict"] == "drift"]
        assert [setting for setting in rows if setting not in ALARMS] == [], name
        assert [reading["state"] for reading in services[name]["readings"].values()] == ["ok", "ok"]

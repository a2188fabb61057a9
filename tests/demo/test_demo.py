"""The demo: real servers with planted drift, changing settings, nothing left afterwards."""

import asyncio
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPBasicAuthHandler, HTTPPasswordMgrWithDefaultRealm, build_opener

import aiomcache
import asyncpg
import pytest
from redis.asyncio import Redis

from parity_tui.demo import Demo, servers
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.programs import MissingError, Program, find
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.drift.row import END_OF_LIFE
from tests.conftest import missing
from tests.live import gone


@pytest.fixture(scope="module")
async def demo() -> AsyncIterator[Demo]:
    """Run the demo until all its servers are up."""
    async with Demo() as running:
        await running.ready()
        if running.missing:
            missing(" ".join(running.missing))
        yield running


def services(demo: Demo, environment: str) -> dict[str, Any]:
    """Return an environment's services as in parity.toml."""
    table: dict[str, Any] = tomllib.loads(demo.config_text)["environments"][environment]["services"]
    return table


async def rows(demo: Demo, environment: str, query: str) -> list[str]:
    """Query an environment's database as the board's user; return the first column."""
    connection = await asyncpg.connect(services(demo, environment)["database"])
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def cache_setting(demo: Demo, environment: str, name: str) -> str:
    """Read a setting of an environment's cache as the board's user."""
    async with Redis.from_url(services(demo, environment)["cache"], protocol=2, decode_responses=True) as client:
        return str((await client.config_get(name))[name])


def queue_api(demo: Demo, environment: str, path: str) -> Any:
    """Call the HTTP API of an environment's RabbitMQ as the board's user."""
    entry = services(demo, environment)["queue"]
    login = urlsplit(entry["url"])
    passwords = HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, entry["management"], unquote(login.username or ""), unquote(login.password or ""))
    with closing(build_opener(HTTPBasicAuthHandler(passwords)).open(entry["management"] + path, timeout=10)) as reply:
        return json.load(reply)


def plugins(demo: Demo, environment: str) -> list[str]:
    """Return the enabled plug-ins of an environment's RabbitMQ."""
    return list(queue_api(demo, environment, "/api/nodes")[0]["enabled_plugins"])


SERVED = ["database", "cache", "sessions", "queue", "catalog", "web", "app"]


async def test_configuration_names_all_environments_and_services(demo: Demo) -> None:
    """Production is the baseline, and one drift is expected."""
    configuration = tomllib.loads(demo.config_text)
    assert list(configuration["environments"]) == ["dev", "staging", "production"]
    assert all(list(each["services"]) == SERVED for each in configuration["environments"].values())
    assert configuration["baseline"] == "production"
    assert configuration["expect"][0]["setting"] == "shared_buffers"


async def test_dev_uses_a_file_and_no_cache(demo: Demo) -> None:
    here = services(demo, "dev")
    assert here["cache"] == "memory://"
    file = Path(here["database"].removeprefix("sqlite:///"))
    assert (await asyncio.to_thread(file.read_bytes)).startswith(b"SQLite format 3")


async def test_postgres_versions_and_settings_differ(demo: Demo) -> None:
    assert (await rows(demo, "staging", "SHOW server_version"))[0].startswith("16.14")
    assert (await rows(demo, "production", "SHOW server_version"))[0].startswith("18.4")
    assert await rows(demo, "staging", "SHOW timezone") == ["Europe/Paris"]
    assert await rows(demo, "production", "SHOW timezone") == ["UTC"]
    assert await rows(demo, "staging", "SHOW max_connections") == ["40"]
    assert await rows(demo, "production", "SHOW statement_timeout") == ["30s"]
    assert await rows(demo, "staging", "SHOW shared_buffers") == ["32MB"]


async def test_extensions_collations_and_overrides_differ(demo: Demo) -> None:
    """These come from PostgreSQL's catalogs rather than its settings."""
    extensions = "SELECT extname FROM pg_extension ORDER BY 1"
    assert await rows(demo, "staging", extensions) == ["plpgsql"]
    assert await rows(demo, "production", extensions) == ["plpgsql", "vector"]
    provider = "SELECT datlocprovider::text FROM pg_database WHERE datname = current_database()"
    assert await rows(demo, "staging", provider) == ["c"]
    assert await rows(demo, "production", provider) == ["b"]
    overrides = "SELECT setrole::regrole || ' ' || setconfig[1] FROM pg_db_role_setting"
    assert await rows(demo, "staging", overrides) == ["app statement_timeout=5min"]
    assert await rows(demo, "production", overrides) == ["reporting work_mem=64MB"]


async def test_staging_hides_settings_from_its_reader(demo: Demo) -> None:
    hidden = "SELECT name FROM pg_settings WHERE name = 'shared_preload_libraries'"
    assert await rows(demo, "staging", hidden) == []
    assert await rows(demo, "production", hidden) == ["shared_preload_libraries"]


async def test_caches_differ(demo: Demo) -> None:
    """Staging's cache refuses writes when full."""
    assert await cache_setting(demo, "staging", "maxmemory-policy") == "noeviction"
    assert await cache_setting(demo, "production", "maxmemory-policy") == "allkeys-lru"
    assert await cache_setting(demo, "staging", "notify-keyspace-events") == "xE"
    assert await cache_setting(demo, "staging", "save") == ""
    assert await cache_setting(demo, "production", "save") == "3600 1 300 100"


async def test_session_stores_differ(demo: Demo) -> None:
    sizes = {}
    for environment in ("dev", "staging", "production"):
        address = urlsplit(services(demo, environment)["sessions"])
        client = aiomcache.Client(address.hostname or "", address.port or 0, pool_size=1)
        settings = await client.stats(b"settings")
        await client.close()
        sizes[environment] = (settings[b"item_size_max"], settings[b"evictions"])
    assert sizes == {
        "dev": (b"1048576", b"on"),
        "staging": (b"1048576", b"off"),
        "production": (b"4194304", b"on"),
    }


async def test_queues_differ(demo: Demo) -> None:
    policies = {name: queue_api(demo, name, "/api/policies") for name in ("dev", "staging", "production")}
    assert policies["dev"] == []
    assert policies["staging"][0]["definition"] == {"message-ttl": 3_600_000}
    assert policies["production"][0]["definition"] == {"message-ttl": 60_000, "max-length": 100_000}
    assert "rabbitmq_shovel" in plugins(demo, "staging")
    assert "rabbitmq_shovel" not in plugins(demo, "production")


async def test_critical_rows_are_causes_in_production(demo: Demo, tmp_path: Path) -> None:
    """One row for one cause; what only dev or staging lacks, or has less of, is a warning."""
    (tmp_path / "parity.toml").write_text(demo.config_text)
    (tmp_path / "parity.toml").chmod(0o600)
    argv = [
        sys.executable,
        "-m",
        "parity_tui",
        "--config",
        "parity.toml",
        "check",
        "--format",
        "json",
        "--timeout",
        "20s",
    ]
    process = await asyncio.create_subprocess_exec(
        *argv,
        "--config",
        str(tmp_path / "parity.toml"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
    )
    document = json.loads((await process.communicate())[0])
    found = {
        each["name"]: {r["setting"] for r in each["rows"] if (r["verdict"], r["severity"]) == ("drift", "critical")}
        for each in document["services"]
    }
    assert found == {
        "database": {"product", "version", "TimeZone", "database.locale_provider", "default_transaction_isolation"},
        "cache": {"product", "version", "maxmemory-policy", "notify-keyspace-events"},
        "sessions": {"evictions"},
        "queue": {"policy./.orders", END_OF_LIFE},
        "catalog": {
            "product",
            "database.character_set",
            "database.collation",
            "max_allowed_packet",
            "sql_mode",
            "transaction_isolation",
        },
        "web": {"product"},
        "app": set(),
    }


async def test_repr_and_messages_contain_no_password(demo: Demo) -> None:
    passwords = [server.password for server in demo.servers.values() if isinstance(server, (Postgres, RabbitMQ))]
    assert len(passwords) == 5
    assert not any(word in repr(demo.servers) + "".join(demo.missing) for word in passwords)


async def test_missing_programs_are_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without RabbitMQ and Valkey the demo has no queue, and Redis is its cache."""

    def find_some(product: str, version: str = "") -> Program:
        if product in ("rabbitmq", "valkey"):
            raise MissingError(f"no {product} here")
        return find(product, version)

    monkeypatch.setattr(servers, "find", find_some)
    lines: list[str] = []
    async with Demo(say=lines.append) as demo:
        assert demo.missing == ["queue: no rabbitmq here"]
        assert demo.missing[0] in lines
        assert "queue" not in services(demo, "production")
        assert demo.servers["production", "cache"].product == "Redis"


SCRIPT = """
import asyncio, os, signal, sys
from parity_tui.demo import Demo

async def main():
    async with Demo() as demo:
        if sys.argv[1] != "early":
            await demo.ready()
        while not (demo.missing or all(server.process for server in demo.servers.values())):
            await asyncio.sleep(0.01)
        print(demo.home, *(s.process.pid for s in demo.servers.values() if s.process), flush=True)
        if sys.argv[1] != "close":
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.parametrize("ending", ["close", "kill", "early"])
def test_no_process_or_folder_survives_the_demo(ending: str) -> None:
    """After a clean exit, SIGKILL, or SIGKILL while servers still start."""
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, ending], capture_output=True, text=True, check=False, timeout=300
    )
    folder, *pids = result.stdout.split()
    assert len(pids) >= 4, result.stderr
    assert gone(Path(folder), [int(pid) for pid in pids])

"""The demo is what it says: real servers with planted drift, alive, and gone afterwards."""

import asyncio
import json
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
from tests.conftest import missing
from tests.live import gone


@pytest.fixture(scope="module")
async def demo() -> AsyncIterator[Demo]:
    """Run the demo until everything of it is up."""
    async with Demo() as running:
        await running.ready()
        if running.missing:
            missing(" ".join(running.missing))
        yield running


def services(demo: Demo, environment: str) -> dict[str, Any]:
    """Return the services of an environment as the configuration names them."""
    found: dict[str, Any] = tomllib.loads(demo.config_text)["environments"][environment]["services"]
    return found


async def rows(demo: Demo, environment: str, query: str) -> list[str]:
    """Ask an environment's database as the board does; the first column of the answer."""
    connection = await asyncpg.connect(services(demo, environment)["database"])
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def cache_setting(demo: Demo, environment: str, name: str) -> str:
    """Ask an environment's cache for a setting, as the board's user."""
    async with Redis.from_url(services(demo, environment)["cache"], protocol=2, decode_responses=True) as client:
        return str((await client.config_get(name))[name])


def queue_answer(demo: Demo, environment: str, path: str) -> Any:
    """Ask an environment's RabbitMQ by HTTP, as the board's user."""
    entry = services(demo, environment)["queue"]
    login = urlsplit(entry["url"])
    keys = HTTPPasswordMgrWithDefaultRealm()
    keys.add_password(None, entry["management"], unquote(login.username or ""), unquote(login.password or ""))
    with closing(build_opener(HTTPBasicAuthHandler(keys)).open(entry["management"] + path, timeout=10)) as answer:
        return json.load(answer)


def plugins(demo: Demo, environment: str) -> list[str]:
    """Ask an environment's RabbitMQ for its plug-ins."""
    return list(queue_answer(demo, environment, "/api/nodes")[0]["enabled_plugins"])


SERVED = ["database", "cache", "sessions", "queue", "catalog", "web"]


async def test_the_configuration_names_three_environments_and_all_their_services(demo: Demo) -> None:
    """It is TOML, production is the baseline, and one drift is expected."""
    said = tomllib.loads(demo.config_text)
    assert list(said["environments"]) == ["dev", "staging", "production"]
    assert all(list(each["services"]) == SERVED for each in said["environments"].values())
    assert said["baseline"] == "production"
    assert said["expect"][0]["setting"] == "shared_buffers"


async def test_dev_differs_in_kind(demo: Demo) -> None:
    """Development has a real SQLite file and no cache server at all."""
    here = services(demo, "dev")
    assert here["cache"] == "memory://"
    file = Path(here["database"].removeprefix("sqlite:///"))
    assert (await asyncio.to_thread(file.read_bytes)).startswith(b"SQLite format 3")


async def test_staging_and_production_differ_in_versions_and_settings(demo: Demo) -> None:
    """What is planted in PostgreSQL is what its readers see."""
    assert (await rows(demo, "staging", "SHOW server_version"))[0].startswith("16.14")
    assert (await rows(demo, "production", "SHOW server_version"))[0].startswith("18.4")
    assert await rows(demo, "staging", "SHOW timezone") == ["Europe/Paris"]
    assert await rows(demo, "production", "SHOW timezone") == ["UTC"]
    assert await rows(demo, "staging", "SHOW max_connections") == ["40"]
    assert await rows(demo, "production", "SHOW statement_timeout") == ["30s"]
    assert await rows(demo, "staging", "SHOW shared_buffers") == ["32MB"]


async def test_extensions_collations_and_overrides_differ(demo: Demo) -> None:
    """What lives in catalogues rather than in settings differs as well."""
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
    """There is a blind spot to be seen."""
    hidden = "SELECT name FROM pg_settings WHERE name = 'shared_preload_libraries'"
    assert await rows(demo, "staging", hidden) == []
    assert await rows(demo, "production", hidden) == ["shared_preload_libraries"]


async def test_caches_differ(demo: Demo) -> None:
    """The cache that refuses writes when full is staging's."""
    assert await cache_setting(demo, "staging", "maxmemory-policy") == "noeviction"
    assert await cache_setting(demo, "production", "maxmemory-policy") == "allkeys-lru"
    assert await cache_setting(demo, "staging", "notify-keyspace-events") == "xE"
    assert await cache_setting(demo, "staging", "save") == ""
    assert await cache_setting(demo, "production", "save") == "3600 1 300 100"


async def test_session_stores_differ(demo: Demo) -> None:
    """Memcached's settings arrive by its command line."""
    sizes = {}
    for environment in ("dev", "staging", "production"):
        where = urlsplit(services(demo, environment)["sessions"])
        client = aiomcache.Client(where.hostname or "", where.port or 0, pool_size=1)
        settings = await client.stats(b"settings")
        await client.close()
        sizes[environment] = (settings[b"item_size_max"], settings[b"evictions"])
    assert sizes == {
        "dev": (b"1048576", b"on"),
        "staging": (b"1048576", b"off"),
        "production": (b"4194304", b"on"),
    }


async def test_queues_differ(demo: Demo) -> None:
    """Policies and plug-ins differ, and the reader sees them."""
    policies = {each: queue_answer(demo, each, "/api/policies") for each in ("dev", "staging", "production")}
    assert policies["dev"] == []
    assert policies["staging"][0]["definition"] == {"message-ttl": 3_600_000}
    assert policies["production"][0]["definition"] == {"message-ttl": 60_000, "max-length": 100_000}
    assert "rabbitmq_shovel" in plugins(demo, "staging")
    assert "rabbitmq_shovel" not in plugins(demo, "production")


async def test_no_password_is_in_the_words_of_a_server(demo: Demo) -> None:
    """Nothing that the demo says or shows of itself holds a password."""
    passwords = [server.password for server in demo.servers.values() if isinstance(server, (Postgres, RabbitMQ))]
    assert len(passwords) == 5
    assert not any(word in repr(demo.servers) + "".join(demo.missing) for word in passwords)


async def test_settings_move_and_move_back_while_it_lives() -> None:
    """Somebody moves staging's time zone, and later takes it back."""
    async with Demo(pace=(0.01, 0.02)) as demo:
        life = asyncio.create_task(demo.live())
        zones: list[str] = []
        async with asyncio.timeout(60):
            while zones != ["Europe/Paris", "America/New_York", "Europe/Paris"]:
                zone = (await rows(demo, "staging", "SHOW timezone"))[0]
                zones += [] if zones[-1:] == [zone] else [zone]
                zones = zones[zones.index("Europe/Paris") :] if "Europe/Paris" in zones else []
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def test_what_cannot_be_had_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without RabbitMQ and Valkey the demo has no queue, and Redis for a cache."""

    def scarce(product: str, version: str = "") -> Program:
        """Find everything but two products."""
        if product in ("rabbitmq", "valkey"):
            raise MissingError(f"no {product} here")
        return find(product, version)

    monkeypatch.setattr(servers, "find", scarce)
    said: list[str] = []
    async with Demo(say=said.append) as demo:
        assert demo.missing == ["queue: no rabbitmq here"]
        assert demo.missing[0] in said
        assert "queue" not in services(demo, "production")
        assert demo.servers["production", "cache"].product == "Redis"


END = """
import asyncio, os, signal, sys
from parity_tui.demo import Demo

async def main():
    async with Demo() as demo:
        if sys.argv[1] != "early":
            await demo.ready()
        while not (demo.missing or all(server.process for server in demo.servers.values())):
            await asyncio.sleep(0.01)
        print(demo.home, *(s.process.pid for s in demo.servers.values() if s.process), flush=True)
        if sys.argv[1] != "leave":
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.parametrize("way", ["leave", "fall", "early"])
def test_nothing_is_left_of_it(way: str) -> None:
    """Ended in order, killed by SIGKILL, or killed while it still starts: no process, no folder."""
    said = subprocess.run([sys.executable, "-c", END, way], capture_output=True, text=True, check=False, timeout=300)
    folder, *pids = said.stdout.split()
    assert len(pids) >= 4, said.stderr
    assert gone(Path(folder), [int(pid) for pid in pids])

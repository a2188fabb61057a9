"""The demo's story: every step happens on its server, and the line for the person names it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import islice
from typing import cast

import asyncpg
import pytest
from redis.asyncio import Redis

from parity_tui.cli.board import demo_config, suggested_fix
from parity_tui.cli.commands import create_watcher, read_once
from parity_tui.demo import Demo, story
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.process import StartError, answers
from parity_tui.demo.redis import Redis as RedisServer
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers
from tests.conftest import missing


async def info(server: Server, section: str, name: str) -> str:
    """Read a field of a cache's INFO as its administrator."""
    url = cast("RedisServer", server).url("default", cast("RedisServer", server).password)
    async with Redis.from_url(url, protocol=2, decode_responses=True) as client:
        return str((await client.info(section))[name])


async def zone(server: Server) -> str:
    """Read the time zone of a new session."""
    connection = await asyncpg.connect(
        cast("Postgres", server).url("postgres", cast("Postgres", server).password, "app")
    )
    try:
        return str(await connection.fetchval("SHOW timezone"))
    finally:
        await connection.close()


async def test_story_happens_in_fixed_order() -> None:
    """The fix is the text that a board which read these servers suggests."""
    async with Demo() as demo:
        if ("staging", "sessions") not in demo.servers:
            missing("memcached")
        staging = {service: server for (name, service), server in demo.servers.items() if name == "staging"}
        cache = demo.servers["production", "cache"]
        board = await read_once(create_watcher(demo_config(demo), once=True))
        steps = story.story(demo.servers, lambda *setting: suggested_fix(board, *setting))

        async def next_step(words: str) -> None:
            step = next(steps)
            await asyncio.to_thread(step.run)
            assert words in step.hint

        await next_step("maxmemory-policy")
        assert await info(cache, "memory", "maxmemory_policy") == "volatile-lru"
        await next_step("staging sessions has just been stopped")
        assert not answers(staging["sessions"].port)
        await next_step("staging sessions is up again")
        assert answers(staging["sessions"].port)
        before = staging["cache"].version
        await next_step("staging cache was restarted as Valkey")
        assert staging["cache"].version != before
        assert await info(staging["cache"], "server", "valkey_version") == staging["cache"].version
        assert await zone(staging["database"]) == "Europe/Paris"
        await next_step("fix for TimeZone")
        assert await zone(staging["database"]) == "UTC"
        for step in islice(steps, 5):
            with suppress(StartError, OSError):  # the queue may not be up yet
                await asyncio.to_thread(step.run)
        assert await info(cache, "memory", "maxmemory_policy") == "allkeys-lru"
        assert staging["cache"].version == before
        assert await zone(staging["database"]) == "Europe/Paris"


async def test_hints_and_pauses_fit_person_and_screen() -> None:
    """The first part ends within a minute; every line fits 80 columns."""
    with Servers() as servers:
        every = {("staging", service): server for service, server in prepared(servers).items()}
        steps = list(islice(story.story(every, lambda *_: ""), 8))
    pauses = [step.pause for step in steps]
    assert sum(pauses[: pauses.index(story.SLOWLY)]) < 60
    assert all(len(hint) <= 78 for hint in (story.OPENING, *(step.hint for step in steps)))


def prepared(servers: Servers) -> dict[str, Server]:
    """Return servers of the story's kinds, started only where they must be."""
    return {"database": servers.postgres("16"), "cache": servers.valkey("8"), "sessions": servers.memcached()}


async def test_only_version_restarts_with_other_setting(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    server = servers.valkey()
    monkeypatch.setattr(story, "programs", lambda product: (server.program,))
    up, down = story.story({("staging", "cache"): server}, lambda *_: ""), server.url()
    for expected in ("32", "16"):
        await asyncio.to_thread(next(up).run)
        async with Redis.from_url(down, protocol=2, decode_responses=True) as client:
            assert (await client.config_get("databases"))["databases"] == expected


async def test_cache_is_stopped_without_memcached(servers: Servers) -> None:
    server = servers.valkey()
    steps = story.story({("production", "cache"): server}, lambda *_: "")
    assert "maxmemory-policy" in next(steps).hint
    stop, start = next(steps), next(steps)
    assert stop.hint == "watch: production cache has just been stopped — press ! to go there"
    await asyncio.to_thread(stop.run)
    assert not answers(server.port)
    await asyncio.to_thread(start.run)
    assert server.do("PING") == "+PONG"


def test_story_without_servers_is_empty() -> None:
    assert not list(story.story({}, lambda *_: ""))


async def test_hint_follows_the_steps() -> None:
    """A step that is impossible, here the fix, leaves the line as it was."""
    async with Demo(pace=0.01) as demo:
        assert demo.hint == story.OPENING
        seen = [demo.hint]
        steps = asyncio.create_task(demo.live())
        async with asyncio.timeout(120):
            while "drifts again" not in seen[-1]:
                await asyncio.sleep(0.005)
                seen += [demo.hint] if demo.hint != seen[-1] else []
        steps.cancel()
        await asyncio.gather(steps, return_exceptions=True)
    assert any("stopped" in hint for hint in seen)
    assert not any("fix for" in hint for hint in seen)

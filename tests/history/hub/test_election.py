"""One of the watchers of a configuration leads; when it ends, another does."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.history.election import Election
from parity_tui.model import Target
from tests.history.hub.conftest import target_of, until

FILES = [Path("/srv/shop/parity.toml")]
TARGETS = [Target("dev", "cache", "redis", host="cache", port=6379)]
EVERY = 1.0
LEADER = """
import asyncio, sys, pathlib
from parity_tui.history.election import Election
from parity_tui.model import Target

async def main():
    hub = Target("", "history", "postgres", "postgresql", "127.0.0.1", int(sys.argv[1]), "postgres", "postgres")
    files = [pathlib.Path("/srv/shop/parity.toml")]
    targets = [Target("dev", "cache", "redis", host="cache", port=6379)]
    async with Election(files, hub=hub if sys.argv[1] != "0" else None, targets=targets, every=1.0) as election:
        await election.leading.wait()
        print("leads", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture(params=["file", "hub"])
def hub(request: pytest.FixtureRequest) -> Target | None:
    if request.param == "file":
        return None
    return target_of(request.getfixturevalue("hub_server"))


def candidate(hub: Target | None, targets: list[Target] = TARGETS) -> Election:
    return Election(FILES, hub=hub, targets=targets, every=EVERY)


@contextmanager
def other_leader(hub: Target | None) -> Iterator[subprocess.Popen[str]]:
    """Run a process that leads."""
    command = [sys.executable, "-c", LEADER, str(hub.port if hub else 0)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout
        assert process.stdout.readline() == "leads\n"
        try:
            yield process
        finally:
            process.kill()


async def test_one_of_three_candidates_leads(hub: Target | None) -> None:
    async with AsyncExitStack() as stack:
        candidates = [await stack.enter_async_context(candidate(hub)) for _ in range(3)]
        assert [each.leading.is_set() for each in candidates] == [True, False, False]
        assert [each.following.is_set() for each in candidates] == [False, True, True]


async def test_candidate_leads_after_leader_leaves(hub: Target | None) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(candidate(hub))
        async with candidate(hub) as second:
            await first.__aexit__(None, None, None)
            await asyncio.wait_for(second.leading.wait(), 30)
            assert not second.following.is_set()


async def test_candidate_replaces_killed_leader_within_two_intervals(hub: Target | None) -> None:
    with other_leader(hub) as leader:
        async with candidate(hub) as second:
            assert second.following.is_set()
            leader.kill()
            leader.wait()
            killed = time.monotonic()
            await asyncio.wait_for(second.leading.wait(), 30)
            assert time.monotonic() - killed < 2 * EVERY


async def test_server_ends_session_of_stopped_leader(hub_server: Postgres) -> None:
    hub = target_of(hub_server)
    with other_leader(hub) as leader:
        async with candidate(hub) as second:
            leader.send_signal(signal.SIGSTOP)
            await asyncio.wait_for(second.leading.wait(), 30)


async def test_other_configuration_has_its_own_leader(hub_server: Postgres) -> None:
    hub = target_of(hub_server)
    other = [Target("dev", "cache", "redis", host="elsewhere", port=6379)]
    async with candidate(hub) as first, candidate(hub, other) as second:
        assert first.leading.is_set()
        assert second.leading.is_set()


@pytest.fixture
async def stopped_hub(servers: Servers) -> AsyncIterator[tuple[Postgres, Election, Election]]:
    """Yield a hub that has stopped, the leader before and its follower."""
    server = servers.postgres("16")
    async with candidate(target_of(server)) as first, candidate(target_of(server)) as second:
        server.stop()
        await until(lambda: first.problem and second.problem)
        yield server, first, second


async def test_leader_goes_on_while_hub_is_away(stopped_hub: tuple[Postgres, Election, Election]) -> None:
    server, first, second = stopped_hub
    assert first.leading.is_set()
    assert second.following.is_set()
    assert str(server.port) in first.problem
    async with candidate(target_of(server)) as newcomer:
        assert newcomer.leading.is_set()
    server.start()
    await until(lambda: not (first.problem or second.problem))
    assert first.leading.is_set()
    assert second.following.is_set()


async def test_unusable_lock_file_makes_leader_with_problem(tmp_path: Path) -> None:
    (tmp_path / "parity-tui").write_text("no folder")
    async with candidate(None) as election:
        assert election.leading.is_set()
        assert "file exists" in election.problem or "not a directory" in election.problem


async def test_refused_login_is_not_repeated_at_each_beat(hub_server: Postgres) -> None:
    hub = replace(target_of(hub_server), user="nobody")
    async with candidate(hub) as election:
        assert election.leading.is_set()
        assert "refuses the login of nobody" in election.problem
        hub_server.sql("CREATE ROLE nobody LOGIN")
        await asyncio.sleep(2 * EVERY)
        assert "refuses the login of nobody" in election.problem

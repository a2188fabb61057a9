"""Readings in a hub: written by watchers, followed by boards that ask no server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from msgspec.structs import replace

from parity_tui.demo.postgres import Postgres
from parity_tui.demo.servers import Servers
from parity_tui.drift.board import Board
from parity_tui.history import HistoryUpdate, Recording, StoreError
from parity_tui.history import writer as module
from parity_tui.history.hub import create, database, follow
from parity_tui.history.hub.follow import Follower
from parity_tui.history.writer import Writer
from parity_tui.model import Fact, Failure, Outcome, Reason, State, Target
from parity_tui.secrets import use_key
from parity_tui.transport.threads import in_thread
from tests.drift.change_builders import EMPTY, TARGETS, answer_of, answered, reading
from tests.history.hub.conftest import grant, target_of, until

REFUSED = Failure(Reason.REFUSED, "no answer")
A = answered(EMPTY, reading(zone="a", uptime="1"), reading(zone="x", uptime="1"))
DOWN = A.with_outcomes([replace(answer_of(TARGETS[0], REFUSED), failed_since=500.0)])


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", 0.0)
    monkeypatch.setattr(database, "FIRST_DELAY", 0.0)
    monkeypatch.setattr(follow, "_FIRST_DELAY", 0.1)
    monkeypatch.setattr(follow, "PAUSE", 0.0)


def changed(zone: str, uptime: str = "1") -> Board:
    return answered(A, reading(zone=zone, uptime=uptime), reading(zone="x", uptime="1"))


class Watcher:
    """The recorder of a watcher, in threads as ever."""

    def __init__(self, hub: Target, role: str = "watcher") -> None:
        self.updates: list[HistoryUpdate] = []
        self._writer = Writer((), Recording(role=role), lambda: 1000.0, self.updates.append, hub)

    async def record(self, *boards: Board, heartbeat: bool = False) -> None:
        for board in boards:
            await in_thread(self._writer.record, board)
        if heartbeat:
            await in_thread(self._writer.confirm)

    @property
    def problems(self) -> list[str]:
        return [update.problem for update in self.updates if update.problem]

    async def close(self) -> None:
        await in_thread(self._writer.close)


@asynccontextmanager
async def watcher(hub: Target, role: str = "watcher") -> AsyncIterator[Watcher]:
    made = Watcher(hub, role)
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def following(hub: Target) -> AsyncIterator[tuple[Follower, dict[str, Outcome]]]:
    """Yield a follower with a reader's rights, and the latest outcome of each environment."""
    follower = Follower(replace(hub, user="rob"))
    shown: dict[str, Outcome] = {}

    def show(outcomes: Sequence[Outcome]) -> None:
        shown.update({outcome.target.environment: outcome for outcome in outcomes})

    task = asyncio.create_task(follower.run(show))
    try:
        yield follower, shown
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def zone(outcome: Outcome | None) -> str | None:
    return outcome.reading.facts["zone"].raw if outcome and outcome.reading else None


def is_zone(shown: dict[str, Outcome], environment: str, value: str) -> Callable[[], bool]:
    return lambda: zone(shown.get(environment)) == value


async def test_board_of_a_hub_has_its_readings(hub: Target) -> None:
    async with watcher(hub) as one:
        await one.record(A)
    snapshot = await Follower(replace(hub, user="rob")).load()
    assert snapshot.environments == ("dev", "production")
    assert [zone(outcome) for outcome in snapshot.outcomes] == ["a", "x"]
    assert {outcome.target.snapshot for outcome in snapshot.outcomes} == {hub.address}
    assert {outcome.at for outcome in snapshot.outcomes} == {100.0}


async def test_notification_shows_events_and_outages(hub: Target) -> None:
    async with watcher(hub) as one:
        await one.record(A)
        async with following(hub) as (_, shown):
            await one.record(changed("b"))
            await until(is_zone(shown, "dev", "b"))
            await one.record(DOWN)
            await until(lambda: shown["dev"].failure)
            assert shown["dev"].failure == REFUSED
            assert shown["dev"].failed_since == 500.0
            await one.record(changed("c"))
            await until(is_zone(shown, "dev", "c"))


async def test_values_without_events_come_with_the_next_sign_of_life(hub: Target) -> None:
    async with watcher(hub) as one:
        await one.record(A, changed("a", uptime="2"))
        before = await Follower(hub).load()
        await one.record(heartbeat=True)
        after = await Follower(hub).load()
    counters = [each.outcomes[0].reading for each in (before, after)]
    assert [each.facts["uptime"].raw for each in counters if each] == ["1", "2"]


async def test_board_publishes_only_without_a_watcher(hub: Target) -> None:
    async with watcher(hub, "board") as board:
        await board.record(A, heartbeat=True)
        assert zone((await Follower(hub).load()).outcomes[0]) == "a"
        async with watcher(hub) as one:
            await one.record(A, heartbeat=True)
            await board.record(heartbeat=True)
            await board.record(changed("b"))
            assert zone((await Follower(hub).load()).outcomes[0]) == "a"


@pytest.fixture
def own_server(servers: Servers) -> Postgres:
    """Return a server with a hub, which a test may stop."""
    server = servers.postgres("16")
    create.create(target_of(server))
    grant(server, "postgres")
    return server


async def test_followers_go_on_after_restart_of_hub(own_server: Postgres) -> None:
    server, hub = own_server, target_of(own_server, "ann")
    async with watcher(hub) as one:
        await one.record(A)
        async with following(hub) as (follower, shown):
            await until(is_zone(shown, "dev", "a"))
            await in_thread(server.stop)
            await until(lambda: follower.problem)
            await one.record(changed("b"))
            await in_thread(server.start)
            await one.record(changed("b"))
            await until(is_zone(shown, "dev", "b"))
            assert follower.problem == ""


async def test_secrets_of_another_key_are_unknown(hub: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    import parity_tui.secrets

    monkeypatch.setattr(parity_tui.secrets, "_key", b"1" * 32)
    secret = Fact("0" * 16, state=State.SECRET)
    async with watcher(hub) as one, watcher(hub) as other:
        await one.record(answered(EMPTY, reading(zone="a", token=secret), reading(zone="x", token=secret)))
        use_key(b"2" * 32)
        await other.record(answered(EMPTY, reading(zone="b", token=secret)))
    outcomes = (await Follower(hub).load()).outcomes
    states = {each.target.environment: each.reading.facts["token"].state for each in outcomes if each.reading}
    assert sorted(states.values()) == [State.SECRET, State.UNKNOWN]


async def test_hub_without_readings_is_described(hub: Target) -> None:
    with pytest.raises(StoreError, match="has no readings yet"):
        await Follower(hub).load()


async def test_damaged_reading_is_reported_and_others_shown(hub: Target, hub_server: Postgres) -> None:
    async with watcher(hub) as one:
        await one.record(A)
        hub_server.sql("UPDATE parity_tui.reading SET contents = '{\"key\":' WHERE server = 1", database=hub.path)
        async with following(hub) as (follower, shown):
            await until(lambda: follower.problem)
            assert "the reading of dev db is damaged" in follower.problem
            await until(is_zone(shown, "production", "x"))


async def test_changed_configuration_is_noticed(hub: Target) -> None:
    async with watcher(hub) as one, watcher(hub) as other:
        await one.record(A)
        async with following(hub) as (follower, shown):
            await until(is_zone(shown, "dev", "a"))
            await other.record(A)
            assert not follower.changed
            await other.record(replace(A, policy=replace(A.policy, baseline="dev")))
            await until(lambda: follower.changed)


async def test_two_configurations_in_one_hub_are_reported(hub: Target) -> None:
    async with watcher(hub) as one, watcher(hub) as other:
        await one.record(A, heartbeat=True)
        await other.record(A, heartbeat=True)
        assert one.problems == other.problems == []
        await other.record(replace(A, policy=replace(A.policy, baseline="dev")))
        for _ in range(2):
            await one.record(heartbeat=True)
            await other.record(heartbeat=True)
        assert ["another configuration is watched" in problem for problem in one.problems] == [True]
        assert other.problems == []

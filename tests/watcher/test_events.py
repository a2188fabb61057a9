"""Events on real servers: outages, restarts, roles, things that come and go, names that lead elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.drift.changes import ChangeKind
from parity_tui.secrets import Secret
from tests.watcher.live_events import LiveEvents, resolve, target_on


def drift_rows(live: LiveEvents) -> list[str]:
    """Return the settings that differ."""
    (section,) = live.board.sections
    return [row.setting for row in section.rows if row.odd]


async def test_settings_of_roles_and_extensions_come_and_go(servers: Servers) -> None:
    """L1."""
    server = servers.postgres("16", sql=["CREATE ROLE app LOGIN"])
    role = "it override.role.app.default_transaction_read_only"
    extension = "it extension.plpgsql"

    def run(statement: str) -> Callable[[], object]:
        return lambda: server.sql(statement)

    async with LiveEvents([target_on(server, "postgres", path="postgres")]).open() as live:
        alter = "ALTER ROLE app {}default_transaction_read_only{}"
        assert await live.after(run(alter.format("SET ", " = on")), role) == [f"{role}: absent → on"]
        assert await live.after(run(alter.format("RESET ", "")), role) == [f"{role}: on → absent"]
        assert await live.after(run("DROP EXTENSION plpgsql"), extension) == [f"{extension}: 1.0 → absent"]
        assert await live.after(run("CREATE EXTENSION plpgsql"), extension) == [f"{extension}: absent → 1.0"]


async def test_stopped_server_fails_and_answers_again(servers: Servers) -> None:
    server = servers.redis("7.0")
    async with LiveEvents([target_on(server)]).open() as live:
        assert await live.after(server.kill, "it") == ["it: refused the connection"]
        (failed,) = [event for event in live.events if event.kind is ChangeKind.FAILED]
        assert (failed.reason, live.board.sections[0].failed[0].failed_since > 0) == ("refused", True)
        await live.after(server.start, "it restarted")
        kinds = [event.kind for event in live.events]
        assert kinds == [ChangeKind.FAILED, ChangeKind.RECOVERED, ChangeKind.RESTART]
        assert live.events[1].seconds > 0
        assert live.board.sections[0].failed == ()


async def test_upgrade_on_the_same_port_is_one_restart(servers: Servers) -> None:
    """PostgreSQL 15 to 16; settings that only one of them has are no events."""
    old, new = servers.postgres("15"), servers.postgres("16")
    new.stop()

    def upgrade() -> None:
        old.stop()
        new.port = old.port
        new.start()

    async with LiveEvents([target_on(old, "postgres", path="postgres")]).open() as live:
        events = await live.after(upgrade, "it restarted")
    (restart,) = [event for event in live.events if event.restarted]
    assert (restart.before[:3], restart.after[:3]) == ("15.", "16.")
    assert [event for event in live.events if event.kind in (ChangeKind.APPEARED, ChangeKind.VANISHED)] == []
    assert "it version" not in "".join(events)


async def test_replica_that_becomes_master_is_a_role_change(servers: Servers) -> None:
    server = servers.redis("7.0")
    server.do("REPLICAOF", "127.0.0.1", "1")
    async with LiveEvents([target_on(server)]).open() as live:
        assert "it role: slave → master" in await live.after(lambda: server.do("REPLICAOF", "NO", "ONE"), "it role")
        assert ChangeKind.ROLE in {event.kind for event in live.events}


@pytest.fixture
def three_nodes(servers: Servers) -> list[Redis]:
    """Start three nodes; the last is the odd one."""
    policies = ("noeviction", "noeviction", "allkeys-lru")
    return [servers.valkey("9", settings={"maxmemory-policy": policy}) for policy in policies]


async def test_dead_odd_node_leaves_drift_and_values(three_nodes: list[Redis]) -> None:
    """L3."""
    targets = [replace(target_on(node), node=node.address()) for node in three_nodes]
    odd = three_nodes[2]
    name = f"it {odd.address()}"
    async with LiveEvents(targets).open() as live:
        assert drift_rows(live) == ["maxmemory-policy"]
        assert await live.after(odd.kill, name) == [f"{name}: refused the connection"]
        (row,) = [row for row in live.board.sections[0].rows if row.odd]
        text = rf"2 of 3 nodes say noeviction, {re.escape(odd.address())} as of [\d :-]{{16}} says allkeys-lru"
        assert re.fullmatch(text, row.text(0))
        odd.settings["maxmemory-policy"] = "allkeys-lfu"
        returned = await live.after(odd.start, f"{name} restarted")
        assert f"{name} maxmemory-policy: allkeys-lru → allkeys-lfu" in returned
        assert [event.node for event in live.events] == [odd.address()] * len(live.events)


@pytest.mark.parametrize("at_refresh", [True, False], ids=["at r", "after a minute"])
async def test_name_that_moves_leads_to_the_new_server(
    at_refresh: bool, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L4: the old server lives on."""
    old, new = (servers.redis("7.0", settings={"maxmemory": size}) for size in ("100mb", "50mb"))
    new.kill()
    new.host, new.port = "127.0.0.2", old.port
    new.start()
    names = resolve(monkeypatch, {"cache.example": "127.0.0.1"})
    renewal = 600.0 if at_refresh else 1.0
    async with LiveEvents([target_on(old, host="cache.example")], renewal=renewal).open() as live:
        names["cache.example"] = "127.0.0.2"
        if at_refresh:
            live.watcher.refresh()
        events = await live.after(lambda: None, "it", "it maxmemory")
    assert events == ["it: cache.example is 127.0.0.2 now, it was 127.0.0.1", "it maxmemory: 100 MB → 50 MB"]
    assert live.board.summary.failed == 0


async def test_policy_that_comes_and_goes_is_an_event(rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    """L1."""
    server = rabbitmq_servers["3.10"]
    guest = {"management": server.management}
    broker = replace(target_on(server, "guest"), options=guest, password=lambda: Secret("guest"))
    name = "it policy./.ttl"
    async with LiveEvents([broker]).open() as live:
        (came,) = await live.after(lambda: server.set_policy("ttl", "^jobs", {"max-length": 5}), name)
        assert came.startswith(f"{name}: absent → ")
        (went,) = await live.after(lambda: server.api("DELETE", "/api/policies/%2F/ttl"), name)
        assert went.endswith(" → absent")

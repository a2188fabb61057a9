"""Readings of real brokers, compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import State
from parity_tui.services.rabbitmq import SERVICE
from tests.services.rabbitmq.builders import (
    SPECIAL_VHOST,
    changed,
    drift,
    full_reading,
    no_permission,
    reading,
    rows,
    settled,
    target,
)


async def test_reading_names_product_and_version(broker: RabbitMQ) -> None:
    """AMQP alone shows these, Erlang and the limits."""
    seen = await reading(target(broker.port))
    assert (seen.product, seen.version) == ("RabbitMQ", broker.version)
    assert re.fullmatch(r"2\d(\.\d+)+", seen.facts["erlang"].raw or "")
    limits = {"frame_max": "131072", "channel_max": "2047", "heartbeat": "60"}
    assert {name: seen.facts[name].raw for name in limits} == limits


async def test_heartbeat_is_the_one_that_the_broker_offers(servers: Servers, each_rabbitmq: RabbitMQ) -> None:
    """K5: not the one that we ask for."""
    other = servers.rabbitmq(settings={"heartbeat": "10"})
    both = [await reading(target(server.port, "", None)) for server in (each_rabbitmq, other)]
    assert "heartbeat" in drift(*both)
    assert [rows(*both)["heartbeat"].text(index) for index in (0, 1)] == ["1 min", "10 s"]


async def test_disabled_statistics_hide_their_facts(servers: Servers) -> None:
    """K7: with them the limits and plug-ins of the nodes and the listeners; there is no false row."""
    plain = await full_reading(settled(servers.rabbitmq()), "guest", "guest")
    without = await full_reading(servers.rabbitmq(settings={"management.disable_stats": "true"}), "guest", "guest")
    row = rows(plain, without)
    assert drift(plain, without) == {"disable_stats"}
    for name in ("protocols", "mem_limit", "plugin.rabbitmq_management"):
        assert row[name].cells[1].state is State.HIDDEN
        assert "disable_stats" in row[name].cells[1].note


async def test_release_folds_its_features_under_its_version(rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    """Feature flags and other settings of one release alone are folded under it."""
    both = [await full_reading(settled(server), "guest", "guest") for server in rabbitmq_servers.values()]
    platform = {"erlang", "mem_limit", "fd_total", "proc_total", "mem_calculation_strategy"}
    # The new default ANONYMOUS admits clients without a login.
    assert drift(*both) - platform == {"version", "auth_mechanisms"}


async def test_facts_have_a_reason(each_rabbitmq: RabbitMQ) -> None:
    """Every one of every version."""
    table = RuleTable(SERVICE, "rabbitmq")
    names = (await full_reading(settled(each_rabbitmq), "guest", "guest")).facts
    assert [name for name in names if not table.rule(name).why] == []


async def test_equal_brokers_do_not_drift(broker: RabbitMQ, rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    """Ports, node names, users and passwords differ; they are ignored."""
    twin = settled(next(rabbitmq_servers[own] for own in rabbitmq_servers if broker.version.startswith(own)))
    both = await full_reading(twin, "guest", "guest"), await full_reading(broker, "boss")
    assert len(both[0].facts) > 20
    assert drift(*both) == set()
    assert both[0].instance != both[1].instance


async def test_each_changed_object_is_a_row(broker: RabbitMQ) -> None:
    """A virtual host, and a policy of another; the limit and the policy of the first are folded under it."""
    before = await full_reading(broker, "boss")
    vhost = quote(SPECIAL_VHOST, safe="")
    policy = {"pattern": "^jobs", "definition": {"max-length": 5, "message-ttl": 60000}, "apply-to": "queues"}
    with (
        changed(broker, f"/api/vhosts/{vhost}", {}),
        changed(broker, f"/api/vhost-limits/{vhost}/max-queues", {"value": 7}),
        changed(broker, f"/api/policies/{vhost}/ttl", policy),
        changed(broker, "/api/operator-policies/%2F/cap", {**policy, "priority": 2}),
    ):
        after = await full_reading(broker, "boss")
    assert drift(before, after) == {
        f"vhost.{SPECIAL_VHOST}",
        "operator_policy./.cap",
    }
    assert rows(before, after)["operator_policy./.cap"].text(1) == (
        "queues ^jobs: max-length=5, message-ttl=60000; priority 2"
    )


async def test_missing_http_api_hides_its_facts(broker: RabbitMQ) -> None:
    """They do not drift from those of a broker with the API, and a note gives the reason."""
    bare, full = await reading(target(broker.port)), await full_reading(broker)
    assert drift(bare, full) == set()
    row = rows(bare, full)["plugin.rabbitmq_management"]
    assert row.cells[0].state is State.HIDDEN
    assert "set management" in row.cells[0].note
    assert "without `management` only what AMQP shows is compared" in bare.notes


async def test_any_virtual_host_name_connects(broker: RabbitMQ) -> None:
    """The empty name means `/`."""
    vhost = quote(SPECIAL_VHOST, safe="")
    with (
        changed(broker, f"/api/vhosts/{vhost}", {}),
        changed(broker, f"/api/permissions/{vhost}/parity", no_permission("parity", SPECIAL_VHOST)),
    ):
        await reading(target(broker.port, vhost=SPECIAL_VHOST))
    await reading(target(broker.port, vhost=""))


async def test_plugin_explains_its_feature_flags(servers: Servers, rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    """Its protocols and types of queue too: one cause, one row."""
    more = settled(servers.rabbitmq("4.0", plugins=("rabbitmq_management", "rabbitmq_mqtt")))
    both = [await full_reading(each, "guest", "guest") for each in (settled(rabbitmq_servers["4.0"]), more)]
    found = rows(*both)
    assert [name for name in drift(*both) if name.startswith(("feature_flag", "plugin", "protocols"))] == [
        "plugin.rabbitmq_mqtt"
    ]
    assert found["feature_flag.mqtt_v5"].explained_by == "plugin.rabbitmq_mqtt"

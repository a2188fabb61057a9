"""Hidden settings of real servers, and remedies that show them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from msgspec.structs import replace

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from parity_tui.drift.policy import Policy
from parity_tui.model import Severity
from tests.doctor.builders import PASSWORD, at, looked_at, one


def test_suggested_grant_shows_the_hidden_settings(servers: Servers) -> None:
    database = servers.postgres("16", sql=['CREATE ROLE "Reader" LOGIN'])
    target = at("postgres", database.port, "Reader", path="postgres")
    found, steps = asyncio.run(one(target))
    (blind,) = found.blind
    assert (found.state, steps["rights"].state) == ("partly", "partly")
    assert "shared_preload_libraries" in blind.settings
    assert f"{len(blind.settings)} cannot be seen" in steps["rights"].words
    assert blind.remedy == 'GRANT pg_read_all_settings TO "Reader";'
    database.sql(blind.remedy)
    assert asyncio.run(one(target))[0].state == "ok"


async def test_suggested_acl_rule_shows_the_hidden_settings(servers: Servers) -> None:
    cache = servers.valkey("9", acl=[["reader", "on", f">{PASSWORD}", "resetkeys", "-@all", "+info"]])
    target = at("redis", cache.port, "reader", PASSWORD)
    found, _ = await one(target)
    rules = {blind.remedy for blind in found.blind} - {""}
    assert rules == {"ACL SETUSER reader +config|get"}
    assert "maxmemory-clients" in {name for blind in found.blind for name in blind.settings}
    assert found.remedy == ""
    cache.do(*rules.pop().split())
    after, _ = await one(target)
    assert {blind.remedy for blind in after.blind} <= {""}
    assert [blind.settings for blind in after.blind] == [("password required",)]
    own = Policy(severities=(("redis.password required", Severity.IGNORED),))
    assert [each.state for each in await looked_at(target, policy=own)] == ["ok"]


async def test_rabbitmq_without_http_api_explains_hidden_settings(rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    broker = rabbitmq_servers["3.10"]
    bare, _ = await one(at("rabbitmq", broker.port, "guest", "guest", scheme="amqp"))
    assert any("management" in blind.why for blind in bare.blind)
    target = at("rabbitmq", broker.port, "guest", "guest", scheme="amqp")
    found, _ = await one(replace(target, options={"management": broker.management}))
    port = broker.management.rpartition(":")[2]
    assert [step.name for step in found.steps if f":{port}" in step.words] == ["name", "TCP"]
    (wrong,) = await looked_at(replace(target, options={"management": "http://127.0.0.1:1"}))
    assert [step.words for step in wrong.steps if step.state == "failed"] == [
        "127.0.0.1:1: 127.0.0.1:1 refused the connection"
    ]

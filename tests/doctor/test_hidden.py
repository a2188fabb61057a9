"""Hidden settings of real servers, and remedies that show them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.servers import Servers
from parity_tui.doctor.hidden import remedy
from parity_tui.drift.policy import Policy
from parity_tui.model import Severity
from parity_tui.services import kinds
from tests.doctor.builders import PASSWORD, diagnose_all, diagnose_one, target_at


@pytest.mark.parametrize("kind", kinds())
def test_remedy_of_every_group_is_filled_in(kind: str) -> None:
    groups = kinds()[kind].hidden
    for group in groups:
        why, command = (
            text.format(user="'ann b'", path="shop", rights="SELECT ON t") for text in (group.why, group.remedy)
        )
        assert remedy(why, groups) == command


def test_suggested_grant_shows_the_hidden_settings(servers: Servers) -> None:
    database = servers.postgres("16", sql=['CREATE ROLE "Reader" LOGIN'])
    target = target_at("postgres", database.port, "Reader", path="postgres")
    diagnosis, steps = asyncio.run(diagnose_one(target))
    (hidden,) = diagnosis.hidden
    assert (diagnosis.state, steps["rights"].state) == ("partly", "partly")
    assert "shared_preload_libraries" in hidden.settings
    assert f"{len(hidden.settings)} hidden" in steps["rights"].words
    assert hidden.remedy == 'GRANT pg_read_all_settings TO "Reader";'
    database.sql(hidden.remedy)
    assert asyncio.run(diagnose_one(target))[0].state == "ok"


async def test_suggested_acl_rule_shows_the_hidden_settings(servers: Servers) -> None:
    cache = servers.valkey("9", acl=[["reader", "on", f">{PASSWORD}", "resetkeys", "-@all", "+info"]])
    target = target_at("redis", cache.port, "reader", PASSWORD)
    diagnosis, _ = await diagnose_one(target)
    rules = {group.remedy for group in diagnosis.hidden} - {""}
    assert rules == {"ACL SETUSER reader +config|get"}
    assert "maxmemory-clients" in {name for group in diagnosis.hidden for name in group.settings}
    assert diagnosis.privilege == ""
    cache.do(*rules.pop().split())
    after, _ = await diagnose_one(target)
    assert (after.hidden, after.state) == ((), "ok"), "the only setting that stays hidden is an INFO"
    grave = Policy(severities=(("redis.password required", Severity.WARNING),))
    (stricter,) = await diagnose_all(target, policy=grave)
    assert [group.settings for group in stricter.hidden] == [("password required",)]
    assert [(group.remedy, stricter.state) for group in stricter.hidden] == [("", "partly")]


async def test_no_acl_rule_is_suggested_for_a_renamed_command(servers: Servers) -> None:
    cache = servers.redis("7", settings={"rename-command": 'CONFIG ""'})
    diagnosis, _ = await diagnose_one(target_at("redis", cache.port))
    assert any("does not offer CONFIG" in group.why for group in diagnosis.hidden)
    assert {group.remedy for group in diagnosis.hidden} == {""}
    assert diagnosis.privilege == ""


async def test_rabbitmq_without_http_api_explains_hidden_settings(rabbitmq_servers: Mapping[str, RabbitMQ]) -> None:
    broker = rabbitmq_servers["3.10"]
    bare, _ = await diagnose_one(target_at("rabbitmq", broker.port, "guest", "guest", scheme="amqp"))
    assert any("management" in group.why for group in bare.hidden)
    target = target_at("rabbitmq", broker.port, "guest", "guest", scheme="amqp")
    diagnosis, _ = await diagnose_one(replace(target, options={"management": broker.management}))
    port = broker.management.rpartition(":")[2]
    assert [step.name for step in diagnosis.steps if f":{port}" in step.words] == ["name", "TCP"]
    (wrong,) = await diagnose_all(replace(target, options={"management": "http://127.0.0.1:1"}))
    assert [step.words for step in wrong.steps if step.state == "failed"] == [
        "127.0.0.1:1: 127.0.0.1:1 refused the connection"
    ]

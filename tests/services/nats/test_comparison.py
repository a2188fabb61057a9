"""Readings of real servers, compared."""

from __future__ import annotations

import pytest

from parity_tui.demo.process import free_port
from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.services.nats import SERVICE
from tests.authority import Authority
from tests.planting.builders import assert_found, compared
from tests.services.nats.builders import VERSIONS, drift, nats, of, reading, rows, target

JETSTREAM = 'jetstream { store_dir: "{folder}/js" }'

PLANTED = {
    "max_payload": "max_payload: 2MB",
    "max_connections": "max_connections: 100",
    "max_control_line": "max_control_line: 8KB",
    "max_pending": "max_pending: 4MB",
    "max_subscriptions": "max_subscriptions: 1000",
    "write_deadline": 'write_deadline: "2s"',
    "ping_interval": 'ping_interval: "30s"',
    "ping_max": "ping_max: 5",
    "system_account": "accounts { MON { users: [ { user: sys, password: s3cr } ] } }\nsystem_account: MON",
    "auth_required": "",  # by the accounts
    "auth_timeout": "authorization { timeout: 9 }",
    "jetstream": 'jetstream { store_dir: "{folder}/js", max_mem: 64MB, max_file: 256MB, domain: hub }',
    "domain": "",
    "tags": 'server_tags: [ "az:1" ]',
    "mqtt.port": "",
}
"""setting -> lines of the configuration"""
FOLDED = {
    "jetstream.config.max_memory", "jetstream.config.max_storage", "jetstream.config.store_dir",
    "jetstream.config.domain",
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
async def test_equal_servers_do_not_drift(servers: Servers, version: str) -> None:
    both = [await reading(nats(servers, version, JETSTREAM)) for _ in range(2)]
    assert [row for row in rows(*both).values() if row.listed] == []
    assert [seen.product for seen in both] == ["NATS"] * 2
    assert both[0].version.startswith(version)
    assert both[0].instance != both[1].instance


@pytest.mark.parametrize("version", VERSIONS)
async def test_planted_settings_are_found(servers: Servers, version: str) -> None:
    lines = [line for name, line in PLANTED.items() if line]
    plain, other = await reading(nats(servers, version)), await reading(nats(servers, version, *lines))
    changed = PLANTED.keys() - {"mqtt.port"}
    found = compared(SERVICE, "nats", plain, other)
    assert_found(SERVICE, found, {*changed, *(FOLDED & found.keys())}, 13)


async def test_versions_differ_in_the_version_alone(servers: Servers) -> None:
    found = rows(*[await reading(nats(servers, version, JETSTREAM)) for version in VERSIONS])
    named = {name for name, row in found.items() if row.verdict == "drift" and not row.explained_by}
    assert named == {"version", "go"}


async def test_jetstream_limits_are_compared(servers: Servers) -> None:
    one = nats(servers, "2.10", JETSTREAM)
    other = nats(servers, "2.10", 'jetstream { store_dir: "{folder}/js", sync_interval: "5s", max_file: 1GB }')
    assert drift(await reading(one), await reading(other)) == {
        "jetstream.config.sync_interval", "jetstream.config.max_storage",
    }  # fmt: skip


async def test_greeting_alone_hides_the_rest(servers: Servers) -> None:
    """A limit that only the monitoring shows is unknown, never equal."""
    server = nats(servers)
    both = await reading(target(server.port)), await reading(of(server))
    found = rows(*both)
    assert drift(*both) == set()
    assert str(found["max_pending"].verdict) == "unknown"
    assert found["max_payload"].text(0) == "1 MB"


async def test_login_tls_and_keys_are_compared(servers: Servers, authority: Authority) -> None:
    pem = authority.lent("valid", servers)
    plain = nats(servers)
    secured = nats(
        servers,
        VERSIONS[0],
        f'tls {{ cert_file: "{pem}", key_file: "{pem}" }}',
        "authorization { users: [ { nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4 } ] }",
    )
    both = await reading(of(plain)), await reading(target(secured.port, secured.monitoring, ca=authority.path("ca")))
    assert {"auth_required", "tls_required", "nkey_required"} <= drift(*both)
    assert both[1].notes == ("TLS, verified, as the server requires it", "not logged in: no user is configured")


@pytest.mark.parametrize("version", VERSIONS)
async def test_settings_have_a_reason(servers: Servers, version: str) -> None:
    table = RuleTable(SERVICE, "nats")
    names = (await reading(nats(servers, version, JETSTREAM))).facts.keys()
    assert len(names) > 25
    assert [name for name in names if not table.rule(name).why] == []


async def test_same_settings_in_another_order_do_not_drift(servers: Servers) -> None:
    lines = [
        [f"server_tags: [{tags}]", f"websocket {{ port: -1, no_tls: true, allowed_origins: [{origins}] }}"]
        for tags, origins in (('"a", "b"', '"http://a.b", "http://c.d"'), ('"b", "a"', '"http://c.d", "http://a.b"'))
    ]
    both = [await reading(nats(servers, "2.10", *each)) for each in lines]
    assert drift(*both) == set()
    assert both[0].facts["tags"].raw == "a, b"


async def test_listening_on_all_interfaces_is_a_row(servers: Servers) -> None:
    plain = nats(servers)
    port, monitoring = free_port(), free_port()
    nats(servers, VERSIONS[0], f'listen: "0.0.0.0:{port}"', f'http: "0.0.0.0:{monitoring}"')
    seen = await reading(target(port, f"http://127.0.0.1:{monitoring}"))
    assert drift(await reading(plain), seen) == {"host", "http_host"}

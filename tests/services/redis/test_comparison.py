"""Readings of real servers, compared."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from parity_tui.demo.process import free_port
from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.model import Fact, ServiceError, State, Verdict
from parity_tui.services.redis import SERVICE
from parity_tui.services.redis.parse import encryption
from parity_tui.transport.dialer import NetworkDialer
from tests.authority import Authority
from tests.conftest import VALKEY
from tests.services.redis.builders import another, drift, reading, rows, target


async def test_reading_names_product_and_version(each: Redis) -> None:
    """Valkey also claims compatibility with Redis 7.2.4, which is a fact of its own."""
    seen = await reading(each.port)
    assert (seen.product, seen.version) == (each.product, each.version)
    assert ("redis compatibility" in seen.facts) == (each.product == "Valkey")
    assert seen.facts["maxmemory-policy"] == Fact("noeviction", source="CONFIG GET")
    assert seen.facts["mode"].raw == "standalone"
    assert seen.facts["password required"].raw == "no"
    assert seen.address == each.address()
    assert re.fullmatch("[0-9a-f]{40}", seen.instance)


async def test_equal_servers_do_not_drift(servers: Servers, each: Redis) -> None:
    """Ports, folders and passwords differ; they are ignored."""
    words = "one", "two"
    others = [another(servers, each, password=word) for word in words]
    readings = [await reading(o.port, password=w) for o, w in zip(others, words, strict=True)]
    assert drift(*readings) == set()
    assert readings[0].facts["requirepass"].state is State.SECRET
    assert drift(readings[0], await reading(each.port)) == {"password required"}


async def test_exactly_the_changed_settings_drift(servers: Servers, each: Redis) -> None:
    settings = {
        "maxmemory": "100mb", "maxmemory-policy": "allkeys-lru", "notify-keyspace-events": "KEA", "timeout": "90",
    }  # fmt: skip
    other = another(servers, each, settings=settings)
    both = await reading(each.port), await reading(other.port)
    assert drift(*both) == settings.keys()
    assert [rows(*both)[name].text(1) for name in settings] == ["100 MB", "allkeys-lru", "KEA", "90 s"]


async def test_other_spellings_of_a_value_do_not_drift(servers: Servers, each: Redis) -> None:
    first = {"save": "900 1 300 10", "notify-keyspace-events": "KEg$lshzxetd"}
    second = {"save": "300 10 900 1", "notify-keyspace-events": "AKE"}
    readings = [await reading(another(servers, each, settings=settings).port) for settings in (first, second)]
    assert drift(*readings) == set()
    assert {name for name in first if name in drift(readings[0], await reading(each.port))} == first.keys()


async def test_values_that_differ_at_their_end_drift(servers: Servers, each: Redis) -> None:
    """J12: a value is compared whole, however long."""
    settings = [{"save": "3600 1 " * 3000 + end} for end in ("60 1", "60 1", "60 2")]
    readings = [await reading(another(servers, each, settings=each_settings).port) for each_settings in settings]
    assert drift(*readings[:2]) == set()
    assert drift(*readings[1:]) == {"save"}


async def test_next_reading_shows_a_change(servers: Servers, each: Redis) -> None:
    """The connection is kept; only a restart changes the instance."""
    server = another(servers, each)
    where = target(server.port)
    async with SERVICE.connect(where, NetworkDialer(where, 10)) as read:
        before = await read()
        server.do("CONFIG", "SET", "appendonly", "yes")
        after = await read()
    assert drift(before, after) == {"appendonly"}
    assert before.instance == after.instance
    server.restart()
    assert (await reading(server.port)).instance != after.instance


async def test_database_number_is_not_a_setting(each: Redis) -> None:
    """The path may hold a number, which is not sent; a word in its place is a mistake."""
    assert await reading(each.port, path="0") == await reading(each.port)
    with pytest.raises(ServiceError, match="number of a database, not 'abc'"):
        await reading(each.port, path="abc")


async def test_replica_does_not_drift_from_its_primary(servers: Servers, each: Redis) -> None:
    replica = another(servers, each, settings={"replicaof": f"{each.host} {each.port}"})
    both = await reading(each.port), await reading(replica.port)
    assert both[1].facts["role"].raw == "slave"
    assert drift(*both) == set()
    assert rows(*both)["role"].note == "A replica beside a primary is a role, not drift."


async def test_cluster_mode_drifts_and_explains_the_mode(servers: Servers, each: Redis) -> None:
    """Newer servers also reduce the number of databases: one cause, one row."""
    other = another(servers, each, settings={"cluster-enabled": "yes", "cluster-port": str(free_port())})
    compared = rows(await reading(each.port), await reading(other.port))
    drifting = {name for name, row in compared.items() if row.verdict is Verdict.DRIFT}
    assert drifting == {"cluster-enabled"}
    assert compared["mode"].explained_by == "cluster-enabled"


async def test_aliases_are_merged_into_current_names(each: Redis) -> None:
    """A reply holds many settings twice."""
    facts = (await reading(each.port)).facts
    assert not [name for name in facts if "slave" in name or "ziplist" in name or name.startswith("master")]
    for rule in SERVICE.rules:
        assert facts.keys().isdisjoint(rule.aliases)


async def test_other_release_drifts_in_its_version_only(servers: Servers) -> None:
    """The version explains settings and built-in modules of one release."""
    both = [await reading(servers.valkey(version).port) for version in VALKEY]
    assert drift(*both) == {"version"}


async def test_listening_on_all_interfaces_is_a_row(servers: Servers, each: Redis) -> None:
    """The addresses themselves belong to the host."""
    plain = await reading(each.port)
    same = await reading(another(servers, each, settings={"bind": "127.0.0.1 127.0.0.2"}).port)
    anywhere = await reading(another(servers, each, settings={"bind": "*"}).port)
    assert drift(plain, same) == set()
    assert drift(plain, anywhere) == {"bind"}
    assert rows(plain, anywhere)["bind"].severity == "info"


async def test_port_of_tls_is_a_row(servers: Servers, authority: Authority) -> None:
    """The number belongs to the host; whether clients may use TLS, or have to, does not."""
    pem, ca = authority.lent("valid", servers), authority.lent("ca", servers)
    files = {"tls-cert-file": pem, "tls-key-file": pem, "tls-ca-cert-file": ca, "tls-auth-clients": "no"}
    plain = await reading(servers.redis("7.0", settings={"tls-auth-clients": "no"}).port)
    offered = await reading(servers.redis("7.0", settings={**files, "tls-port": str(free_port())}).port)
    assert drift(plain, offered) == {"TLS"}
    required = replace(offered, facts={**offered.facts, **encryption({"port": Fact("0"), "tls-port": Fact("1")})})
    assert [rows(plain, each)["TLS"].severity for each in (offered, required)] == ["warning", "critical"]

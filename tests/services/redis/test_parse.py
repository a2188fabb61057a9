"""Parsing replies. Those of other products come from their documentation and from reports of their users."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from parity_tui.model import Fact, ServiceError, State, Target, ValueType, Verdict
from parity_tui.services import redact_reading
from parity_tui.services.redis import SERVICE
from parity_tui.services.redis.errors import Refusal, Reply
from parity_tui.services.redis.parse import CORE, parse
from parity_tui.services.redis.remediation import remediate
from tests.services.redis.builders import HERE, config, drift, parsed, rows


@pytest.mark.parametrize(
    ("info", "product", "version"),
    [
        (("redis_version:7.4.0", "dragonfly_version:df-v1.40.1"), "Dragonfly", "1.40.1"),
        (("redis_version:6.3.4", "executable:/data/keydb-server"), "KeyDB", "6.3.4"),
        (("redis_version:6.3.4", "# KeyDB", "mvcc_depth:0"), "KeyDB", "6.3.4"),
        (("redis_version:7.4.3", "garnet_version:2.1.5"), "Garnet", "2.1.5"),
        (("redis_version:7.0.0", "kvrocks_version:2.12.1"), "Kvrocks", "2.12.1"),
        (("redis_version:7.2.4", "server_name:valkey", "valkey_version:8.10"), "Valkey", "8.10"),
        (("redis_version:8.10",), "Redis", "8.10"),
        (("redis_version:7.2.4", "gcc_version:12.2.0", "rdb_version:9.1"), "Redis", "7.2.4"),
        (("redis_version:7.2.4", "redict_version:7.3.1", "gcc_version:12.2.0"), "Redict", "7.3.1"),
        (("redis_version:7.2.4", "newfork_version:1.2-rc1", "openssl_version:3.0"), "Newfork", "1.2-rc1"),
        (("redis_version:7.2.4", "valkey_version:9.0.0", "valkey_release_stage:rc1"), "Valkey", "9.0.0-rc1"),
        (("redis_version:7.2.4", "valkey_version:9.0.0", "valkey_release_stage:ga"), "Valkey", "9.0.0"),
    ],
)
def test_each_product_is_recognized(info: Sequence[str], product: str, version: str) -> None:
    """redis_version is the version of Redis and KeyDB only; 8.10 stays 8.10."""
    seen = parsed(info)
    assert (seen.product, seen.version) == (product, version)
    compatibility = seen.facts.get("redis compatibility")
    assert (compatibility.raw if compatibility else version) == info[0].partition(":")[2]


def test_replication_id_replaces_a_missing_run_id() -> None:
    """Dragonfly has no run_id."""
    assert parsed(["redis_version:7.4.0", "dragonfly_version:df-v1.40.1", "master_replid:4da0"]).instance == "4da0"


def test_elasticache_is_noted_and_hides_its_settings() -> None:
    """INFO still holds the eviction policy."""
    refusal = Refusal.of("ERR unknown command `CONFIG`, with args beginning with: `GET`, `*`, ")
    seen = parsed(["redis_version:7.1.0", "os:Amazon ElastiCache", "maxmemory_policy:volatile-lru", "hz:10"], refusal)
    assert (seen.product, seen.notes) == ("Redis", ("Amazon ElastiCache",))
    assert seen.hidden[-1] == ("*", "Amazon ElastiCache does not offer CONFIG, or under another name only")
    assert {name: seen.facts[name].raw for name in ("maxmemory-policy", "hz")} == {
        "maxmemory-policy": "volatile-lru",
        "hz": "10",
    }
    assert remediate("hz", "20", seen.facts["hz"]).endswith("a hosted server has a parameter group for it")


@pytest.mark.parametrize("settings", [{}, {"maxmemory": "0", "databases": "0", "timeout": "0"}])
def test_partial_config_is_hidden(settings: dict[str, str]) -> None:
    """A6: Redis Enterprise shows 8 settings; also where both sides show so few."""
    partial = parsed(["redis_version:7.4.0"], config(**settings))
    whole = parsed(["redis_version:7.4.0"], whole_config(hz="10", appendonly="yes"))
    assert drift(partial, whole) == set()
    assert rows(partial, whole)["hz"].cells[0].state is State.HIDDEN
    reasons = {why for _, why in partial.hidden if why}
    assert reasons == {f"CONFIG GET shows {len(settings)} settings only: the provider of this server hides the others"}
    assert ("*", "") not in partial.hidden
    assert not whole.hidden


def whole_config(**settings: str) -> list[object]:
    """Return a reply to CONFIG GET with the settings that every Redis has."""
    return config(**{**dict.fromkeys((name.replace("-", "_") for name in CORE), "0"), **settings})


@pytest.mark.parametrize(("first", "second"), [("x", ""), ("A", ""), ("KE", ""), ("KA", "AK"), ("Kg$lshzxetd", "KA")])
def test_events_that_are_not_sent_are_off(first: str, second: str) -> None:
    """Without K or E nothing is sent, and with them alone nothing either."""
    both = (parsed(["redis_version:7.4.0"], whole_config(notify_keyspace_events=raw)) for raw in (first, second))
    assert drift(*both) == set()


def test_address_of_a_replica_is_noted() -> None:
    """K17: not one of several nodes, where a replica is expected."""
    info = b"redis_version:7.4.0\r\nrole:slave"
    assert "the address leads to a replica" in parse(info, whole_config(), HERE).notes
    assert not parse(info, whole_config(), replace(HERE, node="cache:6379")).notes


def test_missing_module_and_other_module_version_drift() -> None:
    first = parsed(
        ["redis_version:7.4.0", "module:name=search,ver=21005,api=1,filters=0,usedby=[]", "module:name=ReJSON,ver=1"]
    )
    second = parsed(["redis_version:7.4.0", "module:name=search,ver=21015,api=1"])
    assert drift(first, second) == {"module.search", "module.ReJSON"}


def test_switch_in_info_equals_that_in_config() -> None:
    """INFO writes 1 where CONFIG writes yes."""
    from_info = parsed(["redis_version:7.4.0", "aof_enabled:1", "cluster_enabled:0"], Refusal("NOPERM", ""))
    from_config = parsed(["redis_version:7.4.0"], config(appendonly="yes", cluster_enabled="no"))
    compared = rows(from_info, from_config)
    assert {compared[name].verdict for name in ("appendonly", "cluster-enabled")} == {Verdict.SAME}


def test_current_name_wins_over_an_alias() -> None:
    for reply in (
        config(slave_priority="1", replica_priority="2"),
        config(replica_priority="2", slave_priority="1"),
    ):
        assert parsed(["redis_version:7.4.0"], reply).facts["replica-priority"].raw == "2"
    assert parsed(["redis_version:4.0.1"], config(slave_priority="1")).facts["replica-priority"].raw == "1"


def test_passwords_become_fingerprints_under_all_names() -> None:
    names = ("requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass")
    reply: Reply = [word for name in names for word in (name.encode(), b"hunter2")]
    seen = redact_reading(parsed(["redis_version:7.4.0"], reply), SERVICE)
    assert "hunter2" not in repr(seen)
    assert sum(fact.state is State.SECRET for fact in seen.facts.values()) == len(names)
    secret_rules = {rule.name for rule in SERVICE.rules if rule.type is ValueType.SECRET}
    assert {name for name, fact in seen.facts.items() if fact.state is State.SECRET} <= secret_rules


@pytest.mark.parametrize(
    ("logged_in", "user", "requirepass", "required"),
    [
        (False, "", "", "no"),
        (True, "", "", "yes"),
        (True, "parity", "hunter2", "yes"),
        (True, "parity", "", None),
    ],
)
def test_password_required_is_unknown_after_a_named_login(
    logged_in: bool, user: str, requirepass: str, required: str | None
) -> None:
    """A login with a user's name proves nothing about clients without a name."""
    where = Target("d", "c", "redis", host="h", user=user)
    seen = parse(b"redis_version:7.4.0", config(requirepass=requirepass), where, logged_in=logged_in)
    assert seen.facts.get("password required", Fact()).raw == required
    assert ("password required" in dict(seen.hidden)) == (required is None)


replies = st.recursive(
    st.one_of(st.binary(), st.integers(), st.none(), st.builds(Refusal, st.text(), st.text())),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=8,
)
info_lines = st.lists(
    st.sampled_from(
        (
            b"redis_version:1",
            b"valkey_version:",
            b"module:name=x",
            b"module:,,=,",
            b"module:",
            b"os:\x1b[2J\xff",
            b":",
            b"maxmemory:",
        )
    )
    | st.binary(max_size=20)
).map(b"\r\n".join)
configs = st.lists(st.sampled_from((b"save", b"client-output-buffer-limit", b"notify-keyspace-events")) | st.binary())


@given(info=replies | info_lines, config=replies | configs, logged_in=st.booleans())
def test_any_reply_gives_a_reading_or_service_error(info: Reply, config: Reply, logged_in: bool) -> None:
    try:
        seen = parse(info, config, HERE, logged_in)
    except ServiceError:
        return
    assert seen.version
    assert all(isinstance(fact.raw, str) for fact in seen.facts.values())
    assert rows(seen, seen)["version"].verdict is Verdict.SAME

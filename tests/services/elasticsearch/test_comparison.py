"""Readings of the stand-in, compared."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from parity_tui.drift.rules import RuleTable
from parity_tui.model import State
from parity_tui.services.elasticsearch import SERVICE
from tests.services.elasticsearch.builders import drift, reading, rows
from tests.services.elasticsearch.stand_in import StandIn

PRODUCTS = (("es", "9.1.0"), ("os", "3.2.0"))
TABLE = RuleTable(SERVICE, "elasticsearch")

PLANTED: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"size": 3}, {"nodes"}),
    ({"roles": ["data", "master"]}, {"roles"}),
    ({"heap": 8 << 30}, {"jvm.heap"}),
    ({"processors": 16}, {"node.processors"}),
    ({"plugins": ["analysis-icu"]}, {"plugin.analysis-icu"}),
    *(
        ({"settings": {name: value}}, {name})
        for name, value in {
            "action.auto_create_index": "false",
            "action.destructive_requires_name": "false",
            "bootstrap.memory_lock": "true",
            "cluster.routing.allocation.awareness.attributes": ["zone"],
            "discovery.type": "single-node",
            "http.compression": "false",
            "http.cors.enabled": "true",
            "http.max_content_length": "200mb",
            "indices.breaker.total.limit": "70%",
            "indices.breaker.total.use_real_memory": "false",
            "indices.fielddata.cache.size": "20%",
            "indices.id_field_data.enabled": "true",
            "indices.memory.index_buffer_size": "20%",
            "indices.query.bool.max_nested_depth": "20",
            "indices.queries.cache.size": "5%",
            "node.store.allow_mmap": "false",
            "path.repo": ["/snapshots"],
            "plugin.mandatory": ["analysis-icu"],
            "reindex.remote.whitelist": ["old:9200"],
            "rest.action.multi.allow_explicit_index": "false",
            "script.allowed_types": ["inline"],
            "script.painless.regex.enabled": "true",
            "thread_pool.write.queue_size": "200",
            "transport.compress": "true",
        }.items()
    ),
    *(
        ({layer: {name: value}}, {name})
        for layer, name, value in (
            ("persistent", "cluster.max_shards_per_node", "2000"),
            ("persistent", "cluster.routing.allocation.disk.watermark.low", "70%"),
            ("persistent", "search.max_buckets", "100000"),
            ("persistent", "indices.recovery.max_bytes_per_sec", "100mb"),
            ("persistent", "logger.level", "DEBUG"),
            ("transient", "cluster.routing.allocation.enable", "primaries"),
            ("transient", "cluster.blocks.read_only", "true"),
            ("transient", "search.allow_expensive_queries", "false"),
            ("transient", "script.max_compilations_rate", "75/5m"),
            ("transient", "thread_pool.search.size", "99"),
        )
    ),
)
"""(fields of the stand-in, the settings that differ)"""


@pytest.mark.parametrize(("product", "version"), PRODUCTS)
async def test_product_is_told_by_its_own_sign(product: str, version: str) -> None:
    seen = await reading(product=product, version=version)
    assert (seen.product, seen.version) == ({"es": "Elasticsearch", "os": "OpenSearch"}[product], version)
    assert (seen.hidden, seen.facts["nodes"].raw) == ((), "1")
    assert len(seen.facts) > 200


@pytest.mark.parametrize(("product", "version"), PRODUCTS)
async def test_equal_clusters_of_other_names_do_not_drift(product: str, version: str) -> None:
    """Names, addresses, paths and identities differ."""
    both = [await reading(product=product, version=version, name=name) for name in ("one", "another")]
    assert both[0].facts != both[1].facts
    assert drift(*both) == set()


@pytest.mark.parametrize(("product", "version"), PRODUCTS)
async def test_every_planted_difference_is_found(product: str, version: str) -> None:
    before = await reading(product=product, version=version)
    for fields, wanted in PLANTED:
        compared = rows(before, await reading(product=product, version=version, **fields))
        found = {name for name, row in compared.items() if row.verdict == "drift"}
        assert found == wanted, fields
        assert all(compared[name].why for name in found)


@pytest.mark.parametrize(("product", "version"), PRODUCTS)
async def test_settings_have_a_reason(product: str, version: str) -> None:
    """At least 95 % of the settings of both products."""
    names = (await reading(product=product, version=version)).facts.keys()
    without = sorted(name for name in names if not TABLE.rule(name).why)
    assert len(without) <= 0.05 * len(names), without


@pytest.mark.parametrize(("product", "version"), PRODUCTS)
async def test_few_settings_are_taken_for_secrets(product: str, version: str) -> None:
    facts = (await reading(product=product, version=version)).facts
    assert [name for name, fact in facts.items() if fact.state is State.SECRET] == []


async def test_secret_in_a_setting_is_redacted() -> None:
    planted = {
        "xpack.notification.slack.account.monitoring.secure_url": "https://hooks.example/services/T0/B0/s3cr3tfish",
        "cluster.remote.other.credentials": "s3cr3tfish",
        "xpack.http.proxy.password": "s3cr3tfish",
        "repositories.url.url": "https://ann:s3cr3tfish@backup.example/x",
    }
    seen = await reading(settings=planted)
    assert "s3cr3tfish" not in repr(seen)
    assert {seen.facts[name].state for name in planted} == {State.SECRET}


@pytest.mark.parametrize(
    ("one", "other"),
    [("30000ms", "30s"), ("5m", "300s"), ("20GB", "20gb"), ("1024kb", "1mb"), (["b", "a"], ["a", "b"]), ("2.0", "2")],
)
async def test_equal_values_in_two_spellings_do_not_drift(one: Any, other: Any) -> None:
    name = "cluster.routing.allocation.extra"
    both = [await reading(settings={name: value}) for value in (one, other)]
    assert drift(*both) == set()


async def test_source_is_the_layer_in_force() -> None:
    name = "cluster.max_shards_per_node"
    seen = await reading(persistent={name: "2000"}, transient={name: "3000"})
    assert (seen.facts[name].raw, seen.facts[name].source) == ("3000", "transient")


async def test_plugin_on_a_part_of_the_nodes_is_told() -> None:
    compared = rows(await reading(plugins=["analysis-icu"], size=2), await reading(size=2))
    row = compared["plugin.analysis-icu"]
    assert (row.severity, row.text(0), row.text(1)) == ("critical", "installed", "–")


async def test_version_for_old_clients_is_not_believed() -> None:
    """OpenSearch may report 7.10.2, as its predecessor did."""
    cluster = StandIn(product="os", version="2.19.1", settings={"compatibility.override_main_response_version": "true"})
    info = json.dumps(cluster.info()).replace("2.19.1", "7.10.2").encode()
    seen = await reading(replace(cluster, replies={"/": (200, info)}))
    assert (seen.product, seen.version) == ("OpenSearch", "2.19.1")


async def test_products_are_different_types() -> None:
    compared = rows(await reading(), await reading(product="os", version="3.2.0"))
    assert compared["product"].verdict == "drift"


async def test_instance_changes_with_a_restart_only() -> None:
    first, same, later = [await reading(started=started) for started in (5, 5, 6)]
    assert first.instance == same.instance != later.instance
    assert first.facts == later.facts


@pytest.mark.parametrize("rule", SERVICE.rules, ids=lambda rule: rule.name)
def test_reason_is_one_plain_sentence(rule: object) -> None:
    why = rule.why  # type: ignore[attr-defined]
    assert re.fullmatch(r"[A-Z0-9].{10,160}[.]", why), why
    assert not re.search(r"\b(nobody|somebody|whoever|everybody|anew)\b", why)

"""Readings of the stand-in, compared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from parity_tui.drift.rules import RuleTable
from parity_tui.model import State
from parity_tui.services.mongodb import SERVICE
from tests.services.mongodb.builders import drift, reading, rows

TABLE = RuleTable(SERVICE, "mongodb")
OLD = Path(__file__).with_name("old_parameters.txt")
REPLICATED: dict[str, Any] = {"replica_set": "rs0"}

PLANTED: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"members": 5}, {"members"}),
    ({"build": {"modules": ["enterprise"]}}, {"build.modules"}),
    ({"build": {"storageEngines": ["wiredTiger"]}}, {"build.storageEngines"}),
    *(
        ({"parameters": {name: value}}, {name})
        for name, value in {
            "allowDiskUseByDefault": False,
            "cursorTimeoutMillis": 60000,
            "enableFlowControl": False,
            "enableTestCommands": True,
            "featureCompatibilityVersion": {"version": "6.0"},
            "internalPipelineLengthLimit": 50,
            "internalQueryFrameworkControl": "forceClassicEngine",
            "internalQueryMaxBlockingSortMemoryUsageBytes": 33554432,
            "journalCommitInterval": 300,
            "logComponentVerbosity": {"verbosity": 1, "query": {"verbosity": -1}},
            "logLevel": 1,
            "maxBSONDepth": 100,
            "maxTransactionLockRequestTimeoutMillis": 50,
            "minSnapshotHistoryWindowInSeconds": 60,
            "notablescan": True,
            "requireApiVersion": True,
            "scramSHA256IterationCount": 20000,
            "syncdelay": 120,
            "tlsMode": "requireTLS",
            "transactionLifetimeLimitSeconds": 30,
            "ttlMonitorEnabled": False,
            "writePeriodicNoops": False,
            "authenticationMechanisms": ["SCRAM-SHA-256"],
        }.items()
    ),
    *(
        ({"options": options}, {f"option.{name}"})
        for name, options in {
            "net.tls.mode": {"net": {"tls": {"mode": "requireTLS"}}},
            "net.maxIncomingConnections": {"net": {"maxIncomingConnections": 100}},
            "security.authorization": {"security": {"authorization": "disabled"}},
            "security.javascriptEnabled": {"security": {"javascriptEnabled": False}},
            "storage.wiredTiger.engineConfig.cacheSizeGB": {
                "storage": {"wiredTiger": {"engineConfig": {"cacheSizeGB": 8.0}}}
            },
            "storage.engine": {"storage": {"engine": "inMemory"}},
            "replication.oplogSizeMB": {"replication": {"oplogSizeMB": 2048}},
            "operationProfiling.mode": {"operationProfiling": {"mode": "slowOp"}},
        }.items()
    ),
)
"""(fields of the stand-in, the settings that differ)"""


async def test_reading_names_product_and_version() -> None:
    seen = await reading(**REPLICATED)
    assert (seen.product, seen.version, seen.hidden) == ("MongoDB", "7.0.14", ())
    assert [seen.facts[name].raw for name in ("topology", "members", "role")] == ["replica set", "3", "primary"]
    assert len(seen.facts) > 100


@pytest.mark.parametrize(
    ("build", "product"),
    [({"psmdbVersion": "7.0.14-8"}, "Percona Server for MongoDB"), ({"ferretdb": {"version": "1.24"}}, "FerretDB")],
)
async def test_compatible_products_are_told_apart(build: dict[str, Any], product: str) -> None:
    assert (await reading(build=build)).product == product


@pytest.mark.parametrize("details", [True, False])
async def test_equal_servers_of_other_names_do_not_drift(details: bool) -> None:
    """Names, addresses, paths, the replica set and the role differ."""
    one = await reading(name="one", replica_set="dev", details=details)
    other = await reading(name="another", replica_set="production", primary=False, details=details)
    assert one.facts != other.facts
    assert (one.hidden, other.hidden) == ((), ())
    assert drift(one, other) == set()


async def test_every_planted_difference_is_found() -> None:
    before = await reading(**REPLICATED)
    for fields, wanted in PLANTED:
        compared = rows(before, await reading(**{**REPLICATED, **fields}))
        found = {name for name, row in compared.items() if row.verdict == "drift"}
        assert found == wanted, fields
        assert all(compared[name].why for name in found)


async def test_standalone_differs_from_a_replica_set() -> None:
    compared = rows(await reading(), await reading(**REPLICATED))
    assert [name for name, row in compared.items() if row.verdict == "drift"] == ["topology"]
    row = compared["topology"]
    assert (row.verdict, row.severity, row.text(0), row.text(1)) == ("drift", "critical", "standalone", "replica set")


async def test_settings_have_a_reason() -> None:
    """At least 95 %."""
    names = (await reading(**REPLICATED)).facts.keys()
    without = sorted(name for name in names if not TABLE.rule(name).why)
    assert len(without) <= 0.05 * len(names), without


def test_parameters_of_older_versions_have_a_reason() -> None:
    """Those of 4.0, of which the stand-in shows a part."""
    names = OLD.read_text("utf-8").split()
    assert len(names) > 70
    assert [name for name in names if not TABLE.rule(name).why] == []


async def test_few_settings_are_taken_for_secrets() -> None:
    facts = (await reading(**REPLICATED)).facts
    assert [name for name, fact in facts.items() if fact.state is State.SECRET] == []


async def test_passwords_of_the_command_line_are_redacted() -> None:
    """Argv is not kept at all."""
    planted = {
        "net": {
            "tls": {"mode": "requireTLS", "certificateKeyFilePassword": "s3cr3tfish", "clusterPassword": "s3cr3tfish"}
        },
        "security": {
            "ldap": {"bind": {"queryPassword": "s3cr3tfish"}},
            "kmip": {"clientCertificatePassword": "s3cr3tfish"},
        },
        "storage": {"backupUri": "mongodb://ann:s3cr3tfish@backup/x"},
    }
    seen = await reading(options=planted, parameters={"ldapQueryPassword": "s3cr3tfish"})
    assert "s3cr3tfish" not in repr(seen)
    secret = {name for name, fact in seen.facts.items() if fact.state is State.SECRET}
    assert len(secret) == 6, secret
    assert not any("argv" in name for name in seen.facts)


async def test_instance_changes_with_a_restart_only() -> None:
    first, same, later = [await reading(process=f"{digit}" * 24) for digit in "aab"]
    assert first.instance == same.instance != later.instance


@pytest.mark.parametrize("rule", SERVICE.rules, ids=lambda rule: rule.name)
def test_reason_is_one_plain_sentence(rule: object) -> None:
    why = rule.why  # type: ignore[attr-defined]
    assert re.fullmatch(r"[A-Z0-9].{10,160}[.]", why), why
    assert not re.search(r"\b(nobody|somebody|whoever|everybody|anew)\b", why)

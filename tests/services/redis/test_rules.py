"""Rules of Redis and Valkey against the servers' own lists of settings."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
import redis

from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Severity, Verdict
from parity_tui.services.redis import SERVICE
from tests.services.redis.builders import another, parsed, reading, rows

TABLE = RuleTable(SERVICE, "redis")

KEPT = {
    # the harness needs them, or a wrong value ends the server
    "port", "bind", "tls-port", "dir", "requirepass", "masterauth", "primaryauth", "masteruser", "primaryuser",
    "rdb-key-save-delay", "key-load-delay", "loading-process-events-interval-bytes", "watchdog-period",
    "cluster-announce-ip", "debug-context", "import-mode", "oom-score-adj", "unixsocketperm",
    "tls-cluster", "tls-replication", "bind-source-addr", "tls-cert-file", "tls-key-file", "tls-ca-cert-file",
}  # fmt: skip

OTHER = {
    "save": "77 7",
    "notify-keyspace-events": "KEA",
    "client-output-buffer-limit": "normal 1000000000 0 0",
    "oom-score-adj-values": "0 100 200",
    "shutdown-on-sigint": "nosave",
    "shutdown-on-sigterm": "nosave",
    "latency-tracking-info-percentiles": "50",
    "proto-max-bulk-len": "1048577",
    "client-query-buffer-limit": "1048577",
    "tls-protocols": "TLSv1.3",
    "latency-monitor-threshold": "77",
    "locale-collate": "C",
    "maxmemory": "1000000000",
    "maxmemory-clients": "1000000000",
    "acl-pubsub-default": "allchannels",
}
"""settings with a syntax of their own -> another valid value"""

WORDS = (
    *("yes", "no", "always", "everysec", "debug", "warning", "allkeys-lru", "clients", "forbid-on-fail"),
    *("swapdb", "on-empty-db", "panic", "absolute", "relaxed", "iso8601", "logfmt", "hostname", "optional", "local1"),
    *("best-effort", "relative", "disabled", "unknown-endpoint"),
)
"""values of switches and of lists of words"""


SERVICE_NAME = {alias: rule.name for rule in SERVICE.rules for alias in rule.aliases}
"""old name of a setting -> its current name"""


def candidates(name: str, raw: str) -> list[str]:
    """Return other values that a setting may take."""
    if name in OTHER:
        return [OTHER[name]]
    if re.fullmatch(r"-?\d+", raw):
        return [str(int(raw) + 1), str(int(raw) - 1), str(int(raw) * 2), "1", "2", "50"]
    return [word for word in WORDS if word != raw] or ["x"]


def plant(server: Redis) -> set[str]:
    """Change every setting that CONFIG SET changes; return their names."""
    changed = set()
    with redis.Redis(server.host, server.port, decode_responses=True) as client:
        for name, raw in sorted(client.config_get("*").items()):
            if name in KEPT or TABLE.rule(name).severity is Severity.IGNORED or name in SERVICE_NAME:
                continue
            for value in candidates(name, raw):
                with suppress(redis.ResponseError):  # a setting of the start only, or another syntax
                    client.config_set(name, value)
                if client.config_get(name)[name] != raw:
                    changed.add(name)
                    break
    return changed


async def test_every_planted_setting_is_found(servers: Servers, each: Redis) -> None:
    """Mass planting: all that can be changed, on the right side, and nothing else."""
    other = another(servers, each)
    names = plant(other)
    compared = rows(await reading(each.port), await reading(other.port), await reading(each.port))
    found = {name for name, row in compared.items() if row.verdict is Verdict.DRIFT}
    assert len(names) > 90
    assert found == names
    assert {compared[name].odd for name in found} == {("env1",)}
    assert all(compared[name].why for name in found)


@pytest.mark.parametrize(
    ("setting", "weak", "safe"),
    [
        ("appendonly", "no", "yes"),
        ("appendfsync", "no", "everysec"),
        ("appendfsync", "everysec", "always"),
        ("save", "", "900 1"),
        ("stop-writes-on-bgsave-error", "no", "yes"),
        ("no-appendfsync-on-rewrite", "yes", "no"),
    ],
)
def test_weaker_durability_counts_in_production(setting: str, weak: str, safe: str) -> None:
    """Where the other environment is the weaker one, it is a warning at most."""
    facts = [parsed(["redis_version:7.4.0"], [setting.encode(), raw.encode()]) for raw in (weak, safe)]
    names = ("production", "dev")
    risky, harmless = (rows(*each, names=names)[setting].severity for each in (facts, facts[::-1]))
    assert risky is TABLE.rule(setting).severity
    assert harmless is Severity.WARNING


async def test_settings_have_a_reason(each: Redis) -> None:
    """At least 95 % of the settings of every version."""
    names = (await reading(each.port)).facts.keys()
    without = sorted(name for name in names if not TABLE.rule(name).why)
    assert len(without) <= 0.05 * len(names), without


@pytest.mark.parametrize("rule", SERVICE.rules, ids=lambda rule: rule.name)
def test_reason_is_one_plain_sentence(rule: object) -> None:
    why = rule.why  # type: ignore[attr-defined]
    assert re.fullmatch(r"[A-Z0-9].{10,160}[.]", why), why
    assert not re.search(r"\b(nobody|somebody|whoever|everybody|anew)\b", why)

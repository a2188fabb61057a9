"""Targets with several nodes, on real servers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from parity_tui.config import Config, ConfigError, parse
from parity_tui.demo.postgres import SUPERUSER, Postgres
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers

from .test_end_to_end import check


class Standby(Postgres):
    """A PostgreSQL that replicates another."""

    primary: Postgres

    def _make_cluster(self) -> None:
        connection = ["-h", self.primary.host, "-p", str(self.primary.port), "-U", SUPERUSER]
        program = str(self._programs / "pg_basebackup")
        self.home.run(f"{self.name}.copy", [program, "-D", str(self._data), *connection, "-R", "-c", "fast"])


AGE = ("end of life", "patches behind")
"""rows that depend on the day"""


def report(folder: Path, **environments: Sequence[Server | str]) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the JSON report on one service: environment -> nodes."""
    lines = []
    for name, nodes in environments.items():
        urls = [node if isinstance(node, str) else url(node) for node in nodes]
        lines += [f"[environments.{name}.services.store]", f"urls = {json.dumps(urls)}"]
    file = folder / "parity.toml"
    file.write_text("\n".join(lines))
    result = check(file, "--format", "json")
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout)


def url(server: Server) -> str:
    """Return the URL of a server, without a password."""
    user = f"{SUPERUSER}@" if isinstance(server, Postgres) else ""
    return f"{server.scheme}://{user}{server.host}:{server.port}{'/postgres' if user else ''}"


def drift(document: dict[str, Any]) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return setting -> (outlying environments, values by environment) of every row that drifts."""
    return {
        row["setting"]: (row["odd"], {name: value["text"] for name, value in row["values"].items()})
        for row in document["services"][0]["rows"]
        if row["verdict"] == "drift" and row["setting"] not in AGE
    }


@pytest.fixture(scope="module")
def equal_valkeys(servers: Servers) -> list[Redis]:
    return [servers.valkey("9") for _ in range(4)]


def test_equal_nodes_are_parity(tmp_path: Path, equal_valkeys: list[Redis]) -> None:
    code, document = report(tmp_path, staging=equal_valkeys[:2], production=equal_valkeys[1:])
    assert (code, drift(document)) == (0, {})
    reading = document["services"][0]["readings"]["production"]
    assert (reading["state"], reading["address"].count(",")) == ("ok", 2)


def test_deviating_node_is_drift_and_named(tmp_path: Path, servers: Servers, equal_valkeys: list[Redis]) -> None:
    other = servers.valkey("9", settings={"maxmemory-policy": "allkeys-lru"})
    code, document = report(tmp_path, staging=equal_valkeys[:2], production=[*equal_valkeys[2:], other])
    text = f"2 of 3 nodes say noeviction, {other.host}:{other.port} says allkeys-lru"
    assert drift(document) == {"maxmemory-policy": (["production"], {"staging": "noeviction", "production": text})}
    assert code == 1
    (row,) = document["services"][0]["rows"]
    assert f"{other.host}:{other.port}: allkeys-lru" in row["values"]["production"]["note"]


def test_same_disagreement_in_each_environment_is_drift(tmp_path: Path, servers: Servers) -> None:
    otherwise = {"maxmemory-policy": "allkeys-lru"}
    one, other = ([servers.valkey("9"), servers.valkey("9", settings=otherwise)] for _ in range(2))
    code, document = report(tmp_path, staging=one, production=other)
    assert (code, drift(document)["maxmemory-policy"][0]) == (1, ["staging", "production"])


def test_dead_node_is_reported_and_counted(tmp_path: Path, servers: Servers, equal_valkeys: list[Redis]) -> None:
    dead = servers.valkey("9")
    dead.kill()
    code, document = report(tmp_path, staging=equal_valkeys[:1], production=[*equal_valkeys[2:], dead])
    reading = document["services"][0]["readings"]["production"]
    nodes = document["services"][0]["readings"]["production"]["nodes"]
    assert [node["state"] for node in nodes] == ["ok", "ok", "failed"]
    note = f"1 of 3 nodes failed: {dead.host}:{dead.port} refused the connection"
    assert (reading["state"], reading["notes"]) == ("ok", [note])
    assert (code, drift(document), document["summary"]["failed"]) == (3, {}, 1)


def test_target_fails_when_no_node_answers(tmp_path: Path, servers: Servers, equal_valkeys: list[Redis]) -> None:
    dead = [servers.valkey("9"), servers.valkey("9")]
    for node in dead:
        node.kill()
    code, document = report(tmp_path, staging=equal_valkeys[:2], production=dead)
    reading = document["services"][0]["readings"]["production"]
    assert (code, reading["state"], reading["reason"]) == (3, "failed", "refused")
    first = f"{dead[0].host}:{dead[0].port} refused the connection"
    assert reading["message"] == f"all 2 nodes failed: {first}"


def test_replica_beside_primary_is_no_drift(tmp_path: Path, servers: Servers, equal_valkeys: list[Redis]) -> None:
    primary = servers.valkey("9")
    replica = servers.valkey("9", settings={"replicaof": f"{primary.host} {primary.port}"})
    code, document = report(tmp_path, staging=equal_valkeys[:1], production=[primary, replica])
    assert (code, drift(document)) == (0, {})


def test_standby_beside_primary_is_no_drift(tmp_path: Path, servers: Servers) -> None:
    alone, primary = servers.postgres("15"), servers.postgres("15")
    standby = Standby(servers.home, f"{primary.name}-standby", servers.program("postgres", "15"))
    standby.primary = primary
    standby.start()
    assert standby.sql("SELECT pg_is_in_recovery()") == ["t"]
    code, document = report(tmp_path, staging=[alone], production=[primary, standby])
    assert (code, drift(document)) == (0, {})


def parse_nodes(urls: str, folder: Path, more: str = "", **environ: str) -> Config:
    """Parse the configuration of one service with these nodes."""
    text = f"[environments.production.services.cache]\nurls = {urls}\n{more}"
    return parse(text, "parity.toml", environ, folder)


def test_each_url_of_a_list_is_a_node(tmp_path: Path) -> None:
    urls = '[\n  "redis://parity@a",\n  "redis://parity@b:6380",\n]'
    targets = parse_nodes(urls, tmp_path, 'password_env = "X"', X="swordfish").targets
    assert [(target.node, target.user) for target in targets] == [("a:6379", "parity"), ("b:6380", "parity")]
    assert all(target.password and target.password() for target in targets)


def test_node_with_unset_variable_fails_alone(tmp_path: Path) -> None:
    first, second = parse_nodes('["${NODE}", "redis://b"]', tmp_path).targets
    assert (first.kind, first.node, first.problem is not None) == ("redis", "node 1", True)
    assert second.problem is None


@pytest.mark.parametrize(
    ("urls", "words"),
    [
        ('["redis://a", "postgresql://b"]', "all nodes must be of one kind of service, not postgres and redis"),
        ('["redis://a", "redis://a:6379"]', "a:6379 occurs twice"),
        ('["redis://a", "redos://b"]', 'services.cache.urls[2]: unknown scheme "redos"'),
        ("[]", "must be a list of URLs in quotes, one for each node"),
        ('"redis://a"', "must be a list of URLs in quotes"),
        ('["redis://a", 1]', "must be a list of URLs in quotes"),
        ('["redis://a"]\nurl = "redis://b"', 'has "url" and "urls": keep one of them'),
        ('["redis://a"]\npasword = "x"', 'did you mean "password"?'),
    ],
)
def test_invalid_list_of_urls_is_reported_with_line(urls: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_nodes(urls, tmp_path)
    (problem,) = caught.value.problems
    assert words in problem
    assert problem.startswith("parity.toml:3:" if "pasword" in urls else "parity.toml:2:")
    assert "redis://a" not in problem


def test_misspelt_urls_key_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='did you mean "urls"'):
        parse('[environments.dev.services.cache]\nurlss = ["redis://a"]\nx = 1', "f", {}, tmp_path)

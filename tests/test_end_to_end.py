"""`parity-tui check` on real servers as a process with a configuration file and an exit code."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from parity_tui.demo.memcached import Memcached
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server
from parity_tui.demo.servers import Servers

PASSWORD = "sw0rd /%@:&=#fish"
"""with every character that has a meaning in a URL"""

AGE = ("end of life", "patches behind")

Environments = Mapping[str, Mapping[str, str | Mapping[str, str]]]


def write_config(folder: Path, environments: Environments, more: str = "") -> Path:
    lines = [more]
    for environment, services in environments.items():
        for service, entry in services.items():
            lines.append(f"[environments.{environment}.services.{service}]")
            table = {"url": entry} if isinstance(entry, str) else entry
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    path = folder / "parity.toml"
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    return path


def check(config: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `parity-tui check` in a clean environment."""
    return subprocess.run(
        [sys.executable, "-m", "parity_tui", "check", "--config", config, "--timeout", "20s", *options],
        env={"PATH": os.environ["PATH"], "HOME": str(config.parent), **variables},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def report(folder: Path, environments: Environments, *options: str, more: str = "") -> tuple[int, dict[str, Any]]:
    """Return the exit code and the JSON report."""
    result = check(write_config(folder, environments, more), "--format", "json", *options)
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout)


def drift(document: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Return (service, setting) -> outlying environments of every row but those on age."""
    return {key: odd for key, odd in _odd(document).items() if key[1] not in AGE}


def aged(document: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Return (service, setting) -> environments of the rows on age: what Debian brings grows old."""
    return {key: odd for key, odd in _odd(document).items() if key[1] in AGE}


def _odd(document: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    return {
        (service["name"], row["setting"]): row["odd"] for service in document["services"] for row in service["rows"]
    }


def with_management(server: RabbitMQ, user: str = "guest", password: str = "guest") -> dict[str, str]:
    """Return the configuration entry of a RabbitMQ with its HTTP API."""
    return {"url": server.url(user, password), "management": server.management}


@contextmanager
def suspended(server: Server) -> Iterator[None]:
    """Suspend a server's processes, which then accept connections and do not answer."""
    server.pause()
    try:
        yield
    finally:
        server.resume()


def test_equal_servers_give_no_rows(
    tmp_path: Path, servers: Servers, valkey_servers: Mapping[str, Redis], rabbitmq_servers: Mapping[str, RabbitMQ]
) -> None:
    hare = servers.rabbitmq("3.10", node="hare")
    hare.settle()
    one: dict[str, str | Mapping[str, str]] = {
        "database": servers.postgres("16", password=PASSWORD).url("postgres", PASSWORD, "postgres"),
        "cache": servers.valkey("9", password=PASSWORD).url("default", PASSWORD),
        "sessions": servers.memcached("1.6.18").url(),
        "queue": with_management(rabbitmq_servers["3.10"]),
    }
    other: dict[str, str | Mapping[str, str]] = {
        "database": servers.postgres("16", password="another").url("postgres", "another", "postgres"),
        "cache": servers.valkey("9", password="an other").url("default", "an other"),
        "sessions": servers.memcached("1.6.18").url(),
        "queue": with_management(hare),
    }
    code, document = report(tmp_path, {"staging": one, "production": other})
    assert drift(document) == {}
    assert ("queue", "end of life") in aged(document)
    assert all(odd == ["staging", "production"] for odd in aged(document).values())
    assert code == 1
    accept = "".join(f"[[expect]]\nservice = '*'\nsetting = '{name}'\nreason = 'as Debian has it'\n" for name in AGE)
    code, document = report(tmp_path, {"staging": one, "production": other}, more=accept)
    assert drift(document) == {}
    assert code == 0


def test_exactly_the_planted_differences_are_found(
    tmp_path: Path,
    servers: Servers,
    postgres_servers: Mapping[str, Postgres],
    memcached_servers: Mapping[str, Memcached],
) -> None:
    plain = postgres_servers["18"].url("postgres", path="postgres")
    slow = servers.postgres(
        "18",
        settings={"statement_timeout": "30s", "max_connections": "60", "TimeZone": "Europe/Paris"},
        sql=["CREATE ROLE app LOGIN", "ALTER ROLE app SET work_mem = '64MB'"],
    )
    hard = servers.postgres("18", settings={"enable_hashjoin": "off", "synchronous_commit": "off"})
    evicting = servers.valkey("9", settings={"maxmemory-policy": "allkeys-lru", "notify-keyspace-events": "Ex"})
    small = servers.memcached("1.6.18", options=["-I", "2m", "-M"])
    cache, sessions = servers.valkey("9").url(), memcached_servers["1.6.18"].url()
    code, document = report(
        tmp_path,
        {
            "dev": {"database": slow.url("postgres", path="postgres"), "cache": cache, "sessions": sessions},
            "staging": {"database": plain, "cache": servers.valkey("9").url(), "sessions": small.url()},
            "production": {
                "database": hard.url("postgres", path="postgres"), "cache": evicting.url(),
                "sessions": servers.memcached("1.6.18").url(),
            },
        },
    )  # fmt: skip
    assert drift(document) == {
        ("database", "statement_timeout"): ["dev"],
        ("database", "max_connections"): ["dev"],
        ("database", "TimeZone"): ["dev"],
        ("database", "override.role.app.work_mem"): ["dev"],
        ("database", "enable_hashjoin"): ["production"],
        ("database", "synchronous_commit"): ["production"],
        ("cache", "maxmemory-policy"): ["production"],
        ("cache", "notify-keyspace-events"): ["production"],
        ("sessions", "item_size_max"): ["staging"],
        ("sessions", "evictions"): ["staging"],
    }
    assert code == 1


def test_product_and_version_of_twelve_servers(
    tmp_path: Path,
    postgres_servers: Mapping[str, Postgres],
    redis_servers: Mapping[str, Redis],
    valkey_servers: Mapping[str, Redis],
    memcached_servers: Mapping[str, Memcached],
    rabbitmq_servers: Mapping[str, RabbitMQ],
) -> None:
    with closing(sqlite3.connect(tmp_path / "app.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
    running = [*postgres_servers.values(), *redis_servers.values(), *valkey_servers.values()]
    running += [*memcached_servers.values(), *rabbitmq_servers.values()]
    named = {f"s{at}": (server.product, server.version) for at, server in enumerate(running)}
    users = {"postgresql": ("postgres", "", "postgres"), "amqp": ("guest", "guest")}
    services = {f"s{at}": server.url(*users.get(server.scheme, ())) for at, server in enumerate(running)}
    named["file"], services["file"] = ("SQLite", sqlite3.sqlite_version), f"sqlite:///{tmp_path}/app.db"
    assert len(services) == 12
    _, document = report(tmp_path, {"production": services})
    seen = {service["name"]: service["readings"]["production"] for service in document["services"]}
    assert {name: (reading["product"], reading["version"]) for name, reading in seen.items()} == named


def test_failing_servers_are_reported_beside_a_healthy_one(
    tmp_path: Path,
    servers: Servers,
    postgres_servers: Mapping[str, Postgres],
    rabbitmq_servers: Mapping[str, RabbitMQ],
) -> None:
    hangs, dead = servers.postgres("16"), servers.postgres("16")
    locked = servers.postgres("16", password=PASSWORD)
    dead.kill()
    services = {
        "healthy": postgres_servers["16"].url("postgres", path="postgres"),
        "hangs": hangs.url("postgres", path="postgres"),
        "dead": dead.url("postgres", path="postgres"),
        "locked": locked.url("postgres", "wrong", "postgres"),
        "mistaken": f"postgresql://postgres@{rabbitmq_servers['3.10'].address()}/postgres",
    }
    with suspended(hangs):
        code, document = report(
            tmp_path,
            {name: {"database": url} for name, url in services.items()},
            "--timeout",
            "4s",
            more="[severity]\n'postgres.patches behind' = 'ignore'\n",
        )
    readings = document["services"][0]["readings"]
    reasons = {name: reading.get("reason", "ok") for name, reading in readings.items()}
    assert reasons["healthy"] == "ok"
    assert (reasons["hangs"], reasons["dead"], reasons["locked"]) == ("timeout", "refused", "auth")
    assert reasons["mistaken"] == "wrong-service"
    assert "in 4 s" in readings["hangs"]["message"]
    assert all(reading.get("message", "x") for reading in readings.values())
    assert drift(document) == {}
    assert (code, document["summary"]["failed"]) == (3, 4)


def test_unavailable_server_makes_all_rows_unknown(
    tmp_path: Path, servers: Servers, postgres_servers: Mapping[str, Postgres]
) -> None:
    dead = servers.memcached("1.6.18")
    dead.kill()
    alive, other = servers.memcached("1.6.18"), servers.memcached("1.6.18")
    _, document = report(
        tmp_path, {"dev": {"c": dead.url()}, "staging": {"c": alive.url()}, "production": {"c": other.url()}}, "--all"
    )
    rows = [row for row in document["services"][0]["rows"] if row["setting"] not in AGE]
    assert len(rows) > 50
    assert {row["verdict"] for row in rows} == {"unknown", "ignored"}
    assert {row["values"]["dev"]["state"] for row in rows} == {"unknown"}


@pytest.mark.parametrize("format", ["text", "json", "markdown", "junit"])
def test_no_output_contains_a_password(tmp_path: Path, servers: Servers, format: str) -> None:  # noqa: A002
    secrets = {
        "valkey": "Valk3y /@:#pass",
        "postgres": "Pgr3s /@:#pass",
        "wrong": "Wr0ng /@:#pass",
        "file": "F1le-pass",
    }
    valkey = servers.valkey("9", password=secrets["valkey"])
    postgres = servers.postgres("16", password=secrets["postgres"])
    (tmp_path / "password").write_text(secrets["file"] + "\n")
    config = write_config(
        tmp_path,
        {
            "dev": {
                "a": valkey.url("default", secrets["valkey"]),
                "b": postgres.url("postgres", secrets["wrong"], "x"),
            },
            "staging": {
                "a": {"url": valkey.url("default"), "password_env": "VALKEY"},
                "b": {"url": postgres.url("postgres", path="postgres"), "password_env": "POSTGRES"},
            },
            "production": {
                "a": {"url": valkey.url("default"), "password_file": "password"},
                "b": {"url": postgres.url("postgres", path="x"), "password_file": "missing"},
            },
        },
    )
    result = check(config, "--format", format, "--all", VALKEY=secrets["valkey"], POSTGRES=secrets["postgres"])
    assert result.returncode in (1, 3), result.stderr
    for secret in secrets.values():
        for part in (secret, secret.split(" ")[0]):
            assert part not in result.stdout + result.stderr


def test_dotenv_files_become_environments(tmp_path: Path, valkey_servers: Mapping[str, Redis]) -> None:
    (tmp_path / ".env.dev").write_text(f'REDIS_URL="{valkey_servers["8"].url()}/0"\nDEBUG=1\n')
    (tmp_path / ".env.production").write_text(f"export REDIS_URL={valkey_servers['9'].url()}\n")
    result = subprocess.run(
        [sys.executable, "-m", "parity_tui", "--env-file", "dev=.env.dev", "--env-file", "production=.env.production",
         "check", "--format", "json", "--timeout", "20s"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    document = json.loads(result.stdout)
    assert ("redis", "version") in drift(document)
    assert result.returncode == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[environments.dev.services]\ncache = 'memory://'\nsurplus", ":3"),
        ("[environments.dev.services.cache]\nurl = 'redis://h'\npasword = 'x'", 'did you mean "password"'),
        ("baseline = 'prod'\n[environments.production.services]\ncache = 'memory://'", "baseline"),
        ("[environments.dev.services]\ncache = 'rediss+x://h'", "redis"),
    ],
)
def test_invalid_configuration_is_reported_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "parity.toml"
    path.write_text(text)
    result = check(path)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr

"""Made-up boards with every state of a board, without a server."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date

from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import (
    Dialer,
    Fact,
    Failure,
    Outcome,
    Reading,
    ReadOnce,
    Reason,
    Rule,
    Service,
    Severity,
    State,
    Target,
    ValueType,
)

ENVIRONMENTS = ("dev", "staging", "production")


@asynccontextmanager
async def connect(target: Target, dialer: Dialer) -> AsyncIterator[ReadOnce]:
    """Fail when read: made-up services are never read."""

    async def read() -> Reading:
        raise AssertionError("a made-up service is never read")

    yield read


def _service(title: str, *settings: Rule, release: int = 1) -> Service:
    return Service(title, (title.lower(),), connect, "none", settings, release=release)


C, W, I, X = Severity.CRITICAL, Severity.WARNING, Severity.INFO, Severity.IGNORED  # noqa: E741 - one letter a severity

KINDS: Mapping[str, Service] = {
    "postgres": _service(
        "PostgreSQL",
        Rule("TimeZone", C, "timestamptz shows and truncates by another day.", explained_by=""),
        Rule("standard_conforming_strings", C, "A backslash in a literal means something else.", ValueType.BOOL),
        Rule("max_connections", W, "A pool that fits here is refused there.", ValueType.NUMBER),
        Rule("wal_level", C, "Without logical decoding, change capture cannot run."),
        Rule("shared_buffers", I, "Sized to the host.", capacity=True),
        Rule("work_mem", W, "Sorts that fit in memory here go to disk there.", capacity=True),
        Rule("statement_timeout", W, "A slow query is cut off here and runs on there.", special={"0": "off"}),
        Rule("log_min_duration_statement", I, "Slow queries are logged here and not there.", special={"-1": "off"}),
        Rule("archive_command", C, "Whether the log is archived, and so whether there is a way back."),
        Rule("search_path", W, "An unqualified name finds another table.", ValueType.LIST),
        Rule("ssl_passphrase", C, "Another passphrase is another key.", ValueType.SECRET),
        Rule("cluster_name", X, "A name belongs to its host."),
        Rule("uptime", X, "A counter."),
    ),
    "sqlite": _service("SQLite"),
    "valkey": _service("Valkey", Rule("maxmemory-policy", C, "What is thrown away when memory is full.")),
    "rabbitmq": _service("RabbitMQ", Rule("vm_memory_high_watermark", W, "When publishers are blocked.")),
    "nginx": _service("nginx", Rule("client_max_body_size", W, "An upload that passes here is refused there.")),
    "memory": _service("In-process memory"),
}


def _fact(raw: str, unit: str = "", source: str = "", note: str = "", description: str = "") -> Fact:
    """Return a fact; with a unit it is a number, without a source a default."""
    kind = ValueType.NUMBER if unit else ValueType.TEXT
    return Fact(raw, kind, unit, default=not source, source=source, note=note, description=description)


def _common(count: int) -> dict[str, Fact]:
    return {f"setting_{number:03d}": _fact(str(number * 3)) for number in range(count)}


def postgres(version: str, changed: Mapping[str, Fact], rows: int = 400) -> Reading:
    """Return a reading of PostgreSQL with some settings changed."""
    facts = {
        "TimeZone": _fact(
            "UTC",
            description="Sets the time zone for displaying and interpreting time stamps.",
            source="postgresql.conf:702",
        ),
        "standard_conforming_strings": _fact("on"),
        "max_connections": _fact("100", description="Sets the maximum number of concurrent connections."),
        "wal_level": _fact("replica"),
        "shared_buffers": _fact(
            "16384", "8kB", description="Sets the number of shared memory buffers used by the server."
        ),
        "work_mem": _fact("4096", "kB"),
        "statement_timeout": _fact("0", "ms"),
        "log_min_duration_statement": _fact("-1", "ms"),
        "archive_command": _fact("/usr/local/bin/ship-wal --to s3://wal/%f --from %p"),
        "search_path": _fact('"$user", public'),
        "ssl_passphrase": Fact("8f14e45fceea167a", state=State.SECRET),
        "cluster_name": _fact("main"),
        "uptime": _fact("1"),
        "lc_messages_note": _fact("日本語のメッセージ"),
        "DateStyle": _fact("ISO, MDY"),
        **_common(rows),
    }
    return Reading("PostgreSQL", version, {**facts, **changed}, notes=("TLS, not verified",), address="10.2.0.5:5432")


HIDDEN_WHY = "needs GRANT pg_read_all_settings TO parity"


def readings() -> dict[tuple[str, str], Reading | Failure | None]:
    """Return the reading or failure of every target, None if pending, by environment and service."""
    only_new = {f"io_{name}": _fact("on") for name in ("method", "workers", "max_concurrency", "combine_limit")}
    staging = postgres(
        "16.14",
        {
            "TimeZone": _fact("Europe/Paris", source="postgresql.conf:702"),
            "shared_buffers": _fact("1048576", "8kB", source="postgresql.conf:121", note="restart pending"),
            "search_path": _fact("app, 日本, public", source="role parity"),
            "log_min_duration_statement": _fact("250", "ms", source="command line"),
        },
    )
    production = postgres(
        "18.4",
        {
            "max_connections": _fact("500", source="postgresql.conf:65"),
            "ssl_passphrase": Fact("45c48cce2e2d7fbd", state=State.SECRET),
            "standard_conforming_strings": _fact("off", source="postgresql.auto.conf:3"),
            **only_new,
        },
    )
    facts = {name: fact for name, fact in production.facts.items() if name != "archive_command"}
    production = replace(production, facts=facts, hidden=(("archive_command", HIDDEN_WHY),), address="10.9.0.5:5432")
    policy = {"maxmemory-policy": _fact("noeviction"), "maxmemory": _fact("0"), "appendonly": _fact("no")}
    body = {"client_max_body_size": _fact("1m"), "http2": _fact("on")}
    return {
        ("dev", "database"): Reading("SQLite", "3.40.1", {"journal_mode": _fact("delete")}, address="var/app.db"),
        ("staging", "database"): staging,
        ("production", "database"): production,
        ("dev", "reporting"): postgres("18.4", {}, 40),
        ("staging", "reporting"): postgres("18.4", {}, 40),
        ("production", "reporting"): postgres(
            "18.4", {"work_mem": _fact("65536", "kB", source="postgresql.conf:130")}, 40
        ),
        ("dev", "cache"): Reading("Valkey", "9.1.2", policy),
        ("staging", "cache"): Reading("Valkey", "9.1.2", policy),
        ("production", "cache"): Reading("Valkey", "9.1.2", policy),
        ("dev", "queue"): Reading("RabbitMQ", "3.10.8", {"vm_memory_high_watermark": _fact("0.4")}),
        ("staging", "queue"): Failure(Reason.TIMEOUT, "no answer in 3 s (mq.staging:5672)"),
        ("production", "queue"): Reading("RabbitMQ", "3.10.8", {"vm_memory_high_watermark": _fact("0.4")}),
        ("dev", "web"): Reading("nginx", "1.29.3", body),
        ("staging", "web"): Reading("nginx", "1.28.0", {**body, "client_max_body_size": _fact("8m")}),
        ("production", "web"): None,
        ("dev", "sessions"): Reading("in-process memory", "", {}),
        ("production", "sessions"): Reading("Valkey", "9.1.2", policy),
    }


_KIND_OF = {
    "database": "postgres",
    "reporting": "postgres",
    "cache": "valkey",
    "queue": "rabbitmq",
    "web": "nginx",
    "sessions": "valkey",
}
_OTHER_KIND = {("dev", "database"): "sqlite", ("dev", "sessions"): "memory"}


def _target(environment: str, service: str, kind: str = "") -> Target:
    kind = kind or _OTHER_KIND.get((environment, service)) or _KIND_OF[service]
    host = "mq" if service == "queue" else service
    return Target(environment, service, kind, host=f"{host}.{environment}", port=5672 if service == "queue" else 5432)


def policy(baseline: str = "") -> Policy:
    """Return a policy with one expectation."""
    laptops = Expectation("database", "shared_buffers", "laptops and rehearsals are small", ("staging",), owner="dba")
    return Policy(baseline, (laptops,), today=date(2026, 11, 23))


def empty(baseline: str = "") -> Board:
    """Return the board before the first reading."""
    targets = [_target(environment, service) for environment, service in readings()]
    return Board.of(ENVIRONMENTS, targets, KINDS, policy(baseline))


def full(baseline: str = "", now: float | None = None, stale: bool = True) -> Board:
    """Return a board with every state: drift of each severity, expected, hidden, failed, stale and so on."""
    now = time.time() if now is None else now
    found = readings()
    board = empty(baseline)
    ages = {("staging", "reporting"): 130}
    board = board.with_outcomes(
        outcome(board, e, s, result, now - ages.get((e, s), 0)) for (e, s), result in found.items() if result
    )
    if not stale:
        return board
    gone = Failure(Reason.CLOSED, "reporting.staging:5432 closed the connection")
    return board.with_outcomes([outcome(board, "staging", "reporting", gone, now)])


def outcome(board: Board, environment: str, service: str, result: Reading | Failure, at: float) -> Outcome:
    """Return an outcome of a target of the board."""
    target = next(
        o.target for o in board.outcomes() if (o.target.environment, o.target.service) == (environment, service)
    )
    if isinstance(result, Failure):
        return Outcome(target, failure=result, at=at, milliseconds=3.0)
    return Outcome(target, result, at=at, milliseconds=3.0)


def changed(board: Board, environment: str, service: str, setting: str, raw: str) -> Board:
    """Return the board with one value changed."""
    section = next(section for section in board.sections if section.service == service)
    old = section.outcomes[board.environments.index(environment)]
    assert old is not None
    assert old.reading is not None
    fact = replace(old.reading.facts[setting], raw=raw)
    reading = replace(old.reading, facts={**old.reading.facts, setting: fact})
    return board.with_outcomes([replace(old, reading=reading)])


def wide(environments: int, rows: int = 40) -> Board:
    """Return a board of many environments, one in five with other values."""
    names = tuple(f"region-{number:02d}" for number in range(environments))
    board = Board.of(names, [_target(name, "database", "postgres") for name in names], KINDS, Policy())
    other = {"max_connections": _fact("50"), "work_mem": _fact("65536", "kB")}
    readings = {name: postgres("18.4", other if i % 5 == 1 else {}, rows) for i, name in enumerate(names)}
    return board.with_outcomes(outcome(board, name, "database", result, 0.0) for name, result in readings.items())

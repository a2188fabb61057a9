"""Settings that change while the demo runs, and change back a few steps later."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

from parity_tui.demo import scenario
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server

DemoTarget = tuple[str, str]
"""(environment, service)"""

Mutation = Callable[[], None]
"""Changes one setting of one server; blocks."""


def mutations(servers: Mapping[DemoTarget, Server]) -> Iterator[Mutation]:
    """Return the mutations that these servers allow, in an endless cycle; nothing if they allow none."""
    steps = [
        _set_postgres(servers.get(("staging", "database")), "TimeZone", "America/New_York"),
        _set_cache(servers.get(("production", "cache")), "maxmemory-policy", "volatile-lru"),
        _set_postgres(servers.get(("staging", "database")), "TimeZone", None),
        _set_policy(servers.get(("staging", "queue")), {"message-ttl": 60_000}),
        _set_cache(servers.get(("production", "cache")), "maxmemory-policy", "allkeys-lru"),
        _set_postgres(servers.get(("production", "database")), "work_mem", "64MB"),
        _set_cache(servers.get(("staging", "cache")), "notify-keyspace-events", ""),
        _set_policy(servers.get(("staging", "queue")), scenario.POLICIES["staging"]),
        _set_postgres(servers.get(("production", "database")), "work_mem", None),
        _set_cache(servers.get(("staging", "cache")), "notify-keyspace-events", "Ex"),
    ]
    return itertools.cycle([mutation for mutation in steps if mutation])


def _set_postgres(server: Server | None, name: str, value: str | None) -> Mutation | None:
    """Return the mutation that sets a value as an administrator would, or resets it if ``value`` is None."""
    if not isinstance(server, Postgres):
        return None
    change = f'ALTER SYSTEM RESET "{name}"' if value is None else f"ALTER SYSTEM SET \"{name}\" = '{value}'"
    return lambda: _discard(server.sql(change, "SELECT pg_reload_conf()"))


def _set_cache(server: Server | None, name: str, value: str) -> Mutation | None:
    return (lambda: _discard(server.do("CONFIG", "SET", name, value))) if isinstance(server, Redis) else None


def _set_policy(server: Server | None, definition: Mapping[str, int]) -> Mutation | None:
    return (lambda: server.set_policy("orders", "^orders", definition)) if isinstance(server, RabbitMQ) else None


def _discard(reply: object) -> None:
    """Ignore a reply, so that a lambda returns None."""

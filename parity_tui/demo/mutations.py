"""What somebody changes while the demo runs: believable, and changed back a few moves later."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

from parity_tui.demo import scenario
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server

DemoTarget = tuple[str, str]
"""An environment and a service of it."""

Mutation = Callable[[], None]
"""Something that changes a setting of one server."""


def mutations(servers: Mapping[DemoTarget, Server]) -> Iterator[Mutation]:
    """Return the moves that these servers allow, over and over; none where they allow none."""
    script = [
        _setting(servers.get(("staging", "database")), "TimeZone", "America/New_York"),
        _config(servers.get(("production", "cache")), "maxmemory-policy", "volatile-lru"),
        _setting(servers.get(("staging", "database")), "TimeZone", None),
        _policy(servers.get(("staging", "queue")), {"message-ttl": 60_000}),
        _config(servers.get(("production", "cache")), "maxmemory-policy", "allkeys-lru"),
        _setting(servers.get(("production", "database")), "work_mem", "64MB"),
        _config(servers.get(("staging", "cache")), "notify-keyspace-events", ""),
        _policy(servers.get(("staging", "queue")), scenario.POLICIES["staging"]),
        _setting(servers.get(("production", "database")), "work_mem", None),
        _config(servers.get(("staging", "cache")), "notify-keyspace-events", "Ex"),
    ]
    return itertools.cycle([move for move in script if move])


def _setting(server: Server | None, name: str, value: str | None) -> Mutation | None:
    """Change a setting of PostgreSQL as an administrator would, None takes that back."""
    if not isinstance(server, Postgres):
        return None
    change = f'ALTER SYSTEM RESET "{name}"' if value is None else f"ALTER SYSTEM SET \"{name}\" = '{value}'"
    return lambda: ignore(server.sql(change, "SELECT pg_reload_conf()"))


def _config(server: Server | None, name: str, value: str) -> Mutation | None:
    """Change a setting of the cache."""
    return (lambda: ignore(server.do("CONFIG", "SET", name, value))) if isinstance(server, Redis) else None


def _policy(server: Server | None, definition: Mapping[str, int]) -> Mutation | None:
    """Change the policy of the queues."""
    return (lambda: server.set_policy("orders", "^orders", definition)) if isinstance(server, RabbitMQ) else None


def ignore(answer: object) -> None:
    """Take no notice of an answer."""

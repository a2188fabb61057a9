"""The story of the demo: its steps in a fixed order, each a real change of a real server.

The first part takes less than a minute: a setting changes, a server stops and comes back, one is restarted as another
version, and one drift is fixed by the text that the board suggests for it. The second part undoes all that, slowly, and
the story begins again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from parity_tui.demo import scenario
from parity_tui.demo.postgres import Postgres
from parity_tui.demo.process import StartError
from parity_tui.demo.programs import Program, programs
from parity_tui.demo.rabbitmq import RabbitMQ
from parity_tui.demo.redis import Redis
from parity_tui.demo.server import Server

DemoTarget = tuple[str, str]
"""(environment, service)"""

SuggestedFix = Callable[[str, str, str], str]
"""(environment, service, setting) -> the text that the board suggests, "" without one"""

OPENING = "watch here: within a minute a server stops, one is upgraded, a drift is fixed"
"""The hint before the first step."""

SLOWLY = 25.0
"""Seconds before each step of the second part."""

STOPPABLE: tuple[DemoTarget, ...] = (("staging", "sessions"), ("production", "cache"))
"""Candidates for the outage; every machine has the last one."""


@dataclass(frozen=True)
class Step:
    """One step of the story."""

    pause: float
    """Seconds before it."""
    run: Callable[[], None]
    """Changes a server; blocks. Raises StartError if that is impossible at present."""
    hint: str
    """A line for the person at the board: the event, and the key that leads to it."""


def story(servers: Mapping[DemoTarget, Server], suggested_fix: SuggestedFix) -> Iterator[Step]:
    """Return the steps that these servers allow, in an endless cycle; nothing if they allow none."""
    first = [
        _eviction(servers, 6.0, "volatile-lru"),
        *_outage(servers),
        _restart(servers, 10.0, upgraded=True),
        _fix(servers, suggested_fix),
    ]
    second = [
        _policy(servers, {"message-ttl": 60_000}),
        _eviction(servers, SLOWLY, "allkeys-lru"),
        _restart(servers, SLOWLY, upgraded=False),
        _drift_again(servers),
        _policy(servers, scenario.POLICIES["staging"]),
    ]
    return itertools.cycle([step for step in (*first, *second) if step])


def _eviction(servers: Mapping[DemoTarget, Server], pause: float, value: str) -> Step | None:
    server = servers.get(("production", "cache"))
    if not isinstance(server, Redis):
        return None
    return Step(
        pause,
        lambda: _discard(server.do("CONFIG", "SET", "maxmemory-policy", value)),
        "watch: maxmemory-policy of production cache has just changed — press .",
    )


def _outage(servers: Mapping[DemoTarget, Server]) -> list[Step]:
    """Return the two steps in which a server stops and comes back."""
    target = next((target for target in STOPPABLE if target in servers), None)
    if target is None:
        return []
    name, server = " ".join(target), servers[target]
    return [
        Step(8.0, server.stop, f"watch: {name} has just been stopped — press ! to go there"),
        Step(12.0, server.start, f"watch: {name} is up again — press t for all events"),
    ]


def _restart(servers: Mapping[DemoTarget, Server], pause: float, *, upgraded: bool) -> Step | None:
    """Return the step that restarts a cache as another version or, without one here, with another setting."""
    server = servers.get(("staging", "cache"))
    if not isinstance(server, Redis):
        return None
    own, other = server.program, _other_version(server.program)
    if other is None:
        settings = {"databases": "32" if upgraded else "16"}
        hint = f"watch: staging cache was restarted with {settings['databases']} databases — press . to go there"
        return Step(pause, lambda: server.restart(settings), hint)
    program = other if upgraded else own
    hint = f"watch: staging cache was restarted as {server.product} {program.version} — press . to go there"
    return Step(pause, lambda: server.restart(program=program), hint)


def _other_version(program: Program) -> Program | None:
    """Return the newest other version of a program's product on this machine."""
    return next((other for other in programs(program.product) if other.version != program.version), None)


def _fix(servers: Mapping[DemoTarget, Server], suggested_fix: SuggestedFix) -> Step | None:
    """Return the step that runs the board's own suggestion for the drift of a time zone."""
    server = servers.get(("staging", "database"))
    if not isinstance(server, Postgres):
        return None

    def run() -> None:
        text = suggested_fix("staging", "database", "TimeZone")
        if not text:
            raise StartError("the board suggests no fix")
        server.sql(text, "SELECT pg_reload_conf()")

    return Step(10.0, run, "watch: the board's fix for TimeZone of staging database was run — press .")


def _drift_again(servers: Mapping[DemoTarget, Server]) -> Step | None:
    server = servers.get(("staging", "database"))
    if not isinstance(server, Postgres):
        return None
    return Step(
        SLOWLY,
        lambda: _discard(server.sql('ALTER SYSTEM RESET "TimeZone"', "SELECT pg_reload_conf()")),
        "watch: TimeZone of staging database drifts again — press . to go there",
    )


def _policy(servers: Mapping[DemoTarget, Server], definition: Mapping[str, int]) -> Step | None:
    server = servers.get(("staging", "queue"))
    if not isinstance(server, RabbitMQ):
        return None
    return Step(
        SLOWLY,
        lambda: server.set_policy("orders", "^orders", definition),
        "watch: a policy of staging queue has just changed — press . to go there",
    )


def _discard(reply: object) -> None:
    """Ignore a reply, so that a lambda returns None."""

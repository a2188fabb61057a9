"""The steps of a way that leads through another host, and which of them fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from parity_tui.demo.redis import Redis
from parity_tui.doctor import Diagnosis, examine
from parity_tui.drift.policy import Policy
from parity_tui.model import Target
from parity_tui.services import kinds
from tests.transport.sshd import Hosts


async def looked_at(target: Target) -> Diagnosis:
    """Return what there is to say of a target."""
    async with asyncio.timeout(60):
        (found,) = [each async for each in examine([target], kinds(), Policy(), 20)]
        return found


def cache(port: int, by: str, host: str = "127.0.0.1") -> Target:
    """Return a cache behind a host."""
    return Target("dev", "cache", "redis", "redis", host, port, ssh=by)


async def test_the_way_through_a_host_is_a_step_of_its_own(hosts: Hosts, valkey_servers: Mapping[str, Redis]) -> None:
    """The login of ssh first, then TCP as seen from there; names are looked up at the far end."""
    found = await looked_at(cache(valkey_servers["9"].port, "bastion"))
    assert [(step.name, step.state) for step in found.steps] == [
        (name, "ok") for name in ("route", "TCP", "TLS", "login", "rights")
    ]
    assert found.steps[0].words == "logged in to bastion by ssh"
    assert found.steps[0].milliseconds
    assert found.steps[1].words.endswith("as seen from bastion")


@pytest.mark.parametrize(
    ("by", "host", "step", "words"),
    [
        ("wrongkey", "127.0.0.1", "route", "Permission denied"),
        ("nowhere", "127.0.0.1", "route", "nowhere"),
        ("refusing", "127.0.0.1", "route", "refused"),
        ("bastion", "127.0.0.1", "TCP", "127.0.0.1:1 refused the connection of bastion"),
        ("bastion", "db.invalid", "name", "the name db.invalid is not known at bastion"),
    ],
)
async def test_where_a_way_through_a_host_ends(hosts: Hosts, by: str, host: str, step: str, words: str) -> None:
    """At the host itself, or behind it; nothing after that is tried."""
    found = await looked_at(cache(1, by, host))
    (broken,) = [each for each in found.steps if each.state == "failed"]
    assert broken.name == step
    assert words in broken.words
    behind = found.steps[found.steps.index(broken) + 1 :]
    assert {each.state for each in behind} <= {"skipped"}


async def test_commands_at_a_host_that_lets_nobody_in_end_at_the_route(hosts: Hosts) -> None:
    """The machine that is read is the host itself; where it lets us in, its commands are timed."""
    found = await looked_at(Target("dev", "machine", "host", "host+ssh", "wrongkey"))
    assert [(step.name, step.state) for step in found.steps] == [
        ("route", "failed"), ("command", "skipped"), ("rights", "skipped"),
    ]  # fmt: skip
    well = await looked_at(Target("dev", "machine", "host", "host+ssh", "bastion"))
    assert [(step.name, step.words) for step in well.steps][:2] == [
        ("route", "logged in to bastion by ssh"), ("command", "run at bastion"),
    ]  # fmt: skip

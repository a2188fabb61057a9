"""Steps of a connection through an SSH host, and the one that fails."""

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


async def diagnosis(target: Target) -> Diagnosis:
    """Return the diagnosis of a target."""
    async with asyncio.timeout(60):
        (result,) = [each async for each in examine([target], kinds(), Policy(), 20)]
        return result


def cache(port: int, by: str, host: str = "127.0.0.1") -> Target:
    """Return a cache behind an SSH host."""
    return Target("dev", "cache", "redis", "redis", host, port, ssh=by)


async def test_login_to_the_host_is_a_step(hosts: Hosts, valkey_servers: Mapping[str, Redis]) -> None:
    result = await diagnosis(cache(valkey_servers["9"].port, "bastion"))
    states = {"route": "ok", "TCP": "ok", "TLS": "skipped", "login": "ok", "rights": "ok"}
    assert {str(step.name): str(step.state) for step in result.steps} == states
    assert result.steps[0].words == "logged in to bastion by ssh"
    assert result.steps[0].milliseconds
    assert result.steps[1].words.endswith(" answers from bastion")


@pytest.mark.parametrize(
    ("by", "host", "step", "words"),
    [
        ("wrongkey", "127.0.0.1", "route", "Permission denied"),
        ("nowhere", "127.0.0.1", "route", "nowhere"),
        ("refusing", "127.0.0.1", "route", "refused"),
        ("bastion", "127.0.0.1", "TCP", "127.0.0.1:1 refused the connection of bastion"),
        ("bastion", "db.invalid", "name", "the name db.invalid does not exist at bastion"),
    ],
)
async def test_failing_step_is_named(hosts: Hosts, by: str, host: str, step: str, words: str) -> None:
    result = await diagnosis(cache(1, by, host))
    (broken,) = [each for each in result.steps if each.state == "failed"]
    assert broken.name == step
    assert words in broken.words
    behind = result.steps[result.steps.index(broken) + 1 :]
    assert {each.state for each in behind} <= {"skipped"}


async def test_commands_behind_a_failed_login_are_skipped(hosts: Hosts) -> None:
    result = await diagnosis(Target("dev", "machine", "host", "host+ssh", "wrongkey"))
    assert [(step.name, step.state) for step in result.steps] == [
        ("route", "failed"), ("command", "skipped"), ("rights", "skipped"),
    ]  # fmt: skip
    succeeding = await diagnosis(Target("dev", "machine", "host", "host+ssh", "bastion"))
    assert [(step.name, step.words) for step in succeeding.steps][:2] == [
        ("route", "logged in to bastion by ssh"), ("command", "run at bastion"),
    ]  # fmt: skip

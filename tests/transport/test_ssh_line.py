"""A host that leads to servers hangs or goes away: it is named, not they, and its return wakes all of them at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager

import pytest

from parity_tui.demo.servers import Servers
from parity_tui.demo.supervisor import family
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, Target
from parity_tui.services import kinds
from parity_tui.transport.ssh import Destination
from parity_tui.watcher import Watcher, supervisor
from tests.proxy import listening
from tests.transport.ssh_targets import target
from tests.transport.sshd import Hosts, Sshd

Outcomes = dict[str, Outcome]


@contextmanager
def frozen(host: Sshd) -> Iterator[None]:
    """Freeze a host with its connections, as a hung kernel would."""
    assert host._process
    pids = family(host._process.pid)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def watch(targets: list[Target], timeout: float) -> Watcher:
    """Return a watcher of targets, one for each environment."""
    return Watcher([each.environment for each in targets], targets, kinds(), Policy(), interval=0.05, timeout=timeout)


async def until(boards: AsyncIterator[object], watching: Watcher, condition: Callable[[Outcomes], bool]) -> Outcomes:
    """Return the outcomes by environment as soon as they meet a condition."""
    async with asyncio.timeout(90):
        async for _ in boards:
            latest = {outcome.target.environment: outcome for outcome in watching.board.outcomes()}
            if len(latest) == len(watching.targets) and condition(latest):
                return latest
    raise AssertionError("the boards have ended")


def all_well(found: Outcomes) -> bool:
    """Return whether every target was read."""
    return all(outcome.reading and not outcome.failure for outcome in found.values())


def all_failed(found: Outcomes) -> bool:
    """Return whether no target was read."""
    return all(outcome.failure for outcome in found.values())


async def test_hung_host_is_named_instead_of_servers(servers: Servers, hosts: Hosts) -> None:
    port = servers.valkey().port
    watching = watch([target("redis", port, "bastion", environment=name) for name in ("a", "b")], 2)
    async with aclosing(watching.boards()) as boards:  # type: ignore[type-var]
        await until(boards, watching, all_well)
        with frozen(hosts.bastion):
            found = await until(boards, watching, all_failed)
            for outcome in found.values():
                assert outcome.failure
                assert outcome.failure.reason == "tunnel"
                assert outcome.failure.message.startswith("via bastion: logged in, but no answer in 2 s")
        await until(boards, watching, all_well)


async def test_hung_server_does_not_blame_the_host(hosts: Hosts) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with listening(silence) as port:
        watching = watch([target("redis", port, "bastion")], 2)
        async with aclosing(watching.boards()) as boards:  # type: ignore[type-var]
            (found,) = (await until(boards, watching, all_failed)).values()
    assert found.failure
    assert (found.failure.reason, found.failure.message[:17]) == ("timeout", "no answer in 2 s ")


@pytest.mark.parametrize("by", ["bastion", "inner"])
async def test_returning_host_wakes_all_targets(
    by: str, servers: Servers, hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_FIRST_DELAY", 3600)
    monkeypatch.setattr(supervisor, "_LONGEST_DELAY", 3600)
    port = servers.valkey().port
    host = hosts.bastion if by == "bastion" else hosts.inner
    host.end()
    try:
        watching = watch([target("redis", port, by, environment=f"env{number}") for number in range(5)], 20)
        async with aclosing(watching.boards()) as boards:  # type: ignore[type-var]
            found = await until(boards, watching, all_failed)
            assert {outcome.failure and outcome.failure.reason for outcome in found.values()} == {"tunnel"}
            host.start()
            await until(boards, watching, all_well)
    finally:
        host.end()
        host.start()


async def test_returning_jump_host_wakes_all_targets(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_FIRST_DELAY", 3600)
    monkeypatch.setattr(supervisor, "_LONGEST_DELAY", 3600)
    hosts.bastion.end()
    try:
        targets = [Target(name, "it", "host", "host+ssh", "strict", ssh="bastion") for name in ("a", "b")]
        watching = watch(targets, 20)
        async with aclosing(watching.boards()) as boards:  # type: ignore[type-var]
            found = await until(boards, watching, all_failed)
            for outcome in found.values():
                assert outcome.failure
                assert outcome.failure.message.startswith("via bastion: connect to host 127.0.0.1 port")
            hosts.bastion.start()
            await until(boards, watching, all_well)
            assert watching.routes.to(Destination("bastion")).is_up
    finally:
        hosts.bastion.end()
        hosts.bastion.start()

"""Hours of faults in seconds: every kind connects to every faulty peer again and again, and no resource grows."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Reason, Target
from parity_tui.services import kinds
from parity_tui.watcher import Watcher
from tests.faults.observed_target import MEGABYTE, PATIENCE, PEERS, FaultyService, observed
from tests.proxy import listening

# An app is asked by the client of http.
KINDS = [kind for kind, service in kinds().items() if service.port and kind != "app"]
WARM, MANY = 1200, 2400
"""connections before the first measurement and before the last; memory still grows during the first"""


class Resources(Struct, frozen=True):
    """Resources of this process that can run out."""

    files: int
    tasks: int
    threads: int
    memory: int
    """resident bytes"""


def resources() -> Resources:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = len(os.listdir("/proc/self/fd"))
    return Resources(files, len(asyncio.all_tasks()), threading.active_count(), pages * os.sysconf("SC_PAGE_SIZE"))


class Soak:
    """Watches every kind at every peer, without pauses between attempts."""

    def __init__(self, retry: pytest.MonkeyPatch) -> None:
        self._retry = retry
        self.faulty = {
            (kind, peer): FaultyService() for kind in KINDS for peer in PEERS if (kind, peer) != ("http", "web")
        }
        self.targets: list[Target] = []

    @property
    def clients(self) -> int:
        return sum(one.clients for one in self.faulty.values())

    async def listen(self, stack: AsyncExitStack) -> Watcher:
        for (kind, peer), service in self.faulty.items():
            port = await stack.enter_async_context(listening(service.script(peer)))
            self.targets.append(replace(observed(kind, port), environment=kind, service=peer))
        return Watcher(KINDS, self.targets, kinds(), Policy(), interval=0.05, timeout=1)

    async def until(self, boards: AsyncIterator[Board], watch: Watcher, clients: int) -> Resources:
        """Fail until so many connections were made, wait until none is open, and measure."""
        self._retry.setattr("parity_tui.watcher.supervisor._NO_AUTOMATIC_RETRY", frozenset())
        watch.refresh()
        while self.clients < clients:
            await anext(boards)
        self._retry.setattr("parity_tui.watcher.supervisor._NO_AUTOMATIC_RETRY", frozenset(Reason))
        quiet = 0
        while quiet < 6:  # a target may pause and try once more, and peers notice late that a client has gone
            await asyncio.sleep(0.05)
            quiet = 0 if any(supervisor._sessions for supervisor in watch._supervisors) else quiet + 1
        return resources()


@pytest.mark.slow
async def test_resources_stay_constant_over_many_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults 3, 4, 5, 7, 8, 9: 2,400 failing connections without pauses, 1,200 between the two measurements."""
    monkeypatch.setattr("parity_tui.watcher.supervisor._FIRST_DELAY", 0.01)
    monkeypatch.setattr("parity_tui.watcher.supervisor._LONGEST_DELAY", 0.01)
    soak = Soak(monkeypatch)
    async with AsyncExitStack() as stack:
        watch = await soak.listen(stack)
        async with asyncio.timeout(3 * PATIENCE), aclosing(watch.boards()) as boards:  # type: ignore[type-var]
            first = await soak.until(boards, watch, WARM)
            last = await soak.until(boards, watch, MANY)
    assert all(one.clients >= 2 for one in soak.faulty.values()), "every peer is tried again"
    assert last.tasks <= first.tasks
    assert last.files <= first.files + 2
    assert last.threads <= first.threads + 2
    assert last.memory - first.memory < 16 * MEGABYTE

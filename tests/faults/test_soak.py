"""Hours of faults in seconds: every kind at every peer that misbehaves, again and again; and nothing grows."""

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
from tests.faults.observed_target import MEGABYTE, PATIENCE, PEERS, FaultyService, at
from tests.proxy import listening

KINDS = [kind for kind, service in kinds().items() if service.port]
WARM, MANY = 1200, 2400
"""connections before the first look, and before the last; the memory of one that has had fewer still grows"""


class Use(Struct, frozen=True):
    """What this process has of things that can run out."""

    files: int
    tasks: int
    threads: int
    memory: int
    """bytes that are resident"""


def use() -> Use:
    """Look at this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = len(os.listdir("/proc/self/fd"))
    return Use(files, len(asyncio.all_tasks()), threading.active_count(), pages * os.sysconf("SC_PAGE_SIZE"))


class Soak:
    """Every kind at every peer, in one watch without pauses, until it is told to rest."""

    def __init__(self, stop: pytest.MonkeyPatch) -> None:
        self._retry = stop
        self.sick = {
            (kind, peer): FaultyService() for kind in KINDS for peer in PEERS if (kind, peer) != ("http", "web")
        }
        self.targets: list[Target] = []

    @property
    def clients(self) -> int:
        """How many connections there have been."""
        return sum(one.clients for one in self.sick.values())

    async def listen(self, stack: AsyncExitStack) -> Watcher:
        """Have every peer listen, and return what watches them all."""
        for (kind, peer), one in self.sick.items():
            port = await stack.enter_async_context(listening(one.script(peer)))
            self.targets.append(replace(at(kind, port), environment=kind, service=peer))
        return Watcher(KINDS, self.targets, kinds(), Policy(), interval=0.05, timeout=1)

    async def until(self, boards: AsyncIterator[Board], watch: Watcher, clients: int) -> Use:
        """Fail so often, then let all come to rest, and look."""
        self._retry.setattr("parity_tui.watcher.supervisor._NO_AUTOMATIC_RETRY", frozenset())
        watch.refresh()
        while self.clients < clients:
            await anext(boards)
        self._retry.setattr("parity_tui.watcher.supervisor._NO_AUTOMATIC_RETRY", frozenset(Reason))
        quiet = 0
        while quiet < 6:  # some rest for a moment and try once more; and peers have to see that their clients have gone
            await asyncio.sleep(0.05)
            quiet = 0 if any(supervisor._sessions for supervisor in watch._supervisors) else quiet + 1
        return use()


async def test_nothing_grows_however_often_everything_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults 3, 4, 5, 7, 8, 9: 2,400 connections that all go wrong, without the pauses between them: hours of faults.

    Between the first look and the last lie 1,200 of them.
    """
    monkeypatch.setattr("parity_tui.watcher.supervisor._FIRST_DELAY", 0.01)
    monkeypatch.setattr("parity_tui.watcher.supervisor._LONGEST_DELAY", 0.01)
    soak = Soak(monkeypatch)
    async with AsyncExitStack() as stack:
        watch = await soak.listen(stack)
        async with asyncio.timeout(PATIENCE), aclosing(watch.boards()) as boards:  # type: ignore[type-var]
            first = await soak.until(boards, watch, WARM)
            last = await soak.until(boards, watch, MANY)
    assert all(one.clients >= 2 for one in soak.sick.values()), "each is tried again and again"
    assert last.tasks <= first.tasks
    assert last.files <= first.files + 2
    assert last.threads <= first.threads + 2
    assert last.memory - first.memory < 16 * MEGABYTE

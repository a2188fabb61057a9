"""Runs a test in steps: each waits for a condition of the watched target, then changes its server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from parity_tui.model import Outcome
from tests.faults.observed_target import ObservedTarget

Condition = Callable[[Outcome], bool]


async def run_steps(watched: ObservedTarget, *steps: tuple[Condition, Callable[[], object]]) -> list[Outcome]:
    """Wait for each condition in turn and run its action in a thread; return the outcomes that met the conditions."""
    seen: list[Outcome] = []
    action: asyncio.Future[object] | None = None
    async for outcome in watched.boards():
        if action is not None and not action.done():
            continue
        if action is not None:
            action.result()
            action = None
        if steps[len(seen)][0](outcome):
            seen.append(outcome)
            if len(seen) == len(steps):
                break
            action = asyncio.ensure_future(asyncio.to_thread(steps[len(seen) - 1][1]))
    assert len(seen) == len(steps)
    assert watched.readings >= len(seen), "the neighbour was not read meanwhile"
    return seen


def nothing() -> None:
    """Do nothing: the action of a last step."""

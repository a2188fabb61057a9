"""A story: a target is watched, and whenever it is as the next chapter wants it, something is done to its server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from parity_tui.model import Outcome, Reading
from tests.faults.observed_target import ObservedTarget

Step = Callable[[Outcome], bool]
"""tells whether the time has come for the next step of a story"""


def live(outcome: Outcome) -> bool:
    """Tell whether the target answers."""
    return outcome.reading is not None and outcome.failure is None


def failed(outcome: Outcome) -> bool:
    """Tell whether the latest attempt came to nothing."""
    return outcome.failure is not None


def told(outcome: Outcome) -> Reading:
    """Return what the target says."""
    assert outcome.reading is not None
    return outcome.reading


async def story(ward: ObservedTarget, *chapters: tuple[Step, Callable[[], object]]) -> list[Outcome]:
    """Watch: whenever the next step has come about, do what follows it. Return the outcome at each step."""
    seen: list[Outcome] = []
    doing: asyncio.Future[object] | None = None
    async for outcome in ward.boards():
        if doing is not None and not doing.done():
            continue
        if doing is not None:
            doing.result()
            doing = None
        if chapters[len(seen)][0](outcome):
            seen.append(outcome)
            if len(seen) == len(chapters):
                break
            doing = asyncio.ensure_future(asyncio.to_thread(chapters[len(seen) - 1][1]))
    assert len(seen) == len(chapters)
    assert ward.readings >= len(seen), "the neighbour was read all the while"
    return seen


def nothing() -> None:
    """Do nothing."""

"""J18: no peer stalls the event loop, whatever it sends."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from parity_tui.services import kinds
from tests.faults.observed_target import ObservedTarget, answers, fails, watchdog
from tests.faults.stalls import PEERS, hostile, measured, unit

UNITS = 50
"""of work that one callback may take, about 0.6 s on a usual machine; without the repairs some took 2 s, with them
0.3 s, and 0.4 s where another suite shares the caches"""


@pytest.fixture(scope="module", autouse=True)
def loaded_drivers() -> None:
    """Import before anything is measured: a peer does not choose how long that takes."""
    import aio_pika  # noqa: F401
    import aiomcache  # noqa: F401
    import asyncpg  # noqa: F401
    import h11  # noqa: F401

    for kind in kinds():
        assert kinds()[kind]


@pytest.mark.parametrize("name", PEERS)
async def test_hostile_peer_stalls_nothing(name: str) -> None:
    limit = UNITS * unit()
    async with hostile(name) as target:
        boards = ObservedTarget(target, interval=3600, timeout=30).boards()
        with watchdog(), measured() as stalls:
            async with aclosing(boards):  # type: ignore[type-var]
                await anext(outcome async for outcome in boards if answers(outcome) or fails(outcome))
    assert stalls.longest < limit, (stalls.longest, limit, stalls.callback)


async def test_stall_is_noticed() -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def work() -> None:
        sum(number for number in range(500_000 * (UNITS + 8)))
        done.set()

    limit = UNITS * unit()
    with measured() as stalls:
        loop.call_soon(work)
        await done.wait()
    assert stalls.longest > limit

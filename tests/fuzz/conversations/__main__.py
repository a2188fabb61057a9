"""``python -m tests.fuzz.conversations SECONDS [NAME …]``: damages conversations at random until the time is over.

Instead of a name, ``NAME=SEED:COUNT`` repeats the first inputs of one seed, and ``NAME=ACT`` does it at every offset.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from tests.fuzz.conversations.conversation import load, names
from tests.fuzz.conversations.damage import Act, Damage, at_every_offset, damages
from tests.fuzz.conversations.pool import Tally, certificates, run

ROUND = 200
"""inputs of one conversation with one seed"""


async def main(seconds: float, wanted: Sequence[str]) -> int:
    """Return 1 if any input failed."""
    repeated = [name for name in wanted if "=" in name]
    totals = {name.partition("=")[0]: Tally(name.partition("=")[0]) for name in wanted or names()}
    with certificates() as folder:
        if repeated:
            for name in repeated:
                await one(name, chosen(*name.split("=")), folder, totals)
        else:
            rounds = endless(list(totals), time.monotonic() + seconds)
            await asyncio.gather(*(work(rounds, folder, totals) for _ in range(os.cpu_count() or 1)))
    for total in totals.values():
        show(total.line())
    tried, wrong = sum(each.tried for each in totals.values()), sum(len(each.wrong) for each in totals.values())
    show(f"{tried} inputs, {tried - wrong} survived, {wrong} wrong")
    return min(wrong, 1)


def endless(wanted: Sequence[str], end: float) -> Iterator[str]:
    """Yield conversation, seed and number of inputs of each round until the time is over, one round at least."""
    for index, name in enumerate(cycle(wanted)):
        if index >= len(wanted) and time.monotonic() > end:
            return
        yield f"{name}={random.getrandbits(32)}:{ROUND}"


def chosen(name: str, choice: str) -> Iterable[Damage]:
    """Return the inputs of SEED:COUNT, or of an act."""
    if choice in set(Act):
        return at_every_offset(load(name), Act(choice))
    seed, _, count = choice.partition(":")
    return islice(damages(load(name), int(seed)), int(count or ROUND))


async def work(rounds: Iterator[str], folder: Path, totals: dict[str, Tally]) -> None:
    for name in rounds:
        await one(name, chosen(*name.split("=")), folder, totals)


async def one(name: str, inputs: Iterable[Damage], folder: Path, totals: dict[str, Tally]) -> None:
    """Run one round, and print what is wrong and how to repeat it."""
    tally = await run(name.partition("=")[0], inputs, folder)
    totals[tally.name].merge(tally)
    if tally.wrong:
        show(name, *tally.details())


def show(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(asyncio.run(main(float(sys.argv[1]), sys.argv[2:])))

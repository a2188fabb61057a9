"""The offset of a machine's clock from ours, over a connection with latency.

The machine prints whole seconds, at some moment between request and reply. That gives a range for its lead. Steps are
compared, not seconds: of the steps that overlap the range, the one nearest to zero. A reading keeps the step of the
previous reading while that is possible, so that the value does not alternate at a boundary.
"""

from __future__ import annotations

import math
import re

IN_STEP = "synchronized"
_BOUNDS = (2, 10, 60, 600, 3600, math.inf)
_RANGES = ("2 to 10 s", "10 s to a minute", "1 to 10 min", "10 min to an hour", "more than an hour")

STEPS: tuple[tuple[float, float, str], ...] = (
    (-2, 2, IN_STEP),
    *(
        step
        for low, high, text in zip(_BOUNDS, _BOUNDS[1:], _RANGES, strict=False)
        for step in ((low, high, f"{text} ahead"), (-high, -low, f"{text} behind"))
    ),
)
"""(from, to, text), in seconds of lead, the nearest to zero first"""


def lead(reported: str, asked: float, answered: float) -> tuple[float, float] | None:
    """Return the range of seconds by which a clock is ahead of ours, None if it reported no time.

    ``reported`` is its time in whole seconds, ``asked`` and ``answered`` are ours, all since the epoch.

    >>> lead("1000", 1000.25, 1000.75), lead("", 1000.25, 1000.75)
    ((-0.75, 0.75), None)
    """
    if not re.fullmatch(r"[0-9]{1,15}", reported, re.ASCII):
        return None
    return int(reported) - answered, int(reported) + 1 - asked


def step(lead: tuple[float, float], previous: str = "") -> str:
    """Return the step of a lead, the ``previous`` one if the lead allows it.

    >>> step((-0.75, 0.75)), step((1.5, 4)), step((-9.5, -8)), step((7000, 7002))
    ('synchronized', 'synchronized', '2 to 10 s behind', 'more than an hour ahead')
    >>> step((9.5, 10.5), "10 s to a minute ahead")
    '10 s to a minute ahead'
    """
    possible = [text for low, high, text in STEPS if lead[0] < high and lead[1] > low] or [IN_STEP]
    return previous if previous in possible else possible[0]

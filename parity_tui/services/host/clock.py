"""How far a machine's clock is from ours, as far as that can be known over a line that takes its time.

A machine tells whole seconds, at some moment between the question and the answer. That gives a range in which its
clock's lead lies, and what is compared is a step: the nearest to "in step" that the range allows. A reading keeps the
step of the one before while that is possible, so that nothing wavers at a border.
"""

from __future__ import annotations

import math
import re

IN_STEP = "in step"
_BORDERS = (2, 10, 60, 600, 3600, math.inf)
_WORDS = ("2 to 10 s", "10 s to a minute", "1 to 10 min", "10 min to an hour", "more than an hour")

STEPS: tuple[tuple[float, float, str], ...] = (
    (-2, 2, IN_STEP),
    *(
        step
        for low, high, word in zip(_BORDERS, _BORDERS[1:], _WORDS, strict=False)
        for step in ((low, high, f"{word} ahead"), (-high, -low, f"{word} behind"))
    ),
)
"""(from, to, in words), in seconds of lead, those near to zero first"""


def lead(said: str, asked: float, answered: float) -> tuple[float, float] | None:
    """Return the range of seconds by which a clock is ahead of ours, None where it said nothing.

    ``said`` is its time in whole seconds, ``asked`` and ``answered`` are ours, all since the epoch.

    >>> lead("1000", 1000.25, 1000.75), lead("", 1000.25, 1000.75)
    ((-0.75, 0.75), None)
    """
    if not re.fullmatch(r"[0-9]{1,15}", said, re.ASCII):
        return None
    return int(said) - answered, int(said) + 1 - asked


def step(lead: tuple[float, float], before: str = "") -> str:
    """Return in words how far a clock is off.

    >>> step((-0.75, 0.75)), step((1.5, 4)), step((-9.5, -8)), step((7000, 7002))
    ('in step', 'in step', '2 to 10 s behind', 'more than an hour ahead')
    >>> step((9.5, 10.5), "10 s to a minute ahead")
    '10 s to a minute ahead'
    """
    possible = [word for low, high, word in STEPS if lead[0] < high and lead[1] > low] or [IN_STEP]
    return before if before in possible else possible[0]

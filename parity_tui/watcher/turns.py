"""When a target is read next: up to twenty take their turn together, once an interval.

Waking up for each of them costs twice the CPU; reading hundreds at once would keep the event loop busy for too long.
"""

from __future__ import annotations

import random

_TOGETHER = 20
"""targets"""

_phase = random.random()  # noqa: S311 - no secret
"""part of an interval by which this process is late: boards that were started together do not ask together"""


def turn_of(position: int, targets: int) -> float:
    """Return when a target is read, as a part of the interval.

    >>> {round(turn_of(position, 60) - turn_of(0, 60), 6) for position in range(60)} == {0, 0.333333, 0.666667}
    True
    """
    turns = -(-targets // _TOGETHER)
    return _phase + position % turns / turns


def seconds_until_turn(interval: float, turn: float, now: float) -> float:
    """Return the seconds until the turn that is nearest to an interval from now: between a half and one and a half.

    >>> seconds_until_turn(5.0, 0.5, 103.0), seconds_until_turn(5.0, 0.5, 107.52), seconds_until_turn(5.0, 0.5, 107.49)
    (4.5, 4.98, 5.01)
    """
    return round((round(now / interval + 1 - turn) + turn) * interval - now, 6) if interval else 0.0

"""When a target is read next: those that are due at about the same time take their turn together.

Reading one target after the other without a pause costs a third less CPU than waking up for each.
"""

from __future__ import annotations

import random

_TURNS = 20
"""turns within an interval"""
_SHORTEST = 0.001
"""seconds between two turns"""


def seconds_until_turn(interval: float, now: float) -> float:
    """Return the seconds until the turn next to ``now`` plus the ``interval``, which varies by a twentieth.

    >>> {round((103.0 + seconds_until_turn(5.0, 103.0)) % 0.25, 6) for _ in range(100)}
    {0.0}
    """
    between = max(interval / _TURNS, _SHORTEST)
    due = now + interval * random.uniform(0.95, 1.05)  # noqa: S311 - no secret
    return max(round(due / between) * between - now, 0.0)

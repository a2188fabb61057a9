"""Finds the events of a late observer that others have recorded meanwhile. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

Moved = tuple[str, float]
"""the state after an event, and when it was seen"""

_MAX_PAIRS = 1_000_000


def recorded(own: Sequence[Moved], others: Sequence[Moved]) -> int:
    """Return how many events of one observer need no record: the events of others have them, or are later.

    Both are of one setting, in their order. Others miss states shorter than their interval. Equal events
    are paired as far as their order permits, for a setting may flap.

    >>> recorded([("b", 1), ("a", 2), ("c", 9)], [("b", 1.5), ("a", 2.5)])
    2
    >>> recorded([("b", 1)], [("c", 2)]), recorded([("b", 3)], [("c", 2)])
    (1, 0)
    """
    latest = max((at for _, at in others), default=0.0)
    pairs = _paired(own, others)
    count = 0
    while count < len(own) and (count in pairs or own[count][1] <= latest):
        count += 1
    return count


def _paired(own: Sequence[Moved], others: Sequence[Moved]) -> set[int]:
    """Return the indexes of ``own`` in a longest common subsequence."""
    if not others or len(own) * len(others) > _MAX_PAIRS:
        return set()
    rows = [[0] * (len(others) + 1) for _ in range(len(own) + 1)]
    for i in reversed(range(len(own))):
        for j in reversed(range(len(others))):
            same = own[i][0] == others[j][0]
            rows[i][j] = rows[i + 1][j + 1] + 1 if same else max(rows[i + 1][j], rows[i][j + 1])
    found, i, j = set(), 0, 0
    while i < len(own) and j < len(others):
        if own[i][0] == others[j][0]:
            found.add(i)
            i, j = i + 1, j + 1
        elif rows[i + 1][j] >= rows[i][j + 1]:
            i += 1
        else:
            j += 1
    return found

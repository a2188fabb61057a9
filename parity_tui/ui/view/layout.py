"""How the height of the screen is shared."""

from __future__ import annotations

_NARROWEST, _LOWEST = 20, 5
"""columns and lines below which only the header is shown"""


def is_too_small(width: int, height: int) -> bool:
    """Return whether only the header fits."""
    return width < _NARROWEST or height < _LOWEST


def detail_height(screen: int) -> int:
    """Return the lines of the detail on a screen of ``screen`` lines, its rule included; 0: no room.

    >>> [detail_height(lines) for lines in (13, 24, 40, 50)]
    [0, 7, 11, 13]
    """
    if screen < 14:
        return 0
    return min(max(7, screen * 11 // 40), 13)

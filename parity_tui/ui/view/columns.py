"""How the panes share the width: a fixed column of names, then one column for each environment."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

NARROWEST = 18
"""cells of a pane, its separator included"""
_NAME_LEAST = 24
_NAME_MOST = 44


class Columns(Struct, frozen=True):
    """What is where, from left to right."""

    name: int
    """cells of the column of names"""
    panes: tuple[int, ...]
    """the environments whose panes are in view, by number"""
    widths: tuple[int, ...]
    """cells of each of these panes, its separator included"""
    before: int = 0
    """panes that are scrolled out of view at the left"""
    after: int = 0
    """and at the right"""

    def at(self, x: int) -> int | None:
        """Return the environment whose pane is at this column of the screen, None where there is none."""
        left = self.name
        for index, width in zip(self.panes, self.widths, strict=True):
            if left <= x < left + width:
                return index
            left += width
        return None


def arrange(width: int, longest: int, shown: Sequence[int], first: int, current: int) -> Columns:
    """Return the columns for a screen of ``width`` cells.

    ``longest`` is the longest name's width, ``shown`` the environments that are not hidden, ``first`` where in
    ``shown`` the view started so far, ``current`` the environment that has to be in view.

    >>> arrange(80, 20, (0, 1, 2), 0, 0)
    Columns(name=26, panes=(0, 1, 2), widths=(18, 18, 18), before=0, after=0)
    >>> arrange(60, 20, (0, 1, 2, 3), 0, 3)
    Columns(name=24, panes=(2, 3), widths=(18, 18), before=2, after=0)
    """
    most = max(_NAME_LEAST, min(_NAME_MOST, width // 3))
    name = min(max(longest + 8, _NAME_LEAST), most, max(width - NARROWEST, 8))
    fitting = max(1, min(len(shown), (width - name) // NARROWEST))
    if fitting >= len(shown):
        first = 0
    elif current in shown:
        place = shown.index(current)
        first = min(max(first, place - fitting + 1), place)
    first = max(0, min(first, len(shown) - fitting))
    panes = tuple(shown[first : first + fitting])
    each, rest = divmod(width - name, len(panes)) if panes else (0, 0)
    widths = tuple(each + (number < rest) for number in range(len(panes)))
    return Columns(name, panes, widths, first, len(shown) - first - len(panes))

"""How the panes share the width: a column of names, then one pane for each environment in view."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

NARROWEST = 18
"""cells of a pane, its separator included"""
_NAME_LEAST = 24
_NAME_MOST = 44


class Columns(Struct, frozen=True):
    """The columns of one frame, from left to right."""

    name: int
    """cells of the column of names"""
    panes: tuple[int, ...]
    """indexes of the environments in view"""
    widths: tuple[int, ...]
    """cells of each pane in view, its separator included"""
    before: int = 0
    """panes scrolled out of view at the left"""
    after: int = 0
    """panes scrolled out of view at the right"""

    def at(self, x: int) -> int | None:
        """Return the index of the environment whose pane is at column ``x`` of the screen."""
        left = self.name
        for index, width in zip(self.panes, self.widths, strict=True):
            if left <= x < left + width:
                return index
            left += width
        return None


class Panes:
    """Which environments are hidden, which one is current, and how far the panes are scrolled."""

    def __init__(self, environments: Sequence[str]) -> None:
        self.environments = environments
        self.hidden: frozenset[int] = frozenset()
        self.current = 0
        self._first = 0

    @property
    def shown(self) -> tuple[int, ...]:
        """Indexes of the environments that are not hidden."""
        return tuple(index for index in range(len(self.environments)) if index not in self.hidden)

    def columns(self, width: int, longest: int) -> Columns:
        """Return the columns for a screen of ``width`` cells; the current pane is in view."""
        columns = arrange(width, longest, self.shown, self._first, self.current)
        self._first = columns.before
        return columns

    def move(self, by: int) -> None:
        """Make another pane that is not hidden the current one."""
        shown = self.shown
        position = shown.index(self.current) if self.current in shown else 0
        self.current = shown[max(0, min(position + by, len(shown) - 1))]

    def toggle(self, index: int) -> bool:
        """Hide or show a pane, but never hide the last one; return whether anything changed."""
        hidden = self.hidden ^ {index}
        if index >= len(self.environments) or len(hidden) == len(self.environments):
            return False
        self.hidden = hidden
        if self.current in hidden:
            self.current = min(self.shown, key=lambda other: abs(other - self.current))
        return True

    def show_all(self) -> None:
        """Show every pane."""
        self.hidden = frozenset()

    def for_environments(self, environments: Sequence[str]) -> Panes:
        """Return the panes of other environments; those of the same name stay hidden or current."""
        panes = Panes(environments)
        hidden = {environments.index(name) for name in map(self.environments.__getitem__, self.hidden)
                  if name in environments}  # fmt: skip
        panes.hidden = frozenset(hidden) if len(hidden) < len(environments) else frozenset()
        current = self.environments[self.current]
        panes.current = environments.index(current) if current in environments else panes.shown[0]
        return panes


def arrange(width: int, longest: int, shown: Sequence[int], first: int, current: int) -> Columns:
    """Return the columns for a screen of ``width`` cells.

    ``longest`` is the width of the longest name, ``shown`` the environments that are not hidden, ``first`` the
    position in ``shown`` where the view started so far, ``current`` the environment that has to be in view.

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
        position = shown.index(current)
        first = min(max(first, position - fitting + 1), position)
    first = max(0, min(first, len(shown) - fitting))
    panes = tuple(shown[first : first + fitting])
    each, rest = divmod(width - name, len(panes)) if panes else (0, 0)
    widths = tuple(each + (number < rest) for number in range(len(panes)))
    return Columns(name, panes, widths, first, len(shown) - first - len(panes))

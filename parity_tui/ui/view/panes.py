"""How the panes share the width: a column of names, then one pane for each environment in view."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

NARROWEST = 18
"""cells of a pane, its separator included"""
_SQUEEZED = 15
"""cells of a pane if that brings all of them into view"""
_NAME_LEAST = 24
_NAME_SQUEEZED = 20
_NAME_MOST = 44
_CHROME = 5
"""cells of a pane around its text: separator, margins, mark"""
_NEED_MOST = 60
"""cells of text for which a pane is widened"""


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
    pinned: bool = False
    """whether the first pane stays in view while the others scroll"""

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
        """panes that the user has hidden"""
        self.equal: frozenset[int] | None = None
        """panes hidden because nothing differs there; None: those are shown"""
        self.current = 0
        self.pinned: int | None = None
        """the baseline, which stays in view"""
        self.needs: Sequence[int] = ()
        """cells of the longest text of each environment"""
        self._first = 0

    @property
    def shown(self) -> tuple[int, ...]:
        """Indexes of the environments that are not hidden."""
        hidden = self.hidden | (self.equal or frozenset())
        return tuple(index for index in range(len(self.environments)) if index not in hidden)

    def columns(self, width: int, longest: int) -> Columns:
        """Return the columns for a screen of ``width`` cells; the current pane is in view."""
        columns = arrange(width, longest, self.shown, self._first, self.current, self.pinned, self.needs)
        self._first = columns.before
        return columns

    def move(self, by: int) -> None:
        """Make another pane that is not hidden the current one."""
        shown = self.shown
        position = shown.index(self.current) if self.current in shown else 0
        self.current = shown[max(0, min(position + by, len(shown) - 1))]

    def toggle(self, index: int) -> bool:
        """Hide or show a pane, but never hide the last one; return whether anything changed."""
        before = self.shown
        hidden, equal = self.hidden ^ {index}, self.equal
        if index not in before:
            hidden, equal = self.hidden - {index}, equal and equal - {index}
        if index >= len(self.environments) or len(hidden | (equal or frozenset())) == len(self.environments):
            return False
        self.hidden, self.equal = hidden, equal
        self._keep_current_shown()
        return True

    def _keep_current_shown(self) -> None:
        shown = self.shown
        if self.current not in shown:
            self.current = min(shown, key=lambda other: abs(other - self.current))

    def hide_equal(self, equal: frozenset[int]) -> None:
        """Hide the panes of environments in which nothing differs, but for the baseline's and the last one."""
        kept = {self.pinned} if self.pinned is not None else set()
        equal -= kept
        if not set(range(len(self.environments))) - self.hidden - equal:
            equal -= {self.current}
        self.equal = equal - self.hidden
        self._keep_current_shown()

    def show_all(self) -> None:
        """Show every pane."""
        self.hidden, self.equal = frozenset(), None

    def for_environments(self, environments: Sequence[str]) -> Panes:
        """Return the panes of other environments; those of the same name stay hidden or current."""
        panes = Panes(environments)
        hidden = {environments.index(name) for name in map(self.environments.__getitem__, self.hidden)
                  if name in environments}  # fmt: skip
        panes.hidden = frozenset(hidden) if len(hidden) < len(environments) else frozenset()
        current = self.environments[self.current]
        panes.current = environments.index(current) if current in environments else panes.shown[0]
        return panes


def arrange(
    width: int,
    longest: int,
    shown: Sequence[int],
    first: int,
    current: int,
    pinned: int | None = None,
    needs: Sequence[int] = (),
) -> Columns:
    """Return the columns for a screen of ``width`` cells.

    Args:
        width: cells of the screen.
        longest: cells of the longest name.
        shown: the environments that are not hidden.
        first: position, among the panes that scroll, where the view started so far.
        current: the environment that has to be in view.
        pinned: the environment that stays at the left while the others scroll, None without one.
        needs: cells of the longest text of each environment, if known; wider panes get more of the room.

    >>> arrange(80, 20, (0, 1, 2), 0, 0)
    Columns(name=26, panes=(0, 1, 2), widths=(18, 18, 18), before=0, after=0, pinned=False)
    >>> arrange(60, 20, (0, 1, 2, 3), 0, 2, pinned=3)
    Columns(name=24, panes=(3, 2), widths=(18, 18), before=2, after=0, pinned=True)
    >>> arrange(80, 20, (0, 1, 2, 3), 0, 2).widths
    (15, 15, 15, 15)
    >>> arrange(100, 16, (0, 1), 0, 0, needs=(4, 50)).widths
    (20, 56)
    """
    name = _name_width(width, longest, [needs[index] for index in shown] if needs else [])
    fitting = max(1, (width - name) // NARROWEST)
    if fitting >= len(shown):
        widths = shares(width - name, [needs[index] for index in shown] if needs else [0] * len(shown))
        return Columns(name, tuple(shown), widths)
    if width - _NAME_SQUEEZED >= _SQUEEZED * len(shown):
        return Columns(_NAME_SQUEEZED, tuple(shown), _equal(width - _NAME_SQUEEZED, len(shown)))
    is_pinned = pinned in shown and fitting > 1
    others = [index for index in shown if not (is_pinned and index == pinned)]
    fitting -= is_pinned
    if current in others:
        position = others.index(current)
        first = min(max(first, position - fitting + 1), position)
    first = max(0, min(first, len(others) - fitting))
    panes = (*([pinned] if is_pinned and pinned is not None else ()), *others[first : first + fitting])
    return Columns(name, panes, _equal(width - name, len(panes)), first, len(others) - first - fitting, is_pinned)


def _name_width(width: int, longest: int, needs: Sequence[int]) -> int:
    """Return the width of the column of names: a third of the screen at most, or what the panes leave over."""
    left = width - sum(max(need + _CHROME, NARROWEST) for need in needs) if needs else 0
    most = max(_NAME_LEAST, min(_NAME_MOST, width // 3), left)
    return min(max(longest + 8, _NAME_LEAST), most, max(width - NARROWEST, 8))


def shares(width: int, needs: Sequence[int]) -> tuple[int, ...]:
    """Return the cells of panes that need so many cells of text; what is left over is shared equally.

    >>> shares(60, [0, 0, 0]), shares(80, [40, 5]), shares(60, [50, 40, 2])
    ((20, 20, 20), (54, 26), (22, 20, 18))
    """
    least = min(NARROWEST, width // max(len(needs), 1))
    wanted = [max(0, min(need, _NEED_MOST) + _CHROME - least) for need in needs]
    left = width - least * len(needs)
    if sum(wanted) > left:
        wanted = [want * left // sum(wanted) for want in wanted]
    return tuple(map(sum, zip(wanted, _equal(width - sum(wanted), len(needs)), strict=True)))


def _equal(width: int, count: int) -> tuple[int, ...]:
    each, rest = divmod(width, count) if count else (0, 0)
    return tuple(each + (number < rest) for number in range(count))

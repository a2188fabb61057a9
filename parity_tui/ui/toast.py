"""A word that comes and goes: what has just moved, what has been done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.style import Style
from textual.timer import Timer

from parity_tui.drift.board import Change
from parity_tui.drift.values import safe
from parity_tui.ui.canvas import Canvas
from parity_tui.ui.cells import Line, cell, wrapped
from parity_tui.ui.paint import Look

_SECONDS = 6.0
_LINES = 3


def moved(changes: Sequence[Change]) -> str:
    """Return what has moved, all in one sentence; the worst first.

    >>> from parity_tui.model import Severity
    >>> moved([Change("staging", "database", "TimeZone", "UTC", "Europe/Paris", Severity.CRITICAL)])
    'staging database TimeZone: UTC → Europe/Paris'
    """
    worst = sorted(changes, key=lambda change: change.severity.rank)
    said = [f"{c.environment} {c.service} {c.setting}: {_short(c.before)} → {_short(c.after)}" for c in worst[:3]]
    if len(worst) > 3:
        said.append(f"and {len(worst) - 3} more; t shows all")
    return safe("   ".join(said))


def _short(text: str) -> str:
    """Return a value that leaves room for others."""
    return text if len(text) <= 40 else text[:39] + "…"


class Toast(Canvas):
    """One to three lines above the detail, over the end of the grid; nothing there is covered for long."""

    DEFAULT_CSS = "Toast { layer: above; dock: bottom; display: none; }"

    def __init__(self, look: Look, below: Callable[[], int]) -> None:
        super().__init__(look)
        self.text = ""
        self.bad = False
        self._below = below
        self._timer: Timer | None = None

    def say(self, text: str, bad: bool = False, seconds: float = _SECONDS) -> None:
        """Say something for a while."""
        self.text, self.bad = text, bad
        self.place()
        self.display = True
        self.redraw()
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self.hush)

    def place(self) -> None:
        """Be as high as the text needs, right above the detail."""
        lines = max(len(self._wrapped(self.app.size.width)), 1)
        self.styles.height = lines
        self.styles.offset = (0, -self._below())

    def hush(self) -> None:
        """Say nothing any more."""
        if self._timer:
            self._timer.stop()
            self._timer = None
        self.display = False

    def frame(self, width: int, height: int) -> Sequence[Line]:
        """Return the lines of what is said."""
        palette, marks = self.look.palette, self.look.marks
        ground = palette.current if not palette.current.reverse else Style(reverse=True)
        mark = marks.failed if self.bad else marks.live
        first = palette.critical if self.bad else palette.warning
        found = []
        for number, text in enumerate(self._wrapped(width)):
            lead = cell(f" {mark} " if number == 0 else "", 3, first + ground)
            found.append(((*lead, *cell(text, width - 3, palette.strong + ground)),))
        return found

    def _wrapped(self, width: int) -> list[str]:
        """Return the text in lines."""
        return wrapped(self.look.marks.text(self.text), max(width - 4, 1), _LINES)

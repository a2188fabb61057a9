"""The first line: what is compared with what, how much differs, and how it is being read."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len
from rich.style import Style

from parity_tui.drift.board import Board
from parity_tui.drift.values import printable
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view import labels
from parity_tui.ui.view.cells import CellRow, cell, split, spread
from parity_tui.ui.widgets.line_widget import LineWidget


class HeaderCounts(Struct, frozen=True):
    """How the board is being read and shown, as the header says it."""

    interval: float
    paused: bool = False
    lost: bool = False
    """the reading itself has ended with an error"""
    shown: tuple[str, ...] = ()
    """what limits the view: "all rows", "filter: zone" """


class Header(LineWidget):
    """The line at the top."""

    def __init__(self, board: Board, look: BoardTheme, reading: HeaderCounts) -> None:
        super().__init__(look)
        self.board = board
        self.reading = reading
        self.small = False
        """the screen is too small for anything else"""

    def show(self, board: Board, reading: HeaderCounts) -> None:
        """Show another board, or the same one read otherwise."""
        self.board, self.reading = board, reading
        self.repaint()

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the one line; where it does not fit, words go before numbers."""
        if self.small:
            return [(cell("too small", width, self.look.palette.text),)]
        for short in range(4):
            left, right = self._left(short), self._right(short)
            if sum(cell_len(text) for text, _ in (*left, *right)) < width:
                break
        return [split(spread(left, right, width, self._on(self.look.palette.text)))]

    def _on(self, style: Style) -> Style:
        """Return a style on the header's ground."""
        return style + self.look.palette.bar

    def _left(self, short: int) -> list[tuple[str, Style]]:
        """Return the name, who decides, and the counts."""
        palette, marks = self.look.palette, self.look.marks
        found = [(" parity", self._on(palette.strong)), ("   ", self._on(palette.text))]
        if short < 3 and len(self.board.environments) > 1:
            found.append((f"{marks.text(printable(labels.judge(self.board)))}   ", self._on(palette.dim)))
        counts = labels.counts(self.board.summary)
        if len(self.board.environments) < 2:
            found.append((f"{marks.unknown} one environment: nothing to compare   ", self._on(palette.warning)))
        elif not counts and self.board.complete:
            found.append((f"{marks.same} no drift", self._on(palette.good)))
        for name, count, text in counts:
            mark = getattr(marks, name)
            style = getattr(palette, name, palette.dim)
            style = {"unknown": palette.warning, "failed": palette.critical}.get(name, style)
            bare = short > 1 or (short and name in ("info", "expected"))
            found.append((f"{mark} {count if bare else text}", self._on(style + Style(bold=False))))
            found.append(("  " if bare else "   ", self._on(palette.text)))
        return found

    def _right(self, short: int) -> list[tuple[str, Style]]:
        """Return how it is read and what limits the view."""
        palette, marks = self.look.palette, self.look.marks
        found = [(f"{marks.text(text)}   ", self._on(palette.info)) for text in self.reading.shown]
        if waiting := labels.reading(self.board):
            found.append((f"{waiting}   ", self._on(palette.text)))
        if self.reading.lost:
            found.append((f"{marks.failed} not reading ", self._on(palette.critical)))
        elif self.reading.paused:
            found.append(("paused ", self._on(palette.warning)))
        elif short < 3:
            found.append((f"{labels.every(self.reading.interval)} ", self._on(palette.dim)))
        return found

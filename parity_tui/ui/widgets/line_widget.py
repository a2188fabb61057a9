"""A widget that paints lines of cells and repaints only changed cells."""

from __future__ import annotations

from collections.abc import Sequence
from operator import eq

from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from parity_tui.ui.terminal.scrolling import scroll
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.cells import Cell, CellRow, cells_of


def changed_regions(before: CellRow, after: CellRow, y: int) -> list[Region]:
    """Return the regions of line ``y`` to repaint: the changed columns of cells, or the whole line if widths differ."""
    if before == after:
        return []
    widths = [cells_of((cell,)) for cell in after]
    if [cells_of((cell,)) for cell in before] != widths:
        return [Region(0, y, max(sum(widths), cells_of(before)), 1)]
    regions, x = [], 0
    for old, new, width in zip(before, after, widths, strict=True):
        if old != new:
            first, last = _changed_columns(old, new, width)
            regions.append(Region(x + first, y, last - first, 1))
        x += width
    return regions


def _changed_columns(before: Cell, after: Cell, width: int) -> tuple[int, int]:
    """Return the first changed column of a cell, and the one after the last; of wide letters, all columns."""
    old, new = _columns(before), _columns(after)
    if not len(old) == len(new) == width:
        return 0, width
    changed = [column for column in range(width) if old[column] != new[column]]
    return (changed[0], changed[-1] + 1) if changed else (0, width)


def _columns(cell: Cell) -> list[tuple[str, Style | None]]:
    """Return letter and style of each column, nothing where a letter does not have one column."""
    columns: list[tuple[str, Style | None]] = []
    for text, style, _ in cell:
        if not text.isascii() and any(cell_len(letter) != 1 for letter in text):
            return []
        columns += ((letter, style) for letter in text)
    return columns


def _moved(lines: Sequence[CellRow], by: int, first: int) -> list[CellRow]:
    """Return the lines after those from ``first`` on moved up, or down, with blank ones for those that came into view.

    >>> from rich.segment import Segment
    >>> one, two, three = (((Segment(text),),) for text in "123")
    >>> _moved([one, two, three], 1, 1) == [one, three, ()], _moved([one, two, three], -1, 0) == [(), one, two]
    (True, True)
    """
    head, body, blank = lines[:first], lines[first:], [()] * abs(by)
    return [*head, *body[by:], *blank] if by > 0 else [*head, *blank, *body[:by]]


def _common(before: Sequence[CellRow], after: Sequence[CellRow]) -> int:
    return sum(map(eq, before, after))


class LineWidget(Widget):
    """Base of every widget of the board: a subclass implements :meth:`frame` and calls :meth:`repaint`."""

    DEFAULT_CSS = "LineWidget { height: 1; }"

    def __init__(self, theme: BoardTheme) -> None:
        super().__init__()
        self.theme = theme
        self._painted: Sequence[CellRow] = ()
        self._painted_size: Size | None = None
        self._unpainted = False
        """whether changed cells wait for Textual's next paint"""

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the lines for this size, top to bottom."""
        raise NotImplementedError

    def repaint(self, scrolled: int = 0, first: int = 0) -> None:
        """Compute the lines and repaint those cells that changed.

        Args:
            scrolled: number of lines by which the content moved up; negative: down.
            first: the first line that moves.
        """
        size = self.size
        if self._painted_size != size or not self.is_mounted:
            self.redraw()
            return
        before, self._painted = self._painted, list(self.frame(size.width, size.height))
        if (
            not self._unpainted
            and 0 < abs(scrolled) <= (size.height - first) // 2
            and len(before) == len(self._painted) == size.height
        ):
            moved = _moved(before, scrolled, first)
            if _common(moved, self._painted) > _common(before, self._painted) and scroll(self, first, scrolled):
                before = moved
        regions: list[Region] = []
        for y in range(min(size.height, max(len(before), len(self._painted)))):
            old = before[y] if y < len(before) else ()
            new = self._painted[y] if y < len(self._painted) else ()
            regions.extend(changed_regions(old, new, y))
        if regions:
            self._unpainted = True
            self.refresh(*regions)

    def redraw(self) -> None:
        """Repaint everything."""
        self._painted_size = None
        self.refresh()

    def restyle(self, theme: BoardTheme) -> None:
        """Repaint everything in another theme."""
        self.theme = theme
        self.redraw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines that Textual paints now."""
        self._unpainted = False
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return one line as Textual paints it."""
        size = self.size
        if self._painted_size != size:
            self._painted = list(self.frame(size.width, size.height))
            self._painted_size = size
        line = self._painted[y] if y < len(self._painted) else ()
        strip = Strip([segment for cell in line for segment in cell])
        ground = self.theme.palette.ground
        return strip.adjust_cell_length(size.width, ground).apply_style(ground).simplify()

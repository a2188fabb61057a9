"""A widget that paints lines of cells, and of those only the cells that are not as they were."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.cells import Cell, CellRow


def _width(cell: Cell) -> int:
    """Return how many cells of the screen a cell takes."""
    return sum(segment.cell_length for segment in cell)


def changed(before: CellRow, after: CellRow, y: int) -> list[Region]:
    """Return the regions of a line that are to be painted again: cells, or all of it where the widths moved."""
    if before == after:
        return []
    widths = [_width(cell) for cell in after]
    if [_width(cell) for cell in before] != widths:
        return [Region(0, y, max(sum(widths), sum(_width(cell) for cell in before)), 1)]
    found, x = [], 0
    for old, new, width in zip(before, after, widths, strict=True):
        if old != new:
            found.append(Region(x, y, width, 1))
        x += width
    return found


class LineWidget(Widget):
    """The base of everything on the board: a subclass says what the lines are, :meth:`repaint` what has moved."""

    DEFAULT_CSS = "LineWidget { height: 1; }"

    def __init__(self, look: BoardTheme) -> None:
        super().__init__()
        self.look = look
        self._lines: Sequence[CellRow] = ()
        self._for: Size | None = None

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the lines for this size, top to bottom."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Compare what should be on screen with what is, and have the difference painted."""
        size = self.size
        if self._for != size or not self.is_mounted:
            self._for = None
            self.refresh()
            return
        before, self._lines = self._lines, list(self.frame(size.width, size.height))
        regions: list[Region] = []
        for y in range(min(size.height, max(len(before), len(self._lines)))):
            old = before[y] if y < len(before) else ()
            new = self._lines[y] if y < len(self._lines) else ()
            regions.extend(changed(old, new, y))
        if regions:
            self.refresh(*regions)

    def redraw(self) -> None:
        """Have everything painted anew."""
        self._for = None
        self.refresh()

    def restyle(self, look: BoardTheme) -> None:
        """Take other colours."""
        self.look = look
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """Return one line as Textual wants it."""
        size = self.size
        if self._for != size:
            self._lines = list(self.frame(size.width, size.height))
            self._for = size
        line = self._lines[y] if y < len(self._lines) else ()
        strip = Strip([segment for cell in line for segment in cell])
        ground = self.look.palette.ground
        return strip.adjust_cell_length(size.width, ground).apply_style(ground).simplify()

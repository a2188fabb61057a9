"""The line above the keys, if the board was given one: what to look at."""

from __future__ import annotations

from collections.abc import Sequence

from textual.reactive import reactive

from parity_tui.drift.values import printable
from parity_tui.ui.view.cells import CellRow, cell
from parity_tui.ui.widgets.line_widget import LineWidget


class Hint(LineWidget):
    """One line of text."""

    text: reactive[str] = reactive("", repaint=False, init=False)

    def watch_text(self) -> None:
        """Repaint what changed."""
        self.repaint()

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the line."""
        palette, symbols = self.theme.palette, self.theme.symbols
        text = symbols.text(printable(self.text))
        return [(cell(f" {text}", width, palette.warning, symbols.ellipsis),)]

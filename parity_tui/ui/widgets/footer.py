"""The last line: the keys that matter most, as many as fit; or the filter that is being typed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style

from parity_tui.drift.values import printable
from parity_tui.ui.view.bindings import MOVES, VERBS, Key
from parity_tui.ui.view.cells import CellRow, split, spread
from parity_tui.ui.widgets.line_widget import LineWidget

_KEYS = sorted((key for key in (*MOVES, *VERBS) if key.footer), key=lambda key: key.footer)


class Footer(LineWidget):
    """One quiet line."""

    typing: str | None = None
    """the filter as typed so far; None while none is being typed"""

    def type(self, text: str | None) -> None:
        """Show the filter that is being typed, or the keys again."""
        self.typing = text
        self.repaint()

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the keys, the most important ones first; help and quit are always there."""
        if self.typing is not None:
            return [self._prompt(self.typing, width)]
        last = [key for key in _KEYS if key.action in ("help", "app.quit")]
        parts = self._parts(last)
        room = width - 2 - sum(cell_len(text) for text, _ in parts)
        left: list[tuple[str, Style]] = [(" ", self._on(self.look.palette.text))]
        for key in _KEYS:
            part = self._parts([key])
            size = sum(cell_len(text) for text, _ in part)
            if key not in last and size <= room:
                left.extend(part)
                room -= size
        return [(spread(left, parts, width, self._on(self.look.palette.text)),)]

    def _on(self, style: Style) -> Style:
        """Return a style on the footer's ground."""
        return style + self.look.palette.bar

    def _prompt(self, text: str, width: int) -> CellRow:
        """Return the filter with a cursor behind it; of a long one the end."""
        palette, marks = self.look.palette, self.look.marks
        hint = " name or value, in all rows   enter keeps   esc leaves " if width > 60 else " "
        while cell_len(text) > width - len(hint) - 6:
            text = text[1:]
        left = [(" / ", self._on(palette.info)), (marks.text(printable(text)), self._on(palette.strong))]
        left.append((" ", self._on(palette.text) + Style(reverse=True)))
        return split(spread(left, [(hint, self._on(palette.dim))], width, self._on(palette.text)))

    def _parts(self, keys: Sequence[Key]) -> list[tuple[str, Style]]:
        """Return keys and what they do."""
        palette, found = self.look.palette, []
        for key in keys:
            shown = key.shown.split(" ")[0]
            found += [(shown, self._on(palette.text)), (f" {key.label}   ", self._on(palette.dim))]
        return found

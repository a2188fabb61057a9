"""The last line: the keys that matter most, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style

from parity_tui.ui.canvas import Canvas
from parity_tui.ui.cells import Line, spread
from parity_tui.ui.keys import MOVES, VERBS, Key

_KEYS = sorted((key for key in (*MOVES, *VERBS) if key.footer), key=lambda key: key.footer)


class Footer(Canvas):
    """One quiet line of keys."""

    def frame(self, width: int, height: int) -> Sequence[Line]:
        """Return the keys, the most important ones first; help and quit are always there."""
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

    def _parts(self, keys: Sequence[Key]) -> list[tuple[str, Style]]:
        """Return keys and what they do."""
        palette, found = self.look.palette, []
        for key in keys:
            shown = key.shown.split(" ")[0]
            found += [(shown, self._on(palette.text)), (f" {key.label}   ", self._on(palette.dim))]
        return found

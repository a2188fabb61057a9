"""The last line: the most important keys, as many as fit, or the filter being typed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.reactive import reactive

from parity_tui.drift.values import printable
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.bindings import GRID_KEYS, SCREEN_KEYS, Key
from parity_tui.ui.view.cells import Cell, CellRow, split, spread
from parity_tui.ui.widgets.line_widget import LineWidget

_KEYS = sorted((key for key in (*GRID_KEYS, *SCREEN_KEYS) if key.footer), key=lambda key: key.footer)
_ALWAYS = [key for key in _KEYS if key.action in ("help", "app.quit")]


class Footer(LineWidget):
    """The line at the bottom."""

    typing: reactive[str | None] = reactive(None, repaint=False, init=False)
    """the filter as typed so far; None: the keys are shown"""

    def __init__(self, theme: BoardTheme) -> None:
        super().__init__(theme)
        self._keys: list[tuple[int, int, Key]] = []
        """first and last column of each key that is shown"""

    def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse."""
        key = next((key for start, end, key in self._keys if start <= event.x < end), None)
        if key is not None and self.typing is None:
            self.app.simulate_key(key.keys.split(",")[0] if key.action != "app.quit" else "q")

    def watch_typing(self) -> None:
        """Repaint what changed."""
        self.repaint()

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the keys by importance, help and quit at the right, or the prompt."""
        if self.typing is not None:
            return [self._prompt(self.typing, width)]
        right = self._parts(_ALWAYS)
        room = width - 2 - sum(cell_len(text) for text, _ in right)
        left: list[tuple[str, Style]] = [(" ", self._on_bar(self.theme.palette.text))]
        self._keys, at = [], 1
        for key in _KEYS:
            parts = self._parts([key])
            size = sum(cell_len(text) for text, _ in parts)
            if key not in _ALWAYS and size <= room:
                left.extend(parts)
                self._keys.append((at, at + size, key))
                room, at = room - size, at + size
        at = width - sum(cell_len(text) for text, _ in right)
        for key in _ALWAYS:
            size = sum(cell_len(text) for text, _ in self._parts([key]))
            self._keys.append((at, at + size, key))
            at += size
        return [(self._spread(left, right, width),)]

    def _on_bar(self, style: Style) -> Style:
        return style + self.theme.palette.bar

    def _prompt(self, text: str, width: int) -> CellRow:
        """Return the end of the filter, with a cursor behind it."""
        palette, symbols = self.theme.palette, self.theme.symbols
        hint = " all rows by name or value   enter keeps   esc clears " if width > 60 else " "
        while cell_len(text) > width - len(hint) - 6:
            text = text[1:]
        left = [(" / ", self._on_bar(palette.info)), (symbols.text(printable(text)), self._on_bar(palette.strong))]
        left.append((" ", self._on_bar(palette.text) + Style(reverse=True)))
        return split(self._spread(left, [(hint, self._on_bar(palette.dim))], width))

    def _spread(self, left: Sequence[tuple[str, Style]], right: Sequence[tuple[str, Style]], width: int) -> Cell:
        return spread(left, right, width, self._on_bar(self.theme.palette.text), self.theme.symbols.ellipsis)

    def _parts(self, keys: Sequence[Key]) -> list[tuple[str, Style]]:
        palette, parts = self.theme.palette, []
        for key in keys:
            shown = key.shown.split(" ")[0]
            parts += [(shown, self._on_bar(palette.text)), (f" {key.label}   ", self._on_bar(palette.dim))]
        return parts

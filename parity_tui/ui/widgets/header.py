"""The first line: how environments are compared, how much differs, how the board is read."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.reactive import reactive

from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view import labels
from parity_tui.ui.view.cells import CellRow, cell, split, spread
from parity_tui.ui.view.header_counts import HeaderCounts
from parity_tui.ui.widgets.line_widget import LineWidget

_NOT_BOLD = Style(bold=False)
_SHORTEST = 4
"""steps of shortening: words of minor counts, words of all counts, the interval, how outliers are determined"""


class Header(LineWidget):
    """The line at the top."""

    counts: reactive[HeaderCounts] = reactive(HeaderCounts(), repaint=False, init=False)
    small: reactive[bool] = reactive(False, repaint=False, init=False)
    """the screen is too small for anything else"""

    def __init__(self, theme: BoardTheme, counts: HeaderCounts) -> None:
        super().__init__(theme)
        self.set_reactive(Header.counts, counts)
        self._texts: list[tuple[int, int, str]] = []
        """first and last column of each text, without its blanks"""

    def on_click(self, event: events.Click) -> None:
        """Press the key that belongs to the word under the mouse."""
        text = next((text for start, end, text in self._texts if start <= event.x < end), "")
        symbols, counts = self.theme.symbols, self.counts
        keys = {symbols.failed: "exclamation_mark", symbols.critical: "tab", symbols.warning: "tab"}
        if text and text == symbols.text(counts.comparison):
            self.app.simulate_key("b")
        elif counts.paused and text == "paused":
            self.app.simulate_key("p")
        elif text in map(symbols.text, counts.limits):
            self.app.simulate_key("escape" if text.startswith("filter") else "s" if "all rows" not in text else "d")
        elif key := keys.get(text.split(" ")[0]):
            self.app.simulate_key(key)

    def watch_counts(self) -> None:
        """Repaint what changed."""
        self.repaint()

    def watch_small(self) -> None:
        """Repaint what changed."""
        self.repaint()

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the one line; words are left out before numbers."""
        if self.small:
            return [(cell("too small", width, self.theme.palette.text),)]
        for short in range(_SHORTEST + 1):
            left, right = self._left(short), self._right(short)
            if sum(cell_len(text) for text, _ in (*left, *right)) < width:
                break
        self._texts = [*_spans(left, 0), *_spans(right, width - sum(cell_len(text) for text, _ in right))]
        return [split(spread(left, right, width, self._on_bar(self.theme.palette.text), self.theme.symbols.ellipsis))]

    def _on_bar(self, style: Style) -> Style:
        return style + self.theme.palette.bar

    def _left(self, short: int) -> list[tuple[str, Style]]:
        """Return the name and the counts."""
        palette, symbols, counts = self.theme.palette, self.theme.symbols, self.counts
        parts = [(" parity", self._on_bar(palette.strong)), ("  ", self._on_bar(palette.text))]
        if counts.single:
            text = f"{symbols.unknown} one environment: nothing to compare   "
            parts.append((text, self._on_bar(palette.warning)))
        elif counts.equal:
            parts.append((f"{symbols.same} no drift", self._on_bar(palette.good)))
        styles = {"unknown": palette.warning, "failed": palette.critical, "expected": palette.dim}
        for name, count, text in counts.counts:
            style = styles.get(name) or getattr(palette, name)
            bare = short > 1 or (short and name in ("info", "expected"))
            parts.append((f"{getattr(symbols, name)} {count if bare else text}", self._on_bar(style + _NOT_BOLD)))
            parts.append(("  " if bare else "   ", self._on_bar(palette.text)))
        return parts

    def _right(self, short: int) -> list[tuple[str, Style]]:
        """Return the limits of the view, how outliers are determined, and how the board is read."""
        palette, symbols, counts = self.theme.palette, self.theme.symbols, self.counts
        parts = [(f"{symbols.text(text)}   ", self._on_bar(palette.info)) for text in counts.limits]
        if counts.watched and short < 2:
            parts.append((f"{counts.watched}   ", self._on_bar(palette.dim)))
        if counts.progress:
            parts.append((f"{counts.progress}   ", self._on_bar(palette.text)))
        if counts.comparison and (short < _SHORTEST or counts.against):
            parts.append((f"{symbols.text(counts.comparison)}   ", self._on_bar(palette.text)))
        if counts.stopped:
            parts.append((f"{symbols.failed} not reading ", self._on_bar(palette.critical)))
        elif counts.offline:
            parts.append(("off line ", self._on_bar(palette.warning)))
        elif counts.paused:
            parts.append(("paused ", self._on_bar(palette.warning)))
        elif counts.shared:
            parts.append(("shared ", self._on_bar(palette.dim)))
        elif short < _SHORTEST - 1:
            parts.append((f"{labels.every(counts.interval)} ", self._on_bar(palette.dim)))
        return parts


def _spans(parts: Sequence[tuple[str, Style]], at: int) -> list[tuple[int, int, str]]:
    """Return the first and last column of each text; ``at`` is the column of the first one."""
    spans = []
    for text, _ in parts:
        spans.append((at, at + cell_len(text), text.strip()))
        at += cell_len(text)
    return spans

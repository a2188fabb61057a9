"""The panes: one grid for all environments, so that a setting is one line across them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from parity_tui.drift.board import Board
from parity_tui.model import Severity
from parity_tui.ui.theme.renderer import BoardTheme, LineRenderer
from parity_tui.ui.view.bindings import MOVES
from parity_tui.ui.view.cells import CellRow
from parity_tui.ui.view.columns import Columns, arrange
from parity_tui.ui.view.recent_changes import RecentChanges
from parity_tui.ui.view.visible_rows import View, VisibleLine, VisibleLines, VisibleRows, follow
from parity_tui.ui.widgets.line_widget import LineWidget
from parity_tui.ui.widgets.toast import Toast

_TITLES = 1
"""lines above the first section"""
_MARGIN = 2
"""lines that stay in view above and below the cursor"""


class Grid(LineWidget, can_focus=True):
    """Every environment's values side by side, and the cursor in them."""

    DEFAULT_CSS = "Grid { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding(key.keys, key.action, key.label, show=False) for key in MOVES]

    class Moved(Message):
        """The cursor is somewhere else, or what is under it has changed."""

    class Activated(Message):
        """A row that folds nothing was entered."""

    def __init__(self, board: Board, look: BoardTheme, moves: RecentChanges, toast: Toast) -> None:
        super().__init__(look)
        self.board = board
        self.view = View()
        self.hidden: frozenset[int] = frozenset()
        """environments whose pane is not shown"""
        self.cursor = 0
        self.pane = 0
        """the current environment"""
        self.top = 0
        self.places = VisibleLines()
        self._moves = moves
        self._toast = toast
        self._outline = VisibleRows()
        self._first = 0
        self._longest = 0
        self._touched = False
        self._searching = False
        self.typist: Callable[[events.Key], bool] = lambda event: False
        """takes the keys that are typed as text, and tells whether it has"""
        self._arrange_lines()

    # What is shown

    @property
    def place(self) -> VisibleLine | None:
        """The line under the cursor."""
        return self.places[self.cursor] if self.cursor < len(self.places) else None

    @property
    def shown(self) -> tuple[int, ...]:
        """The environments whose panes are not hidden."""
        return tuple(i for i in range(len(self.board.environments)) if i not in self.hidden)

    def show(self, board: Board) -> None:
        """Show another board; the cursor stays on its setting, and the line under it where it is on screen."""
        self.board = board
        self._bring()

    def turn_to(self, board: Board) -> None:
        """Show a board with other environments and services, as far as there are the same ones in the same way."""
        names, current = self.board.environments, self.board.environments[self.pane]
        kept = {board.environments.index(names[i]) for i in self.hidden if names[i] in board.environments}
        self.hidden = frozenset(kept) if len(kept) < len(board.environments) else frozenset()
        self.board = board
        self.pane = board.environments.index(current) if current in board.environments else self.shown[0]
        self._first = 0
        self._outline = VisibleRows()
        self._bring()

    def change(self, **fields: Any) -> None:
        """Show another view of the same board."""
        self.view = replace(self.view, **fields)
        self._bring()

    def _bring(self) -> None:
        """Show the lines as they are now; where very much is to be searched, part by part: keys have their turn."""
        if self.view.text and not self._outline.read(self.board):
            if not self._searching:
                self._searching = True
                self.set_timer(0.001, self._search_on)
            return
        self._arrange_lines()
        if not self._touched:
            self.cursor = self.places.worst()
        self._settle()

    def _search_on(self) -> None:
        """Go on with a search."""
        self._searching = False
        self._bring()

    def _arrange_lines(self) -> None:
        """Work out the lines anew and keep the cursor on its own."""
        before, index = self.places, self.cursor
        self.places = self._outline.lines(self.board, self.view)
        if self.view.text and before and self.places.find(before[index].key) is None:
            self.cursor = self.places.worst()  # not one of those that were looked for: the first that matters is
        else:
            self.cursor = follow(before, index, self.places)
        self.top = max(0, self.top + self.cursor - index)
        # A column that grows with each board would make the panes jump: it only ever grows.
        self._longest = max(self._longest, self.places.longest)

    def _settle(self) -> None:
        """Keep the cursor in view, paint what has moved, and tell."""
        self._scroll()
        self.repaint()
        self.post_message(self.Moved())

    def _scroll(self) -> None:
        """Move the view as little as it takes to have the cursor in it."""
        height = self.size.height - _TITLES
        if height <= 0:
            return
        margin = min(_MARGIN, (height - 1) // 2)
        self.top = max(self.top, self.cursor - height + 1 + margin)
        self.top = min(self.top, max(self.cursor - margin, 0), max(len(self.places) - height, 0))
        self.top = max(self.top, 0)

    # How it is painted

    def columns(self, width: int = 0) -> Columns:
        """Return what is where."""
        columns = arrange(width or self.size.width, self._longest, self.shown, self._first, self.pane)
        self._first = columns.before
        return columns

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the titles and the lines in view."""
        columns = self.columns(width)
        painter = LineRenderer(self.look, columns, self.board.environments, time.time(), self._moves.fresh)
        lines = [painter.titles(self.board, len(self.hidden))]
        last = min(self.top + height - _TITLES, len(self.places))
        lines.extend(self._line(painter, number) for number in range(self.top, last))
        lines.extend(painter.empty() for _ in range(height - len(lines)))
        said = self._toast.lines(self.look, width, height - _TITLES) if self._toast.text else []
        # At the end, but for the cursor: what is looked at is never covered.
        at = height - len(said) if _TITLES + self.cursor - self.top < height - len(said) else _TITLES
        return [*lines[:at], *said, *lines[at + len(said) :]]

    def _line(self, painter: LineRenderer, number: int) -> CellRow:
        """Return one line below the titles."""
        place = self.places[number]
        on = number == self.cursor
        ground = self.look.palette.cursor if on else None
        current = self.pane if on else None
        if place.row is None:
            return painter.section(place, ground, current)
        return painter.row(place, place.row, ground, current)

    def on_resize(self) -> None:
        """Keep the cursor in view when the screen is another size."""
        self._settle()

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Ask first whether a key belongs to a text that is being typed: here, where keys come in their order."""
        if self.typist(event):
            event.stop()
            event.prevent_default()

    def action_line(self, by: int) -> None:
        """Move the cursor by lines."""
        self._go(self.cursor + by)

    def action_page(self, by: float) -> None:
        """Move the cursor by (parts of) screens."""
        self._go(self.cursor + int(by * max(self.size.height - _TITLES - 1, 1)))

    def action_edge(self, end: bool) -> None:
        """Move the cursor to the first line or the last."""
        self._go(len(self.places) - 1 if end else 0)

    def action_drift(self, by: int) -> None:
        """Move the cursor to the next row of drift, or the one before; after the last comes the first."""
        target = self.places.drift(self.cursor, by)
        if target is not None:
            self._go(target)

    def action_section(self, by: int) -> None:
        """Move the cursor to the next section, or to the beginning of this one and the one before."""
        numbers = self.places.sections
        later = [n for n in numbers if n > self.cursor] if by > 0 else [n for n in numbers if n < self.cursor][::-1]
        if later:
            self._go(later[0])

    def action_pane(self, by: int) -> None:
        """Make another environment's pane the current one."""
        shown = self.shown
        place = shown.index(self.pane) if self.pane in shown else 0
        self.pane = shown[max(0, min(place + by, len(shown) - 1))]
        self._touched = True
        self._settle()

    def action_fold(self) -> None:
        """Fold or open the section, or what the row explains; a plain row is told upwards."""
        place = self.place
        if place is None:
            return
        self._touched = True
        if place.row is None:
            if not self.view.text:
                self.change(folds={**self.view.folds, place.section.service: not place.open})
        elif place.hides and not self.view.everything:
            self.change(opened=self.view.opened ^ {place.key})
        else:
            self.post_message(self.Activated())

    def action_fold_all(self) -> None:
        """Fold every section; where all are folded, open them."""
        is_open = not any(part.open for part in self.places.parts)
        self.change(folds={section.service: is_open for section in self.board.sections})

    def toggle_pane(self, index: int) -> bool:
        """Hide or show an environment's pane; the last one stays. Return whether anything was done."""
        hidden = self.hidden ^ {index}
        if index >= len(self.board.environments) or len(hidden) == len(self.board.environments):
            return False
        self.hidden = hidden
        if self.pane in hidden:
            self.pane = min(self.shown, key=lambda other: abs(other - self.pane))
        self._settle()
        return True

    def show_all_panes(self) -> None:
        """Show every environment's pane again."""
        self.hidden = frozenset()
        self._settle()

    def least(self) -> Severity:
        """Show drift from another severity on: info, warning, critical, and info again."""
        order = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)
        least = order[(order.index(self.view.least) + 1) % len(order)]
        self.change(least=least)
        return least

    def _go(self, number: int) -> None:
        """Put the cursor on a line."""
        self._touched = True
        number = max(0, min(number, len(self.places) - 1))
        if number != self.cursor:
            self.cursor = number
            self._settle()

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a section, or a second click, folds."""
        number = self.top + event.y - _TITLES
        pane = self.columns().at(event.x)
        if event.y < _TITLES or number >= len(self.places):
            return
        again = number == self.cursor
        if pane is not None:
            self.pane = pane
        self._touched = True
        self.cursor = number
        self._settle()
        if self.places[number].row is None or (again and event.chain > 1):
            self.action_fold()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go down."""
        event.stop()
        self.action_line(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go up."""
        event.stop()
        self.action_line(-3)

"""The panes: one grid for all environments, so that a setting is one line across them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingType

from parity_tui.model import Severity
from parity_tui.ui.messages import RowActivated
from parity_tui.ui.theme.renderer import LineRenderer
from parity_tui.ui.view.bindings import GRID_KEYS
from parity_tui.ui.view.cells import CellRow
from parity_tui.ui.widgets.board_lines import TITLES, BoardLines

_MARGIN = 2
"""lines in view above and below the cursor"""
_AGES = 10.0
"""seconds between two repaints of ages"""
_LEAST = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


class Grid(BoardLines, can_focus=True):
    """The values of all environments side by side, and the cursor."""

    DEFAULT_CSS = "Grid { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding(key.keys, key.action, key.label, show=False) for key in GRID_KEYS]

    intercept: Callable[[events.Key], bool] = staticmethod(lambda event: False)
    """called with each key before it is handled here; returns whether it has taken the key"""

    # Painting

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the titles, the lines in view and the toast."""
        columns = self.panes.columns(width, self.longest)
        is_highlighted = self.changes_seen.is_highlighted
        renderer = LineRenderer(
            self.theme,
            columns,
            self.board.environments,
            time.time(),
            is_highlighted,
            self.panes.pinned,
            {name: grade.letter for name, grade in self.grades.environments.items()},
            self.is_read,
        )
        lines = [renderer.titles(self.board, len(self.board.environments) - len(self.panes.shown))]
        last = min(self.top + height - TITLES, len(self.lines))
        lines.extend(self._cells(renderer, number) for number in range(self.top, last))
        lines.extend(renderer.empty() for _ in range(height - len(lines)))
        toast = self.toast.lines(width, height - TITLES)
        # At the end, or at the top where it would cover the cursor.
        at = height - len(toast) if TITLES + self.cursor - self.top < height - len(toast) else TITLES
        return [*lines[:at], *toast, *lines[at + len(toast) :]]

    def _cells(self, renderer: LineRenderer, number: int) -> CellRow:
        line, on_cursor = self.lines[number], number == self.cursor
        background = self.theme.palette.cursor if on_cursor else None
        current = self.panes.current if on_cursor else None
        if line.row is None:
            return renderer.section(line, background, current)
        return renderer.row(line, line.row, background, current)

    def on_resize(self) -> None:
        """Keep the cursor in view; a board on which no key was pressed yet opens again."""
        if self.touched:
            self.settle()
        else:
            self.view = replace(self.view, overview=False)
            self._update()

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Offer the key to the filter first; here, because this is where keys arrive in their order."""
        if self.intercept(event):
            event.stop()
            event.prevent_default()

    def action_line(self, by: int) -> None:
        """Move the cursor by lines."""
        self._go(self.cursor + by)

    def action_page(self, by: float) -> None:
        """Move the cursor by (parts of) screens."""
        self._go(self.cursor + int(by * max(self.size.height - TITLES - 1, 1)))

    def action_edge(self, end: bool) -> None:
        """Move the cursor to the first or the last line."""
        self._go(len(self.lines) - 1 if end else 0)

    def action_drift(self, by: int) -> None:
        """Move the cursor to the next row of drift, or the one before, in a circle."""
        target = self.lines.drift(self.cursor, by)
        if target is not None and self.lines[target].row is None:
            section = self.lines[target].section
            self.change_view(folds={**self.view.folds, section.service: True})
            start = self.lines.find((section.service, "", "")) or 0
            end = start + len(self.lines.parts[self.lines.part_at(start)].rows)
            target = self.lines.drift(start if by > 0 else end + 1, by)
        if target is not None:
            self._go(target)

    def action_failure(self) -> None:
        """Move the cursor to the next target that failed, in a circle."""
        failures = self.lines.failures
        here = (self.cursor, self.panes.current)
        if not failures:
            self.toast.show("no failures", seconds=4)
            return
        number, pane = next((failure for failure in failures if failure > here), failures[0])
        self.panes.current = pane
        self._go(number)
        self.settle()

    def action_section(self, by: int) -> None:
        """Move the cursor to the next section, or to the start of this one and the ones before."""
        numbers = self.lines.sections
        ahead = [n for n in numbers if n > self.cursor] if by > 0 else [n for n in numbers if n < self.cursor][::-1]
        if ahead:
            self._go(ahead[0])

    def action_pane(self, by: int) -> None:
        """Make another pane the current one."""
        self.panes.move(by)
        self.touched = True
        self.settle()

    def reveal(self, service: str, setting: str, environment: str) -> bool:
        """Move the cursor to a setting, or to a service, and its pane; return whether there is such a line."""
        self.touched = True
        if environment in self.board.environments:
            pane = self.board.environments.index(environment)
            if pane not in self.panes.shown:
                self.panes.toggle(pane)
            self.panes.current = pane
        folds = {**self.view.folds, service: True} if setting else self.view.folds
        for fields in ({}, {"everything": True, "least": Severity.INFO}):
            view = replace(self.view, text="", folds=folds, **fields)
            number = self.visible_rows.lines(self.board, view).find_setting(service, setting)
            if number is not None:
                self.view = view
                self.compute_lines()
                self.cursor = number
                self.settle()
                return True
        return False

    def action_fold(self) -> None:
        """Fold or open the section, or the rows that a row explains; post :class:`RowActivated` for other rows."""
        line = self.line
        if line is None:
            return
        self.touched = True
        if line.row is None:
            if not self._is_filtered():
                self.change_view(folds={**self.view.folds, line.section.service: not line.open})
        elif line.explained and not self.view.everything:
            self.change_view(unfolded=self.view.unfolded ^ {line.key})
        else:
            self.post_message(RowActivated())

    def action_fold_all(self) -> None:
        """Fold every section, or open all if none is open."""
        if self._is_filtered():
            return
        is_open = not any(part.open for part in self.lines.parts)
        self.touched = True
        self.change_view(folds={section.service: is_open for section in self.board.sections})

    def _is_filtered(self) -> bool:
        """Return whether a filter decides what is shown, and answer a key that would change that unseen."""
        if self.view.text:
            self.toast.show("the filter shows every match   esc clears it", seconds=4)
        return bool(self.view.text)

    def toggle_everything(self) -> None:
        """Show all rows, or drift only."""
        if not self._is_filtered():
            self.change_view(everything=not self.view.everything)

    def _go(self, number: int) -> None:
        self.touched = True
        number = max(0, min(number, len(self.lines) - 1))
        if number != self.cursor:
            self.cursor = number
            self.settle()

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the mouse; fold a section, or a row on a second click."""
        number = self.top + event.y - TITLES
        pane = self.panes.columns(self.size.width, self.longest).at(event.x)
        if event.y < TITLES and pane is not None:
            self.panes.current = pane
            self.settle()
        if event.y < TITLES or number >= len(self.lines):
            return
        again = number == self.cursor
        if pane is not None:
            self.panes.current = pane
        self.touched = True
        self.cursor = number
        self.settle()
        if self.lines[number].row is None or (again and event.chain > 1):
            self.action_fold()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor down."""
        event.stop()
        self.action_line(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor up."""
        event.stop()
        self.action_line(-3)

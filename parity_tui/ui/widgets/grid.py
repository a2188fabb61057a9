"""The panes: one grid for all environments, so that a setting is one line across them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.timer import Timer

from parity_tui.drift.board import Board
from parity_tui.drift.grades import Grades
from parity_tui.model import Severity
from parity_tui.ui.messages import GridMoved, RowActivated
from parity_tui.ui.protocols import NO_BOARD
from parity_tui.ui.terminal.capabilities import is_busy
from parity_tui.ui.theme.renderer import BoardTheme, LineRenderer
from parity_tui.ui.view.bindings import GRID_KEYS
from parity_tui.ui.view.cells import CellRow
from parity_tui.ui.view.grading import Grading
from parity_tui.ui.view.pane_content import equal_environments, longest_texts
from parity_tui.ui.view.panes import Panes
from parity_tui.ui.view.recent_changes import RecentChanges
from parity_tui.ui.view.visible_rows import View, VisibleLine, VisibleLines, VisibleRows, follow
from parity_tui.ui.widgets.line_widget import LineWidget
from parity_tui.ui.widgets.toast import Toast

_TITLES = 1
"""lines above the first section"""
_MARGIN = 2
"""lines in view above and below the cursor"""
_AGES = 10.0
"""seconds between two repaints of ages"""
_LEAST = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


class Grid(LineWidget, can_focus=True):
    """The values of all environments side by side, and the cursor."""

    DEFAULT_CSS = "Grid { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding(key.keys, key.action, key.label, show=False) for key in GRID_KEYS]

    board: reactive[Board] = reactive(NO_BOARD, repaint=False, init=False, always_update=True)

    def __init__(self, board: Board, theme: BoardTheme, changes: RecentChanges) -> None:
        super().__init__(theme)
        self.set_reactive(Grid.board, board)
        self.view = View()
        self.panes = Panes(board.environments)
        self.toast = Toast(self)
        self.cursor = 0
        self.top = 0
        self.lines = VisibleLines()
        self.intercept: Callable[[events.Key], bool] = lambda event: False
        """called with each key before it is handled here; returns whether it has taken the key"""
        self._changes = changes
        self._visible_rows = VisibleRows()
        self._longest = 0
        self._touched = False
        self._searching = False
        self._ages: Timer | None = None
        self._highlights: Timer | None = None
        self._grading = Grading()
        self._compute_lines()

    # Board and view

    @property
    def line(self) -> VisibleLine | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    def watch_board(self) -> None:
        """Show a newer board; the cursor stays on its row, and that row where it is on the screen."""
        self._watch_ages()
        self._fit_panes()
        self._grading.begin(self.board)
        self._grade()
        self._update()

    def _grade(self) -> None:
        """Grade the environments in parts, so that keys are answered meanwhile."""
        if not self._grading.advance():
            self.set_timer(0.001, self._continue_grading)

    def _continue_grading(self) -> None:
        self._grade()
        self.repaint()

    @property
    def grades(self) -> Grades:
        """The letters of the latest board that was graded."""
        return self._grading.grades

    def open_board(self, board: Board) -> None:
        """Show the board of another configuration; environments and services of the same name keep their view."""
        self.panes = self.panes.for_environments(board.environments)
        self.view = replace(self.view, overview=False)
        self._visible_rows = VisibleRows()
        while self.view.text and not self._visible_rows.prepare_search(board):
            pass  # in one go: the old lines have other environments
        self.board = board

    def change_view(self, **fields: Any) -> None:
        """Show the board under another view; the arguments are fields of View."""
        self.view = replace(self.view, **fields)
        self._update()

    def next_least(self) -> Severity:
        """Raise the least severity shown, from critical back to info; return it."""
        least = _LEAST[(_LEAST.index(self.view.least) + 1) % len(_LEAST)]
        self.change_view(least=least)
        return least

    def _update(self) -> None:
        """Show the lines as they are now; a long search is done in parts, so that keys are answered."""
        if self.view.text and not self._visible_rows.prepare_search(self.board):
            if not self._searching:
                self._searching = True
                self.set_timer(0.001, self._continue_search)
            return
        self._compute_lines()
        if not self._touched:
            self._open_overview()
            self.cursor = self.lines.worst()
        self.settle()

    def _open_overview(self) -> None:
        """Fold the services if their rows do not fit, unless the user has begun to move."""
        height = self.size.height - _TITLES
        limited = self.view.overview or self.view.text or self.view.everything
        if not limited and 0 < height < len(self.lines):
            self.view = replace(self.view, overview=True)
            self._compute_lines()

    def _fit_panes(self) -> None:
        """Pin the baseline, follow which panes equal it, and measure the panes once all targets are read."""
        board, panes = self.board, self.panes
        baseline = board.policy.baseline
        panes.pinned = board.environments.index(baseline) if baseline in board.environments else None
        if panes.equal is not None:
            panes.hide_equal(equal_environments(board))
        if board.complete and not panes.needs:
            panes.needs = longest_texts(board)

    def toggle_equal(self) -> bool:
        """Hide the panes of environments in which nothing differs, or show them; return whether any is hidden."""
        self._touched = True
        if self.panes.equal is None:
            self.panes.hide_equal(equal_environments(self.board))
        else:
            self.panes.equal = None
        self.settle()
        return bool(self.panes.equal)

    def _continue_search(self) -> None:
        self._searching = False
        self._update()

    def _compute_lines(self) -> None:
        before, index = self.lines, self.cursor
        self.lines = self._visible_rows.lines(self.board, self.view)
        if self.view.text and before and self.lines.find(before[index].key) is None:
            self.cursor = self.lines.worst()  # the old line is no match: go to the match that matters most
        else:
            self.cursor = follow(before, index, self.lines)
        self.top = max(0, self.top + self.cursor - index)
        # The column of names never shrinks: panes would jump with every board.
        self._longest = max(self._longest, self.lines.longest)

    def settle(self) -> None:
        """Scroll the cursor into view, repaint, and post :class:`GridMoved`."""
        self._scroll()
        self.repaint()
        self.post_message(GridMoved())

    def _scroll(self) -> None:
        height = self.size.height - _TITLES
        if height <= 0:
            return
        margin = min(_MARGIN, (height - 1) // 2)
        self.top = max(self.top, self.cursor - height + 1 + margin)
        self.top = min(self.top, max(self.cursor - margin, 0), max(len(self.lines) - height, 0))
        self.top = max(self.top, 0)

    # Ages and highlights, which change with time

    def on_mount(self) -> None:
        """Start repainting ages."""
        self._watch_ages()

    def _watch_ages(self) -> None:
        """Repaint ages now and then, but only while anything is stale or has failed."""
        stale = any(outcome.stale or outcome.failed_since for outcome in self.board.outcomes())
        if stale and self._ages is None:
            self._ages = self.set_interval(_AGES, self._repaint_ages)
        elif not stale and self._ages is not None:
            self._ages.stop()
            self._ages = None

    def _repaint_ages(self) -> None:
        if not is_busy(self.app):
            self.repaint()
            self.post_message(GridMoved())

    def expire_highlights(self) -> None:
        """Remove the highlights that are over, now and later."""
        if self._highlights is not None:
            self._highlights.stop()
        delay = self._changes.expire(time.monotonic())
        self._highlights = None if delay is None else self.set_timer(delay + 0.05, self.expire_highlights)
        if not is_busy(self.app):
            self.repaint()

    # Painting

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the titles, the lines in view and the toast."""
        columns = self.panes.columns(width, self._longest)
        is_highlighted = self._changes.is_highlighted
        renderer = LineRenderer(
            self.theme,
            columns,
            self.board.environments,
            time.time(),
            is_highlighted,
            self.panes.pinned,
            {name: grade.letter for name, grade in self.grades.environments.items()},
        )
        lines = [renderer.titles(self.board, len(self.board.environments) - len(self.panes.shown))]
        last = min(self.top + height - _TITLES, len(self.lines))
        lines.extend(self._cells(renderer, number) for number in range(self.top, last))
        lines.extend(renderer.empty() for _ in range(height - len(lines)))
        toast = self.toast.lines(width, height - _TITLES)
        # At the end, or at the top where it would cover the cursor.
        at = height - len(toast) if _TITLES + self.cursor - self.top < height - len(toast) else _TITLES
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
        if self._touched:
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
        self._go(self.cursor + int(by * max(self.size.height - _TITLES - 1, 1)))

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
        self._touched = True
        self.settle()

    def reveal(self, service: str, setting: str, environment: str) -> bool:
        """Move the cursor to a setting, or to a service, and its pane; return whether there is such a line."""
        self._touched = True
        if environment in self.board.environments:
            pane = self.board.environments.index(environment)
            if pane not in self.panes.shown:
                self.panes.toggle(pane)
            self.panes.current = pane
        folds = {**self.view.folds, service: True} if setting else self.view.folds
        for fields in ({}, {"everything": True, "least": Severity.INFO}):
            view = replace(self.view, text="", folds=folds, **fields)
            number = self._visible_rows.lines(self.board, view).find_setting(service, setting)
            if number is not None:
                self.view = view
                self._compute_lines()
                self.cursor = number
                self.settle()
                return True
        return False

    def action_fold(self) -> None:
        """Fold or open the section, or the rows that a row explains; post :class:`RowActivated` for other rows."""
        line = self.line
        if line is None:
            return
        self._touched = True
        if line.row is None:
            if not self.view.text:
                self.change_view(folds={**self.view.folds, line.section.service: not line.open})
        elif line.explained and not self.view.everything:
            self.change_view(unfolded=self.view.unfolded ^ {line.key})
        else:
            self.post_message(RowActivated())

    def action_fold_all(self) -> None:
        """Fold every section, or open all if none is open."""
        is_open = not any(part.open for part in self.lines.parts)
        self._touched = True
        self.change_view(folds={section.service: is_open for section in self.board.sections})

    def _go(self, number: int) -> None:
        self._touched = True
        number = max(0, min(number, len(self.lines) - 1))
        if number != self.cursor:
            self.cursor = number
            self.settle()

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the mouse; fold a section, or a row on a second click."""
        number = self.top + event.y - _TITLES
        pane = self.panes.columns(self.size.width, self._longest).at(event.x)
        if event.y < _TITLES and pane is not None:
            self.panes.current = pane
            self.settle()
        if event.y < _TITLES or number >= len(self.lines):
            return
        again = number == self.cursor
        if pane is not None:
            self.panes.current = pane
        self._touched = True
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

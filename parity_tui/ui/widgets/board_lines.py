"""The lines of the board beneath the panes: which ones, where the cursor is, and what changes with time."""

from __future__ import annotations

import time
from typing import Any

from msgspec.structs import replace
from textual.reactive import reactive
from textual.timer import Timer

from parity_tui.drift.board import Board
from parity_tui.drift.grades import Grades
from parity_tui.model import Severity
from parity_tui.ui.messages import GridMoved
from parity_tui.ui.protocols import NO_BOARD
from parity_tui.ui.terminal.capabilities import is_busy
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.grading import Grading
from parity_tui.ui.view.pane_content import equal_environments, longest_texts
from parity_tui.ui.view.panes import Panes
from parity_tui.ui.view.recent_changes import RecentChanges
from parity_tui.ui.view.visible_lines import View, VisibleLine, VisibleLines, follow
from parity_tui.ui.view.visible_rows import VisibleRows
from parity_tui.ui.widgets.line_widget import LineWidget
from parity_tui.ui.widgets.toast import Toast

TITLES = 1
"""lines above the first section"""
_MARGIN = 2
"""lines in view above and below the cursor"""
_AGES = 10.0
"""seconds between two repaints of ages"""
_LEAST = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


class BoardLines(LineWidget):
    """The lines of a board under a view, the line under the cursor and the part that is on the screen."""

    board: reactive[Board] = reactive(NO_BOARD, repaint=False, init=False, always_update=True)

    def __init__(self, board: Board, theme: BoardTheme, changes: RecentChanges) -> None:
        super().__init__(theme)
        self.set_reactive(BoardLines.board, board)
        self.view = View()
        self.panes = Panes(board.environments)
        self.toast = Toast(self)
        self.cursor = 0
        self.top = 0
        self._shown_top = 0
        """the part of the lines that was painted last"""
        self.lines = VisibleLines()
        self.changes_seen = changes
        self.visible_rows = VisibleRows()
        self.longest = 0
        self.touched = False
        """whether the user has moved or chosen anything"""
        self.is_read = True
        """whether servers are being read; see :meth:`show_reading`"""
        self._searching = False
        self._ages: Timer | None = None
        self._highlights: Timer | None = None
        self._grading = Grading()
        self.compute_lines()

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
        self.visible_rows = VisibleRows()
        while self.view.text and not self.visible_rows.prepare_search(board):
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
        if self.view.text and not self.visible_rows.prepare_search(self.board):
            if not self._searching:
                self._searching = True
                self.set_timer(0.001, self._continue_search)
            return
        self.compute_lines()
        if not self.touched:
            self._open_overview()
            self.cursor = self.lines.worst()
        self.settle()

    def _open_overview(self) -> None:
        """Fold the services if their rows do not fit, unless the user has begun to move."""
        height = self.size.height - TITLES
        limited = self.view.overview or self.view.text or self.view.everything
        if not limited and 0 < height < len(self.lines):
            self.view = replace(self.view, overview=True)
            self.compute_lines()

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
        self.touched = True
        if self.panes.equal is None:
            self.panes.hide_equal(equal_environments(self.board))
        else:
            self.panes.equal = None
        self.settle()
        return bool(self.panes.equal)

    def _continue_search(self) -> None:
        self._searching = False
        self._update()

    def compute_lines(self) -> None:
        """Take the lines of the board under the view; the cursor follows its line."""
        before, index = self.lines, self.cursor
        self.lines = self.visible_rows.lines(self.board, self.view)
        if self.view.text and before and self.lines.find(before[index].key) is None:
            self.cursor = self.lines.worst()  # the old line is no match: go to the match that matters most
        else:
            self.cursor = follow(before, index, self.lines)
        self.top = max(0, self.top + self.cursor - index)
        # The column of names never shrinks: panes would jump with every board.
        self.longest = self.lines.longest(self.longest)

    def settle(self) -> None:
        """Scroll the cursor into view, repaint, and post :class:`GridMoved`."""
        self._scroll()
        self.repaint()
        self.post_message(GridMoved())

    def repaint(self, scrolled: int = 0, first: int = 0) -> None:
        """Repaint the cells that changed; lines that stay in view move."""
        scrolled, self._shown_top = self.top - self._shown_top, self.top
        super().repaint(scrolled, TITLES)

    def _scroll(self) -> None:
        height = self.size.height - TITLES
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

    def show_reading(self, is_read: bool) -> None:
        """Show in the heads whether servers are being read, or else how old the values are."""
        if is_read is not self.is_read:
            self.is_read = is_read
            self._watch_ages()
            self.repaint()

    def _watch_ages(self) -> None:
        """Repaint ages now and then, but only while anything is stale or has failed."""
        outcomes = self.board.outcomes()
        stale = not self.is_read or any(one.stale or one.failed_since or one.target.snapshot for one in outcomes)
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
        delay = self.changes_seen.expire(time.monotonic())
        self._highlights = None if delay is None else self.set_timer(delay + 0.05, self.expire_highlights)
        if not is_busy(self.app):
            self.repaint()

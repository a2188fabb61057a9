"""The screen: wires header, panes, detail and footer to the board and to the keys."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from parity_tui.drift.board import Board
from parity_tui.drift.confirmation import confirms
from parity_tui.drift.values import printable
from parity_tui.transport.threads import in_thread
from parity_tui.ui.messages import Recalled, Reload, ResumeReading
from parity_tui.ui.protocols import BoardServices, BoardSource
from parity_tui.ui.sheets_screen import SheetsScreen
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view import labels, layout, row_detail, text_input
from parity_tui.ui.view.bindings import SCREEN_KEYS
from parity_tui.ui.view.header_counts import header_counts
from parity_tui.ui.view.recent_changes import RecentChanges
from parity_tui.ui.view.row_detail import RowDetail
from parity_tui.ui.view.source_control import SourceControl
from parity_tui.ui.widgets.detail import Detail
from parity_tui.ui.widgets.footer import Footer
from parity_tui.ui.widgets.grid import Grid
from parity_tui.ui.widgets.header import Header
from parity_tui.ui.widgets.hint import Hint
from parity_tui.ui.widgets.toast import summary

_FILES, _HINTS = 5.0, 1.0
"""seconds between two looks at the files of the configuration, and at the hint"""


class BoardScreen(SheetsScreen):
    """The only screen; help, timeline and exports are modals over it."""

    CSS = "BoardScreen { overflow: hidden; } BoardScreen.-small Grid { display: none; }"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.keys, key.action, key.label, show=False) for key in SCREEN_KEYS if key.action != "hide"),
        *(Binding(str(number), f"hide({number})", show=False) for number in range(1, 10)),
    ]

    def __init__(self, board: Board, theme: BoardTheme, source: BoardSource, services: BoardServices) -> None:
        super().__init__()
        self.board = board
        self._has_shown = False
        self.control = SourceControl(source, board)
        self.services = services
        self.changes = RecentChanges(board)
        self._announced: BoardServices | None = None
        """the services whose changed configuration was announced"""
        self.grid = Grid(board, theme, self.changes)
        self.grid.intercept = self.take_key
        self.toast = self.grid.toast
        counts = header_counts(board, self.grid.view, self.control, shared=services.shared)
        self.header = Header(theme, counts)
        self.detail = Detail(board.environments, theme)
        self.hint = Hint(theme)
        self.footer = Footer(theme)

    def compose(self) -> ComposeResult:
        """Stack the parts; their heights are set before the first frame, so that it is painted once."""
        self._take_hint()
        self._fit()
        yield self.header
        yield self.grid
        yield self.detail
        yield self.hint
        yield self.footer

    def on_mount(self) -> None:
        """Follow the board of the app and the files of the configuration; show the notes."""
        self.watch(self.app, "board", self.show_board, init=False)
        self.show_notes()
        self.set_interval(_FILES, self._check_files)
        if self.services.hint:
            self.set_interval(_HINTS, self._take_hint)

    async def _check_files(self) -> None:
        """Say once that a file of the configuration has changed; it is never read by itself."""
        services = self.services
        if services.changed is None or self._announced is services:
            return
        changed: str = await in_thread(services.changed)
        if changed and services is self.services:
            self._announced = services
            self.toast.show(f"{printable(changed)} has changed   R reloads it", seconds=3600)

    def _take_hint(self) -> None:
        """Show the newest hint in a line of its own, which hides no rows."""
        if self.services.hint:
            self.hint.text = self.services.hint()

    def on_screen_resume(self) -> None:
        """Forget the sheet that was closed: a cache of Textual would keep every one ever shown."""
        StylesCache.get_inner_outer.cache_clear()

    def on_resize(self) -> None:
        """Share the height between grid and detail."""
        self._fit()

    def _fit(self) -> None:
        width, height = self.app.size
        small = layout.is_too_small(width, height)
        lines = 0 if small else layout.detail_height(height)
        self.header.small = small
        self.set_class(small, "-small")
        self.detail.styles.height = lines
        self.detail.display = lines > 0
        self.hint.display = self.services.hint is not None and not small
        self.footer.display = not small

    # From the app

    def show_board(self, board: Board) -> None:
        """Show a newer board and announce its changes; one that only confirms the last needs no paint."""
        before, self.board = self.board, board
        new = self.changes.take_new()
        if self._has_shown and not new and confirms(before, board):
            self.update_header()
            return
        self._has_shown = True
        self.grid.board = board
        self.update_header()
        if new:
            self.toast.show_changes(new)
            self.grid.expire_highlights()

    def open_board(self, board: Board, theme: BoardTheme, source: BoardSource, services: BoardServices) -> None:
        """Show the board of another configuration; the view and a baseline chosen by key stay."""
        self.control.replace(source, board)
        self.board, self.services = board, services
        self.changes.start_from(board)
        self.toast.hide()
        self._fit()
        self.restyle(theme)
        self.detail.environments = board.environments
        self.grid.open_board(board)
        self.update_header()
        self.on_grid_moved()  # now: until the message arrives, the detail would have other environments

    def restyle(self, theme: BoardTheme) -> None:
        """Take another theme."""
        for widget in (self.header, self.grid, self.detail, self.hint, self.footer):
            widget.restyle(theme)

    def show_notes(self, first: str = "") -> None:
        """Show a message and the first note on the configuration."""
        if text := labels.notes(self.services.notes, first):
            self.toast.show(text, seconds=12)

    def show_stopped(self, reason: str) -> None:
        """Show for good that reading has ended."""
        self.control.stopped = True
        self.update_header()
        self.toast.show(f"reading has stopped: {printable(reason)}   r starts it again", error=True, seconds=3600)

    def on_recalled(self, message: Recalled) -> None:
        """Add the changes of earlier boards; announce those since the last one, and problems of the history."""
        update = message.update
        if update.watch is not None:
            self.changes.watch = update.watch
            self.update_header()
        self.changes.recall(update.past, update.missed)
        self.control.source.recall_outages(update.outages)
        if update.missed:
            missed = summary([timed.change for timed in update.missed])
            self.toast.show(f"since you last looked: {missed}", seconds=15)
        if update.problem:
            self.toast.show(printable(update.problem), error=True, seconds=12)
        self.on_grid_moved()

    # From the grid

    def on_grid_moved(self) -> None:
        """Show the detail of the line under the cursor."""
        self.detail.show(self.row_detail(), self.grid.lines.position(self.grid.cursor))

    def on_row_activated(self) -> None:
        """Show the whole detail."""
        self.action_detail()

    def row_detail(self) -> RowDetail | None:
        """Return the detail of the line under the cursor."""
        line = self.grid.line
        if line is None:
            return None
        change = self.changes.last(line.row.service, line.row.setting) if line.row else None
        pane, remediate = self.grid.panes.current, self.services.remediate
        return row_detail.of_line(self.board, line, pane, remediate, change, time.time())

    def update_header(self) -> None:
        """Show the counts and the limits of the view in the first line, and in the heads whether all of it is live."""
        self.grid.show_reading(self.control.reading)
        watched, shared = labels.watched(self.changes.watch, time.time()), self.services.shared
        self.header.counts = header_counts(self.board, self.grid.view, self.control, watched, shared=shared)

    # View

    def action_everything(self) -> None:
        """Show all rows, or drift only."""
        self.grid.toggle_everything()
        self.update_header()

    def action_least(self) -> None:
        """Raise the least severity shown."""
        least = self.grid.next_least()
        self.update_header()
        self.toast.show(f"shown: {labels.LEAST[least] or 'drift of every severity'}")

    def action_filter(self) -> None:
        """Open the prompt of the filter in place of the footer."""
        self.footer.typing = self.grid.view.text

    def take_key(self, event: events.Key) -> bool:
        """Take a key that belongs to the filter; return whether it did."""
        if after := text_input.press(self._input, event.key, event.character):
            self._take_input(after)
        return after is not None

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the filter while it is being typed."""
        self._take_input(text_input.paste(self._input, event.text))

    @property
    def _input(self) -> text_input.Input:
        return text_input.Input(self.footer.typing, self.grid.view.text)

    def _take_input(self, after: text_input.Input) -> None:
        self.footer.typing = after.typing
        if after.text != self.grid.view.text:
            self.grid.change_view(text=after.text)
            self.update_header()

    def action_clear(self) -> None:
        """Leave the filter."""
        self.toast.hide()
        self._take_input(text_input.Input(None, ""))

    def action_hide(self, number: int) -> None:
        """Hide or show the pane of an environment, counted from 1."""
        if self.grid.panes.toggle(number - 1):
            self.grid.settle()
        else:
            self.toast.show(labels.cannot_hide(number, len(self.board.environments)))

    def action_equal(self) -> None:
        """Hide the panes that equal the baseline, or show them again."""
        if self.grid.toggle_equal():
            self.toast.show(f"hidden: environments {labels.equal(self.board)}   = shows them", seconds=6)
        elif self.grid.panes.equal is not None:
            self.toast.show(f"no environments {labels.equal(self.board)}", seconds=4)
            self.grid.toggle_equal()

    def action_show_panes(self) -> None:
        """Show every pane."""
        self.toast.hide()
        self.grid.panes.show_all()
        self.grid.settle()

    # Source

    def action_refresh(self) -> None:
        """Read every server now; resume reading if it has stopped."""
        if self.header.counts.offline:
            self.toast.show(labels.OFFLINE)
            return
        if self.control.stopped:
            self.control.stopped = False
            self.update_header()
            self.post_message(ResumeReading())
        else:
            self.control.source.refresh()
        self.toast.show("refreshing now", seconds=2)

    def action_reload(self) -> None:
        """Read the configuration again."""
        if self.services.reload is None:
            self.toast.show("no configuration file to reload")
        else:
            self.post_message(Reload(self.services.reload))

    def action_pause(self) -> None:
        """Stop or resume reading."""
        if self.header.counts.offline:
            self.toast.show(labels.OFFLINE)
            return
        self.control.toggle_pause()
        self.update_header()
        self.toast.show(labels.paused(self.control.paused, self.control.source.interval), seconds=4)

    def action_baseline(self) -> None:
        """Compare with the next environment, after the last one with the majority."""
        self.control.next_baseline(self.board.environments)
        self.toast.show(labels.baseline(self.control.baseline), seconds=4)

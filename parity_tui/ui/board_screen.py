"""The screen: wires header, panes, detail and footer to the board and to the keys."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from parity_tui.drift.board import Board
from parity_tui.drift.changes import ChangeKind, TimedChange, changes, folded
from parity_tui.drift.grades import grades_of
from parity_tui.drift.values import printable
from parity_tui.transport.event_loop import in_thread
from parity_tui.ui.messages import Recalled, Reload, ResumeReading
from parity_tui.ui.protocols import BoardServices, BoardSource
from parity_tui.ui.terminal import clipboard as terminal_clipboard
from parity_tui.ui.terminal import export
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view import clipboard, labels, layout, row_detail, text_input
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

_FILES = 2.0
"""seconds between two looks at the files of the configuration"""
_HINTS = 1.0
"""seconds between two looks at the hint"""


class BoardScreen(Screen[None]):
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
        self.control = SourceControl(source, board)
        self.services = services
        self.changes = RecentChanges()
        self._announced: BoardServices | None = None
        """the services whose changed configuration was announced"""
        self.grid = Grid(board, theme, self.changes)
        self.grid.intercept = self.take_key
        self.toast = self.grid.toast
        self.header = Header(theme, header_counts(board, self.grid.view, self.control))
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
        """Show a newer board and announce its changes."""
        new = changes(self.board, board)
        self.board = board
        self.changes.add(new, time.time(), time.monotonic())
        self.grid.board = board
        self._update_header()
        if new:
            self.toast.show_changes(new)
            self.grid.expire_highlights()

    def open_board(self, board: Board, theme: BoardTheme, source: BoardSource, services: BoardServices) -> None:
        """Show the board of another configuration; the view and a baseline chosen by key stay."""
        self.control.replace(source, board)
        self.board, self.services = board, services
        self.toast.hide()
        self._fit()
        self.restyle(theme)
        self.detail.environments = board.environments
        self.grid.open_board(board)
        self._update_header()
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
        self._update_header()
        self.toast.show(f"reading has stopped: {printable(reason)}   r starts it again", error=True, seconds=3600)

    def on_recalled(self, message: Recalled) -> None:
        """Add the changes of earlier boards; announce those since the last one, and problems of the history."""
        update = message.update
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
        self.detail.show(self._row_detail(), self.grid.lines.position(self.grid.cursor))

    def on_row_activated(self) -> None:
        """Show the whole detail."""
        self.action_detail()

    def _row_detail(self) -> RowDetail | None:
        line = self.grid.line
        if line is None:
            return None
        change = self.changes.last(line.row.service, line.row.setting) if line.row else None
        pane, remediate = self.grid.panes.current, self.services.remediate
        return row_detail.of_line(self.board, line, pane, remediate, change, time.time())

    def _update_header(self) -> None:
        self.header.counts = header_counts(self.board, self.grid.view, self.control)

    # View

    def action_everything(self) -> None:
        """Show all rows, or drift only."""
        self.grid.change_view(everything=not self.grid.view.everything)
        self._update_header()

    def action_least(self) -> None:
        """Raise the least severity shown."""
        least = self.grid.next_least()
        self._update_header()
        self.toast.show(f"shown: {labels.LEAST[least] or 'drift of every severity'}")

    def action_filter(self) -> None:
        """Open the prompt of the filter in place of the footer."""
        self.footer.typing = self.grid.view.text

    def take_key(self, event: events.Key) -> bool:
        """Take a key that belongs to the filter; return whether it did."""
        after = text_input.press(self._input, event.key, event.character)
        if after:
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
            self._update_header()

    def action_clear(self) -> None:
        """Leave the filter."""
        self.toast.hide()
        self._take_input(text_input.Input(None, ""))

    def action_hide(self, number: int) -> None:
        """Hide or show the pane of an environment, counted from 1."""
        if self.grid.panes.toggle(number - 1):
            self.grid.settle()
        elif number <= len(self.board.environments):
            self.toast.show("cannot hide the last pane")

    def action_equal(self) -> None:
        """Hide the panes that equal the baseline, or show them again."""
        if self.grid.toggle_equal():
            self.toast.show("hidden: environments equal to the baseline   = shows them", seconds=6)
        elif self.grid.panes.equal is not None:
            self.toast.show("no environment without differences", seconds=4)
            self.grid.toggle_equal()

    def action_show_panes(self) -> None:
        """Show every pane."""
        self.toast.hide()
        self.grid.panes.show_all()
        self.grid.settle()

    def action_detail(self) -> None:
        """Show the whole detail of the line under the cursor; its sheet's keys to copy act on the board."""
        from parity_tui.ui.widgets.sheets import COPIES, detail_sheet

        line, detail = self.grid.line, self._row_detail()
        if line is None or detail is None:
            return
        changes = self.changes.of(line.section.service, line.row.setting) if line.row else []
        service = line.section.service if line.row else ""
        theme, width = self.grid.theme, self.app.size.width
        sheet = detail_sheet(theme, detail, service, self.board.environments, changes, time.time(), width)

        async def act(key: str | None) -> None:
            if key in COPIES:
                await self.run_action(COPIES[key])

        self.app.push_screen(sheet, act)

    # Source

    def action_refresh(self) -> None:
        """Read every server now; resume reading if it has stopped."""
        if self.control.stopped:
            self.control.stopped = False
            self._update_header()
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
        self.control.toggle_pause()
        self._update_header()
        self.toast.show(labels.paused(self.control.paused, self.control.source.interval), seconds=4)

    def action_baseline(self) -> None:
        """Compare with the next environment, after the last one with the majority."""
        self.control.next_baseline(self.board.environments)
        self.toast.show(labels.baseline(self.control.baseline), seconds=4)

    # Copies, exports and modals; these are imported on demand, so that the first frame is earlier

    async def action_copy(self) -> None:
        """Copy the line under the cursor and its detail as text."""
        line, shown = self.grid.line, self._row_detail()
        if line and shown:
            await self._copy(clipboard.of_line(self.board, line, shown), "the row" if line.row else "the service")

    async def action_copy_align(self) -> None:
        """Copy the text that would align an environment."""
        environment, text = shown.remediation if (shown := self._row_detail()) else ("", "")
        if text:
            await self._copy(text + "\n", f"the fix for {environment}")
        else:
            self.toast.show("no suggested fix for this row")

    def action_expect(self) -> None:
        """Ask for the reason why the drift under the cursor is meant to be, and for what becomes of it."""
        from parity_tui.ui.widgets.expectation import ask_reason, confirm

        row = self.grid.line.row if self.grid.line else None
        if row is None or not row.listed:
            self.toast.show("no drift on this line to expect")
            return
        board, services, theme = self.board, self.services, self.grid.theme

        def ask_confirmation(reason: str | None) -> None:
            if not reason:
                self.toast.show("not marked as expected: no reason given", seconds=4)
                return
            table = clipboard.expectation(board, row, reason)
            file = services.expectation_file if services.write_expectation and not services.read_only else ""

            async def act(key: str | None) -> None:
                await self._expect(key or "", table)

            self.app.push_screen(confirm(theme, table, file, self.app.size.width), act)

        self.app.push_screen(ask_reason(theme, row.setting, self.app.size.width), ask_confirmation)

    async def _expect(self, key: str, table: str) -> None:
        """Write an expectation to the configuration and read that again, or copy it."""
        write = self.services.write_expectation
        if key == "enter" and write is not None:
            error: str = await in_thread(write, table)
            if error:
                self.toast.show(printable(error), error=True, seconds=15)
            else:
                self.toast.show(f"wrote [[expect]] to {printable(self.services.expectation_file)}", seconds=6)
                self.action_reload()
        elif key == "y":
            await self._copy(table, "an [[expect]] for parity.toml")

    async def _copy(self, text: str, name: str) -> None:
        from parity_tui.ui.widgets.sheets import copied_sheet

        message = await terminal_clipboard.copy(self.app, text, name)
        self.app.push_screen(copied_sheet(self.grid.theme, text, message, self.app.size.width))

    def action_export(self) -> None:
        """Ask for the format of an export."""
        if self.services.read_only:
            self.toast.show("--read-only: no key writes a file")
            return
        from parity_tui.ui.widgets.modals import export_modal

        self.app.push_screen(export_modal(self.grid.theme, [*self.services.exports, "svg"]), self._export)

    async def _export(self, key: str | None) -> None:
        self.toast.hide()
        text, error = await export.export(self.app, self.services.exports, self.board, key or "")
        if text:
            self.toast.show(text, error, seconds=10)

    def action_gaps(self) -> None:
        """Show the three gaps between the environments."""
        from parity_tui.ui.widgets.sheets import gaps_sheet

        grades = self.grid.grades if self.grid.grades.reference else grades_of(self.board)
        self.app.push_screen(gaps_sheet(self.grid.theme, self.board, grades, self.app.size.width))

    def action_timeline(self) -> None:
        """Show the changes, newest first."""
        from parity_tui.ui.widgets.timeline import Timeline

        changes = list(reversed(folded(self.changes.seen)))
        self.app.push_screen(Timeline(self.grid.theme, changes, time.time()), self._go_to)

    def action_last_event(self) -> None:
        """Move the cursor to the row of the newest event."""
        if self.changes.seen:
            self._go_to(self.changes.seen[-1])
        else:
            self.toast.show("no changes recorded yet", seconds=4)

    def _go_to(self, timed: TimedChange | None) -> None:
        """Move the cursor to the row of an event, None: it stays."""
        if timed is None:
            return
        change = timed.change
        setting = "" if change.kind.outage or change.kind is ChangeKind.ADDRESS else change.setting
        if self.grid.reveal(change.service, setting, change.environment) or self.grid.reveal(
            change.service, "", change.environment
        ):
            self._update_header()
        else:
            self.toast.show(f"{printable(change.service)} is not on this board", seconds=4)

    def action_help(self) -> None:
        """Show all keys and symbols."""
        from parity_tui.ui.widgets.modals import help_modal

        self.app.push_screen(help_modal(self.grid.theme, self.app.size.width, self.services.notes))

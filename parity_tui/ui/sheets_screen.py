"""What leaves the board or covers it: copies, exports, expectations, sheets and the timeline.

Sheets are imported on demand, so that the first frame is earlier.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen

from parity_tui.drift.board import Board
from parity_tui.drift.changes import ChangeKind, TimedChange, folded
from parity_tui.drift.grades import grades_of
from parity_tui.drift.values import printable
from parity_tui.transport.threads import in_thread
from parity_tui.ui.protocols import BoardServices, Measure
from parity_tui.ui.terminal import clipboard as terminal_clipboard
from parity_tui.ui.terminal import export
from parity_tui.ui.view import clipboard
from parity_tui.ui.view.recent_changes import RecentChanges, with_gaps
from parity_tui.ui.view.row_detail import RowDetail
from parity_tui.ui.widgets.grid import Grid
from parity_tui.ui.widgets.toast import Toast

if TYPE_CHECKING:
    from parity_tui.report.gaps import Delivery

_SLOW, _PATIENCE = 0.3, 5.0
"""seconds after which a toast names what the gaps wait for, and after which they are shown without it"""


class SheetsScreen(Screen[None]):
    """The actions of the board that open a sheet, copy, or write a file."""

    board: Board
    services: BoardServices
    grid: Grid
    toast: Toast
    changes: RecentChanges

    def row_detail(self) -> RowDetail | None:
        """Return the detail of the line under the cursor."""
        raise NotImplementedError

    def update_header(self) -> None:
        """Show the counts and the limits of the view in the first line."""
        raise NotImplementedError

    def action_reload(self) -> None:
        """Read the configuration again."""
        raise NotImplementedError

    def action_detail(self) -> None:
        """Show the whole detail of the line under the cursor; its sheet's keys to copy act on the board."""
        from parity_tui.ui.widgets.sheets import COPIES, detail_sheet

        line, detail = self.grid.line, self.row_detail()
        if line is None or detail is None:
            return
        changes = self.changes.of(line.section.service, line.row.setting) if line.row else []
        service = line.section.service if line.row else ""
        sheet = detail_sheet(self.grid.theme, detail, service, self.board.environments, changes, time.time())

        async def act(key: str | None) -> None:
            if key in COPIES:
                await self.run_action(COPIES[key])

        self.app.push_screen(sheet, act)

    async def action_copy(self) -> None:
        """Copy the line under the cursor and its detail as text."""
        line, shown = self.grid.line, self.row_detail()
        if line and shown:
            await self._copy(clipboard.of_line(self.board, line, shown), "the row" if line.row else "the service")

    async def action_copy_align(self) -> None:
        """Copy the text that would align an environment."""
        environment, text = shown.remediation if (shown := self.row_detail()) else ("", "")
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

            self.app.push_screen(confirm(theme, table, file), act)

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
        self.app.push_screen(copied_sheet(self.grid.theme, text, message))

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
        if self.services.delivery is None:
            self._show_gaps(problem="the command gaps reads the history and the repository")
        else:
            self.run_worker(self._measure_gaps(self.services.delivery), name="gaps", group="gaps", exclusive=True)

    async def _measure_gaps(self, measure: Measure) -> None:
        """Show the gaps once the history and the repository are read, which takes some milliseconds or too long."""
        slow = self.set_timer(_SLOW, partial(self.toast.show, "reading the history and the repository …"))
        delivery = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                delivery = await measure(self.board)
        slow.stop()
        if self.app.screen is self:  # else a person has opened something else meanwhile
            self.toast.hide()
            self._show_gaps(delivery, f"the history or the repository gave no answer in {_PATIENCE:g} s")

    def _show_gaps(self, delivery: Mapping[str, Delivery] | None = None, problem: str = "") -> None:
        """Show what was measured; without it, the problem."""
        from parity_tui.report.gaps import unmeasured
        from parity_tui.ui.widgets.sheets import gaps_sheet

        delivery = unmeasured(self.board, problem) if delivery is None else delivery
        grades = self.grid.grades if self.grid.grades.reference else grades_of(self.board)
        self.app.push_screen(gaps_sheet(self.grid.theme, self.board, grades, delivery))

    def action_timeline(self) -> None:
        """Show the changes, newest first."""
        from parity_tui.ui.widgets.timeline import Timeline

        gaps = self.changes.watch.gaps if self.changes.watch else ()
        entries = with_gaps(reversed(folded(self.changes.seen)), gaps)
        self.app.push_screen(Timeline(self.grid.theme, entries, time.time()), self._go_to)

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
            self.update_header()
        else:
            self.toast.show(f"{printable(change.service)} is not on this board", seconds=4)

    def action_help(self) -> None:
        """Show all keys and symbols."""
        from parity_tui.ui.widgets.modals import help_modal

        self.app.push_screen(help_modal(self.grid.theme, self.services.notes))

"""What the keys of the board do, but for moving about, which is the grid's."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from parity_tui.drift.row import Row
from parity_tui.ui.face import Face
from parity_tui.ui.protocols import Loaded
from parity_tui.ui.view import labels
from parity_tui.ui.view.bindings import VERBS, Key
from parity_tui.ui.view.text_input import DROP, KEEP, typed


class BoardScreen(Face):
    """One screen that answers the question; nothing essential lies behind a second one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.keys, key.action, key.label, show=False) for key in VERBS if key.action != "hide"),
        *(Binding(str(number), f"hide({number})", show=False) for number in range(1, 10)),
    ]

    class Resume(Message):
        """The reading has ended, and is wanted again."""

    class Reload(Message):
        """The configuration is to be read again."""

        def __init__(self, load: Callable[[], Loaded | str]) -> None:
            super().__init__()
            self.load = load

    def commands(self) -> Iterator[tuple[Key, Callable[[], Awaitable[bool]]]]:
        """Return every key that the command palette offers, and what to call for it."""
        for key in VERBS:
            if key.palette:
                yield key, partial(self.app.run_action, key.action, self)

    def _viewed(self) -> None:
        """Tell in the header what limits the view."""
        self._head.show(self.board, self._reading())

    def action_everything(self) -> None:
        """Show all rows, or only drift."""
        self._grid.change(everything=not self._grid.view.everything)
        self._viewed()

    def action_least(self) -> None:
        """Show drift from another severity on."""
        least = self._grid.least()
        self._viewed()
        self.say(f"shown: {labels.LEAST[least] or 'drift of every severity'}")

    def action_filter(self) -> None:
        """Ask for what to filter by, in place of the footer."""
        self._foot.type(self._grid.view.text)

    def takes(self, event: events.Key) -> bool:
        """Take a key while a filter is being typed, or the one that begins it; tell whether it was taken."""
        if self._foot.typing is None:
            if event.key == "slash":
                self.action_filter()
            return event.key == "slash"
        if event.key in KEEP | DROP:
            self._foot.type(None)
            self._filter("" if event.key in DROP else self._grid.view.text)
        else:
            self._typed(typed(self._foot.typing, event.key, event.character))
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Take a pasted text while a filter is being typed."""
        if self._foot.typing is not None:
            self._typed(self._foot.typing + "".join(event.text.split("\n")[:1]))

    def _typed(self, text: str) -> None:
        """Filter by what is typed so far."""
        self._foot.type(text)
        self._filter(text)

    def _filter(self, text: str) -> None:
        """Show only what has this text."""
        if text.strip() != self._grid.view.text:
            self._grid.change(text=text.strip())
            self._viewed()

    def action_clear(self) -> None:
        """Leave the filter."""
        self.hush()
        self._filter("")

    def action_hide(self, number: int) -> None:
        """Hide or show the pane of an environment."""
        if number <= len(self.board.environments) and not self._grid.toggle_pane(number - 1):
            self.say("the last pane stays")

    def action_show_panes(self) -> None:
        """Show every pane."""
        self.hush()
        self._grid.show_all_panes()

    def action_taller(self) -> None:
        """Give the detail more room, or less."""
        self._taller = not self._taller
        self._fit()

    def on_grid_activated(self) -> None:
        """Give the detail of a row that was entered more room."""
        self.action_taller()

    def action_refresh(self) -> None:
        """Read every server now; start the reading again where it has ended."""
        if self._lost:
            self._lost = False
            self._viewed()
            self.post_message(self.Resume())
        else:
            self.source.refresh()
        self.say("reading every server now", seconds=2)

    def action_reload(self) -> None:
        """Read the configuration again."""
        if self.wiring.reload is None:
            self.say("there is no configuration that could be read again")
        else:
            self.post_message(self.Reload(self.wiring.reload))

    def action_pause(self) -> None:
        """Stop reading, or go on."""
        self._paused = not self._paused
        self.source.pause(self._paused)
        self._viewed()
        self.say(labels.paused(self._paused, self.source.interval), seconds=4)

    def action_baseline(self) -> None:
        """Compare with the next environment, or after the last one with the majority."""
        order = (*self.board.environments, "")
        place = order.index(self._baseline) if self._baseline in order else -1
        self._baseline = order[(place + 1) % len(order)]
        self.source.set_baseline(self._baseline)
        self.say(labels.baseline(self._baseline), seconds=4)

    # Texts that leave the board

    @property
    def _row(self) -> Row | None:
        """The row under the cursor."""
        return self._grid.place.row if self._grid.place else None

    async def action_copy(self) -> None:
        """Copy the line under the cursor, and its detail, as text."""
        from parity_tui.ui.view import clipboard

        place, told = self._grid.place, self._story()
        if place and told:
            await self._copy(clipboard.of_place(self.board, place, told), "the row" if place.row else "the service")

    async def action_copy_align(self) -> None:
        """Copy the text that would align an environment."""
        told = self._story()
        if told and told.remediation[1]:
            await self._copy(told.remediation[1] + "\n", f"what would align {told.remediation[0]}")
        else:
            self.say("no text is known that would align this")

    async def action_expect(self) -> None:
        """Copy the text that marks the drift under the cursor as expected."""
        from parity_tui.ui.view import clipboard

        if (row := self._row) is None or not row.listed:
            self.say("nothing differs here that could be expected")
        else:
            await self._copy(clipboard.expectation(self.board, row), "an [[expect]] for parity.toml")

    async def _copy(self, text: str, what: str) -> None:
        """Put a text on the clipboard and into a file."""
        from parity_tui.ui.terminal import export

        self.say(await export.copy(self.app, text, what), seconds=10)

    def action_export(self) -> None:
        """Ask what to write the board as."""
        from parity_tui.ui.widgets.modals import export_sheet

        self.app.push_screen(export_sheet(self._grid.look, [*self.wiring.exports, "svg"]), self._export)

    async def _export(self, key: str | None) -> None:
        """Write the board to a file in the working directory."""
        from parity_tui.ui.terminal import export

        self.hush()
        said, bad = await export.export(self.app, self.wiring.exports, self.board, key or "")
        if said:
            self.say(said, bad, seconds=10)

    def action_timeline(self) -> None:
        """Show what has changed."""
        from parity_tui.ui.widgets.modals import timeline_sheet

        self.app.push_screen(
            timeline_sheet(self._grid.look, list(reversed(self.moves.seen)), time.time(), self.app.size.width)
        )

    def action_help(self) -> None:
        """Show all keys and marks."""
        from parity_tui.ui.widgets.modals import help_sheet

        self.app.push_screen(help_sheet(self._grid.look, self.app.size.width, self.wiring.notes))

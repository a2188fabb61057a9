"""The screen: header, panes, detail, footer; and everything that a key does which is not moving about."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, changes
from parity_tui.drift.row import Row
from parity_tui.drift.values import safe
from parity_tui.history import News
from parity_tui.ui import detail, story, terminal, words
from parity_tui.ui.detail import Detail
from parity_tui.ui.filter import DROP, KEEP, typed
from parity_tui.ui.footer import Footer
from parity_tui.ui.grid import Grid
from parity_tui.ui.header import Header, Reading
from parity_tui.ui.keys import VERBS, Key
from parity_tui.ui.moves import Moves
from parity_tui.ui.paint import Look
from parity_tui.ui.source import Loaded, Source, Wiring
from parity_tui.ui.toast import Toast, moved

_AGES = 10.0
"""seconds between two paintings of ages, while there is something old"""
_SAID = 500
"""changes that one toast remembers"""
_NARROWEST, _LOWEST = 20, 5


class BoardScreen(Screen[None]):
    """One screen that answers the question; nothing essential lies behind a second one."""

    CSS = "BoardScreen { overflow: hidden; } BoardScreen.-small Grid { display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.keys, key.action, key.label, show=False) for key in VERBS if key.action != "hide"),
        *(Binding(str(number), f"hide({number})", show=False) for number in range(1, 10)),
    ]
    ALLOW_SELECT = False

    class Resume(Message):
        """The reading has ended, and is wanted again."""

    class Reload(Message):
        """The configuration is to be read again."""

        def __init__(self, load: Callable[[], Loaded | str]) -> None:
            super().__init__()
            self.load = load

    class Recalled(Message):
        """The history has something to tell."""

        def __init__(self, news: News) -> None:
            super().__init__()
            self.news = news

    def __init__(self, board: Board, look: Look, source: Source, wiring: Wiring) -> None:
        super().__init__()
        self.moves = Moves()
        self._taller = False
        self._said: list[Change] = []
        self._ages: Timer | None = None
        self._marks: Timer | None = None
        self._hush_timer: Timer | None = None
        self._face(board, look, source, wiring)

    def _face(self, board: Board, look: Look, source: Source, wiring: Wiring) -> None:
        """Look at the servers of one configuration."""
        self.board = board
        self.source = source
        self.wiring = wiring
        self._baseline = board.policy.baseline
        self._paused = False
        self._lost = False
        self._head = Header(board, look, self._reading(()))
        self._toast = Toast()
        self._grid = Grid(board, look, self.moves, self._toast)
        self._grid.typist = self._type
        self._detail = Detail(board.environments, look)
        self._foot = Footer(look)

    async def turn_to(self, board: Board, look: Look, source: Source, wiring: Wiring) -> None:
        """Look at the servers of another configuration; what has moved so far is kept."""
        self._face(board, look, source, wiring)
        await self.recompose()
        self._fit()

    def compose(self) -> ComposeResult:
        """Put the parts one below the other."""
        yield self._head
        yield self._grid
        yield self._detail
        yield self._foot

    @property
    def parts(self) -> tuple[Header, Grid, Detail, Footer]:
        """Everything that paints."""
        return self._head, self._grid, self._detail, self._foot

    def on_mount(self) -> None:
        """Share the height, and say what is to be known at once."""
        self._fit()
        self.say_notes()

    def say_notes(self, first: str = "") -> None:
        """Say what is to be known of the configuration."""
        more = "(? has more)" if len(self.wiring.notes) > 1 else ""
        if said := "   ".join(filter(None, (first, *map(safe, self.wiring.notes[:1]), more))):
            self.say(said, seconds=12)

    def on_resize(self) -> None:
        """Share the height anew."""
        self._fit()

    def _fit(self) -> None:
        """Give the detail its height; on a screen that is too small only say so."""
        width, height = self.app.size
        small = width < _NARROWEST or height < _LOWEST
        lines = 0 if small else detail.height(height, self._taller)
        self._head.small = small
        self.set_class(small, "-small")
        self._detail.styles.height = lines
        self._detail.display = lines > 0
        self._foot.display = not small
        self._head.repaint()

    # Boards in, words out

    def show(self, board: Board) -> None:
        """Show another board, and say what has moved."""
        found = changes(self.board, board)
        self.board = board
        self.moves.note(found, time.time(), time.monotonic())
        self._grid.show(board)
        self._head.show(board, self._reading())
        if found:
            self._said = [*self._said, *found][-_SAID:] if self._toast.text else found
            self.say(moved(self._said), keep=True)
            self._watch_marks()
        self._watch_ages()

    def on_board_screen_recalled(self, message: BoardScreen.Recalled) -> None:
        """Take what was seen by earlier boards; say what moved while nobody looked, and what is not right."""
        news = message.news
        self.moves.recall(news.past, news.missed)
        if news.missed:
            self.say(f"since you last looked: {moved([move.change for move in news.missed])}", seconds=15)
        if news.problem:
            self.say(safe(news.problem), bad=True, seconds=12)
        self.on_grid_moved()

    def _reading(self, shown: Sequence[str] | None = None) -> Reading:
        """Return how the board is read and shown."""
        shown = self._limits() if shown is None else shown
        return Reading(self.source.interval, self._paused, self._lost, tuple(shown))

    def _limits(self) -> list[str]:
        """Return what limits the view, in words."""
        view = self._grid.view
        if view.text:
            return [f"filter: {safe(view.text)}"]
        return list(filter(None, ("all rows" if view.everything else "", words.LEAST[view.least])))

    def on_grid_moved(self) -> None:
        """Show the detail of the line under the cursor."""
        grid = self._grid
        where = f"{grid.cursor + 1} of {len(grid.places)}" if grid.places else "nothing fits the filter"
        self._detail.show(self._story(), where)

    def _story(self) -> story.Story | None:
        """Return what there is to say of the line under the cursor."""
        place = self._grid.place
        if place is None:
            return None
        if place.row is None:
            return story.of_section(self.board, place.section, time.time())
        move = self.moves.last(place.row.service, place.row.setting)
        return story.of_row(self.board, place.row, self._grid.pane, self.wiring.align, move)

    def say(self, text: str, bad: bool = False, seconds: float = 6.0, keep: bool = False) -> None:
        """Say something for a while."""
        if not keep:
            self._said = []
        self._toast.text, self._toast.bad = text, bad
        if self._hush_timer:
            self._hush_timer.stop()
        self._hush_timer = self.set_timer(seconds, self.hush)
        self._grid.repaint()

    def hush(self) -> None:
        """Say nothing any more."""
        self._toast.text = ""
        self._grid.repaint()

    def lost(self, why: str) -> None:
        """Say that nothing is read any more: that must not go unseen."""
        self._lost = True
        self._head.show(self.board, self._reading())
        self.say(f"reading has stopped: {safe(why)}   r starts it again", bad=True, seconds=3600)

    # What comes and goes with time

    def _watch_ages(self) -> None:
        """Paint ages again every now and then, but only while something is old."""
        stale = any(outcome.stale for outcome in self.board.outcomes())
        if stale and self._ages is None:
            self._ages = self.set_interval(_AGES, self._tick)
        elif not stale and self._ages is not None:
            self._ages.stop()
            self._ages = None

    def _tick(self) -> None:
        """Paint what depends on the time, if the terminal has taken what was painted before."""
        if not terminal.busy(self.app._driver):
            self._grid.repaint()
            self.on_grid_moved()

    def _watch_marks(self) -> None:
        """Take marks off when their time is over."""
        if self._marks is not None:
            self._marks.stop()
        delay = self.moves.expire(time.monotonic())
        self._marks = None if delay is None else self.set_timer(delay + 0.05, self._watch_marks)
        if not terminal.busy(self.app._driver):
            self._grid.repaint()

    # Keys

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
        self.say(f"shown: {words.LEAST[least] or 'drift of every severity'}")

    def action_filter(self) -> None:
        """Ask for what to filter by, in place of the footer."""
        self._foot.type(self._grid.view.text)

    def _type(self, event: events.Key) -> bool:
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
        self.say(words.paused(self._paused, self.source.interval), seconds=4)

    def action_baseline(self) -> None:
        """Compare with the next environment, or after the last one with the majority."""
        order = (*self.board.environments, "")
        place = order.index(self._baseline) if self._baseline in order else -1
        self._baseline = order[(place + 1) % len(order)]
        self.source.rebase(self._baseline)
        self.say(words.baseline(self._baseline), seconds=4)

    # Texts that leave the board

    @property
    def _row(self) -> Row | None:
        """The row under the cursor."""
        return self._grid.place.row if self._grid.place else None

    async def action_copy(self) -> None:
        """Copy the line under the cursor, and its detail, as text."""
        from parity_tui.ui import texts

        place, told = self._grid.place, self._story()
        if place and told:
            await self._copy(texts.of_place(self.board, place, told), "the row" if place.row else "the service")

    async def action_copy_align(self) -> None:
        """Copy the text that would align an environment."""
        told = self._story()
        if told and told.align[1]:
            await self._copy(told.align[1] + "\n", f"what would align {told.align[0]}")
        else:
            self.say("there is nothing that would align this")

    async def action_expect(self) -> None:
        """Copy the text that marks the drift under the cursor as expected."""
        from parity_tui.ui import texts

        if (row := self._row) is None or not row.listed:
            self.say("only a row of drift can be expected")
        else:
            await self._copy(texts.expectation(self.board, row), "an [[expect]] for parity.toml")

    async def _copy(self, text: str, what: str) -> None:
        """Put a text on the clipboard and into a file."""
        from parity_tui.ui import leaving

        self.say(await leaving.copy(self.app, text, what), seconds=10)

    def action_export(self) -> None:
        """Ask what to write the board as."""
        from parity_tui.ui.sheets import export_sheet

        self.app.push_screen(export_sheet(self._grid.look, [*self.wiring.exports, "svg"]), self._export)

    async def _export(self, key: str | None) -> None:
        """Write the board to a file in the working directory."""
        from parity_tui.ui import leaving

        self.hush()
        said, bad = await leaving.export(self.app, self.wiring.exports, self.board, key or "")
        if said:
            self.say(said, bad, seconds=10)

    def action_timeline(self) -> None:
        """Show what has changed."""
        from parity_tui.ui.sheets import timeline_sheet

        self.app.push_screen(
            timeline_sheet(self._grid.look, list(reversed(self.moves.seen)), time.time(), self.app.size.width)
        )

    def action_help(self) -> None:
        """Show all keys and marks."""
        from parity_tui.ui.sheets import help_sheet

        self.app.push_screen(help_sheet(self._grid.look, self.app.size.width, self.wiring.notes))

    def restyle(self, look: Look) -> None:
        """Take other colours."""
        for part in self.parts:
            part.restyle(look)

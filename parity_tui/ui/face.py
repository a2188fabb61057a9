"""How the board looks and what it says: header, panes, detail, footer; boards in, words out."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, changes
from parity_tui.drift.values import printable
from parity_tui.history import HistoryUpdate
from parity_tui.ui.protocols import BoardServices, BoardSource
from parity_tui.ui.terminal import capabilities
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view import labels, row_detail
from parity_tui.ui.view.recent_changes import RecentChanges
from parity_tui.ui.widgets import detail
from parity_tui.ui.widgets.detail import Detail
from parity_tui.ui.widgets.footer import Footer
from parity_tui.ui.widgets.grid import Grid
from parity_tui.ui.widgets.header import Header, HeaderCounts
from parity_tui.ui.widgets.toast import Toast, moved

_AGES = 10.0
"""seconds between two paintings of ages, while there is something old"""
_SAID = 500
"""changes that one toast remembers"""
_NARROWEST, _LOWEST = 20, 5


class Face(Screen[None]):
    """The parts of the screen, and what comes and goes on them; what keys do is for :class:`BoardScreen`."""

    CSS = "Face { overflow: hidden; } Face.-small Grid { display: none; }"
    ALLOW_SELECT = False

    class Recalled(Message):
        """The history has something to tell."""

        def __init__(self, news: HistoryUpdate) -> None:
            super().__init__()
            self.news = news

    def __init__(self, board: Board, look: BoardTheme, source: BoardSource, wiring: BoardServices) -> None:
        super().__init__()
        self.board = board
        self.source = source
        self.wiring = wiring
        self.moves = RecentChanges()
        self._baseline = self._configured = board.policy.baseline
        self._paused = False
        self._lost = False
        self._taller = False
        self._said: list[Change] = []
        self._ages: Timer | None = None
        self._marks: Timer | None = None
        self._hush_timer: Timer | None = None
        self._head = Header(board, look, self._reading(()))
        self._toast = Toast()
        self._grid = Grid(board, look, self.moves, self._toast)
        self._grid.typist = self.takes
        self._detail = Detail(board.environments, look)
        self._foot = Footer(look)

    def turn_to(self, board: Board, look: BoardTheme, source: BoardSource, wiring: BoardServices) -> None:
        """Look at the servers of another configuration in the way in which those before were looked at."""
        chosen, self._configured = self._baseline != self._configured, board.policy.baseline
        if chosen and self._baseline in (*board.environments, ""):
            source.set_baseline(self._baseline)
        else:
            self._baseline = board.policy.baseline
        self.board, self.source, self.wiring = board, source, wiring
        self._paused = self._lost = False
        self.restyle(look)
        self._detail.environments = board.environments
        self._grid.turn_to(board)
        self._head.show(board, self._reading())
        self._watch_ages()

    def compose(self) -> ComposeResult:
        """Put the parts one below the other, each as high as it will be: a change would be another first frame."""
        self._fit()
        yield self._head
        yield self._grid
        yield self._detail
        yield self._foot

    @property
    def parts(self) -> tuple[Header, Grid, Detail, Footer]:
        """Everything that paints."""
        return self._head, self._grid, self._detail, self._foot

    def on_mount(self) -> None:
        """Say what is to be known at once."""
        self.say_notes()

    def say_notes(self, first: str = "") -> None:
        """Say what is to be known of the configuration."""
        more = "(? has more)" if len(self.wiring.notes) > 1 else ""
        if said := "   ".join(filter(None, (first, *map(printable, self.wiring.notes[:1]), more))):
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

    def on_face_recalled(self, message: Face.Recalled) -> None:
        """Take what was seen by earlier boards; say what moved while nobody looked, and what is not right."""
        news = message.news
        self.moves.recall(news.past, news.missed)
        if news.missed:
            self.say(f"since you last looked: {moved([move.change for move in news.missed])}", seconds=15)
        if news.problem:
            self.say(printable(news.problem), bad=True, seconds=12)
        self.on_grid_moved()

    def _reading(self, shown: Sequence[str] | None = None) -> HeaderCounts:
        """Return how the board is read and shown."""
        shown = self._limits() if shown is None else shown
        return HeaderCounts(self.source.interval, self._paused, self._lost, tuple(shown))

    def _limits(self) -> list[str]:
        """Return what limits the view, in words."""
        view = self._grid.view
        if view.text:
            return [f"filter: {printable(view.text)}"]
        return list(filter(None, ("all rows" if view.everything else "", labels.LEAST[view.least])))

    def on_grid_moved(self) -> None:
        """Show the detail of the line under the cursor."""
        grid = self._grid
        place = grid.place
        where = f"{grid.cursor + 1} of {len(grid.places)}" if grid.places else "nothing fits the filter"
        if place and place.row:  # the line of its service may be out of view
            where = f"{printable(place.section.service)}   {where}"
        self._detail.show(self._story(), where)

    def _story(self) -> row_detail.RowDetail | None:
        """Return what there is to say of the line under the cursor."""
        place = self._grid.place
        if place is None:
            return None
        if place.row is None:
            return row_detail.of_section(self.board, place.section, time.time())
        move = self.moves.last(place.row.service, place.row.setting)
        return row_detail.of_row(self.board, place.row, self._grid.pane, self.wiring.remediate, move)

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
        self.say(f"reading has stopped: {printable(why)}   r starts it again", bad=True, seconds=3600)

    def takes(self, event: events.Key) -> bool:
        """Tell whether a key is taken before the grid has it."""
        return False

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
        if not capabilities.busy(self.app._driver):
            self._grid.repaint()
            self.on_grid_moved()

    def _watch_marks(self) -> None:
        """Take marks off when their time is over."""
        if self._marks is not None:
            self._marks.stop()
        delay = self.moves.expire(time.monotonic())
        self._marks = None if delay is None else self.set_timer(delay + 0.05, self._watch_marks)
        if not capabilities.busy(self.app._driver):
            self._grid.repaint()

    def restyle(self, look: BoardTheme) -> None:
        """Take other colours."""
        for part in self.parts:
            part.restyle(look)

"""The board without a terminal: starts it on a made-up source, presses keys, reads the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from parity_tui.drift.board import Board
from parity_tui.ui.app import ParityApp
from parity_tui.ui.protocols import BoardServices
from parity_tui.ui.terminal.capabilities import Terminal
from parity_tui.ui.widgets.grid import Grid
from parity_tui.ui.widgets.line_widget import LineWidget
from parity_tui.ui.widgets.timeline import Timeline
from tests.ui import boards
from tests.ui.sources import FakeSource, remediate

SIZES = [(80, 24), (120, 40), (200, 50)]
each_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


class BoardUser:
    """Presses keys on a running board and reads its screen."""

    def __init__(self, pilot: Pilot[None], app: ParityApp, source: FakeSource) -> None:
        self.pilot = pilot
        self.app = app
        self.source = source

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def give(self, board: Board | Exception) -> None:
        """Have the source yield a board, or raise an error."""
        self.source.give(board)
        await self.until(lambda: self.source.waiting)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        for _ in range(2000):
            if condition():
                return
            await self.pilot.pause(0.005)
        raise AssertionError("never seen\n" + self.screen)

    @property
    def grid(self) -> Grid:
        """The panes."""
        return self.app.board_screen.query_one(Grid)

    @property
    def lines(self) -> list[str]:
        """The text on the screen, line by line."""
        width, height = self.app.size
        rows = [[" "] * width for _ in range(height)]
        for widget in self.app.board_screen.query(LineWidget):
            if widget.display:
                for y in range(min(widget.size.height, height - widget.region.y)):
                    rows[widget.region.y + y] = list(widget.render_line(y).text)
        return ["".join(row).rstrip() for row in rows]

    @property
    def screen(self) -> str:
        """The text on the screen."""
        return "\n".join(self.lines)

    @property
    def modal(self) -> str:
        """The text of the modal over the board, or the events of the timeline."""
        if isinstance(self.app.screen, Timeline):
            options = self.app.screen.query_one(OptionList)
            return "\n".join(str(options.get_option_at_index(n).prompt) for n in range(options.option_count))
        return str(self.app.screen.query("Static").first().render())

    @property
    def has_modal(self) -> bool:
        """Whether a modal or a sheet is over the board."""
        return self.app.screen is not self.app.board_screen and bool(self.app.screen.query("Static, OptionList"))

    def line(self, text: str) -> str:
        """Return the first line of the panes that contains a text."""
        return next(line for line in self.lines[2:] if text in line)

    @property
    def under_cursor(self) -> str:
        """The setting under the cursor, or the service."""
        line = self.grid.line
        assert line is not None
        return line.row.setting if line.row else line.section.service

    async def to(self, setting: str) -> None:
        """Put the cursor on a setting that is listed; services are opened if all are folded."""
        if not self.grid.view.text and not any(part.open for part in self.grid.lines.parts):
            await self.press("z")
        await self.press("g")
        for _ in self.grid.lines:
            if self.under_cursor == setting:
                return
            await self.press("j")
        raise AssertionError(f"{setting} is not listed")


@asynccontextmanager
async def opened_board(
    size: tuple[int, int] = (120, 40),
    board: Board | None = None,
    terminal: Terminal | None = None,
    fill: bool = True,
    **services: Any,
) -> AsyncIterator[BoardUser]:
    """Open a board on a fake source; with ``fill`` it is full when this is entered."""
    source = FakeSource()
    full = board or boards.full()
    first = boards.empty() if board is None else board
    app = ParityApp(source, first, BoardServices(**{"remediate": remediate, **services}), terminal or Terminal())
    async with app.run_test(size=size) as pilot:
        user = BoardUser(pilot, app, source)
        await user.until(lambda: source.started)
        if fill:
            await user.give(full)
        yield user

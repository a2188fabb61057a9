"""The line above the keys."""

from __future__ import annotations

from parity_tui.ui.terminal.capabilities import Terminal
from tests.ui import boards
from tests.ui.board_user import BoardUser, each_size, opened_board


@each_size
async def test_hint_has_its_own_line(size: tuple[int, int]) -> None:
    """It follows its source, and takes the place of no row: the toast and the panes stay above the detail."""
    hints = ["watch this line"]
    async with opened_board(size, hint=lambda: hints[-1]) as user:
        assert user.lines[-2] == " watch this line"
        assert "quit" in user.lines[-1]
        hints.append("staging sessions has just been stopped — press ! to go there")
        await user.until(lambda: user.lines[-2] == f" {hints[-1]}")
        await user.give(boards.changed(boards.full(), "staging", "database", "TimeZone", "Asia/Tokyo"))
        assert user.lines[-2] == f" {hints[-1]}"
        assert heights(user) == size[1]


async def test_board_without_hint_has_no_line() -> None:
    async with opened_board() as user:
        assert not user.app.board_screen.hint.display
        assert heights(user) == 40


async def test_foreign_and_long_hint_is_made_safe() -> None:
    async with opened_board((80, 24), hint=lambda: "\x1b[2J" + "x" * 200, terminal=Terminal(ascii=True)) as user:
        assert "\x1b" not in user.lines[-2]
        assert user.lines[-2].isascii()
        assert len(user.lines[-2]) == 80


def heights(user: BoardUser) -> int:
    """Return the lines of all parts that are shown."""
    screen = user.app.board_screen
    parts = (screen.header, screen.grid, screen.detail, screen.hint, screen.footer)
    return sum(part.size.height for part in parts if part.display)

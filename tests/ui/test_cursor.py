"""Keys and mouse move the cursor; the cursor follows its row."""

from __future__ import annotations

import pytest

from parity_tui.ui.widgets.grid import Grid
from tests.ui import boards
from tests.ui.board_user import each_size, opened_board


async def test_cursor_begins_on_the_worst_drift() -> None:
    async with opened_board() as user:
        assert user.under_cursor == "product"
        assert "dev is the odd one out" in user.screen


@pytest.mark.parametrize(("down", "up"), [("j", "k"), ("down", "up")])
async def test_keys_move_by_lines(down: str, up: str) -> None:
    async with opened_board() as user:
        await user.press("g", down, down)
        assert user.grid.cursor == 2
        await user.press(up)
        assert user.grid.cursor == 1


@each_size
async def test_page_keys_keep_the_cursor_in_view(size: tuple[int, int]) -> None:
    async with opened_board(size) as user:
        await user.press("d", "g")
        for key in ("pagedown", "pagedown", "ctrl+d", "pageup", "G", "ctrl+u", "g"):
            await user.press(key)
            grid = user.grid
            assert grid.top <= grid.cursor < grid.top + grid.size.height - 1
        assert user.grid.cursor == 0


async def test_tab_cycles_through_drift() -> None:
    async with opened_board() as user:
        await user.press("G", "tab")
        assert user.under_cursor == "product"
        await user.press("tab", "tab", "tab")
        assert user.under_cursor == "ssl_passphrase"
        await user.press("shift+tab")
        assert user.under_cursor == "TimeZone"
        await user.press("g", "shift+tab")
        assert user.grid.lines[user.grid.cursor].section.service == "sessions"


async def test_brackets_move_between_services() -> None:
    async with opened_board() as user:
        await user.press("g", "]", "]")
        assert user.under_cursor == "cache"
        await user.press("[")
        assert user.under_cursor == "reporting"


async def test_cursor_follows_its_row() -> None:
    async with opened_board() as user:
        await user.to("max_connections")
        await user.give(boards.changed(boards.full(), "staging", "database", "wal_level", "logical"))
        assert user.under_cursor == "max_connections"
        assert "‼ wal_level" in user.screen


async def test_cursor_moves_to_the_next_remaining_row() -> None:
    async with opened_board() as user:
        await user.press("d")
        await user.to("setting_005")
        await user.press("d")
        assert user.under_cursor == "reporting"


async def test_mouse_moves_the_cursor_and_folds() -> None:
    async with opened_board() as user:
        y = user.lines.index(user.line("‼ TimeZone"))
        await user.pilot.click(Grid, offset=(100, y - 1))
        assert user.under_cursor == "TimeZone"
        assert user.grid.panes.current == 2
        await user.pilot.click(Grid, offset=(5, 1))
        assert "▸ database" in user.screen

"""Folded services, folded rows, and the rows listed by verdict and severity."""

from __future__ import annotations

from tests.ui import boards
from tests.ui.board_user import each_size, opened_board


async def test_folded_service_stays_folded_after_a_change() -> None:
    async with opened_board() as user:
        await user.press("g", "enter")
        assert "▸ database" in user.screen
        assert "TimeZone" not in user.screen
        await user.give(boards.changed(boards.full(), "production", "database", "max_connections", "900"))
        assert "▸ database" in user.screen
        await user.press("space")
        assert "‼ TimeZone" in user.screen


async def test_enter_unfolds_rows_explained_by_a_version() -> None:
    async with opened_board() as user:
        await user.to("version")
        assert "▸4" in user.line("‼ version")
        assert "4 settings only in 18.4" in user.screen
        await user.press("enter")
        assert "io_workers" in user.screen
        await user.press("enter")
        assert "io_workers" not in user.screen


async def test_z_folds_and_unfolds_everything() -> None:
    async with opened_board() as user:
        await user.press("z")
        assert len(user.grid.lines) == len(user.grid.board.sections)
        await user.press("z")
        assert "▾ cache" in user.screen


@each_size
async def test_d_toggles_equal_rows(size: tuple[int, int]) -> None:
    """The cursor stays on its row."""
    async with opened_board(size) as user:
        await user.to("TimeZone")
        before = len(user.grid.lines)
        await user.press("d")
        assert len(user.grid.lines) > 400
        assert user.under_cursor == "TimeZone"
        await user.press("d")
        assert len(user.grid.lines) == before
        assert user.under_cursor == "TimeZone"


async def test_s_raises_the_least_severity() -> None:
    async with opened_board() as user:
        await user.press("s")
        assert "log_min_duration" not in user.screen
        assert "warnings and worse" in user.lines[0]
        await user.press("s")
        assert "max_connections" not in user.screen
        assert "critical only" in user.lines[0]
        await user.press("s")
        assert "log_min_duration" in user.screen

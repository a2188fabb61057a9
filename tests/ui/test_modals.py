"""Help, timeline and exports over the board."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll

from tests.ui.board_user import each_size, opened_board


@each_size
async def test_help_lists_keys_symbols_and_notes(size: tuple[int, int]) -> None:
    async with opened_board(size, notes=["[red]parity.toml[/] can be read by others"]) as user:
        await user.press("question_mark")
        text = user.modal
        for word in ("filter by name", "the next baseline", "critical:", "stale:", "[red]parity.toml[/] can be"):
            assert word in text
        await user.press("j", "k", "q")
        assert user.app.is_running
        assert user.app.screen is user.app.board_screen


@pytest.mark.parametrize("key", ["question_mark", "t", "x"])
async def test_border_of_a_modal_names_the_exit(key: str) -> None:
    async with opened_board((80, 24)) as user:
        await user.press(key)
        box = user.app.screen.query_one(VerticalScroll)
        assert "any other key" in str(box.border_subtitle)

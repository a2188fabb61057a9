"""Help, timeline and exports over the board."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll

from parity_tui.report.symbols import ASCII, LEGEND
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


@pytest.mark.parametrize("key", ["question_mark", "x"])
async def test_border_of_a_modal_names_the_exit(key: str) -> None:
    async with opened_board((80, 24)) as user:
        await user.press(key)
        box = user.app.screen.query_one(VerticalScroll)
        assert "any other key" in str(box.border_subtitle)


async def test_mouse_presses_the_words_of_header_and_footer() -> None:
    async with opened_board((120, 40)) as user:
        width = user.app.size.width
        footer = user.lines[-1]
        await user.pilot.click(user.app.board_screen.footer, offset=(footer.index("d all rows") + 2, 0))
        assert "all rows" in user.lines[0]
        await user.pilot.click(user.app.board_screen.header, offset=(user.lines[0].index("all rows"), 0))
        assert "all rows" not in user.lines[0]
        await user.pilot.click(user.app.board_screen.header, offset=(user.lines[0].index("✗ 2"), 0))
        await user.until(lambda: user.under_cursor in ("reporting", "queue"))
        await user.pilot.click(user.app.board_screen.header, offset=(user.lines[0].index("the majority"), 0))
        await user.until(lambda: "against dev" in user.lines[0])
        await user.pilot.click(user.grid, offset=(width - 5, 0))
        assert user.grid.panes.current == 2
        await user.pilot.click(user.app.board_screen.footer, offset=(user.lines[-1].index("? help") + 1, 0))
        await user.until(lambda: user.has_modal)


def test_marks_have_one_meaning_each_in_ascii() -> None:
    marks = [getattr(ASCII, name) for name, _ in LEGEND]
    marks += [
        ASCII.absent,
        ASCII.arrow,
        ASCII.before,
        ASCII.after,
        ASCII.folded,
        ASCII.unfolded,
        ASCII.ok,
        ASCII.ellipsis,
    ]
    assert len(set(marks)) == len(marks)

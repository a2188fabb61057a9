"""How the board is painted: words, symbols, widths, sizes, changed cells."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.ui.terminal.capabilities import Terminal
from parity_tui.ui.view.cells import CellRow
from parity_tui.ui.widgets.grid import Grid
from parity_tui.ui.widgets.line_widget import LineWidget
from tests.ui import boards
from tests.ui.board_user import each_size, opened_board


@each_size
async def test_every_state_has_a_word_and_a_symbol(size: tuple[int, int]) -> None:
    async with opened_board(size) as user:
        await user.to("product")
        assert "‼ product" in user.screen
        assert "◆" in user.line("‼ product")
        assert "? hidden" in user.line("archive_command")
        assert "•••" in user.line("ssl_passphrase")
        assert "~ shared_buffers" in user.screen
        assert "· log_min_dur" in user.screen
        assert "‼ 6" in user.lines[0]
        await user.press("z")
        assert "not configured" in user.line("▸ sessions")
        assert "reading…" in user.line("▸ web")
        assert "✗ no answer in" in user.line("▸ queue")
        assert "= │" in user.line("▸ cache")
        assert re.search(r"◌ (Postg\S* )?18.4 +2 min", user.line("▸ reporting"))


@each_size
async def test_every_line_is_as_wide_as_the_screen(size: tuple[int, int]) -> None:
    """Wide characters and long values included."""
    async with opened_board(size) as user:
        await user.press("d")
        for canvas in user.app.board_screen.query(LineWidget):
            for y in range(canvas.size.height):
                assert canvas.render_line(y).cell_length == canvas.size.width


async def test_first_frame_appears_before_any_reading() -> None:
    async with opened_board(fill=False) as user:
        assert "reading 0 of 17" in user.lines[0]
        assert "reading…" in user.line("▸ database")


async def test_markup_and_control_characters_stay_text() -> None:
    """Faults 28, 29: In names and values."""
    async with opened_board() as user:
        evil = "[/oops] [@click=app.quit]x[/] \x1b]52;c;AAAA\x07 \u202e"
        board = boards.changed(boards.full(), "staging", "database", "TimeZone", evil)
        await user.give(board)
        await user.to("TimeZone")
        await user.press("y", "e", "t", "escape")
        assert "[/oops]" in user.screen
        assert "\x1b" not in user.screen
        assert "\u202e" not in user.screen


async def test_ascii_terminal_gets_ascii_symbols_only() -> None:
    async with opened_board(terminal=Terminal(ascii=True, sixteen_colours=True)) as user:
        await user.press("d")
        assert user.screen.isascii()
        assert "!! product" in user.screen
        assert "<>" in user.line("!! product")
        await user.press("ctrl+p")
        assert "filter all rows by name" in user.modal


@pytest.mark.parametrize("size", [(1, 1), (19, 40), (80, 4), (500, 3), (20, 5), (80, 13), (40, 14)])
async def test_keys_work_at_any_size(size: tuple[int, int]) -> None:
    """Fault 44: The smallest show "too small"."""
    async with opened_board(size) as user:
        await user.press("j", "d", "tab", "l", "v", "slash", "x", "escape", "1", "0", "G", "g", "enter")
        if 10 < size[0] < 20 or size[1] < 5 < size[0]:
            assert user.lines[0] == "too small"
        await user.pilot.resize_terminal(120, 40)
        await user.pilot.pause()
        assert "database" in user.screen


async def test_only_changed_cells_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One changed value is one region of one line."""
    board = boards.changed(boards.full(), "production", "database", "uptime", "10")
    async with opened_board(board=board) as user:
        await user.press("slash", *"uptime", "enter", "g")
        painted: list[tuple[Any, ...]] = []
        real = user.grid.refresh

        def refresh(*regions: Any, **options: Any) -> Grid:
            painted.append(regions)
            return real(*regions, **options)

        monkeypatch.setattr(user.grid, "refresh", refresh)
        await user.give(boards.changed(board, "production", "database", "uptime", "11"))
        assert [len(regions) for regions in painted] == [1]
        assert painted[0][0].height == 1
        assert painted[0][0].width < 40


async def test_one_environment_is_never_called_parity() -> None:
    async with opened_board((80, 24), board=boards.wide(1)) as user:
        assert "one environment: nothing to compare" in user.lines[0]
        assert "no drift" not in user.lines[0]
        assert "=" not in user.line("database")


async def test_command_palette_offers_keys_and_colours() -> None:
    async with opened_board() as user:
        commands = {command.title: command for command in user.app.get_system_commands(user.app.screen)}
        assert "All rows  (d)" in commands
        await commands["All rows  (d)"].callback()
        assert user.grid.view.everything
        commands["Light colours"].callback()
        assert user.grid.theme.palette.name == "parity-light"
        await user.press("ctrl+p")
        assert user.app.screen is not user.app.board_screen
        await user.press("escape")


async def test_confirming_board_is_not_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same readings with newer times: no frame is computed, and exports have the new times."""
    async with opened_board() as user:
        shown, frames = user.app.board, list[int]()

        def frame(width: int, height: int) -> list[CellRow]:
            frames.append(width)
            return []

        monkeypatch.setattr(user.grid, "frame", frame)
        outcomes = [replace(one, at=one.at + 5, milliseconds=1.5) for one in shown.servers() if not one.stale]
        confirming = shown.with_outcomes(outcomes)
        await user.give(confirming)
        assert not frames
        assert confirming is not shown
        assert user.app.board_screen.board is confirming

"""Typing a filter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events

from parity_tui.model import Severity
from parity_tui.ui.view import visible_rows
from tests.ui.board_user import each_size, opened_board


@each_size
async def test_filter_finds_names_and_values(size: tuple[int, int]) -> None:
    """Rows that agree are found too."""
    async with opened_board(size) as user:
        await user.press("slash", *"datest")
        assert "/ datest" in user.lines[-1]
        assert "= DateStyle" in user.screen
        assert "TimeZone" not in user.screen
        await user.press("enter")
        assert "filter: datest" in user.lines[0]
        assert "? help" in user.lines[-1]
        await user.press("escape")
        await user.to("TimeZone")
        await user.press("slash", *"Europe", "enter")
        assert "TimeZone" in user.line("Europe/Paris")


async def test_keys_work_during_a_long_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed text shows at once, results once every row is read; escape ends the search."""
    async with opened_board() as user:
        later: list[Callable[[], None]] = []
        monkeypatch.setattr(visible_rows, "INDEXED_AT_ONCE", 5)
        monkeypatch.setattr(user.grid, "set_timer", lambda seconds, callback: later.append(callback))
        await user.press("slash", *"datest")
        assert "/ datest" in user.lines[-1]
        before = user.under_cursor
        await user.press("enter", "j")
        assert "‼ TimeZone" in user.screen
        assert user.under_cursor != before
        while later:
            assert len(later) == 1
            later.pop()()
        await user.pilot.pause()
        assert "= DateStyle" in user.screen
        assert "TimeZone" not in user.screen
        await user.press("escape")
        assert "‼ TimeZone" in user.screen


@pytest.mark.parametrize("keys", ["z", "d", "genter"])
async def test_key_that_a_filter_overrides_says_so(keys: str) -> None:
    """It changes nothing behind the filter either: the rows are as before once that is cleared."""
    async with opened_board() as user:
        before = [line for line in user.lines if "│" in line]
        await user.press("slash", *"zone", "enter", *(["g", "enter"] if keys == "genter" else keys))
        assert "the filter shows every match   esc clears it" in user.screen
        await user.press("escape")
        assert [line for line in user.lines if "│" in line] == before


async def test_first_line_of_a_paste_is_typed() -> None:
    """Terminals end lines with a carriage return; nothing else that is pasted can be seen."""
    async with opened_board() as user:
        await user.press("slash")
        user.app.post_message(events.Paste("\r\x1b[31mti\x00me zone\t\rUTC\r" + "x" * 999))
        await user.pilot.pause()
        assert "filter: [31mtime zone" in user.lines[0]


async def test_letters_in_the_filter_are_no_commands() -> None:
    async with opened_board() as user:
        await user.press("slash", *"qp b", "backspace", "backspace")
        assert user.grid.view.text == "qp"
        assert user.source.requests == []
        await user.press("ctrl+u", *"zone", "escape")
        assert user.grid.view.text == ""
        assert user.app.is_running


async def test_filter_without_a_match_is_explained() -> None:
    """Keys on the empty board do no harm."""
    async with opened_board() as user:
        await user.press("slash", *"nothinglikeit", "enter")
        assert "no matches" in user.screen
        await user.press("j", "k", "G", "g", "tab", "enter", "y", "e", "a", "pagedown", "]", "z", "escape")
        assert "database" in user.screen


async def test_filter_moves_the_cursor_to_a_match() -> None:
    """The rule above the detail names the service of the row."""
    async with opened_board((80, 24)) as user:
        await user.to("product")
        await user.press("slash", *"max_c", "enter")
        assert user.under_cursor == "max_connections"
        assert "database   " in next(line for line in user.lines if line.startswith("──"))


async def test_filter_matches_services_and_prefixes() -> None:
    async with opened_board() as user:
        await user.press("slash", *"repor", "enter")
        assert "work_mem" in user.screen
        assert "TimeZone" not in user.screen
        await user.press("escape", "slash", *"env:dev", "enter")
        assert "◆" in user.line("‼ product")
        assert "TimeZone" not in user.screen
        await user.press("escape", "slash", *"service:data time", "enter")
        assert {part.section.service for part in user.grid.lines.parts} == {"database"}
        assert "TimeZone" in user.screen


async def test_severity_limits_every_kind_of_row() -> None:
    async with opened_board() as user:
        await user.press("s", "s")
        assert "critical only" in user.lines[0]
        rows = [line.row for line in user.grid.lines if line.row]
        assert {row.severity for row in rows} == {Severity.CRITICAL}
        await user.press("d")
        rows = [line.row for line in user.grid.lines if line.row]
        assert {row.severity for row in rows} == {Severity.CRITICAL}
        assert "same" in {row.verdict.value for row in rows}

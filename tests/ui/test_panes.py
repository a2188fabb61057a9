"""Panes of environments: current, hidden, scrolled, baseline."""

from __future__ import annotations

import re

from tests.ui import boards
from tests.ui.board_user import opened_board


async def test_current_pane_decides_which_remediation_is_shown() -> None:
    async with opened_board() as user:
        await user.to("TimeZone")
        await user.press("l")
        assert "Run this to fix staging" in user.screen
        await user.press("right")
        assert "Run this to fix production" in user.screen
        await user.press("h", "left", "left")
        assert user.grid.panes.current == 0


async def test_numbers_hide_and_show_panes() -> None:
    """The last pane stays; 0 shows all."""
    async with opened_board() as user:
        await user.press("1", "2")
        assert "dev" not in user.lines[1]
        assert "2 hidden" in user.lines[1]
        assert user.grid.panes.current == 2
        await user.press("3")
        assert "production" in user.lines[1]
        await user.press("9")
        assert "no environment 9: 1 to 3 hide or show a pane" in user.screen
        await user.press("0")
        assert all(name in user.lines[1] for name in boards.ENVIRONMENTS)


async def test_panes_that_do_not_fit_scroll() -> None:
    async with opened_board((80, 24), boards.wide(20)) as user:
        assert "‹ 1–3 of 20 ›" in user.lines[1]
        for _ in range(19):
            await user.press("l")
        assert "region-19" in user.lines[1]
        assert "18–20 of 20" in user.lines[1]
        assert "max_connections" in user.screen


async def test_b_cycles_through_the_baselines() -> None:
    async with opened_board() as user:
        await user.press("b")
        await user.until(lambda: "against dev" in user.lines[0])
        assert re.search(r"● dev +baseline │ ● staging", user.lines[1])
        await user.press("b")
        await user.until(lambda: "against staging" in user.lines[0])
        assert "◆" in user.line("standard_co")
        assert "baseline" not in user.lines[1]  # staging says what matters more: two of its targets failed
        await user.press("b", "b")
        await user.until(lambda: "against the majority" in user.lines[0])
        assert "baseline" not in user.lines[1]
        assert user.source.requests == ["baseline dev", "baseline staging", "baseline production", "baseline "]

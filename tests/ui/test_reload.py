"""Refreshing, pausing, and reading the configuration again."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.cli.board import config_change
from parity_tui.ui import board_screen
from parity_tui.ui.protocols import BoardServices
from tests.ui import boards
from tests.ui.board_user import each_size, opened_board
from tests.ui.sources import FakeSource


async def test_r_refreshes_and_p_pauses() -> None:
    async with opened_board() as user:
        await user.press("r", "p")
        assert "paused" in user.lines[0]
        await user.press("p")
        assert user.source.requests == ["refresh", "pause True", "pause False"]
        assert "every 5 s" in user.lines[0]


@each_size
async def test_paused_board_shows_the_age_of_its_values(size: tuple[int, int]) -> None:
    """No server is known to answer while none is read: neither while paused nor after reading has stopped."""
    board = boards.wide(3)
    aged = board.with_outcomes(replace(outcome, at=time.time() - 2430) for outcome in board.outcomes())
    async with opened_board(size, aged) as user:
        assert user.lines[1].count("●") == 3
        for key in ("p", ""):
            if not key:
                await user.give(RuntimeError("out of luck"))
            await user.press(*key)
            assert user.lines[1].count("◌") == 3
            assert len(re.findall(" 40 ?m", user.lines[1])) == 3
            assert "●" not in user.lines[1]
            assert not re.search("…[^ ]", user.lines[1])
            await user.press("p" if key else "r")
            assert user.lines[1].count("●") == 3


async def test_reload_shows_the_new_configuration() -> None:
    """Fault 41: The old source has ended; the timeline keeps its changes."""
    fresh = FakeSource()
    fresh.begin = boards.wide(2)
    wiring = BoardServices(notes=["a note of the new file"])
    full = boards.full()
    async with opened_board(board=full, reload=lambda: (fresh, boards.wide(2), wiring)) as user:
        await user.give(boards.changed(full, "staging", "database", "TimeZone", "Asia/Tokyo"))
        await user.press("R")
        await user.until(lambda: fresh.started)
        assert user.source.ended
        assert "configuration reloaded   a note of the new file" in user.screen
        assert "region-00" in user.lines[1]
        assert "production" not in user.lines[1]
        await user.press("p")
        assert fresh.requests == ["pause True"]
        await user.press("t")
        assert "Europe/Paris → Asia/Tokyo" in user.modal


async def test_reload_keeps_the_view() -> None:
    """Fault 41: Cursor, severity, hidden panes and baseline stay; the filter still takes letters."""
    full, fresh = boards.full(), FakeSource()
    fresh.begin = full
    async with opened_board(board=full, reload=lambda: (fresh, full, BoardServices())) as user:
        await user.to("TimeZone")
        await user.press("b", "s", "1")
        titles = user.lines[1]
        assert "● dev" not in titles
        await user.press("R")
        await user.until(lambda: fresh.started and "configuration reloaded" in user.screen)
        assert fresh.requests == ["baseline dev"]
        assert user.lines[1] == titles
        assert "warnings and worse" in user.lines[0]
        assert user.under_cursor == "TimeZone"
        await user.press("g", "down")
        assert user.grid.cursor == 1
        await user.press("slash", "q", "z")
        assert user.app.is_running
        assert "filter: qz" in user.screen


async def test_exception_during_reload_keeps_the_board() -> None:
    """Fault 41: As raised by the import of a plug-in."""

    def load() -> str:
        raise ImportError("no module named 'gone'")

    async with opened_board(reload=load) as user:
        await user.press("R")
        await user.until(lambda: "ImportError: no module named" in user.screen)
        assert not user.source.ended


async def test_invalid_configuration_keeps_the_board() -> None:
    """Fault 41: The message names the error."""
    wrong = 'parity.toml:3: unknown key "pasword"; did you mean "password"?'
    async with opened_board(reload=lambda: wrong) as user:
        before = user.lines[:2]
        await user.press("R")
        await user.until(lambda: "unknown key" in user.screen)
        assert f"{wrong}   Keeping the previous configuration." in user.screen
        assert user.lines[:2] == before
        assert not user.source.ended


async def test_reload_without_a_file_is_explained() -> None:
    """Fault 41: The demo has none."""
    async with opened_board() as user:
        await user.press("R")
        assert "no configuration file to reload" in user.screen


async def test_changed_configuration_is_announced_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_screen, "_FILES", 0.05)
    changed: list[str] = []
    async with opened_board(changed=lambda: changed[-1] if changed else "") as user:
        await user.press("j")
        assert "has changed" not in user.screen
        changed.append("parity.toml")
        await user.until(lambda: "parity.toml has changed   R reloads it" in user.screen)
        assert not user.source.ended


def test_change_of_a_file_is_seen(tmp_path: Path) -> None:
    """Not while an editor has removed it for a moment."""
    file = tmp_path / "parity.toml"
    file.write_text("a")
    change = config_change([file])
    assert change() == ""
    file.unlink()
    assert change() == ""
    file.write_text("ab")
    assert change() == "parity.toml"

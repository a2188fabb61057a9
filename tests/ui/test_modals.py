"""Help, timeline and exports over the board."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.containers import VerticalScroll
from textual.keys import _character_to_key
from textual.widgets import Static

from parity_tui.report.symbols import ASCII, LEGEND
from parity_tui.ui.terminal.capabilities import Terminal
from tests.ui.board_user import BoardUser, each_size, opened_board


@each_size
async def test_help_lists_keys_symbols_and_notes(size: tuple[int, int]) -> None:
    async with opened_board(size, notes=["[red]parity.toml[/] can be read by others"]) as user:
        await user.press("question_mark")
        text = user.modal
        for word in ("filter all rows by name", "next baseline", "critical:", "stale:", "[red]parity.toml[/] can be"):
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


@pytest.mark.parametrize("key", ["question_mark", "v", "T", "y", "x", "t"])
async def test_modal_is_wrapped_to_a_screen_that_becomes_narrower(key: str) -> None:
    """No line is cut, and an ASCII terminal gets nothing else, the border and its hint included."""
    async with opened_board((120, 40), terminal=Terminal(ascii=True)) as user:
        await user.to("TimeZone")
        await user.press(key)
        await user.until(lambda: user.has_modal)
        whole = "".join(user.modal.split())
        for width in (120, 50, 34):
            await user.pilot.resize_terminal(width, 20)
            await user.pilot.pause()
            if key not in "xt":
                assert max(map(cell_len, user.modal.split("\n"))) <= user.app.screen.query_one(Static).size.width
                assert user.app.screen.query_one(Static).region.width <= width
            strips = user.app.screen._compositor.render_strips()
            assert "".join(strip.text for strip in strips).isascii()
        if key == "v":
            assert "".join(user.modal.split()) == whole


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
    others = ("absent", "arrow", "before", "after", "folded", "unfolded", "ok", "ellipsis")
    marks += [getattr(ASCII, name) for name in others]
    assert len(set(marks)) == len(marks)


async def type_at_once(user: BoardUser, keys: str) -> None:
    """Hand keys over as a terminal does: all have arrived before the first is handled."""
    for key in keys:
        user.app.post_message(events.Key(_character_to_key(key), key))
    for _ in range(50):
        await user.pilot.pause()


@pytest.mark.parametrize("keys", ["xq", "tq", "?q", "?jjkq", "tqxq?q", "xqtq"])
async def test_keys_typed_at_once_close_modals(keys: str) -> None:
    async with opened_board() as user:
        await type_at_once(user, keys)
        assert user.app.is_running
        assert user.app.screen is user.app.board_screen


async def test_key_behind_closing_modal_reaches_board() -> None:
    async with opened_board() as user:
        for keys in ("?qd", "tqd", "xqd"):
            before = user.grid.view.everything
            await type_at_once(user, keys)
            assert user.app.screen is user.app.board_screen
            assert user.grid.view.everything is not before


async def test_keys_typed_at_once_scroll_modal() -> None:
    async with opened_board((80, 24)) as user:
        await type_at_once(user, "?jjjk")
        assert user.app.screen.query_one(VerticalScroll).scroll_offset.y == 2


async def test_export_key_typed_at_once_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened_board(exports={"md": lambda board: "# board"}) as user:
        await type_at_once(user, "xm")
        await user.until(lambda: any(tmp_path.glob("parity-*.md")))


async def test_click_on_opening_modal_keeps_keys_alive() -> None:
    async with opened_board() as user:
        user.app.post_message(events.Key("question_mark", "?"))
        await user.until(lambda: user.app.screen is not user.app.board_screen)
        user.app.screen.dismiss()
        await type_at_once(user, "d")
        assert user.grid.view.everything


async def test_flood_of_keys_leaves_quit_alive() -> None:
    async with opened_board() as user:
        for key in "jk" * 5000 + "\x03":
            user.app.post_message(events.Key("ctrl+c" if key == "\x03" else key, key))
        await user.until(lambda: not user.app.is_running)

"""Messages over the board: changes, errors, notes."""

from __future__ import annotations

from parity_tui.secrets import register_secret
from tests.ui import boards
from tests.ui.board_user import each_size, opened_board


async def test_change_is_announced_and_highlighted() -> None:
    """The cursor and the scroll position stay."""
    async with opened_board() as user:
        await user.to("max_connections")
        top, place = user.grid.top, user.grid.cursor
        await user.give(boards.changed(boards.full(), "staging", "database", "TimeZone", "Asia/Tokyo"))
        assert "staging database TimeZone: Europe/Paris → Asia/Tokyo" in user.screen
        assert (user.grid.top, user.grid.cursor) == (top, place)
        strip = user.grid.render_line(user.lines.index(user.line("‼ TimeZone")) - 1)
        moved = next(segment for segment in strip if "Asia/Tokyo" in segment.text)
        assert moved.style
        assert moved.style.bgcolor == user.grid.theme.palette.changed.bgcolor
        await user.to("TimeZone")
        assert "staging changed Europe/Paris → Asia/Tokyo" in user.screen


async def test_first_readings_are_no_changes() -> None:
    async with opened_board() as user:
        assert not user.app.board_screen.changes.seen
        assert "→" not in user.screen


async def test_several_changes_share_one_toast() -> None:
    async with opened_board() as user:
        board = boards.full()
        for number in range(9):
            board = boards.changed(board, "staging", "database", f"setting_{number:03d}", "moved")
        await user.give(boards.changed(board, "staging", "database", "TimeZone", "Asia/Tokyo"))
        assert "Asia/Tokyo" in user.screen
        assert "and 8 more; t shows all" in user.screen
        await user.press("t")
        text = user.modal
        assert text.count("moved") == 9
        await user.press("escape")


async def test_source_error_stays_until_r_restarts() -> None:
    """The message shows no password."""
    register_secret("swordfish")
    async with opened_board() as user:
        await user.give(RuntimeError("swordfish was refused"))
        await user.until(lambda: "not reading" in user.lines[0])
        assert "••• was refused" in user.screen
        assert "swordfish" not in user.screen
        await user.press("r")
        await user.until(lambda: user.source.starts == 2)
        assert "not reading" not in user.lines[0]


async def test_configuration_notes_appear_at_start() -> None:
    async with opened_board(notes=["parity.toml can be read by others"]) as user:
        assert "parity.toml can be read by others" in user.screen


async def test_unknown_colour_of_an_environment_is_a_note() -> None:
    async with opened_board(colours={"dev": "redd"}) as user:
        assert 'color "redd" of dev is not known' in user.screen


@each_size
async def test_toast_never_covers_the_cursor(size: tuple[int, int]) -> None:
    async with opened_board(size, board=boards.wide(2)) as user:
        for keys in (("d", "G"), ("g",)):
            await user.press(*keys)
            user.app.board_screen.toast.show("one\ntwo\nthree")
            await user.pilot.pause()
            assert any(line.lstrip(" ▾▸=‼!·").startswith(user.under_cursor) for line in user.lines[2:]), user.screen
            assert "three" in user.screen

"""The board as a person uses it: every key, on a small screen, a usual one and a large one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.pilot import Pilot

from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, TimedChange
from parity_tui.history import HistoryUpdate
from parity_tui.model import Severity
from parity_tui.secrets import register_secret
from parity_tui.ui.app import ParityApp
from parity_tui.ui.board_screen import BoardScreen
from parity_tui.ui.protocols import BoardServices
from parity_tui.ui.terminal.capabilities import Terminal
from parity_tui.ui.view import visible_rows
from parity_tui.ui.widgets.grid import Grid
from parity_tui.ui.widgets.line_widget import LineWidget
from tests.ui import boards

SIZES = [(80, 24), (120, 40), (200, 50)]
each_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


class Person:
    """Someone at the board: presses keys and reads what is on the screen."""

    def __init__(self, pilot: Pilot[None], app: ParityApp, source: boards.Made) -> None:
        self.pilot = pilot
        self.app = app
        self.source = source

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def give(self, board: Board | Exception) -> None:
        """Have the source say something new."""
        self.source.give(board)
        await self.until(lambda: self.source.waiting)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        for _ in range(2000):
            if condition():
                return
            await self.pilot.pause(0.005)
        raise AssertionError("never seen\n" + self.screen)

    @property
    def grid(self) -> Grid:
        """The panes."""
        return self.app.board_screen.query_one(Grid)

    @property
    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        width, height = self.app.size
        rows = [[" "] * width for _ in range(height)]
        for canvas in self.app.board_screen.query(LineWidget):
            if canvas.display:
                for y in range(min(canvas.size.height, height - canvas.region.y)):
                    text = canvas.render_line(y).text
                    rows[canvas.region.y + y] = list(text)
        return ["".join(row).rstrip() for row in rows]

    @property
    def screen(self) -> str:
        """What is on the screen."""
        return "\n".join(self.lines)

    @property
    def sheet(self) -> str:
        """What is on the sheet over the board."""
        return str(self.app.screen.query("Static").first().render())

    def line(self, text: str) -> str:
        """Return the first line of the panes with a text."""
        return next(line for line in self.lines[2:] if text in line)

    @property
    def explained_by(self) -> str:
        """The name of what is under the cursor."""
        place = self.grid.place
        assert place is not None
        return place.row.setting if place.row else place.section.service

    async def to(self, setting: str) -> None:
        """Put the cursor on a setting that is in view."""
        await self.press("g")
        for _ in self.grid.places:
            if self.explained_by == setting:
                return
            await self.press("j")
        raise AssertionError(f"{setting} is not there")


def content(path: Path) -> str:
    """Return what is in a file."""
    return path.read_text()


def mode(path: Path) -> int:
    """Return who may do what with a file."""
    return path.stat().st_mode & 0o777


def files(folder: Path) -> list[Path]:
    """Return what is in a folder."""
    return list(folder.iterdir())


@asynccontextmanager
async def at_the_board(
    size: tuple[int, int] = (120, 40),
    board: Board | None = None,
    found: Terminal | None = None,
    fill: bool = True,
    **wiring: Any,
) -> AsyncIterator[Person]:
    """Sit down at the board; it is full when this is entered."""
    source = boards.Made()
    full = board or boards.full()
    first = boards.empty() if board is None else board
    words = {"remediate": boards.align, **wiring}
    app = ParityApp(source, first, BoardServices(**words), found or Terminal())
    async with app.run_test(size=size) as pilot:
        person = Person(pilot, app, source)
        await person.until(lambda: source.started)
        if fill:
            await person.give(full)
        yield person


@each_size
async def test_all_states_are_in_words_and_marks(size: tuple[int, int]) -> None:
    """Every state that a value or a target can be in is told without colour."""
    async with at_the_board(size) as person:
        await person.to("product")
        assert "‼ product" in person.screen
        assert "◆" in person.line("‼ product")
        assert "? hidden" in person.line("archive_command")
        assert "•••" in person.line("ssl_passphrase")
        assert "~ shared_buffers" in person.screen
        assert "· log_min_dur" in person.screen
        assert "‼ 6" in person.lines[0]
        await person.press("G")
        assert "not configured" in person.line("▾ sessions")
        assert "reading…" in person.line("▾ web")
        assert "✗ no answer in" in person.line("▾ queue")
        assert "= │" in person.line("▸ cache")
        assert "◌ PostgreSQL" in person.line("▾ reporting")


@each_size
async def test_every_line_is_as_wide_as_the_screen(size: tuple[int, int]) -> None:
    """No line is longer or shorter than the screen, wide characters and long values included."""
    async with at_the_board(size) as person:
        await person.press("d")
        for canvas in person.app.board_screen.query(LineWidget):
            for y in range(canvas.size.height):
                assert canvas.render_line(y).cell_length == canvas.size.width


async def test_the_first_paint_is_before_anything_is_read() -> None:
    """All panes are there, and say that they are being read, before the source is asked."""
    async with at_the_board(fill=False) as person:
        assert "reading 0 of 17" in person.lines[0]
        assert "reading…" in person.line("▸ database")


async def test_the_cursor_begins_on_the_worst_drift() -> None:
    """Nobody has to look for what matters most."""
    async with at_the_board() as person:
        assert person.explained_by == "product"
        assert "dev is the odd one out" in person.screen


@pytest.mark.parametrize(("down", "up"), [("j", "k"), ("down", "up")])
async def test_keys_move_by_lines(down: str, up: str) -> None:
    """Both j and the arrow go down, k and the other arrow up."""
    async with at_the_board() as person:
        await person.press("g", down, down)
        assert person.grid.cursor == 2
        await person.press(up)
        assert person.grid.cursor == 1


@each_size
async def test_keys_move_by_screens_and_to_the_ends(size: tuple[int, int]) -> None:
    """PgDn, PgUp, ctrl+d, ctrl+u, G and g; the cursor is always in view."""
    async with at_the_board(size) as person:
        await person.press("d", "g")
        for key in ("pagedown", "pagedown", "ctrl+d", "pageup", "G", "ctrl+u", "g"):
            await person.press(key)
            grid = person.grid
            assert grid.top <= grid.cursor < grid.top + grid.size.height - 1
        assert person.grid.cursor == 0


async def test_tab_goes_from_drift_to_drift() -> None:
    """Tab and shift+tab stop at drift only, and go round."""
    async with at_the_board() as person:
        await person.press("G", "tab")
        assert person.explained_by == "product"
        await person.press("tab", "tab", "tab")
        assert person.explained_by == "ssl_passphrase"
        await person.press("shift+tab")
        assert person.explained_by == "TimeZone"
        await person.press("g", "shift+tab")
        assert person.grid.places[person.grid.cursor].section.service == "sessions"


async def test_brackets_go_from_service_to_service() -> None:
    """A key for the next service, and one for the one before."""
    async with at_the_board() as person:
        await person.press("g", "]", "]")
        assert person.explained_by == "cache"
        await person.press("[")
        assert person.explained_by == "reporting"


async def test_h_and_l_choose_the_pane_whose_alignment_is_shown() -> None:
    """The current pane is the one that the detail speaks of first."""
    async with at_the_board() as person:
        await person.to("TimeZone")
        await person.press("l")
        assert "To align staging" in person.screen
        await person.press("right")
        assert "To align production" in person.screen
        await person.press("h", "left", "left")
        assert person.grid.pane == 0


async def test_enter_folds_a_service_and_stays_as_it_was_left() -> None:
    """The person's own folding wins over what comes in later."""
    async with at_the_board() as person:
        await person.press("g", "enter")
        assert "▸ database" in person.screen
        assert "TimeZone" not in person.screen
        await person.give(boards.moved(boards.full(), "production", "database", "max_connections", "900"))
        assert "▸ database" in person.screen
        await person.press("space")
        assert "‼ TimeZone" in person.screen


async def test_enter_shows_what_a_version_explains() -> None:
    """Settings that only one version has lie folded under the row of the version."""
    async with at_the_board() as person:
        await person.to("version")
        assert "▸4" in person.line("‼ version")
        assert "4 settings only in 18.4" in person.screen
        await person.press("enter")
        assert "io_workers" in person.screen
        await person.press("enter")
        assert "io_workers" not in person.screen


async def test_z_folds_everything_and_opens_it_again() -> None:
    """One key for an overview."""
    async with at_the_board() as person:
        await person.press("z")
        assert len(person.grid.places) == len(person.grid.board.sections)
        await person.press("z")
        assert "▾ cache" in person.screen


@each_size
async def test_d_shows_all_rows(size: tuple[int, int]) -> None:
    """Rows that agree are there when they are asked for, and go again; the cursor stays on its row."""
    async with at_the_board(size) as person:
        await person.to("TimeZone")
        before = len(person.grid.places)
        await person.press("d")
        assert len(person.grid.places) > 400
        assert person.explained_by == "TimeZone"
        await person.press("d")
        assert len(person.grid.places) == before
        assert person.explained_by == "TimeZone"


async def test_d_on_a_row_that_goes_leaves_the_cursor_nearby() -> None:
    """When the row under the cursor is not shown any more, the cursor is on the next one that is."""
    async with at_the_board() as person:
        await person.press("d")
        await person.to("setting_005")
        await person.press("d")
        assert person.explained_by == "reporting"


async def test_s_limits_the_severity() -> None:
    """Info goes first, then warnings; then all is there again. The header says so."""
    async with at_the_board() as person:
        await person.press("s")
        assert "log_min_duration" not in person.screen
        assert "warnings and worse" in person.lines[0]
        await person.press("s")
        assert "max_connections" not in person.screen
        assert "critical only" in person.lines[0]
        await person.press("s")
        assert "log_min_duration" in person.screen


@each_size
async def test_the_filter_finds_names_and_values_in_all_rows(size: tuple[int, int]) -> None:
    """What agrees is found too: that is an answer. Escape brings everything back."""
    async with at_the_board(size) as person:
        await person.press("slash", *"datest")
        assert "/ datest" in person.lines[-1]
        assert "= DateStyle" in person.screen
        assert "TimeZone" not in person.screen
        await person.press("enter")
        assert "filter: datest" in person.lines[0]
        assert "? help" in person.lines[-1]
        await person.press("escape", "g")
        assert "‼ TimeZone" in person.screen
        await person.press("slash", *"Europe", "enter")
        assert "TimeZone" in person.line("Europe/Paris")


async def test_keys_are_answered_while_very_many_rows_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed shows at once, what was found once all is read; leaving the filter ends the search."""
    async with at_the_board() as person:
        later: list[Callable[[], None]] = []
        monkeypatch.setattr(visible_rows, "_AT_ONCE", 5)
        monkeypatch.setattr(person.grid, "set_timer", lambda seconds, callback: later.append(callback))
        await person.press("slash", *"datest")
        assert "/ datest" in person.lines[-1]
        before = person.explained_by
        await person.press("enter", "j")
        assert "‼ TimeZone" in person.screen
        assert person.explained_by != before
        while later:
            assert len(later) == 1
            later.pop()()
        await person.pilot.pause()
        assert "= DateStyle" in person.screen
        assert "TimeZone" not in person.screen
        await person.press("escape")
        assert "‼ TimeZone" in person.screen


async def test_keys_typed_into_the_filter_do_nothing_else() -> None:
    """A q in a filter is a letter; backspace, ctrl+w and escape do what they do everywhere."""
    async with at_the_board() as person:
        await person.press("slash", *"qp b", "backspace", "backspace")
        assert person.grid.view.text == "qp"
        assert person.source.asked == []
        await person.press("ctrl+u", *"zone", "escape")
        assert person.grid.view.text == ""
        assert person.app.is_running


async def test_a_filter_that_finds_nothing_says_so() -> None:
    """An empty screen is explained, and keys on it do no harm."""
    async with at_the_board() as person:
        await person.press("slash", *"nothinglikeit", "enter")
        assert "nothing fits the filter" in person.screen
        await person.press("j", "k", "G", "g", "tab", "enter", "y", "e", "a", "pagedown", "]", "z", "escape")
        assert "database" in person.screen


async def test_numbers_hide_and_show_panes() -> None:
    """A hidden pane is counted; the last one stays; 0 brings all back."""
    async with at_the_board() as person:
        await person.press("1", "2")
        assert "dev" not in person.lines[1]
        assert "2 hidden" in person.lines[1]
        assert person.grid.pane == 2
        await person.press("3")
        assert "production" in person.lines[1]
        await person.press("9", "0")
        assert all(name in person.lines[1] for name in boards.ENVIRONMENTS)


async def test_panes_that_do_not_fit_scroll_behind_the_names() -> None:
    """With twenty environments the current pane is always in view, and the titles say where one is."""
    async with at_the_board((80, 24), boards.wide(20)) as person:
        assert "‹ 1–3 of 20 ›" in person.lines[1]
        for _ in range(19):
            await person.press("l")
        assert "region-19" in person.lines[1]
        assert "18–20 of 20" in person.lines[1]
        assert "max_connections" in person.screen


async def test_r_reads_now_and_p_pauses() -> None:
    """The source is asked, and the header says so."""
    async with at_the_board() as person:
        await person.press("r", "p")
        assert "paused" in person.lines[0]
        await person.press("p")
        assert person.source.asked == ["refresh", "pause True", "pause False"]
        assert "every 5 s" in person.lines[0]


async def test_R_shows_what_the_configuration_names_now() -> None:  # noqa: N802 - the key
    """Fault 41: Other servers from now on; the reading of the old ones has ended, and what has moved is kept."""
    fresh = boards.Made()
    fresh.begin = boards.wide(2)
    wiring = BoardServices(notes=["a note of the new file"])
    full = boards.full()
    async with at_the_board(board=full, reload=lambda: (fresh, boards.wide(2), wiring)) as person:
        await person.give(boards.moved(full, "staging", "database", "TimeZone", "Asia/Tokyo"))
        await person.press("R")
        await person.until(lambda: fresh.started)
        assert person.source.ended
        assert "the configuration was read again   a note of the new file" in person.screen
        assert "region-00" in person.lines[1]
        assert "production" not in person.lines[1]
        await person.press("p")
        assert fresh.asked == ["pause True"]
        await person.press("t")
        assert "Europe/Paris → Asia/Tokyo" in person.sheet


async def test_after_R_the_person_sees_what_was_seen_before_and_all_keys_work() -> None:  # noqa: N802 - the key
    """Fault 41: Cursor, severity, hidden panes, baseline; a filter can be typed, and q in it is a letter."""
    full, fresh = boards.full(), boards.Made()
    fresh.begin = full
    async with at_the_board(board=full, reload=lambda: (fresh, full, BoardServices())) as person:
        await person.to("TimeZone")
        await person.press("b", "s", "1", "v")
        titles = person.lines[1]
        assert "● dev" not in titles
        await person.press("R")
        await person.until(lambda: fresh.started and "read again" in person.screen)
        assert fresh.asked == ["rebase dev"]
        assert person.lines[1] == titles
        assert "warnings and worse" in person.lines[0]
        assert person.explained_by == "TimeZone"
        await person.press("g", "down")
        assert person.grid.cursor == 1
        await person.press("slash", "q", "z")
        assert person.app.is_running
        assert "filter: qz" in person.screen


async def test_a_fault_while_the_configuration_is_read_again_leaves_the_board_alone() -> None:
    """Fault 41: Whatever a plug-in does when it is imported."""

    def load() -> str:
        raise ImportError("no module named 'gone'")

    async with at_the_board(reload=load) as person:
        await person.press("R")
        await person.until(lambda: "ImportError: no module named" in person.screen)
        assert not person.source.ended


async def test_a_configuration_that_is_not_right_changes_nothing() -> None:
    """Fault 41: What is wrong is said, and the board goes on."""
    wrong = 'parity.toml:3: unknown key "pasword"; did you mean "password"?'
    async with at_the_board(reload=lambda: wrong) as person:
        before = person.lines[:2]
        await person.press("R")
        await person.until(lambda: "unknown key" in person.screen)
        assert f"{wrong}   The board goes on as it was." in person.screen
        assert person.lines[:2] == before
        assert not person.source.ended


async def test_without_a_file_there_is_nothing_to_read_again() -> None:
    """Fault 41: The demo has none."""
    async with at_the_board() as person:
        await person.press("R")
        assert "there is no configuration that could be read again" in person.screen


async def test_b_goes_through_the_baselines() -> None:
    """Each environment, then the majority; the board that follows marks others as odd."""
    async with at_the_board() as person:
        await person.press("b")
        await person.until(lambda: "dev is the baseline" in person.lines[0])
        assert re.search(r"● dev +baseline │ ● staging", person.lines[1])
        await person.press("b")
        await person.until(lambda: "staging is the baseline" in person.lines[0])
        assert "◆" in person.line("standard_co")
        assert "baseline" not in person.lines[1]  # staging says what matters more: two of its targets failed
        await person.press("b", "b")
        await person.until(lambda: "the majority decides" in person.lines[0])
        assert "baseline" not in person.lines[1]
        assert person.source.asked == ["rebase dev", "rebase staging", "rebase production", "rebase "]


async def test_v_gives_the_detail_more_room() -> None:
    """A taller detail, and back."""
    async with at_the_board() as person:
        before = person.grid.size.height
        await person.press("v")
        assert person.grid.size.height < before
        await person.press("v")
        assert person.grid.size.height == before


async def test_the_detail_tells_everything_of_a_row() -> None:
    """What was written, where it comes from, what is peculiar, why it matters and the server's own words."""
    async with at_the_board() as person:
        await person.to("shared_buffers")
        for text in ("expected", "written 1048576 in units of 8kB", "postgresql.conf:121", "restart pending"):
            assert text in person.screen
        assert "laptops and rehearsals are small (dba)" in person.screen
        assert "Sets the number of shared memory buffers" in person.screen
        await person.to("archive_command")
        assert "needs GRANT pg_read_all_settings TO parity" in person.screen


async def test_the_detail_tells_everything_of_a_service() -> None:
    """Address, how it is reached, and the whole message of a failure."""
    async with at_the_board() as person:
        await person.to("reporting")
        assert "reporting.staging:5432 closed the connection · last answer 2 min ago" in person.screen
        assert "TLS, not verified" in person.screen


async def test_a_change_is_said_and_marked_and_the_cursor_stays() -> None:
    """The toast names it, the cell stands out, and the line under the cursor does not move."""
    async with at_the_board() as person:
        await person.to("max_connections")
        top, place = person.grid.top, person.grid.cursor
        await person.give(boards.moved(boards.full(), "staging", "database", "TimeZone", "Asia/Tokyo"))
        assert "staging database TimeZone: Europe/Paris → Asia/Tokyo" in person.screen
        assert (person.grid.top, person.grid.cursor) == (top, place)
        strip = person.grid.render_line(person.lines.index(person.line("‼ TimeZone")) - 1)
        moved = next(segment for segment in strip if "Asia/Tokyo" in segment.text)
        assert moved.style
        assert moved.style.bgcolor == person.grid.look.palette.moved.bgcolor
        await person.to("TimeZone")
        assert "staging moved Europe/Paris → Asia/Tokyo" in person.screen


async def test_the_first_filling_is_no_change() -> None:
    """What was never known before has not moved."""
    async with at_the_board() as person:
        assert not person.app.board_screen.moves.seen
        assert "→" not in person.screen


async def test_several_changes_are_one_toast_of_at_most_three_lines() -> None:
    """The worst are named and the rest counted; the timeline has all."""
    async with at_the_board() as person:
        board = boards.full()
        for number in range(9):
            board = boards.moved(board, "staging", "database", f"setting_{number:03d}", "moved")
        await person.give(boards.moved(board, "staging", "database", "TimeZone", "Asia/Tokyo"))
        assert "Asia/Tokyo" in person.screen
        assert "and 8 more; t shows all" in person.screen
        await person.press("t")
        sheet = person.sheet
        assert sheet.count("moved") == 9
        await person.press("escape")


async def test_a_row_that_comes_above_does_not_move_the_cursor_off_its_own() -> None:
    """The cursor follows its setting."""
    async with at_the_board() as person:
        await person.to("max_connections")
        await person.give(boards.moved(boards.full(), "staging", "database", "wal_level", "logical"))
        assert person.explained_by == "max_connections"
        assert "‼ wal_level" in person.screen


async def test_an_error_of_the_source_stays_on_screen_and_r_starts_again() -> None:
    """It never vanishes, and shows no password."""
    register_secret("swordfish")
    async with at_the_board() as person:
        await person.give(RuntimeError("swordfish was refused"))
        await person.until(lambda: "not reading" in person.lines[0])
        assert "••• was refused" in person.screen
        assert "swordfish" not in person.screen
        await person.press("r")
        await person.until(lambda: person.source.starts == 2)
        assert "not reading" not in person.lines[0]


async def test_y_copies_the_row_and_says_where_else_it_is() -> None:
    """On the clipboard, and in a file that only its owner can read."""
    async with at_the_board((200, 50)) as person:
        await person.to("TimeZone")
        await person.press("y")
        await person.until(lambda: "it is also in" in person.screen)
        path = Path(person.line("it is also in").split("it is also in ")[1].strip())
        assert content(path) == person.app.clipboard
        assert mode(path) == 0o600
        assert "database TimeZone: critical" in person.app.clipboard
        assert "Europe/Paris   (postgresql.conf:702)" in person.app.clipboard


async def test_a_copies_what_would_align() -> None:
    """The text alone, ready to be pasted."""
    async with at_the_board() as person:
        await person.to("TimeZone")
        await person.press("l", "a")
        await person.until(lambda: bool(person.app.clipboard))
        assert person.app.clipboard.startswith('ALTER SYSTEM SET "TimeZone"')


async def test_e_copies_an_expectation_that_the_configuration_reads() -> None:
    """It is TOML, and only the reason is missing."""
    import tomllib

    async with at_the_board() as person:
        await person.to("product")
        await person.press("e")
        await person.until(lambda: bool(person.app.clipboard))
        expectation = tomllib.loads(person.app.clipboard)["expect"][0]
        assert expectation["service"] == "database"
        assert expectation["environments"] == ["dev"]
        assert expectation["values"] == {"dev": "SQLite"}
        await person.to("database")
        await person.press("e")
        assert "nothing differs here that could be expected" in person.screen


@pytest.mark.parametrize(("key", "ending", "start"), [("m", "md", "# 6"), ("j", "json", "{}"), ("s", "svg", "<svg")])
async def test_x_writes_the_board_to_a_file(
    key: str, ending: str, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Markdown, JSON and a picture go into the working directory, and the path is told."""
    monkeypatch.chdir(tmp_path)
    exports = {"md": lambda board: f"# {board.summary.critical}", "json": lambda board: "{}"}
    async with at_the_board(exports=exports) as person:
        await person.press("x", key)
        await person.until(lambda: "written to" in person.screen)
        [path] = files(tmp_path)
        assert path.name.startswith("parity-")
        assert path.suffix == f".{ending}"
        assert content(path).startswith(start)


async def test_x_says_why_nothing_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is gone is an error in words, and any other key writes nothing (fault 55)."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with at_the_board() as person:
        await person.press("x", "escape")
        assert files(folder) == []
        monkeypatch.setattr(Path, "cwd", lambda: folder / "not there")
        await person.press("x", "s")
        await person.until(lambda: "nothing was written: no such file" in person.screen)


@each_size
async def test_help_names_every_key(size: tuple[int, int]) -> None:
    """All keys, all marks, and the notes on the configuration."""
    async with at_the_board(size, notes=["[red]parity.toml[/] can be read by others"]) as person:
        await person.press("question_mark")
        text = person.sheet
        for word in ("filter by name", "the next baseline", "critical:", "stale:", "[red]parity.toml[/] can be"):
            assert word in text
        await person.press("j", "k", "q")
        assert person.app.is_running
        assert person.app.screen is person.app.board_screen


async def test_the_command_palette_has_the_same_commands() -> None:
    """ctrl+p offers what keys do, and the colours."""
    async with at_the_board() as person:
        commands = {command.title: command for command in person.app.get_system_commands(person.app.screen)}
        assert "All rows  (d)" in commands
        await commands["All rows  (d)"].callback()
        assert person.grid.view.everything
        commands["Light colours"].callback()
        assert person.grid.look.palette.name == "parity-light"
        await person.press("ctrl+p")
        assert person.app.screen is not person.app.board_screen
        await person.press("escape")


async def test_the_notes_are_said_at_the_start() -> None:
    """What a person should know of the configuration is not only in the help."""
    async with at_the_board(notes=["parity.toml can be read by others"]) as person:
        assert "parity.toml can be read by others" in person.screen


async def test_hostile_text_is_only_text() -> None:
    """Markup and control characters in names and values reach the screen as what they are (faults 28, 29)."""
    async with at_the_board() as person:
        evil = "[/oops] [@click=app.quit]x[/] \x1b]52;c;AAAA\x07 \u202e"
        board = boards.moved(boards.full(), "staging", "database", "TimeZone", evil)
        await person.give(board)
        await person.to("TimeZone")
        await person.press("y", "e", "t", "escape")
        assert "[/oops]" in person.screen
        assert "\x1b" not in person.screen
        assert "\u202e" not in person.screen


async def test_ascii_marks_stand_for_the_others() -> None:
    """Without UTF-8 the whole screen is ASCII, and says the same."""
    async with at_the_board(found=Terminal(ascii=True, sixteen=True)) as person:
        await person.press("d")
        assert person.screen.isascii()
        assert "# product" in person.screen
        assert "<" in person.line("# product")
        await person.press("ctrl+p")
        assert "filter by name" in person.sheet


@pytest.mark.parametrize("size", [(1, 1), (19, 40), (80, 4), (500, 3), (20, 5), (80, 13), (40, 14)])
async def test_any_size_is_survived(size: tuple[int, int]) -> None:
    """Too small is said; whatever the size, keys do no harm (fault 44)."""
    async with at_the_board(size) as person:
        await person.press("j", "d", "tab", "l", "v", "slash", "x", "escape", "1", "0", "G", "g", "enter")
        if 10 < size[0] < 20 or size[1] < 5 < size[0]:
            assert person.lines[0] == "too small"
        await person.pilot.resize_terminal(120, 40)
        await person.pilot.pause()
        assert "database" in person.screen


async def test_the_mouse_moves_the_cursor_and_folds() -> None:
    """A click on a row goes there, one on a service folds it, the wheel scrolls."""
    async with at_the_board() as person:
        y = person.lines.index(person.line("‼ TimeZone"))
        await person.pilot.click(Grid, offset=(100, y - 1))
        assert person.explained_by == "TimeZone"
        assert person.grid.pane == 2
        await person.pilot.click(Grid, offset=(5, 1))
        assert "▸ database" in person.screen


async def test_only_changed_cells_are_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One value that moves is one region of one line."""
    board = boards.moved(boards.full(), "production", "database", "uptime", "10")
    async with at_the_board(board=board) as person:
        await person.press("slash", *"uptime", "enter", "g")
        painted: list[tuple[Any, ...]] = []
        real = person.grid.refresh

        def refresh(*regions: Any, **options: Any) -> Grid:
            painted.append(regions)
            return real(*regions, **options)

        monkeypatch.setattr(person.grid, "refresh", refresh)
        await person.give(boards.moved(board, "production", "database", "uptime", "11"))
        assert [len(regions) for regions in painted] == [1]
        assert painted[0][0].height == 1
        assert painted[0][0].width < 40


@each_size
async def test_the_timeline_tells_between_when_and_when_and_cuts_nothing_silently(size: tuple[int, int]) -> None:
    """What earlier boards saw, what nobody saw, and a value that is longer than any line."""
    change = Change("staging", "database", "TimeZone", "UTC", "Europe/Paris", Severity.CRITICAL)
    now = datetime.now().astimezone()
    days = [(now - timedelta(days=number)).replace(hour=12, minute=number).timestamp() for number in (3, 2, 1)]
    long = replace(change, setting="search_path", before="x" * 300, after="y" * 300)
    async with at_the_board(size) as person:
        news = HistoryUpdate(
            past=(TimedChange(days[0], change), TimedChange(days[1], long)),
            missed=(TimedChange(days[2], change, days[0]),),
        )
        person.app.board_screen.post_message(BoardScreen.Recalled(news))
        await person.until(
            lambda: "since you last looked: staging database TimeZone: UTC → Europe/Paris" in person.screen
        )
        await person.to("TimeZone")
        assert "staging moved UTC → Europe/Paris" in person.screen
        await person.press("t")
        lines = person.sheet.splitlines()
        assert all(cell_len(line) <= size[0] - 6 for line in lines)
        (missed,) = (line for line in lines if ":03 - " in line)
        assert "12:01" in missed
        assert next(line for line in lines if "xxx" in line).rstrip().endswith("…")


@each_size
async def test_a_toast_never_covers_the_line_under_the_cursor(size: tuple[int, int]) -> None:
    """It stands at the end of the panes, and at their beginning while the cursor is at the end."""
    async with at_the_board(size, board=boards.wide(2)) as person:
        for keys in (("d", "G"), ("g",)):
            await person.press(*keys)
            person.app.board_screen.say("one\ntwo\nthree")
            await person.pilot.pause()
            place = person.grid.place
            assert place is not None
            name = place.row.setting if place.row else place.section.service
            assert any(line.lstrip(" ▾▸=‼!·").startswith(name) for line in person.lines[2:]), person.screen
            assert "three" in person.screen


async def test_a_filter_goes_to_the_first_match_that_matters() -> None:
    """Unless the cursor is on one of them already; and the rule says whose row it is."""
    async with at_the_board((80, 24)) as person:
        await person.to("product")
        await person.press("slash", *"max_c", "enter")
        assert person.explained_by == "max_connections"
        assert "database   " in next(line for line in person.lines if line.startswith("──"))


@pytest.mark.parametrize("key", ["question_mark", "t", "x"])
async def test_how_to_leave_a_sheet_is_seen_however_long_it_is(key: str) -> None:
    """In its border."""
    async with at_the_board((80, 24)) as person:
        await person.press(key)
        box = person.app.screen.query_one(VerticalScroll)
        assert "any other key" in str(box.border_subtitle)


async def test_one_environment_is_no_parity() -> None:
    """There is nothing to compare it with, and that is what is said."""
    async with at_the_board((80, 24), board=boards.wide(1)) as person:
        assert "one environment: nothing to compare" in person.lines[0]
        assert "no drift" not in person.lines[0]
        assert "=" not in person.line("database")

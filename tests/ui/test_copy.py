"""Text that leaves the board: copies and exports."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from parity_tui.ui.view import clipboard
from tests.drift import builders
from tests.ui.board_user import opened_board


def content(path: Path) -> str:
    return path.read_text()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_y_copies_the_row() -> None:
    """To the clipboard and to a file that only its owner can read."""
    async with opened_board((200, 50)) as user:
        await user.to("TimeZone")
        await user.press("y")
        await user.until(lambda: "it is also in" in user.screen)
        path = Path(user.line("it is also in").split("it is also in ")[1].strip())
        assert content(path) == user.app.clipboard
        assert mode(path) == 0o600
        assert "database TimeZone: critical" in user.app.clipboard
        assert "Europe/Paris   (postgresql.conf:702)" in user.app.clipboard


async def test_a_copies_the_remediation() -> None:
    async with opened_board() as user:
        await user.to("TimeZone")
        await user.press("l", "a")
        await user.until(lambda: bool(user.app.clipboard))
        assert user.app.clipboard.startswith('ALTER SYSTEM SET "TimeZone"')


async def test_e_copies_an_expectation_as_toml() -> None:
    async with opened_board() as user:
        await user.to("product")
        await user.press("e")
        await user.until(lambda: bool(user.app.clipboard))
        expectation = tomllib.loads(user.app.clipboard)["expect"][0]
        assert expectation["service"] == "database"
        assert expectation["environments"] == ["dev"]
        assert expectation["values"] == {"dev": "SQLite"}
        await user.to("database")
        await user.press("e")
        assert "nothing differs here that could be expected" in user.screen


@pytest.mark.parametrize(("key", "ending", "start"), [("m", "md", "# 6"), ("j", "json", "{}"), ("s", "svg", "<svg")])
async def test_x_exports_the_board_to_a_file(
    key: str, ending: str, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exports = {"md": lambda board: f"# {board.summary.critical}", "json": lambda board: "{}"}
    async with opened_board(exports=exports) as user:
        await user.press("x", key)
        await user.until(lambda: "written to" in user.screen)
        [path] = files(tmp_path)
        assert path.name.startswith("parity-")
        assert path.suffix == f".{ending}"
        assert content(path).startswith(start)


async def test_failed_export_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55: A folder that is gone; any other key writes nothing."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with opened_board() as user:
        await user.press("x", "escape")
        assert files(folder) == []
        monkeypatch.setattr(Path, "cwd", lambda: folder / "not there")
        await user.press("x", "s")
        await user.until(lambda: "nothing was written: no such file" in user.screen)


def test_expectation_of_a_blind_spot_accepts_it() -> None:
    hidden = (("zone", "needs GRANT x"), ("limit", "needs GRANT x"))
    board = builders.board(builders.reading({"zone": "a", "limit": "1"}), builders.reading({}, hidden=hidden))
    (row,) = [row for row in board.sections[0].rows if row.listed]
    (expect,) = tomllib.loads(clipboard.expectation(board, row))["expect"]
    assert (expect["setting"], expect["environments"], expect["hidden"]) == ("*", ["production"], True)
    one = builders.board(builders.reading({"zone": "a"}), builders.reading({}, hidden=hidden[:1]))
    (expect,) = tomllib.loads(clipboard.expectation(one, builders.row(one, "zone")))["expect"]
    assert (expect["setting"], "values" in expect) == ("zone", False)

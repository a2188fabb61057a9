"""Text that leaves the board: copies and exports."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from parity_tui.config import ConfigError, append_table
from parity_tui.ui.view import clipboard
from tests.drift import builders
from tests.ui.board_user import opened_board


def content(path: Path) -> str:
    return path.read_text()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_y_copies_the_row_and_shows_it() -> None:
    async with opened_board((200, 50)) as user:
        await user.to("TimeZone")
        await user.press("y")
        await user.until(lambda: user.has_modal)
        assert "database TimeZone: critical" in user.app.clipboard
        assert "Europe/Paris   (postgresql.conf:702)" in user.app.clipboard
        assert all(line in user.modal for line in user.app.clipboard.splitlines())
        assert "copied the row" in user.modal


async def test_a_copies_the_fix_and_shows_all_of_it() -> None:
    """On a narrow screen its lines are wrapped, with nothing left out."""
    async with opened_board((60, 24)) as user:
        await user.to("TimeZone")
        await user.press("l", "a")
        await user.until(lambda: user.has_modal)
        assert user.app.clipboard.startswith('ALTER SYSTEM SET "TimeZone"')
        assert user.app.clipboard.strip() in user.modal.replace("\n", "")


def _written(file: Path, table: str) -> str:
    append_table(file, table)
    return ""


def expecting(file: Path, **services: Any) -> dict[str, Any]:
    """Return services that append to a configuration file."""
    return {
        "write_expectation": lambda table: _written(file, table),
        "expectation_file": str(file),
        **services,
    }


CONFIG = """# how we run  it
[environments.dev.services]
database = "sqlite:///app.db" # local
"""


async def test_e_writes_an_expectation_with_its_reason(tmp_path: Path) -> None:
    """Comments and layout stay; nothing is written without a confirmation."""
    file = tmp_path / "parity.toml"
    file.write_text(CONFIG)
    async with opened_board(**expecting(file)) as user:
        await user.to("product")
        await user.press("e")
        await user.until(lambda: user.has_modal)
        await user.press(*"laptops", "enter")
        await user.until(lambda: "laptops" in user.modal)
        assert file.read_text() == CONFIG
        await user.press("enter")
        await user.until(lambda: file.read_text() != CONFIG)
        text = file.read_text()
        assert text.startswith(CONFIG)
        expectation = tomllib.loads(text)["expect"][0]
        assert (expectation["service"], expectation["environments"]) == ("database", ["dev"])
        assert (expectation["values"], expectation["reason"]) == ({"dev": "SQLite"}, "laptops")


async def test_e_without_a_reason_or_drift_does_nothing(tmp_path: Path) -> None:
    file = tmp_path / "parity.toml"
    file.write_text(CONFIG)
    async with opened_board(**expecting(file)) as user:
        await user.to("product")
        await user.press("e")
        await user.until(lambda: user.has_modal)
        await user.press("escape")
        await user.until(lambda: "no reason given" in user.screen)
        await user.to("database")
        await user.press("e")
        assert "no drift on this line to expect" in user.screen
    assert file.read_text() == CONFIG


async def test_read_only_board_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "parity.toml"
    file.write_text(CONFIG)
    async with opened_board(**expecting(file, read_only=True)) as user:
        await user.to("product")
        await user.press("x")
        assert "--read-only" in user.screen
        await user.press("e")
        await user.until(lambda: user.has_modal)
        await user.press(*"laptops", "enter")
        await user.until(lambda: "laptops" in user.modal)
        assert "writes it" not in user.modal
        await user.press("y")
        await user.until(lambda: "[[expect]]" in user.app.clipboard)
    assert files(tmp_path) == [file]
    assert file.read_text() == CONFIG


def test_appended_table_keeps_layout_mode_and_link(tmp_path: Path) -> None:
    file, link = tmp_path / "real.toml", tmp_path / "parity.toml"
    file.write_bytes(CONFIG.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    link.symlink_to(file)
    append_table(link, '[[expect]]\nservice = "database"\nsetting = "x"\nreason = "y"\n')
    assert link.is_symlink()
    assert mode(file) == 0o640
    assert b'"y"\r\n' in file.read_bytes()
    before = file.read_bytes()
    with pytest.raises(ConfigError):
        append_table(link, "[[expect]]\nsurplus = 1\n")
    assert (file.read_bytes(), sorted(files(tmp_path))) == (before, sorted([file, link]))


@pytest.mark.parametrize(("key", "ending", "start"), [("m", "md", "# 6"), ("j", "json", "{}"), ("s", "svg", "<svg")])
async def test_x_exports_the_board_to_a_file(
    key: str, ending: str, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exports = {"md": lambda board: f"# {board.summary.critical}", "json": lambda board: "{}"}
    async with opened_board(exports=exports) as user:
        await user.press("x", key)
        await user.until(lambda: "wrote " in user.screen)
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
        await user.until(lambda: "not written: no such file" in user.screen)


def test_expectation_of_a_blind_spot_accepts_it() -> None:
    hidden = (("zone", "needs GRANT x"), ("limit", "needs GRANT x"))
    board = builders.board(builders.reading({"zone": "a", "limit": "1"}), builders.reading({}, hidden=hidden))
    (row,) = [row for row in board.sections[0].rows if row.listed]
    (expect,) = tomllib.loads(clipboard.expectation(board, row, "no rights"))["expect"]
    assert (expect["setting"], expect["environments"], expect["hidden"]) == ("*", ["production"], True)
    one = builders.board(builders.reading({"zone": "a"}), builders.reading({}, hidden=hidden[:1]))
    (expect,) = tomllib.loads(clipboard.expectation(one, builders.row(one, "zone"), "no rights"))["expect"]
    assert (expect["setting"], "values" in expect) == ("zone", False)

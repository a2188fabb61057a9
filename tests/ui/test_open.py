"""The board on a snapshot: ages in the heads, and nothing is asked of servers."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from parity_tui.cli import Exit, main
from parity_tui.drift.board import Board
from parity_tui.snapshot.document import snapshot_of
from parity_tui.snapshot.file import read, write
from tests.drift.builders import KINDS, board, reading
from tests.ui.board_user import each_size, opened_board
from tests.ui.terminal import opened

LIVE = board(reading({"zone": "a"}), reading({"zone": "b"}), reading({"zone": "b"}))


def offline(folder: Path, seconds: float) -> Board:
    """Return the board of a snapshot that is so many seconds old."""
    path = folder / "a.json"
    write(path, snapshot_of(LIVE, time.time() - seconds, "", ""))
    snapshot = read(path)
    targets = [outcome.target for outcome in snapshot.outcomes]
    return Board.of(snapshot.environments, targets, KINDS, LIVE.policy).with_outcomes(snapshot.outcomes)


@each_size
async def test_heads_show_the_age_at_every_width(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened_board(size, offline(tmp_path, 3000)) as user:
        assert len(re.findall(" 50 ?m", user.lines[1])) == 3
        assert "produc" in user.lines[1]
        assert user.lines[0].rstrip().endswith("off line")


async def test_keys_that_need_servers_say_so(tmp_path: Path) -> None:
    async with opened_board(board=offline(tmp_path, 60)) as user:
        for key in ("r", "p"):
            await user.press(key)
            assert "off line: the board shows a snapshot, and asks no server" in user.screen
        assert user.source.requests == []


async def test_detail_names_the_file(tmp_path: Path) -> None:
    async with opened_board((200, 50), offline(tmp_path, 200_000)) as user:
        await user.press("g")
        assert f"read 2 d ago, from {tmp_path / 'a.json'}"[:30] in user.screen


def test_board_of_a_file_opens_in_a_terminal(tmp_path: Path) -> None:
    write(tmp_path / "a.json", snapshot_of(LIVE, time.time() - 7300, "", ""))
    with opened("open", str(tmp_path / "a.json"), module="parity_tui", environment={"HOME": str(tmp_path)}) as terminal:
        terminal.see("off line")
        terminal.see("2 h")
        terminal.type("z")
        terminal.see("zone")
        terminal.type("q")
        assert terminal.end() == 0


def test_file_of_a_hostile_person_is_text_on_the_screen(tmp_path: Path) -> None:
    hostile = reading({"zone\x1b]0;owned\x07": "\x1b[31mred\u202e", "limit": "9" * 5000}, "\x1b[2J", "\x1b[H")
    made = board(hostile, replace(hostile, notes=("\x1b[5m",)), reading({"zone": "b"}))
    write(tmp_path / "a.json", snapshot_of(made, time.time(), "", ""))
    with opened("open", str(tmp_path / "a.json"), module="parity_tui", environment={"HOME": str(tmp_path)}) as terminal:
        terminal.see("off line")
        terminal.see("\\x1b[2J")
        terminal.type("q")
        assert terminal.end() == 0


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("none.json", "none.json: there is no such file"),
        ("postgresql://hub/parity", "the hub has no user: postgresql://USER@HOST/DATABASE"),
    ],
)
def test_unusable_file_is_refused_without_a_terminal(file: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["open", file]) == Exit.USAGE
    assert words in capsys.readouterr().err

"""Random bytes in the file of a history: it is read or described, and the board goes on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from parity_tui.drift.board import Board
from parity_tui.history import HistoryUpdate, Recording, StoreError, history_path, read_history
from parity_tui.history.writer import Writer
from tests.drift.change_builders import EMPTY, answered, reading

FILES = [Path("/srv/shop/parity.toml")]


def boards(count: int) -> Iterator[Board]:
    """Yield boards whose zone moves."""
    board = EMPTY
    for number in range(count):
        facts = {f"setting.{other}": "value" for other in range(60)}
        board = answered(board, reading(zone=f"{number} {'z' * (number % 50)}", **facts), reading(zone="x"))
        yield board


def record(count: int) -> list[str]:
    """Record boards; return the problems."""
    updates: list[HistoryUpdate] = []
    writer = Writer(FILES, Recording(), lambda: 1000.0, updates.append)
    for board in boards(count):
        writer.record(board)
        writer.confirm()
    writer.leave()
    writer.close()
    return [update.problem for update in updates if update.problem]


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the contents of a history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        assert record(60) == []
        return history_path(FILES).read_bytes()


@pytest.mark.parametrize("seed", range(25))
def test_random_damage_ends_nothing(seed: int, intact: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 57."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    chance, data = random.Random(seed), bytearray(intact)
    for _ in range(chance.choice((1, 3, 30))):
        at, length = chance.randrange(len(data)), chance.choice((1, 4, 200))
        data[at : at + length] = chance.randbytes(len(data[at : at + length]))
    history_path(FILES).parent.mkdir(parents=True)
    history_path(FILES).write_bytes(data)
    with suppress(StoreError):
        read_history(FILES, lambda store: store.load_events(500.0))
    with suppress(StoreError):
        read_history(FILES, lambda store: store.load_moves())
    problems = record(3)
    assert all("kept as" in problem for problem in problems)
    state = read_history(FILES, lambda store: store.load())
    assert state.values["dev", "db", ""]["zone"].startswith("2 ")

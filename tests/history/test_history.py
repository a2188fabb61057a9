"""The thread that keeps the history: nothing that happens to it holds up the board."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from parity_tui import history
from parity_tui.history import History, HistoryUpdate, file, read
from tests.drift.test_changes import EMPTY
from tests.history.test_recorder import heard, reading

FULL = heard(EMPTY, reading(zone="a"), reading(zone="a"))


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep it in a folder of the test's."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def opened(name: str, clock: Callable[[], float] = time.time) -> tuple[History, queue.Queue[HistoryUpdate]]:
    """Open the history of a configuration; what it tells is in the queue."""
    told: queue.Queue[HistoryUpdate] = queue.Queue()
    kept = History([Path(f"/srv/{name}/parity.toml")], clock)
    kept.open(told.put)
    return kept, told


def ended(kept: History) -> None:
    """Wait for the end of it, however slow the machine is."""
    kept.close()
    assert kept._thread is not None
    kept._thread.join(30)


def test_what_was_kept_is_told_to_the_next() -> None:
    """The end of a board waits for the last lines."""
    first, told = opened("shop")
    assert told.get(timeout=30) == HistoryUpdate()
    first.record(FULL)
    ended(first)
    second, told = opened("shop")
    told.get(timeout=30)
    second.record(heard(FULL, reading(zone="b")))
    ended(second)
    (missed,) = told.get(timeout=30).missed
    assert (missed.change.before, missed.change.after) == ("a", "b")
    third, told = opened("shop")
    assert [move.change.after for move in told.get(timeout=30).past] == ["b"]
    ended(third)


def test_a_disk_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55: Neither the board while it is open nor its end."""
    writing, never = threading.Event(), threading.Event()

    def hang(path: Path, lines: Iterable[bytes]) -> None:
        writing.set()
        never.wait()

    monkeypatch.setattr(history, "append", hang)
    kept, told = opened("hung")
    told.get(timeout=30)
    kept.record(FULL)
    assert writing.wait(30)
    for _ in range(1000):
        kept.record(FULL)
    kept.close()
    assert not never.is_set()
    never.set()


def test_what_a_full_disk_did_not_take_is_written_when_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55: In its place, and with its own time: else the next board would tell a false one."""
    full, now = threading.Event(), [1000.0]
    took = file.append

    def take(path: Path, lines: list[bytes]) -> bool:
        if full.is_set():
            refused.put(None)
            raise OSError(28, "No space left on device")
        return took(path, lines)

    refused: queue.Queue[None] = queue.Queue()
    monkeypatch.setattr(history, "append", take)
    monkeypatch.setattr(history, "_INTERVAL", 0)
    kept, told = opened("full", lambda: now[0])
    told.get(timeout=30)
    full.set()
    kept.record(FULL)
    refused.get(timeout=30)
    assert "no space left on device" in told.get(timeout=30).problem
    now[0] = 2000.0
    moved = heard(FULL, reading(zone="b"))
    kept.record(moved)
    refused.get(timeout=30)
    full.clear()
    now[0] = 9000.0
    kept.record(heard(moved, reading(zone="c")))
    ended(kept)
    again, told = opened("full")
    past = told.get(timeout=30).past
    ended(again)
    assert [(move.at, move.change.transition) for move in past] == [(2000.0, "a → b"), (9000.0, "b → c")]


def test_while_a_disk_is_full_nothing_is_said_to_be_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55: The end of the board writes nothing at all then."""
    tried: queue.Queue[list[bytes]] = queue.Queue()

    def refuse(path: Path, lines: list[bytes]) -> bool:
        tried.put(list(lines))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(history, "append", refuse)
    kept, told = opened("full")
    told.get(timeout=30)
    kept.record(FULL)
    tried.get(timeout=30)
    ended(kept)
    assert all(b'"values":{}' not in line for lines in list(tried.queue) for line in lines)


def test_a_new_file_is_begun_with_what_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However often that happens, what was never seen to move is known to the next board."""
    monkeypatch.setattr(file, "_MAX_SIZE", 200)
    monkeypatch.setattr(history, "_INTERVAL", 0)
    kept, told = opened("long")
    told.get(timeout=30)
    board = FULL
    for number in range(20):
        board = heard(board, reading(zone=str(number), limit="7"))
        kept.record(board)
        for _ in range(1000):
            if kept._latest is None or not kept._wake.is_set():
                break
            threading.Event().wait(0.01)
    ended(kept)
    past = read(next(path for path in (tmp_path / "parity-tui/history").iterdir() if ".1." not in path.name))
    assert past.values["dev", "db"]["limit"] == "7"


def test_a_fault_of_our_own_in_it_is_said_and_the_board_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """And prints nothing over the board."""

    def fail(path: Path) -> history.HistoryState:
        raise ValueError("ours")

    monkeypatch.setattr(history, "read", fail)
    kept, told = opened("broken")
    assert told.get(timeout=30).problem == "no history is kept: ValueError, a fault of parity-tui itself"
    kept.record(FULL)
    ended(kept)


def test_without_a_home_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 59: A container whose user nobody has encode down."""
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    kept, told = opened("nobody")
    assert "remembered only while this board is open" in told.get(timeout=30).problem
    ended(kept)

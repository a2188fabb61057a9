"""The thread that keeps the history: nothing that happens to it holds up the board."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from parity_tui import history
from parity_tui.history import History, News
from tests.history.test_ledger import EMPTY, heard, reading

FULL = heard(EMPTY, reading(zone="a"), reading(zone="a"))


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep it in a folder of the test's."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def opened(name: str) -> tuple[History, queue.Queue[News]]:
    """Open the history of a configuration; what it tells is in the queue."""
    told: queue.Queue[News] = queue.Queue()
    kept = History([Path(f"/srv/{name}/parity.toml")])
    kept.open(told.put)
    return kept, told


def test_what_was_kept_is_told_to_the_next() -> None:
    """The end of a board waits for the last lines."""
    first, told = opened("shop")
    assert told.get(timeout=30) == News()
    first.keep(FULL)
    first.close()
    second, told = opened("shop")
    told.get(timeout=30)
    second.keep(heard(FULL, reading(zone="b")))
    second.close()
    (missed,) = told.get(timeout=30).missed
    assert (missed.change.before, missed.change.after) == ("a", "b")
    third, told = opened("shop")
    assert [move.change.after for move in told.get(timeout=30).past] == ["b"]
    third.close()


def test_a_disk_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 55: Neither the board while it is open nor its end."""
    writing, never = threading.Event(), threading.Event()

    def hang(path: Path, lines: Iterable[bytes]) -> None:
        writing.set()
        never.wait()

    monkeypatch.setattr(history, "append", hang)
    kept, told = opened("hung")
    told.get(timeout=30)
    kept.keep(FULL)
    assert writing.wait(30)
    for _ in range(1000):
        kept.keep(FULL)
    kept.close()
    assert not never.is_set()
    never.set()


def test_a_fault_of_our_own_in_it_is_said_and_the_board_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """And prints nothing over the board."""

    def fail(path: Path) -> history.Past:
        raise ValueError("ours")

    monkeypatch.setattr(history, "read", fail)
    kept, told = opened("broken")
    assert told.get(timeout=30).problem == "no history is kept: ValueError, a fault of parity-tui itself"
    kept.keep(FULL)
    kept.close()


def test_without_a_home_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 59: A container whose user nobody has written down."""
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    kept, told = opened("nobody")
    assert "remembered only while this board is open" in told.get(timeout=30).problem
    kept.close()

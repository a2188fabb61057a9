"""Faults of the history file, shown by the board on a real server in a terminal."""

from __future__ import annotations

import json
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from tests.faults.program import finish, start, write_config
from tests.ui.terminal import Terminal, opened


@pytest.fixture
def cache(servers: Servers, tmp_path: Path) -> Redis:
    """Start a server, and write a configuration that has it in two environments."""
    server = servers.redis("7.0", settings={"maxmemory": "100mb"})
    entries = "".join(f'[environments.{name}.services]\ncache = "{server.url()}"\n' for name in ("dev", "production"))
    write_config(tmp_path, f'interval = "0.3s"\n{entries}')
    return server


@contextmanager
def board(home: Path, before: Callable[[], None] = lambda: None, *, well: bool = True) -> Iterator[Terminal]:
    """Open the board and wait until it is filled and, if all is well, its history is begun."""
    config, variables = str(home / "parity.toml"), {"HOME": str(home), "XDG_STATE_HOME": ""}
    folder = home / ".local/state/parity-tui/history"
    with opened("--config", config, module="parity_tui", environment=variables, before=before) as terminal:
        terminal.see("Redis 7.0")
        terminal.until(lambda: not well or any(folder.glob("*")), "a history")
        terminal.quiet(0.3)
        yield terminal


def wait_for_change(terminal: Terminal, transition: str) -> None:
    """Wait until the change of both environments is shown."""
    starts = ("dev cache maxmemory: ", "production cache maxmemory: ")
    shown = lambda start: any(start in line and transition in line for line in terminal.shown)  # noqa: E731
    terminal.until(lambda: all(map(shown, starts)), f"both {transition}")


def close_timeline(terminal: Terminal) -> None:
    terminal.type("q")
    terminal.until(lambda: not any("Changes and outages" in line for line in terminal.shown), "the board again")


def leave(terminal: Terminal) -> None:
    terminal.type("q")
    assert terminal.end() == 0


def history_file(home: Path) -> Path:
    (file,) = (home / ".local/state/parity-tui/history").glob("*.sqlite3")
    return file


def sql(home: Path, statement: str) -> list[Any]:
    """Run a statement on the history."""
    with closing(sqlite3.connect(history_file(home), isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def history(home: Path) -> tuple[list[str], str]:
    """Run `parity-tui history`; return its changes in short, and its errors."""
    code, out, error = finish(start("history", "--config", home / "parity.toml", "--format", "json", folder=home))
    assert code == 0
    changes = json.loads(out)["changes"]
    short = [f"{c['environment']} {c['setting']} {c['before']['text']} → {c['after']['text']}" for c in changes]
    return sorted(short), error


CHANGED = ["dev maxmemory 100 MB → 50 MB", "production maxmemory 100 MB → 50 MB"]


def test_two_boards_share_one_history(cache: Redis, tmp_path: Path) -> None:
    """Fault 56: A change that both saw is stored once."""
    with board(tmp_path) as one, board(tmp_path) as other:
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        wait_for_change(one, "100 MB → 50 MB")
        wait_for_change(other, "100 MB → 50 MB")
        leave(one)
        leave(other)
    assert sql(tmp_path, "SELECT count(*) FROM event") == [(2,)]
    assert history(tmp_path) == (CHANGED, "")


def test_change_between_boards_is_announced_once(cache: Redis, tmp_path: Path) -> None:
    """By the next board: on the screen, in the detail and in the timeline; the board after it has the timeline only."""
    with board(tmp_path) as first:
        leave(first)
    cache.do("CONFIG", "SET", "maxmemory", "50mb")
    with board(tmp_path) as second:
        second.see("since you last looked: dev cache maxmemory: 100 MB → 50 MB")
        second.type("d/maxmemory\rj")
        second.see("production changed 100 MB → 50 MB")
        second.type("t")
        second.see("production  cache maxmemory   100 MB → 50 MB")
        close_timeline(second)
        leave(second)
    with board(tmp_path) as third:
        third.type("t")
        third.see("production  cache maxmemory   100 MB → 50 MB")
        close_timeline(third)
        leave(third)
        assert b"since you last looked" not in third.written
    assert history(tmp_path) == (CHANGED, "")


def test_damaged_history_is_set_aside(cache: Redis, tmp_path: Path) -> None:
    """Fault 57: The board shows a note, begins another history and keeps the old file."""
    with board(tmp_path) as first:
        leave(first)
    file = history_file(tmp_path)
    file.write_bytes(b"no history" * 1000)
    with board(tmp_path) as second:
        second.see("and a new history begins")
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        wait_for_change(second, "100 MB → 50 MB")
        leave(second)
    assert history(tmp_path) == (CHANGED, "")
    (aside,) = file.parent.glob("*.damaged-*")
    assert aside.read_bytes() == b"no history" * 1000


def test_newer_history_is_left_unchanged(cache: Redis, tmp_path: Path) -> None:
    """Fault 58: The board shows a note and goes on."""
    with board(tmp_path) as first:
        leave(first)
    sql(tmp_path, "UPDATE meta SET value = '99' WHERE name = 'schema'")
    before = history_file(tmp_path).read_bytes()
    with board(tmp_path) as second:
        second.see("was written by a newer parity-tui")
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        second.see("100 MB → 50 MB")
        leave(second)
    assert history_file(tmp_path).read_bytes() == before
    code, _, error = finish(start("history", "--config", tmp_path / "parity.toml", folder=tmp_path))
    assert code == 2
    assert "was written by a newer parity-tui" in error


def test_locked_history_is_written_later(cache: Redis, tmp_path: Path) -> None:
    with board(tmp_path) as first:
        leave(first)
    with closing(sqlite3.connect(history_file(tmp_path), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE meta SET value = value")
        with board(tmp_path) as second:
            second.see("another program holds a lock on")
            cache.do("CONFIG", "SET", "maxmemory", "50mb")
            wait_for_change(second, "100 MB → 50 MB")
            other.execute("COMMIT")
            other.close()
            second.until(lambda: sql(tmp_path, "SELECT count(*) FROM event") == [(2,)], "both events are stored")
            leave(second)
    assert history(tmp_path) == (CHANGED, "")


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@pytest.mark.parametrize(
    ("words", "full"), [("file too large", True), ("not a directory", False)], ids=["full", "no folder"]
)
def test_unwritable_history_is_announced_and_kept_in_memory(
    cache: Redis, tmp_path: Path, words: str, full: bool
) -> None:
    """Fault 55: A full disk, or a file in place of the folder; the note is shown once."""
    if not full:
        (tmp_path / ".local").write_text("a file in place of the folder")
    with board(tmp_path, limit_file_size if full else lambda: None, well=False) as terminal:
        terminal.see("changes are kept only while this board is open")
        terminal.see(words)
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        wait_for_change(terminal, "100 MB → 50 MB")
        cache.do("CONFIG", "SET", "maxmemory", "60mb")
        wait_for_change(terminal, "→ 60 MB")
        assert not any("remembered only" in line for line in terminal.shown)
        terminal.type("t")
        terminal.see("production  cache maxmemory   50 MB → 60 MB")
        close_timeline(terminal)
        leave(terminal)


def test_backward_clock_keeps_the_order_of_changes(cache: Redis, tmp_path: Path) -> None:
    """Fault 60: Events keep the order of their numbers, whatever their times."""
    with board(tmp_path) as first:
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        wait_for_change(first, "100 MB → 50 MB")
        leave(first)
    sql(tmp_path, "UPDATE event SET at = at + 70 * 365 * 86400.0")
    with board(tmp_path) as second:
        cache.do("CONFIG", "SET", "maxmemory", "60mb")
        wait_for_change(second, "50 MB → 60 MB")
        second.type("t")
        second.see("production  cache maxmemory   100 MB → 50 MB")
        lines = [line[line.index("maxmemory   ") :] for line in second.shown if "cache maxmemory   " in line]
        close_timeline(second)
        leave(second)
    assert ["→ 60 MB" in line for line in lines] == [True, True, False, False]

"""Faults 55 to 58 and 60 as somebody at a terminal meets them: the board on a real server, and its history."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from parity_tui.demo.redis import Redis
from parity_tui.demo.servers import Servers
from tests.faults.program import configured, ended, started
from tests.ui.terminal import Terminal, opened


@pytest.fixture
def cache(servers: Servers, tmp_path: Path) -> Redis:
    """Give a server, and a configuration with it in two environments."""
    server = servers.redis("7.0", settings={"maxmemory": "100mb"})
    entries = "".join(f'[environments.{name}.services]\ncache = "{server.url()}"\n' for name in ("dev", "production"))
    configured(tmp_path, f'interval = "0.3s"\n{entries}')
    return server


@contextmanager
def board(home: Path, before: Callable[[], None] = lambda: None, *, well: bool = True) -> Iterator[Terminal]:
    """Sit down at the board; it is filled, and where all is well its history is begun."""
    config, own = str(home / "parity.toml"), {"HOME": str(home), "XDG_STATE_HOME": ""}
    folder = home / ".local/state/parity-tui/history"
    with opened("--config", config, module="parity_tui", environment=own, before=before) as terminal:
        terminal.see("Redis 7.0")
        terminal.until(lambda: not well or any(folder.glob("*")), "a history")
        terminal.quiet(0.3)
        yield terminal


def told(terminal: Terminal, how: str) -> None:
    """Wait until it is said that both environments have moved."""
    starts = ("dev cache maxmemory: ", "production cache maxmemory: ")
    said = lambda start: any(start in line and how in line for line in terminal.shown)  # noqa: E731
    terminal.until(lambda: all(map(said, starts)), f"both {how}")


def closed(terminal: Terminal) -> None:
    """Put the timeline away."""
    terminal.type("q")
    terminal.until(lambda: not any("What has changed" in line for line in terminal.shown), "the board again")


def left(terminal: Terminal) -> None:
    """Leave the board."""
    terminal.type("q")
    assert terminal.end() == 0


def kept(home: Path) -> Path:
    """Return the file of the history."""
    (found,) = (home / ".local/state/parity-tui/history").iterdir()
    return found


def history(home: Path) -> tuple[list[str], str]:
    """Return what `parity-tui history` tells, in short, and what it has to say of that."""
    code, out, error = ended(started("history", "--config", home / "parity.toml", "--format", "json", folder=home))
    assert code == 0
    told = json.loads(out)["changes"]
    short = [f"{c['environment']} {c['setting']} {c['before']['text']} → {c['after']['text']}" for c in told]
    return sorted(short), error


MOVED = ["dev maxmemory 100 MB → 50 MB", "production maxmemory 100 MB → 50 MB"]


def test_two_boards_on_one_configuration_share_a_history(cache: Redis, tmp_path: Path) -> None:
    """Fault 56: Both write; what both have seen is told once, and no line is spoilt."""
    with board(tmp_path) as one, board(tmp_path) as other:
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        told(one, "100 MB → 50 MB")
        told(other, "100 MB → 50 MB")
        left(one)
        left(other)
    assert kept(tmp_path).read_text().count('"50 MB"') >= 2
    assert history(tmp_path) == (MOVED, "")


def test_what_moved_while_no_board_was_open_is_said_by_the_next(cache: Redis, tmp_path: Path) -> None:
    """On the screen, in the detail, and in the timeline; and not again by the one after it."""
    with board(tmp_path) as first:
        left(first)
    cache.do("CONFIG", "SET", "maxmemory", "50mb")
    with board(tmp_path) as second:
        second.see("since you last looked: dev cache maxmemory: 100 MB → 50 MB")
        second.type("d/maxmemory\rj")
        second.see("production moved 100 MB → 50 MB")
        second.type("t")
        second.see("production  cache maxmemory   100 MB → 50 MB")
        closed(second)
        left(second)
    with board(tmp_path) as third:
        third.type("t")
        third.see("production  cache maxmemory   100 MB → 50 MB")
        closed(third)
        left(third)
        assert b"since you last looked" not in third.written
    assert history(tmp_path) == (MOVED, "")


def test_lines_that_are_broken_are_passed_over_and_counted(cache: Redis, tmp_path: Path) -> None:
    """Fault 57: The board opens as ever; `history` says how many."""
    with board(tmp_path) as first:
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        told(first, "100 MB → 50 MB")
        left(first)
    file = kept(tmp_path)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0][:50], b"\n", b"\xff\x00{]\n", *lines, lines[-1][:20]]))
    with board(tmp_path) as second:
        second.type("t")
        second.see("production  cache maxmemory   100 MB → 50 MB")
        closed(second)
        left(second)
    moves, words = history(tmp_path)
    assert moves == MOVED
    assert words == "3 lines are passed over in the history, and cannot be read\n"


def test_a_history_of_a_newer_version_is_left_alone(cache: Redis, tmp_path: Path) -> None:
    """Fault 58: Not a byte is added to it; the board says so and goes on."""
    with board(tmp_path) as first:
        left(first)
    file = kept(tmp_path)
    file.write_text('{"schema": 2, "when": 5}\n')
    with board(tmp_path) as second:
        second.see("was written by a newer parity-tui")
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        second.see("100 MB → 50 MB")
        left(second)
    assert file.read_text() == '{"schema": 2, "when": 5}\n'
    moves, words = history(tmp_path)
    assert moves == []
    assert "a newer parity-tui has written into the history what this one does not know" in words


def nothing_fits() -> None:
    """Let no file grow beyond a hundred bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@pytest.mark.parametrize(
    ("words", "full"), [("file too large", True), ("not a directory", False)], ids=["full", "no folder"]
)
def test_a_disk_that_takes_nothing_is_said_once_and_the_board_remembers(
    cache: Redis, tmp_path: Path, words: str, full: bool
) -> None:
    """Fault 55: No room, or no folder: what this board sees is still in its timeline."""
    if not full:
        (tmp_path / ".local").write_text("a file in place of the folder")
    with board(tmp_path, nothing_fits if full else lambda: None, well=False) as terminal:
        terminal.see("what moves is remembered only while this board is open")
        terminal.see(words)
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        told(terminal, "100 MB → 50 MB")
        cache.do("CONFIG", "SET", "maxmemory", "60mb")
        told(terminal, "→ 60 MB")
        assert not any("remembered only" in line for line in terminal.shown)
        terminal.type("t")
        terminal.see("production  cache maxmemory   50 MB → 60 MB")
        closed(terminal)
        left(terminal)


def test_a_clock_that_went_backwards_turns_nothing_round(cache: Redis, tmp_path: Path) -> None:
    """Fault 60: What was written later stands later, whatever time it bears."""
    with board(tmp_path) as first:
        cache.do("CONFIG", "SET", "maxmemory", "50mb")
        told(first, "100 MB → 50 MB")
        left(first)
    file = kept(tmp_path)
    lines = file.read_text().splitlines()
    moves = [line.replace('"at":"2026-', '"at":"2096-') for line in lines if '"after"' in line]
    assert len(moves) == 2
    file.write_text("\n".join([*(line for line in lines if '"after"' not in line), *moves, ""]))
    with board(tmp_path) as second:
        cache.do("CONFIG", "SET", "maxmemory", "60mb")
        told(second, "50 MB → 60 MB")
        second.type("t")
        second.see("production  cache maxmemory   100 MB → 50 MB")
        lines = [line[line.index("maxmemory   ") :] for line in second.shown if "cache maxmemory   " in line]
        closed(second)
        left(second)
    assert ["→ 60 MB" in line for line in lines] == [True, True, False, False]

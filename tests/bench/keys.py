"""Chapter six: keys on 100,000 rows and 20 environments, and the bytes of a changed cell."""

from __future__ import annotations

import os
import socket
import statistics
from collections.abc import Sequence
from pathlib import Path

from tests.bench.fleet import ServerAddress
from tests.bench.paint import APPS
from tests.bench.table import Figure, shown, within
from tests.bench.terminal import Terminal, opened

MOVES = [*["\x1b[B"] * 60, *["\x1b[A"] * 20, *["\x1b[6~"] * 20, *["\x1b[5~"] * 10]
"""down, up, a page down, a page up"""
JUMPS = [*"Gg" * 5, *"\t" * 20, *"zz"]
"""to the end and back, to the next difference, all folded and back; the first z opens the service"""
ESCAPE = "\x1b[27u"
"""as a terminal sends it that tells it from the start of a sequence: none has to be waited for"""
_SCROLLED = 0.1
_SEARCHED = 0.6
"""seconds without output after which a key is answered in full"""


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures."""
    return [*_changed_cells(folder, times), *_scrolling(times), *_keys(), *_filter(times)]


def _scrolling(times: int) -> list[Figure]:
    """Return the bytes of a key that scrolls a list, all rows of which are shown, and the memory of that board."""
    with opened([*APPS, "many"]) as terminal:
        terminal.settle(2.0)
        for key in ("d", *"j" * 60):
            terminal.answer(key)
            terminal.quiet(0.05)
        sizes = [_bytes_of(terminal, "j") for _ in range(3 * times)]
        resident = terminal.usage().resident
    return [
        within("a key that scrolls", statistics.median(sizes), "B", 1500),
        within("memory, 100,000 rows x 20 environments", resident, "MB", 163),
    ]


def _bytes_of(terminal: Terminal, key: str) -> int:
    before = terminal.size
    terminal.answer(key)
    terminal.quiet(_SCROLLED)
    return terminal.size - before


def _keys() -> list[Figure]:
    """Return the answer time to keys that move, beside a DataTable of 1,000 rows."""
    ours, beside = _answers("many", ["z", *MOVES, *JUMPS]), _answers("table", MOVES)
    peer = "DataTable, 1,000 rows"
    return [
        _late("a key that moves: p50", ours, 50, shown(_at(beside, 50), "ms"), peer),
        _late("a key that moves: p99", ours, 99, shown(_at(beside, 99), "ms"), peer),
    ]


def _answers(app: str, keys: Sequence[str]) -> list[float]:
    """Return the milliseconds until each key was answered, without keys that change nothing."""
    with opened([*APPS, app]) as terminal:
        terminal.settle(2.0)
        return list(filter(None, (_answer(terminal, key, 0.05) for key in keys)))


def _answer(terminal: Terminal, key: str, quiet: float) -> float:
    """Return the milliseconds until the first byte of the answer to a key, 0 without an answer."""
    seconds = terminal.answer(key)
    terminal.quiet(quiet)
    return seconds * 1000 if seconds < 1 else 0.0


def _filter(times: int) -> list[Figure]:
    """Return the answer time to the letters of a filter, to leaving it, and to `d`."""
    letters, leaving, rows = [], [], []
    with opened([*APPS, "many"]) as terminal:
        terminal.settle(2.0)
        for turn in range(times + 1):
            _answer(terminal, "/", _SEARCHED)
            typed = [_answer(terminal, key, _SEARCHED) for key in "oth"]
            left = _answer(terminal, ESCAPE, _SEARCHED)
            both = [_answer(terminal, "d", _SEARCHED) for _ in range(2)]
            if turn:
                letters += typed
                leaving.append(left)
                rows += both
    found = {"a letter of the filter": letters, "leaving the filter": leaving, "d": rows}
    return [_late(f"{name}, 100,000 rows: p99", list(filter(None, each)), 99) for name, each in found.items()]


def _late(what: str, values: Sequence[float], percent: int, beside: str = "", reference: str = "") -> Figure:
    amount = _at(values, percent)
    return Figure(what, shown(amount, "ms"), beside, reference, promise="at most 30 ms", kept=amount <= 30)


def _at(values: Sequence[float], percent: int) -> float:
    """Return a percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _changed_cells(folder: Path, times: int) -> list[Figure]:
    """Return the bytes of a cell that changes: with its counts and the message about it, and one that is ignored."""
    sizes: dict[str, list[int]] = {"c": [], "b": []}
    for _ in range(times):
        for word, found in sizes.items():
            found.append(_bytes_of_change(folder, word))
    announced, bare = (statistics.median(sizes[word]) for word in "cb")
    return [
        within("a changed cell with counts and message", announced, "B", 350),
        within("a changed cell alone", bare, "B", 150),
    ]


def _bytes_of_change(folder: Path, word: str) -> int:
    """Return the bytes of one change of a new board, all rows of which are shown."""
    path = folder / "moving"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(path))
        server.listen()
        try:
            with opened([*APPS, "moving", os.fspath(path)]) as terminal:
                terminal.settle(0.5)
                _answer(terminal, "d", 0.3)
                connection, _ = server.accept()
                with connection:
                    before = terminal.size
                    connection.sendall(word.encode())
                    terminal.listen(1.0, lambda: terminal.size > before)
                    terminal.quiet(0.3)
                    return terminal.size - before
        finally:
            path.unlink()

"""Chapter three: the board in a terminal of 120x40: first paint, panes filled, at rest, one change, keys."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.bench.delay import DelayedPorts
from tests.bench.fleet import ServerAddress, delayed, write_config
from tests.bench.table import Figure, against, within
from tests.bench.terminal import FRAME, Terminal, opened

MINUTE, CYCLE = 60.0, 5.0
"""seconds of a board at rest, and between two of its readings"""
APPS = (sys.executable, "-m", "tests.bench.apps")
KEYS = "j" * 60 + "k" * 20 + "\x1b[6~" * 20 + "\x1b[5~" * 10 + "Gg" * 5 + "\t" * 20 + "dGgd" * 3 + "zz" + "/other\x7f\r"
"""down, up, a page down, a page up, to the end and back, to the next difference; all rows and back, all folded and
back, a filter typed"""


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures."""
    return [
        *_first_paint(addresses, folder, times),
        *_filled("RTT 0", addresses, folder, times),
        *_far(addresses, folder, times),
        *_at_rest(addresses, folder),
        *_scrolling(),
        *_keys(),
    ]


def board(config: Path) -> list[str]:
    """Return the command of the board on a configuration."""
    return [sys.executable, "-m", "parity_tui", "--config", str(config)]


@contextmanager
def _silent(addresses: Sequence[ServerAddress]) -> Iterator[list[ServerAddress]]:
    """Yield the same addresses behind a port that accepts connections without an answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        port = server.getsockname()[1]
        yield [msgspec.structs.replace(address, port=port, management=0) for address in addresses]


def _first_paint(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return time and bytes of the first frame while no server answers."""
    with _silent(addresses) as quiet:
        config = write_config(quiet, folder, "silent", timeout="30s")
        commands = {"ours": board(config), "blank": [*APPS, "blank"]}
        spent, sizes = _spent(commands, times, lambda terminal: terminal.since(FRAME))
    return [
        against("first paint", spent["ours"], spent["blank"], "a blank Textual app", 1.2),
        within("first paint, bytes until quiet", sizes["ours"], "B", 40_000),
        Figure("", "", f"{sizes['blank']:,} B", "a blank Textual app"),
    ]


def _spent(
    commands: Mapping[str, Sequence[str]], times: int, when: Callable[[Terminal], float]
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Run the commands in turns; return the seconds until an event, and the bytes until quiet."""
    spent: dict[str, list[float]] = {name: [] for name in commands}
    sizes = dict.fromkeys(commands, 0)
    for turn in range(times + 1):
        for name, command in commands.items():
            with opened(command) as terminal:
                terminal.settle(0.5)
                sizes[name] = terminal.size
                if turn:
                    spent[name].append(when(terminal))
    return spent, sizes


def _is_filled(lines: Sequence[str]) -> bool:
    text = "".join(lines)
    return "●" in text and "reading…" not in text and "○" not in text


def _filled(words: str, addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the time until every pane is filled, beside a Textual app on the libraries alone."""
    config = write_config(addresses, folder, "filled")
    by_hand = [*APPS, "libraries", msgspec.json.encode(addresses).decode()]
    commands = {"ours": board(config), "libraries": by_hand}
    spent, _ = _spent(commands, times, lambda terminal: terminal.first(_is_filled))
    most = 1.0 if words == "RTT 0" else 0.8
    return [
        against(f"every pane filled, {words}", spent["ours"], spent["libraries"], "Textual and the libraries", most)
    ]


def _far(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    with DelayedPorts() as ports:
        return _filled("RTT 50 ms", delayed(addresses, ports, 0.05), folder, times)


def _at_rest(addresses: Sequence[ServerAddress], folder: Path) -> list[Figure]:
    """Return bytes, CPU and memory of a board that reads every 5 s while nothing changes."""
    written, cpu, peak = resting(write_config(addresses, folder, "rest", interval="5s"))
    count = len(addresses)
    return [
        within(f"at rest, {count} targets", written / MINUTE, "B/s", 0),
        within(f"at rest, {count} targets: CPU of a cycle", cpu * 1000 * CYCLE / MINUTE * 15 / count, "ms of 15", 20),
        within(f"peak memory of the board, {count} targets", peak, "MB", 90),
    ]


def resting(config: Path) -> tuple[int, float, float]:
    """Return the bytes and the seconds of CPU of a board's minute at rest, and its peak memory in MB."""
    with opened(board(config)) as terminal:
        terminal.settle(2.0)
        terminal.listen(2 * CYCLE)
        before = terminal.usage()
        written = terminal.listen(MINUTE)
        after = terminal.usage()
    return written, after.cpu - before.cpu, after.peak


def _scrolling() -> list[Figure]:
    """Return the bytes of a key that scrolls a list, all rows of which are shown."""
    with opened([*APPS, "many"]) as terminal:
        terminal.settle(2.0)
        for key in ("d", *"j" * 60):
            terminal.answer(key)
            terminal.quiet(0.05)
        sizes = []
        for key in "j" * 20:
            before = terminal.size
            terminal.answer(key)
            terminal.quiet(0.1)
            sizes.append(terminal.size - before)
    return [within("a key that scrolls", sorted(sizes)[len(sizes) // 2], "B", 1500)]


def _keys() -> list[Figure]:
    """Return the answer time to keys with 100,000 rows and 20 environments, beside a DataTable of 1,000 rows."""
    ours, beside = _answers("many"), _answers("table")
    return [
        within("a key, 100,000 rows, 20 environments: p50", _at(ours, 50) * 1000, "ms", 30),
        within("a key, 100,000 rows, 20 environments: p99", _at(ours, 99) * 1000, "ms", 30),
        Figure("", "", f"{_at(beside, 50) * 1000:.0f}; p99 {_at(beside, 99) * 1000:.0f} ms", "DataTable, 1,000 rows"),
    ]


def _answers(app: str) -> list[float]:
    """Return the seconds until each key was answered, without keys that change nothing."""
    with opened([*APPS, app]) as terminal:
        terminal.settle(2.0)
        spent = []
        for key in _each(KEYS):
            seconds = terminal.answer(key)
            terminal.quiet(0.05)
            if seconds < 1:
                spent.append(seconds)
        return spent


def _each(keys: str) -> Iterator[str]:
    """Yield key by key; an escape sequence has four characters."""
    while keys:
        length = 4 if keys.startswith("\x1b") else 1
        yield keys[:length]
        keys = keys[length:]


def _at(values: Sequence[float], percent: int) -> float:
    """Return a percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

"""Chapter three: the board opens: first paint, panes filled, and the longest time without a change meanwhile."""

from __future__ import annotations

import socket
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.bench.delay import DelayedPorts
from tests.bench.fleet import ServerAddress, delayed, write_config
from tests.bench.table import Figure, against, within
from tests.bench.terminal import FRAME, Terminal, opened

APPS = (sys.executable, "-m", "tests.bench.apps")
_STEADY = 300
"""milliseconds without a change while panes fill"""


def measure(addresses: Sequence[ServerAddress], folder: Path, times: int) -> list[Figure]:
    """Return the figures."""
    near = _filled("RTT 0", addresses, folder, times, 1.0)
    with DelayedPorts() as ports:
        far = _filled("RTT 50 ms", delayed(addresses, ports, 0.05), folder, times, 0.8)
    return [*_first_paint(addresses, folder, times), *near, *far]


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
    sizes: dict[str, list[int]] = {}
    with _silent(addresses) as quiet:
        config = write_config(quiet, folder, "silent", timeout="30s")
        commands = {"ours": board(config), "blank": [*APPS, "blank"]}
        spent = _spent(commands, times, lambda name, terminal: _first_frame(terminal, sizes.setdefault(name, [])))
    ours, blank = (statistics.median(sizes[name]) for name in ("ours", "blank"))
    return [
        against("first paint", spent["ours"], spent["blank"], "a blank Textual app", 1.2),
        within("first paint, bytes until quiet", ours, "B", 40_000, f"{blank:,.0f} B"),
    ]


def _first_frame(terminal: Terminal, sizes: list[int]) -> float:
    sizes.append(terminal.size)
    return terminal.since(FRAME)


def _spent(
    commands: Mapping[str, Sequence[str]], times: int, when: Callable[[str, Terminal], float]
) -> dict[str, list[float]]:
    """Run the commands in turns; return the seconds until an event."""
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(times + 1):
        for name, command in commands.items():
            with opened(command) as terminal:
                terminal.settle(0.5)
                seconds = when(name, terminal)
                if turn:
                    spent[name].append(seconds)
    return spent


def _is_filled(lines: Sequence[str]) -> bool:
    text = "".join(lines)
    return "●" in text and "reading" not in text and "○" not in text


def _filled(words: str, addresses: Sequence[ServerAddress], folder: Path, times: int, most: float) -> list[Figure]:
    """Return the time until every pane is filled, beside Textual apps on raw sockets and on the libraries alone."""
    config = write_config(addresses, folder, "filled")
    servers = msgspec.json.encode(addresses).decode()
    pauses: list[float] = []

    def filled(name: str, terminal: Terminal) -> float:
        seconds = terminal.first(_is_filled)
        if name == "ours":
            pauses.append(terminal.longest_pause(terminal.since(FRAME), seconds) * 1000)
        return seconds

    commands = {"ours": board(config), **{name: [*APPS, name, servers] for name in ("sockets", "libraries")}}
    spent = _spent(commands, times, filled)
    title, peer, floor = f"every pane filled, {words}", "Textual and the libraries", spent["sockets"]
    pause = statistics.median(pauses[1:])
    return [
        against(title, spent["ours"], spent["libraries"], peer, most, floor=floor),
        within(f"longest time without a change meanwhile, {words}", pause, "ms", _STEADY),
    ]

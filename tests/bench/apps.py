"""Apps beside the board: ``python -m tests.bench.apps blank|libraries|sockets|table|many|moving``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

for name in ("TEXTUAL_ANIMATIONS", "TEXTUAL_SMOOTH_SCROLL"):
    os.environ.setdefault(name, {"TEXTUAL_ANIMATIONS": "none"}.get(name, "0"))

from textual.app import App, ComposeResult  # noqa: E402 - it reads the variables above

MANY, ENVIRONMENTS = 100_000, 20


class Blank(App[None]):
    """Shows nothing."""


def table() -> App[None]:
    """Return a DataTable of a thousand rows."""
    from textual.widgets import DataTable

    class Table(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable(cursor_type="row")

        def on_mount(self) -> None:
            widget = self.query_one(DataTable)
            widget.add_columns("setting", "dev", "staging", "production")
            widget.add_rows((f"setting_{n}", str(n), str(n), str(n + n % 5)) for n in range(1000))

    return Table()


Once = Callable[[dict[str, Any]], Awaitable[dict[str, str]]]


async def by_libraries(address: dict[str, Any]) -> dict[str, str]:
    from tests.bench import libraries

    return await libraries.once(address)


def by_sockets() -> Once:
    """Return the reading by raw sockets, each in a thread; a reply is shown without being taken apart."""
    from concurrent.futures import ThreadPoolExecutor

    from tests.bench import floor

    pool = ThreadPoolExecutor(32)

    async def once(address: dict[str, Any]) -> dict[str, str]:
        reply = await asyncio.get_running_loop().run_in_executor(pool, floor.once, address)
        text = reply.decode("latin-1").translate(dict.fromkeys((*range(32), *range(127, 160)), " "))
        return {f"{at:05}": text[at : at + 24] for at in range(0, len(text), 24)}

    return once


def grid(addresses: list[dict[str, Any]], once: Once) -> App[None]:
    """Return a grid of all values; each pane is filled when its target answers."""
    from rich.segment import Segment
    from textual.geometry import Region, Size
    from textual.scroll_view import ScrollView
    from textual.strip import Strip

    names = list(dict.fromkeys(address["environment"] for address in addresses))
    services = list(dict.fromkeys(address["service"] for address in addresses))
    values: dict[tuple[str, str], dict[str, str]] = {}

    def lines() -> Iterator[str]:
        missing = len(values) < len(addresses)  # in the first line, since others are soon out of view
        yield f"{'reading…' if missing else '':20}" + "".join(f"{name:25}" for name in names)
        for service in services:
            read = [values.get((name, service)) for name in names]
            yield f"{service:20}" + "".join(f"{'reading…' if each is None else '●':25}" for each in read)
            for setting in sorted(set().union(*(each or () for each in read))):
                yield f"{setting[:19]:20}" + "".join(f"{(each or {}).get(setting, '-')[:24]:25}" for each in read)

    class Grid(ScrollView):
        shown = tuple(lines())

        def render_line(self, y: int) -> Strip:
            at = y + self.scroll_offset.y
            text = self.shown[at] if at < len(self.shown) else ""
            return Strip([Segment(text[: self.size.width].ljust(self.size.width))])

        def filled(self) -> None:
            self.shown = tuple(lines())
            self.virtual_size = Size(120, len(self.shown))
            self.refresh(Region(0, 0, self.size.width, self.size.height))

    class Filled(App[None]):
        """Reads after the first frame."""

        def compose(self) -> ComposeResult:
            yield Grid()

        def on_mount(self) -> None:
            self.call_after_refresh(lambda: [self.run_worker(self.read(address)) for address in addresses])

        async def read(self, address: dict[str, Any]) -> None:
            values[address["environment"], address["service"]] = await once(address)
            self.query_one(Grid).filled()

    return Filled()


def many() -> int:
    """Show the board with many made-up rows and environments."""
    from parity_tui import ui
    from parity_tui.drift.board import Board
    from parity_tui.drift.policy import Policy
    from parity_tui.model import Fact, Outcome, Reading, Target
    from tests.bench.compare import TABLE
    from tests.ui.sources import FakeSource

    names = [f"region-{number}" for number in range(ENVIRONMENTS)]
    targets = [Target(name, "database", "made-up") for name in names]
    facts = {f"setting_{number:06}": Fact(str(number)) for number in range(MANY)}
    odd = {name: Fact("another") for name in list(facts)[::2]}
    board = Board.of(names, targets, {"made-up": TABLE}, Policy())
    readings = [Reading("Made up", "1", facts | odd if number == 7 else facts) for number in range(ENVIRONMENTS)]
    board = board.with_outcomes(map(Outcome, targets, readings))
    return ui.run(FakeSource(), board=board)


def moving(socket: str) -> int:
    """Show a board in which a cell changes whenever a byte is read from a Unix socket.

    "c" makes production an outlier too or no more, which changes counts and is announced; "b" changes an ignored value.
    """
    from parity_tui import ui
    from parity_tui.drift.board import Board
    from parity_tui.drift.policy import Policy
    from parity_tui.model import Fact, Outcome, Reading, Target
    from tests.bench.compare import SETTINGS, TABLE
    from tests.ui.sources import FakeSource

    targets = [Target(name, "database", "made-up") for name in ("staging", "dev", "production")]
    facts = {name: Fact(str(number)) for number, name in enumerate(SETTINGS)}
    odd = {name: Fact("another") for name in SETTINGS[:200:8]}
    board = Board.of([each.environment for each in targets], targets, {"made-up": TABLE}, Policy(baseline="staging"))
    board = board.with_outcomes(Outcome(each, Reading("Made up", "1", facts)) for each in targets)
    board = board.with_outcomes([Outcome(targets[1], Reading("Made up", "1", facts | odd))])

    class Source(FakeSource):
        async def boards(self) -> AsyncIterator[Board]:
            reader, _ = await asyncio.open_unix_connection(socket)
            now, last = {"b": False, "c": False}, board
            while word := (await reader.read(1)).decode():
                now[word] = not now[word]
                news = {SETTINGS[1]: Fact("91" if now["b"] else "1"), SETTINGS[8]: Fact("98" if now["c"] else "8")}
                last = last.with_outcomes([Outcome(targets[2], Reading("Made up", "1", facts | news))])
                yield last

    return ui.run(Source(), board=board)


def main() -> None:
    match sys.argv[1]:
        case "blank":
            Blank().run()
        case "table":
            table().run()
        case "libraries":
            grid(json.loads(sys.argv[2]), by_libraries).run()
        case "sockets":
            grid(json.loads(sys.argv[2]), by_sockets()).run()
        case "many":
            sys.exit(many())
        case "moving":
            sys.exit(moving(sys.argv[2]))


if __name__ == "__main__":
    main()

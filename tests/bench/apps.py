"""Reference apps beside the board: ``python -m tests.bench.apps blank|libraries|table|many``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
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


def libraries(addresses: list[dict[str, Any]]) -> App[None]:
    """Return a grid of all values read by the libraries; each pane is filled when its target answers."""
    from rich.segment import Segment
    from textual.geometry import Region, Size
    from textual.scroll_view import ScrollView
    from textual.strip import Strip

    names = list(dict.fromkeys(address["environment"] for address in addresses))
    services = list(dict.fromkeys(address["service"] for address in addresses))
    values: dict[tuple[str, str], dict[str, str]] = {}

    def lines() -> Iterator[str]:
        yield f"{'':20}" + "".join(f"{name:25}" for name in names)
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

    class Libraries(App[None]):
        """Reads after the first frame."""

        def compose(self) -> ComposeResult:
            yield Grid()

        def on_mount(self) -> None:
            self.call_after_refresh(lambda: [self.run_worker(self.read(address)) for address in addresses])

        async def read(self, address: dict[str, Any]) -> None:
            from tests.bench import libraries

            values[address["environment"], address["service"]] = await libraries.once(address)
            self.query_one(Grid).filled()

    return Libraries()


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


def main() -> None:
    match sys.argv[1]:
        case "blank":
            Blank().run()
        case "table":
            table().run()
        case "libraries":
            libraries(json.loads(sys.argv[2])).run()
        case "many":
            sys.exit(many())


if __name__ == "__main__":
    main()

"""Renews screenshots/ from the demo: ``make screenshots``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from parity_tui import ui
from parity_tui.cli.board import board_services, demo_config
from parity_tui.cli.commands import create_watcher
from parity_tui.demo import Demo
from parity_tui.drift.board import Board
from parity_tui.model import TargetKey
from parity_tui.report.text import Style, to_text
from parity_tui.transport.event_loop import run
from parity_tui.ui.app import ParityApp
from parity_tui.ui.terminal.capabilities import Terminal
from parity_tui.ui.widgets.grid import Grid
from tests.ui.scenes import normalised

FOLDER = Path(__file__).parent.parent / "screenshots"
SIZES = {"board": (120, 40), "board-80x24": (80, 24), "board-200x50": (200, 50)}


class Still:
    """A source of one board."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.interval = 5.0

    async def boards(self) -> AsyncIterator[Board]:
        """Yield the board."""
        yield self.board
        await asyncio.Event().wait()

    def recall_outages(self, since: Mapping[TargetKey, float]) -> None:
        """Ignore it: nothing fails."""

    def resume_from(self, before: Board) -> Board:
        """Return the board before."""
        return before

    def refresh(self) -> None:
        """Do nothing."""

    def pause(self, on: bool) -> None:
        """Do nothing."""

    def set_baseline(self, baseline: str) -> None:
        """Do nothing."""


async def main() -> None:
    """Start the demo, read it once, and write its picture at every size."""
    FOLDER.mkdir(exist_ok=True)
    async with Demo(say=print) as demo:
        await demo.ready()
        config = demo_config(demo)
        watch = create_watcher(config, once=True)
        async for _ in watch.boards():
            pass
    for name, size in SIZES.items():
        await draw(name, size, watch.board, board_services(config))
    report(watch.board)


async def draw(name: str, size: tuple[int, int], board: Board, services: ui.BoardServices) -> None:
    """Write the picture of a board at a size, with the cursor on the time zone."""
    app = ParityApp(Still(board), board, services, Terminal())
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.5)
        grid = app.board_screen.query_one(Grid)
        while grid.line is None or grid.line.row is None or grid.line.row.setting != "TimeZone":
            await pilot.press("tab")
        await pilot.pause(0.5)
        write(name, app.export_screenshot(title="parity-tui demo"))


def report(board: Board) -> None:
    """Write the picture of the first lines of the report."""
    console = Console(record=True, file=StringIO(), width=100, force_terminal=True, color_system="standard")
    lines = to_text(board, Style(width=100, colour=True)).splitlines()
    console.print(Text.from_ansi("\n".join([*lines[:34], "…", *lines[-1:]])))
    write("check", console.export_svg(title="parity-tui demo --check"))


def write(name: str, svg: str) -> None:
    """Write a picture."""
    (FOLDER / f"{name}.svg").write_text(normalised(svg), encoding="utf-8")
    print(f"screenshots/{name}.svg")  # noqa: T201


if __name__ == "__main__":
    run(main())

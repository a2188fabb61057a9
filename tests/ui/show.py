"""The made-up board, to be looked at: ``python -m tests.ui.show [--wide] [--still]``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator

from parity_tui import ui
from parity_tui.drift.board import Board
from tests.ui import boards

NOTES = ("parity.toml holds a password and can be read by others: chmod 600 parity.toml",)


class Lively(boards.Made):
    """A source that fills the panes one by one and then changes a value now and then."""

    def __init__(self, full: Board, moving: bool) -> None:
        super().__init__()
        self.full = full
        self.moving = moving

    async def boards(self) -> AsyncIterator[Board]:
        """Fill the board, then keep it moving."""
        board = boards.empty() if self.full.environments == boards.ENVIRONMENTS else self.full
        for outcome in [] if board is self.full else self.full.outcomes():
            board = self.latest = board.with_outcomes([outcome])
            yield board
            await asyncio.sleep(0.02)
        board = self.latest = self.full
        yield board
        zones = ("Europe/Berlin", "Europe/Paris")
        turn = 0
        while True:
            try:
                async with asyncio.timeout(8.0 if self.moving else 3600.0):
                    board = await self._queue.get()  # type: ignore[assignment]
            except TimeoutError:
                board = boards.moved(board, "staging", "database", "TimeZone", zones[turn % 2])
                turn += 1
            self.latest = board
            yield board


def main() -> int:
    """Show it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--wide", action="store_true", help="twenty environments")
    parser.add_argument("--still", action="store_true", help="nothing moves")
    options = parser.parse_args()
    full = boards.wide(20) if options.wide else boards.full()
    first = full if options.wide else boards.empty()
    wiring = ui.Wiring(align=boards.align, exports={"md": lambda board: "# board\n"}, notes=NOTES)
    return ui.run(Lively(full, not options.still), board=first, wiring=wiring)


if __name__ == "__main__":
    sys.exit(main())

"""Opens a made-up board: ``python -m tests.ui.preview``; ``--help`` lists its scenes."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

from parity_tui import ui
from parity_tui.drift.board import Board
from parity_tui.secrets import register_secret
from tests.ui import boards
from tests.ui.sources import FakeSource, remediate

NOTES = ("parity.toml contains a password and is readable by others: chmod 600 parity.toml",)
SCENES = {
    "wide": "twenty environments",
    "still": "nothing changes",
    "fresh": "nothing is stale",
    "empty": "nothing answers",
    "counter": "an ignored value changes",
    "same": "equal boards keep coming",
    "busy": "more boards than any terminal can show",
    "error": "the source raises an error",
    "crash": "an internal error",
    "orphan": "a driver's task fails after the end",
    "stubborn": "a source that does not end",
}


class ChangingSource(FakeSource):
    """Fills the panes one by one, then changes values as the scene demands."""

    def __init__(self, full: Board, scene: str) -> None:
        super().__init__()
        self.full = full
        self.scene = scene

    async def boards(self) -> AsyncIterator[Board]:
        """Yield the boards of the scene."""
        board = boards.empty() if self.full.environments == boards.ENVIRONMENTS else self.full
        for outcome in [] if board is self.full else self.full.outcomes():
            self.latest = board = board.with_outcomes([outcome])
            yield board
            await asyncio.sleep(0.02)
        self.latest = self.full
        yield self.full
        if self.scene == "error":
            raise RuntimeError("amqp://app:swordfish@mq/ is lost, and swordfish too")
        if self.scene == "orphan":
            self.orphan = asyncio.create_task(fail_when_cancelled())
        turn = 0
        try:
            while True:
                yield await self._next(turn)
                turn += 1
        finally:
            while self.scene == "stubborn":
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(3600)

    async def _next(self, turn: int) -> Board:
        """Return the next board: a requested one, or after a while one with a change."""
        pace = {"still": 3600.0, "fresh": 3600.0, "counter": 1.0, "same": 0.2, "busy": 0.02, "": 8.0}
        try:
            async with asyncio.timeout(pace.get(self.scene, 3600.0)):
                board = await self.queue.get()
                assert isinstance(board, Board)
                self.latest = board
        except TimeoutError:
            self.latest = self._changed(self.latest or self.full, turn)
        return self.latest

    def _changed(self, board: Board, turn: int) -> Board:
        match self.scene:
            case "same":
                return board.with_outcomes(board.outcomes())
            case "counter":
                return boards.changed(board, "production", "database", "uptime", str(turn + 10_000))
            case "busy":
                for number in range(12):
                    board = boards.changed(board, "staging", "database", f"setting_{number:03d}", f"turn {turn:05d}")
                return board
        return boards.changed(board, "staging", "database", "TimeZone", ("Europe/Berlin", "Europe/Paris")[turn % 2])


async def fail_when_cancelled() -> None:
    """Fail like a driver's task that nothing waits for."""
    try:
        await asyncio.sleep(3600)
    finally:
        raise ConnectionResetError("swordfish was lost")


def crash(row: object, index: int) -> str:
    """Fail with a secret among the locals."""
    password = "swordfish"
    raise RuntimeError(f"cannot align with {password}")


def main() -> int:
    """Open the board of a scene."""
    parser = argparse.ArgumentParser()
    for name, text in SCENES.items():
        parser.add_argument(f"--{name}", dest="scene", action="store_const", const=name, default="", help=text)
    scene = parser.parse_args().scene
    register_secret("swordfish")
    full = boards.wide(20) if scene == "wide" else boards.full(stale=scene not in ("fresh", "same"))
    first = full if scene == "wide" else boards.empty()
    source = FakeSource() if scene == "empty" else ChangingSource(full, scene)
    align = crash if scene == "crash" else remediate
    exports = {"md": lambda board: "# board\n"}
    services = ui.BoardServices(remediate=align, exports=exports, notes=() if scene else NOTES)
    return ui.run(source, board=first, services=services)


if __name__ == "__main__":
    sys.exit(main())

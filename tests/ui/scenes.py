"""Twelve pictures of the screen, of made-up boards at a fixed time; ``make snapshots`` writes them."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec import Struct

from parity_tui.drift.board import Board
from parity_tui.ui.terminal.capabilities import Terminal
from tests.ui import boards
from tests.ui.board_user import opened_board

FOLDER = Path(__file__).parent / "snapshots"
NOW = 1795780800.0
"""2026-11-27 12:00 UTC"""

_FONTS = re.compile(r"@font-face\s*{[^}]*}\s*", re.DOTALL)
_IDS = re.compile(r"terminal-\d+")


class Scene(Struct, frozen=True):
    """One picture: how the board is opened, and what happens before the picture is taken."""

    size: tuple[int, int] = (120, 40)
    setting: str = "TimeZone"
    """the cursor is on it; "": where it begins"""
    keys: Sequence[str] = ()
    """pressed at the end"""
    events: Sequence[Board | Exception] = ()
    """what the source yields or raises after the full board"""
    options: dict[str, Any] = {}
    """further arguments of opened_board"""


def scenes() -> dict[str, Scene]:
    """Return all pictures by name; boards are made here, while the clock is fixed."""
    full = boards.full(now=NOW)
    changed = boards.changed(full, "staging", "database", "TimeZone", "Asia/Tokyo")
    return {
        "board-80x24": Scene((80, 24)),
        "board-120x40": Scene((120, 40)),
        "board-200x50": Scene((200, 50)),
        "sixteen-colours": Scene(options={"terminal": Terminal(sixteen_colours=True)}),
        "ascii": Scene(options={"terminal": Terminal(ascii=True, sixteen_colours=True)}),
        "empty": Scene(setting="", options={"fill": False}),
        "failing": Scene(setting="queue", events=[RuntimeError("the history is locked")]),
        "detail": Scene(setting="shared_buffers", keys=["v"]),
        "timeline": Scene(keys=["t"], events=[changed]),
        "help": Scene(keys=["question_mark"]),
        "filter": Scene(setting="", keys=["slash", *"time"]),
        "many-environments": Scene(setting="", keys=["l"] * 9, options={"board": boards.wide(20)}),
    }


async def draw(scene: Scene) -> str:
    """Return a picture as SVG."""
    async with opened_board(scene.size, **{"board": boards.full(now=NOW), **scene.options}) as user:
        for event in scene.events:
            await user.give(event)
        if scene.setting:
            await user.to(scene.setting)
        await user.press(*scene.keys)
        return normalised(user.app.export_screenshot(title="parity-tui"))


def normalised(svg: str) -> str:
    """Return a picture that is the same in every run and viewer, without fonts from elsewhere."""
    svg = _FONTS.sub("", svg).replace("Fira Code", "ui-monospace, DejaVu Sans Mono, Menlo, Consolas")
    svg = svg.replace("<text ", '<text xml:space="preserve" ')  # some viewers drop hard spaces without it
    return _IDS.sub("terminal", svg).rstrip() + "\n"


@contextmanager
def fixed_time() -> Iterator[None]:
    """Stop the clock at NOW, in UTC."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        with patch("time.time", return_value=NOW):
            yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    with fixed_time():
        for name, scene in scenes().items():
            path = FOLDER / f"{name}.svg"
            path.write_text(asyncio.run(draw(scene)), encoding="utf-8")
            print(path.relative_to(Path.cwd()))  # noqa: T201


if __name__ == "__main__":
    main()

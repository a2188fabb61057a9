"""Exports, and the message that names their file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from textual.app import App

from parity_tui.drift.board import Board
from parity_tui.transport.threads import in_thread
from parity_tui.ui.terminal import files

FORMATS = (("m", "md", "Markdown"), ("j", "json", "JSON"), ("s", "svg", "SVG, a picture of the screen"))
"""Key, ending of the file, name."""


async def export(
    app: App[None], exports: Mapping[str, Callable[[Board], str]], board: Board, key: str
) -> tuple[str, bool]:
    """Write a board to a file in the working directory; return the message and whether it is an error.

    ``key`` is one of FORMATS; any other writes nothing and returns no message.
    """
    ending = next((ending for each, ending, _ in FORMATS if each == key), "")
    if not ending:
        return "", False
    try:
        text = app.export_screenshot() if ending == "svg" else exports[ending](board)
        path = await in_thread(files.write_export, text, ending, Path.cwd(), datetime.now().astimezone())
    except OSError as error:
        return f"not written: {files.describe(error)}", True
    return f"wrote {path}", False

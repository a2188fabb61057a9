"""What leaves the board: copies and exports, and the sentence that says where they went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from textual.app import App

from parity_tui.drift.board import Board
from parity_tui.transport.event_loop import in_thread
from parity_tui.ui.terminal import files
from parity_tui.ui.widgets.modals import ENDINGS


async def copy(app: App[None], text: str, what: str) -> str:
    """Put a text on the clipboard and, as no terminal tells whether that worked, into a file too."""
    text = text.encode("utf-8", "backslashreplace").decode()  # Textual would raise at half a character
    app.copy_to_clipboard(text)
    try:
        path = await in_thread(files.copied, text)
    except OSError as error:
        return f"copied {what}, if the terminal allows it (no file: {files.trouble(error)})"
    return f"copied {what}, if the terminal allows it; it is also in {path}"


async def export(
    app: App[None], exports: Mapping[str, Callable[[Board], str]], board: Board, key: str
) -> tuple[str, bool]:
    """Write a board to a file in the working directory; return what to say, and whether it is an error.

    ``key`` is that of the sheet of exports; any other one writes nothing and says nothing.
    """
    ending = next((ending for own, ending, _ in ENDINGS if own == key), "")
    if not ending:
        return "", False
    try:
        text = app.export_screenshot() if ending == "svg" else exports[ending](board)
        path = await in_thread(files.export, text, ending, Path.cwd(), datetime.now().astimezone())
    except OSError as error:
        return f"nothing was written: {files.trouble(error)}", True
    return f"written to {path}", False

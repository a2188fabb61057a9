"""All messages of the board. Widgets post them; the screen and the app handle them."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from parity_tui.history import HistoryUpdate
from parity_tui.ui.protocols import Loaded


class GridMoved(Message):
    """From the grid: the cursor is on another line, or that line has changed."""


class RowActivated(Message):
    """From the grid: a row that explains no others was entered."""


class ResumeReading(Message):
    """From the screen: the source has ended and is wanted again."""


class Reload(Message):
    """From the screen: the configuration is to be read again by ``load``, which is called in a thread."""

    def __init__(self, load: Callable[[], Loaded | str]) -> None:
        super().__init__()
        self.load = load


class Recalled(Message):
    """From the history: changes that this board has not seen."""

    def __init__(self, update: HistoryUpdate) -> None:
        super().__init__()
        self.update = update

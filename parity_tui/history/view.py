"""The history of a board that only looks on: past events, and the observers of the hub; it records nothing."""

from __future__ import annotations

import time
from contextlib import suppress

from parity_tui.drift.board import Board
from parity_tui.history.background import History
from parity_tui.history.faults import StoreError
from parity_tui.history.location import open_hub
from parity_tui.history.store.store import Store
from parity_tui.history.update import HEARTBEAT, HistoryUpdate
from parity_tui.model import Target


class View(History):
    """Reports what others record."""

    def __init__(self, hub: Target) -> None:
        super().__init__((), hub=hub)
        self._target = hub

    def record(self, board: Board) -> None:
        """Ignore a board: those who read the servers record it."""

    def _run(self) -> None:
        """Report past events once, and the observers again and again; a hub that is away is the follower's matter."""
        store: Store | None = None
        while True:
            with suppress(StoreError):
                if store is None:
                    store = open_hub(self._target)
                    self._notify(HistoryUpdate(past=tuple(store.load().changes)))
                self._notify(HistoryUpdate(watch=store.watch_status(time.time())))
            if self._closing.wait(HEARTBEAT):
                break
        if store is not None:
            store.close()

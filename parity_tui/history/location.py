"""Opens the history of a configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from parity_tui.history import json_lines
from parity_tui.history.faults import Fault, StoreError
from parity_tui.history.path import history_path, lines_path
from parity_tui.history.state import HistoryState

if TYPE_CHECKING:
    from parity_tui.history.store.store import Store
    from parity_tui.history.store.watched import Observer
    from parity_tui.model import Target

NO_SQLITE = "this Python was built without SQLite"


def open_store(path: Path, observer: Observer, remembered: HistoryState | None = None) -> Store:
    """Open the store of a history for an observer.

    A new one takes over the state that a board remembers of a lost one, else the lines of JSON of older versions.

    Raises StoreError, OSError.
    """
    from parity_tui.history.store.sqlite import open_file
    from parity_tui.history.store.store import Store

    database = open_file(path)
    try:
        store = Store(database, observer)
        if database.is_new():
            earlier = remembered or json_lines.read(lines_path(path))
            if earlier.newer:
                raise StoreError(Fault.NEWER, f"{lines_path(path)} was written by a newer parity-tui")
            store.create(earlier)
    except BaseException:
        database.close()
        raise
    return store


def open_for_reading(path: Path) -> Store | None:
    """Open the store of a history without writing; None without a store. Raises StoreError."""
    if not os.path.lexists(path):
        return None
    try:
        from parity_tui.history.store.sqlite import open_for_reading as open_database
    except ImportError:
        raise StoreError(Fault.UNAVAILABLE, NO_SQLITE) from None
    from parity_tui.history.store.store import Store

    database = open_database(path)
    return Store(database) if database else None


def open_hub(hub: Target, observer: Observer | None = None) -> Store:
    """Open the store of a shared history. Raises StoreError, also where it was never created."""
    from parity_tui.history.hub.database import open_hub as open_database
    from parity_tui.history.store.store import Store

    return Store(open_database(hub), observer)


def read_history(
    files: Iterable[Path], load: Callable[[Store], HistoryState], hub: Target | None = None
) -> HistoryState:
    """Return the result of ``load`` on the store of a configuration, or the state of its lines of JSON; write nothing.

    Args:
        files: of the configuration.
        load: reads the store.
        hub: the database of a shared history, None for a file.

    Raises:
        StoreError, OSError: it cannot be read.
    """
    if hub is not None:
        store = open_hub(hub)
    elif (opened := open_for_reading(path := history_path(files))) is not None:
        store = opened
    else:
        return json_lines.read(lines_path(path))
    try:
        return load(store)
    finally:
        store.close()

"""The history of changes across boards: recorded by a thread, in a store that boards and watchers share.

- `background.py`, `writer.py`: the thread, and how it goes on without its store
- `recorder.py`, `server_values.py`, `state.py`, `record.py`: boards -> records, on the state so far; no I/O
- `store/`: the tables, in SQLite; `json_lines.py`: the file of older versions
- `hub/`: the same tables in PostgreSQL, shared by a team; `view.py`: for a board that only looks on
- `election.py`: which of several watchers reads the servers
- `path.py`: where the history of a configuration is; `location.py`: how it is opened
- `since.py`: since when a row differs
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parity_tui.history.background import History
    from parity_tui.history.faults import Fault, StoreError
    from parity_tui.history.location import open_for_reading, read_history
    from parity_tui.history.path import history_path
    from parity_tui.history.record import truncate
    from parity_tui.history.state import HistoryState, describe_skipped
    from parity_tui.history.update import YEAR, HistoryUpdate, Recording, Sighting, WatchStatus, failed_since

_MODULES = {
    "background": ("History",),
    "faults": ("Fault", "StoreError"),
    "location": ("open_for_reading", "read_history"),
    "path": ("history_path",),
    "record": ("truncate",),
    "state": ("HistoryState", "describe_skipped"),
    "update": ("YEAR", "HistoryUpdate", "Recording", "Sighting", "WatchStatus", "failed_since"),
}
"""module -> names that it gives to this package; each is imported with its first use, as most runs need few"""

__all__ = [
    "YEAR",
    "Fault",
    "History",
    "HistoryState",
    "HistoryUpdate",
    "Recording",
    "Sighting",
    "StoreError",
    "WatchStatus",
    "describe_skipped",
    "failed_since",
    "history_path",
    "open_for_reading",
    "read_history",
    "truncate",
]


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(name)

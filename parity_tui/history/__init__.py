"""The history of changes across boards: recorded by a thread, in a store that boards and watchers share.

- `background.py`, `writer.py`: the thread, and how it goes on without its store
- `recorder.py`, `server_values.py`, `state.py`, `record.py`: boards -> records, on the state so far; no I/O
- `store/`: the tables, in SQLite; `json_lines.py`: the file of older versions
- `hub/`: the same tables in PostgreSQL, shared by a team; `view.py`: for a board that only looks on
- `election.py`: which of several watchers reads the servers
- `location.py`: where the history of a configuration is
- `since.py`: since when a row differs
"""

from __future__ import annotations

from parity_tui.drift.words import plural
from parity_tui.history.background import History
from parity_tui.history.faults import Fault, StoreError
from parity_tui.history.location import history_path, open_for_reading, read_history
from parity_tui.history.record import truncate
from parity_tui.history.state import HistoryState
from parity_tui.history.update import YEAR, HistoryUpdate, Recording, Sighting, WatchStatus, failed_since

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


def describe_skipped(state: HistoryState) -> str:
    """Return how many lines of a history could not be read, in words; "" for none."""
    words = []
    if state.broken:
        words.append(f"{plural(state.broken, 'line is', 'lines are')} unreadable in the history and skipped")
    if state.newer:
        words.append("the history contains records of a newer parity-tui, which are skipped")
    return "; ".join(words)

"""Messages from a history to its board, and the options of recording."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from parity_tui.drift.changes import TimedChange
from parity_tui.history.state import HistoryState
from parity_tui.model import TargetKey

INTERVAL = 1.0
"""seconds between two boards that are recorded: values that flap in between are not"""
HEARTBEAT = 30.0
"""seconds between two signs of life"""
YEAR = 365 * 86_400.0
"""seconds for which events are kept by default"""


class Sighting(Struct, frozen=True):
    """An observer with a recent sign of life."""

    role: str
    host: str
    pid: int
    program: str
    """its version of parity-tui"""
    began: float
    """seconds since the epoch"""
    age: float
    """seconds since its last sign of life"""


class WatchStatus(Struct, frozen=True):
    """How complete a history is; times are seconds since the epoch."""

    running: tuple[Sighting, ...] = ()
    """watchers before boards, the latest sign of life first"""
    complete_since: float | None = None
    """from then on some process has read all targets until now; None: none does"""
    gaps: tuple[tuple[float, float], ...] = ()
    """times without any, since the first that is recorded, oldest first"""

    @property
    def watcher(self) -> Sighting | None:
        """The running watcher, None without one."""
        return next((sighting for sighting in self.running if sighting.role == "watcher"), None)


class HistoryUpdate(Struct, frozen=True):
    """News from the history to its board."""

    past: tuple[TimedChange, ...] = ()
    """changes that earlier boards recorded, oldest first"""
    missed: tuple[TimedChange, ...] = ()
    """changes that happened while no board was open"""
    outages: Mapping[TargetKey, float] = field(default_factory=dict)
    """servers that failed when an earlier board last tried them -> since when, seconds since the epoch"""
    problem: str = ""
    """why nothing can be recorded, in words"""
    watch: WatchStatus | None = None
    """how complete the history is, after that has changed"""


class Recording(Struct, frozen=True):
    """How one process records."""

    keep: float = YEAR
    """seconds for which events are kept"""
    role: str = "board"
    """"board" or "watcher" """
    complete: bool = True
    """whether the process reads all targets of its configuration"""
    every: float = 5.0
    """seconds between two readings of a target"""


def failed_since(state: HistoryState) -> dict[TargetKey, float]:
    """Return the begin of each open outage, seconds since the epoch, by the key that boards use."""
    return {
        (service, environment, node): outage.began for (environment, service, node), outage in state.outages.items()
    }

"""Collects garbage of the oldest generation between keys: it takes up to 50 ms, for which a key would wait."""

from __future__ import annotations

import asyncio
import gc

_IDLE = 1.0
"""seconds without a key"""
_DUE, _OVERDUE = 10, 100
"""collections of the second generation after which one of the oldest is due, and after which it waits no longer"""


class IdleCollector:
    """Collects as often as Python would, at moments of its own."""

    def __init__(self) -> None:
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Leave alone what exists already, and start to collect."""
        gc.freeze()
        gc.set_threshold(*gc.get_threshold()[:2], _OVERDUE)
        gc.enable()

    def postpone(self) -> None:
        """Collect in a second at the earliest; called for each key."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        self.collect_soon()

    def collect_soon(self) -> None:
        """Collect in a second, if garbage is due and no key postpones it; called for each board."""
        if self._next is None and gc.get_count()[2] >= _DUE:
            self._next = asyncio.get_running_loop().call_later(_IDLE, self._collect)

    def _collect(self) -> None:
        self._next = None
        gc.collect()

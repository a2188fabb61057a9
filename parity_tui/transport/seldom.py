"""Questions whose answers seldom change: asked once a minute."""

from __future__ import annotations

import time

_PAUSE = 60.0
"""seconds between two requests"""


class Seldom:
    """The times at which each such question is due."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}

    def is_due(self, what: str) -> bool:
        """Return whether something is to be asked now; then it is due a minute later."""
        now = time.monotonic()
        due = now >= self._due.get(what, now)
        if due:
            self._due[what] = now + _PAUSE
        return due

    def forget(self) -> None:
        """Make everything due."""
        self._due.clear()

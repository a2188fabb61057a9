"""A login that failed, and when it is tried again."""

from __future__ import annotations

import time

from parity_tui.model import ServiceError

_LONGEST_PAUSE = 15.0


class Backoff:
    """Why a login failed, and for how long it is not tried again: each of many targets asks for it."""

    def __init__(self) -> None:
        self._error: ServiceError | None = None
        self._until = 0.0
        self._failures = 0

    def begin(self, error: ServiceError) -> None:
        """Keep a failure: longer each time, and where only a person can help until one asks."""
        self._error = error
        self._failures += 1
        asked = any(sign in error.message for sign in ("Permission denied", "host key", "Too many authentication"))
        pause = float("inf") if asked else min(_LONGEST_PAUSE, 0.25 * 2 ** min(self._failures, 10))
        self._until = time.monotonic() + pause

    def end(self) -> None:
        """Forget it."""
        self._error, self._failures = None, 0

    def check(self) -> None:
        """Raise what is kept."""
        if self._error is not None and time.monotonic() < self._until:
            raise ServiceError(self._error.reason, self._error.message)

"""The pause between two attempts at a route that fail."""

from __future__ import annotations

import time

from parity_tui.model import ServiceError


class Backoff:
    """The latest failure of a route, and how long it stands for further attempts."""

    def __init__(self, longest: float = 5.0) -> None:
        """Create it without a failure; ``longest`` is the longest pause in seconds."""
        self._longest = longest
        self._error: ServiceError | None = None
        self._until = 0.0
        self._failures = 0

    def begin(self, error: ServiceError, permanent: bool = False) -> None:
        """Start a pause: longer after each failure, endless where only the user can fix the cause."""
        self._error = error
        self._failures += 1
        signs = ("Permission denied", "host key", "Too many authentication")
        permanent = permanent or any(sign in error.message for sign in signs)
        pause = float("inf") if permanent else min(self._longest, 0.25 * 2 ** min(self._failures, 10))
        self._until = time.monotonic() + pause

    def end(self) -> None:
        """Forget the failure."""
        self._error, self._failures = None, 0

    def check(self) -> None:
        """Raise the failure while the pause lasts."""
        if self._error is not None and self.remaining() > 0:
            raise ServiceError(self._error.reason, self._error.message)

    def remaining(self) -> float:
        """Return the seconds until the pause ends."""
        return max(0.0, self._until - time.monotonic()) if self._error is not None else 0.0

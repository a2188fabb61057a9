"""Since when each target fails, and when it last recovered."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from parity_tui.model import Outcome, TargetKey, target_key


class Outages:
    """Dates the outages of all targets of a watcher; each lasts from its first failure to the next reading."""

    def __init__(self, dated: bool = True) -> None:
        self._dated = dated
        """a single attempt does not know since when a target fails"""
        self._failed_since: dict[TargetKey, float] = {}
        self._recovered_at: dict[TargetKey, float] = {}
        self._recalled: dict[TargetKey, float] = {}
        """begins of outages that another board saw; each applies if the first attempt of this one fails"""

    def dated(self, outcome: Outcome) -> Outcome:
        """Return the outcome of one attempt with the times of its outage; a faulty configuration is none."""
        key = target_key(outcome.target)
        if outcome.target.problem is not None:
            return outcome
        recalled = self._recalled.pop(key, 0.0)
        if outcome.failure is None:
            if self._failed_since.pop(key, recalled):
                self._recovered_at[key] = outcome.at
            return replace(outcome, recovered_at=self._recovered_at.get(key, 0.0))
        now = time.time() if self._dated else 0.0
        since = self._failed_since[key] = self._failed_since.get(key, 0.0) or recalled or now
        return replace(outcome, failed_since=since, recovered_at=self._recovered_at.get(key, 0.0))

    def recall(self, since: Mapping[TargetKey, float], latest: Iterable[Outcome]) -> Iterator[Outcome]:
        """Take the begins of outages from another board; yield those of the latest outcomes that they date back."""
        for outcome in latest:
            key = target_key(outcome.target)
            if key not in since:
                continue
            if outcome.pending:
                self._recalled[key] = since[key]
            elif outcome.failed_since > since[key]:
                self._failed_since[key] = since[key]
                yield replace(outcome, failed_since=since[key])

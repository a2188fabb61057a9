"""The state machine of a watcher: which drift and which outages stand, and the events when that changes.

A drift is announced once: when it is new, when it gets worse, and when it is resolved. A server that fails neither
resolves a drift nor makes one: until it answers, the last verdict on it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from parity_tui.daemon.event import NEW, RESOLVED, WORSE, Event, event
from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import ChangeKind
from parity_tui.drift.changes.servers import failed as failed_change
from parity_tui.drift.row import Row
from parity_tui.drift.words import duration, listing
from parity_tui.model import Failure, Outcome, Severity, State, Verdict

GONE = "no longer in the configuration"
DriftKey = tuple[str, str, str]
"""service, kind and setting"""
_NOT_KNOWN = (State.UNKNOWN, State.HIDDEN)


class Drift(Struct):
    """A drift that was announced."""

    service: str
    kind: str
    setting: str
    severity: Severity
    odd: list[str]
    worst: Severity
    """the worst one that was announced"""

    @property
    def key(self) -> DriftKey:
        """Identify the row."""
        return self.service, self.kind, self.setting


class Outage(Struct):
    """An outage that was announced."""

    environment: str
    service: str
    node: str
    since: float
    """seconds since the epoch"""

    @property
    def key(self) -> tuple[str, str, str]:
        """Environment, service and node."""
        return self.environment, self.service, self.node


class Standing(Struct):
    """All drifts and outages that were announced and have not ended; plain data, to be stored."""

    drifts: list[Drift] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)

    def advance(self, board: Board, now: float) -> list[Event]:
        """Take a complete board; return the events since the last one. ``now`` is in seconds since the epoch."""
        return [*self._outage_events(board, now), *self._drift_events(board, now)]

    def _outage_events(self, board: Board, now: float) -> Iterator[Event]:
        known = {outage.key: outage for outage in self.outages}
        self.outages = []
        for server in board.servers():
            target = server.target
            outage = known.pop((target.environment, target.service, target.node), None)
            if server.failure is not None:
                if outage is None:
                    outage = Outage(target.environment, target.service, target.node, server.failed_since or now)
                    yield _failed(server, server.failure, outage.since)
                self.outages.append(outage)
            elif outage is not None and server.reading is not None:
                yield _recovered(outage, server.recovered_at or server.at or now)
            elif outage is not None:  # not tried yet
                self.outages.append(outage)
        for outage in known.values():
            yield _recovered(outage, now, GONE)

    def _drift_events(self, board: Board, now: float) -> Iterator[Event]:
        known: dict[str, dict[DriftKey, Drift]] = {}
        for drift in self.drifts:
            known.setdefault(drift.service, {})[drift.key] = drift
        self.drifts = []
        for section in board.sections:
            yield from self._section_events(_View(board, section), section.rows, known.pop(section.service, {}), now)
        for drifts in known.values():
            for drift in drifts.values():
                yield _resolved(drift, now, GONE)

    def _section_events(
        self, view: _View, rows: Sequence[Row], known: dict[DriftKey, Drift], now: float
    ) -> Iterator[Event]:
        """Take the rows of a service and its drifts so far; of 100,000 rows, only those are examined that matter."""
        taken = set[DriftKey]()
        for row in rows:
            if not row.listed and not known:
                break
            key = row.service, row.kind, row.setting
            if key in taken:
                continue
            taken.add(key)
            drift = known.pop(key, None)
            if row.verdict is Verdict.DRIFT:
                yield from self._drifting(view, row, drift, now)
            elif drift is not None and view.is_resolved(row, drift):
                yield _drift_event(RESOLVED, view, row, drift.odd, now, drift.worst)
            elif drift is not None:
                self.drifts.append(drift)
        for drift in known.values():
            if view.settled:
                yield _resolved(drift, now)
            else:
                self.drifts.append(drift)

    def _drifting(self, view: _View, row: Row, drift: Drift | None, now: float) -> Iterator[Event]:
        """Take a row that drifts."""
        if drift is None:
            if not row.explained_by:
                self.drifts.append(Drift(row.service, row.kind, row.setting, row.severity, list(row.odd), row.severity))
                yield _drift_event(NEW, view, row, row.odd, now)
            return
        self.drifts.append(drift)
        if not view.decided:
            return
        worse = row.severity.rank < drift.severity.rank
        more = bool(set(row.odd) - set(drift.odd))
        drift.severity = row.severity
        drift.worst = min(drift.worst, row.severity, key=lambda severity: severity.rank)
        drift.odd = [*row.odd, *(name for name in drift.odd if name not in row.odd and not view.knows(row, name))]
        if worse or more:
            yield _drift_event(WORSE, view, row, row.odd, now)


class _View:
    """One section, and what its outcomes allow to conclude."""

    def __init__(self, board: Board, section: Section) -> None:
        self.board = board
        names, baseline = board.environments, board.policy.baseline
        outcomes = section.outcomes
        self.settled = not section.failed and not any(each.pending for each in outcomes if each)
        """whether every server of the service answers"""
        reference = outcomes[names.index(baseline)] if baseline in names else None
        answers = reference is not None and reference.failure is None and reference.reading is not None
        self.decided = self.settled or answers
        """whether the outlying environments do not depend on one that fails"""

    def knows(self, row: Row, environment: str) -> bool:
        names = self.board.environments
        return environment not in names or row.cells[names.index(environment)].state not in _NOT_KNOWN

    def is_resolved(self, row: Row, drift: Drift) -> bool:
        """Return whether a drift has ended, given a row that is no drift."""
        if row.verdict in (Verdict.SAME, Verdict.EXPECTED) or (self.settled and row.verdict is Verdict.IGNORED):
            return True
        names = self.board.environments
        odd, others = drift.odd or names, [name for name in names if name not in drift.odd]
        return all(self.knows(row, name) for name in odd) and any(self.knows(row, name) for name in others)


def _failed(server: Outcome, failure: Failure, since: float) -> Event:
    change = failed_change(server.target, failure)
    return event(
        since, ChangeKind.FAILED.value, [change.environment], change.service, node=change.node,
        severity=Severity.CRITICAL.value, reason=change.reason, why=change.message, text=f": {change.message}",
    )  # fmt: skip


def _recovered(outage: Outage, at: float, why: str = "") -> Event:
    seconds = max(round(at - outage.since, 3), 0.0)
    words = why or f"answers again after {duration(seconds)}"
    return event(
        at, ChangeKind.RECOVERED.value, [outage.environment], outage.service, node=outage.node,
        severity=Severity.CRITICAL.value, why=words, seconds=seconds, text=f": {words}",
    )  # fmt: skip


def _drift_event(
    kind: str, view: _View, row: Row, odd: Sequence[str], now: float, severity: Severity | None = None
) -> Event:
    """Return an event on a row; `before` is the value of the others, `after` that of the outlying environments."""
    names = view.board.environments
    baseline = view.board.policy.baseline
    others = [baseline] if baseline in names else [name for name in names if name not in odd and odd]
    before = next((row.text(names.index(name)) for name in others), None)
    texts = dict.fromkeys(row.text(names.index(name)) for name in odd or names if name in names)
    after = " / ".join(texts) or None
    if kind == RESOLVED:
        before, after, words = None, before, f" {row.setting}: no longer differs"
    else:
        versus = f", {listing(others[:1])} has {before}" if before is not None else ""
        words = f" {row.setting}: {'worse: ' * (kind == WORSE)}{after}{versus}"
    return event(
        now, kind, odd, row.service, setting=row.setting, before=before, after=after,
        severity=(severity or row.severity).value, why=row.why, text=words,
    )  # fmt: skip


def _resolved(drift: Drift, now: float, why: str = "") -> Event:
    """Return the end of a drift whose row is gone."""
    return event(
        now, RESOLVED, drift.odd, drift.service, setting=drift.setting, severity=drift.worst.value, why=why,
        text=f" {drift.setting}: {why or 'no longer differs'}",
    )  # fmt: skip

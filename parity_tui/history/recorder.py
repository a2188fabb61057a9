"""Compares boards with the history so far and returns the records to write. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from parity_tui import __version__
from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import TimedChange, of_servers
from parity_tui.drift.changes.servers import failed, recovered
from parity_tui.history.record import SCHEMA, Record, ServerKey, of_change, to_datetime
from parity_tui.history.server_values import ServerValues, ValueNews, rows_of
from parity_tui.history.state import HistoryState
from parity_tui.model import Outcome, Reading

_MIN_GAP = 10.0
"""seconds without an open board that make the time of a change uncertain"""


class Recorder:
    """Turns boards, one after the other, into records."""

    def __init__(self, state: HistoryState) -> None:
        self.state = state
        self._previous: Board | None = None
        self._readings: dict[ServerKey, Reading] = {}
        """the last one of each server that has answered"""
        self._tried: set[ServerKey] = set()
        """servers that have answered or failed"""
        self._failing: set[ServerKey] = set()
        """servers that this board saw fail, and not answer since"""
        self._missed: list[TimedChange] = []
        self._now = 0.0
        self._old_rows: set[int] = set()
        """identities of the rows of the previous board, which lives as long"""

    def record(self, board: Board, now: float) -> tuple[list[Record], list[TimedChange]]:
        """Return the records of a board, and those events in them that happened while no board was open.

        ``now`` is in seconds since the epoch.
        """
        if board is self._previous:
            return [], []
        previous, self._previous, self._now = self._previous, board, now
        self._missed = []
        self._old_rows = {id(row) for section in previous.sections for row in section.rows} if previous else set()
        events = [event for event in of_servers(previous, board) if not event.kind.outage] if previous else []
        records = [self._apply(of_change(event, now)) for event in events]
        restarted = {event.server for event in events if event.restarted}
        for section in board.sections:
            for outcome in section.outcomes:
                for server in (outcome.nodes or (outcome,)) if outcome else ():
                    records += self._server_records(board, section, server, restarted)
        return records, self._missed

    def confirmed(self) -> tuple[dict[ServerKey, float], dict[ServerKey, float]]:
        """Return when the servers of this board were last read, and when the latest attempt at those failed."""
        seen = {server: self.state.confirmed[server] for server in self._readings if server in self.state.confirmed}
        outages = self.state.outages
        return seen, {server: outages[server].seen for server in self._failing if server in outages}

    def _server_records(
        self, board: Board, section: Section, outcome: Outcome, restarted: set[ServerKey]
    ) -> Iterator[Record]:
        """Yield the records of one server: its outage, then its values."""
        target = outcome.target
        server = (target.environment, target.service, target.node)
        yield from self._outage_records(server, outcome)
        if outcome.reading and not outcome.failure:
            if self._readings.get(server) is not outcome.reading:
                values = ServerValues(
                    self.state, server, outcome.reading, self._readings.get(server), board.tables[target.kind]
                )
                unchanged = self._old_rows if server in self._readings else ()
                news = values.news(rows_of(section.rows, outcome, unchanged), server in restarted)
                yield from self._news_records(server, news)
            self._readings[server] = outcome.reading
            self.state.confirmed[server] = outcome.at or self._now
        if not outcome.pending:
            self._tried.add(server)

    def _outage_records(self, server: ServerKey, outcome: Outcome) -> Iterator[Record]:
        outage, first = self.state.outages.get(server), server not in self._tried
        if not outcome.failure:
            self._failing.discard(server)
        if outcome.failure and outcome.failed_since:  # else its configuration is at fault
            lasts = server in self._failing  # an observer that reaches the server may have recorded an end
            self._failing.add(server)
            if outage:
                outage.seen = self._now
            if outage or lasts:
                return
            since = self._uncertain(self.state.confirmed.get(server)) if first else None
            known = server in self.state.confirmed
            began = outcome.failed_since
            yield self._apply(of_change(failed(outcome.target, outcome.failure), began, since), first and known)
            self.state.outages[server].seen = self._now
        elif outcome.reading and not outcome.failure and outage:
            end = outcome.recovered_at or outcome.at or self._now
            since = self._uncertain(outage.seen) if first else None
            change = recovered(outcome.target, outage.failure, end - outage.began)
            yield self._apply(of_change(change, end, since), first)

    def _news_records(self, server: ServerKey, news: ValueNews) -> Iterator[Record]:
        first = server not in self._readings
        since = self._uncertain(self.state.confirmed.get(server))
        for change in news.changes:
            yield self._apply(of_change(change, self._now, since), first)
        if news.first_seen or news.gone or news.withheld or self.state.programs.get(server) != __version__:
            environment, service, node = server
            yield self._apply(
                Record(
                    SCHEMA, to_datetime(self._now), environment, service, values=news.first_seen, node=node,
                    program=__version__, withheld=tuple(news.withheld), gone=tuple(news.gone),
                )
            )  # fmt: skip

    def _uncertain(self, seen: float | None) -> float | None:
        """Return when something was last seen, None if that is so recent that the time of a change is certain."""
        return seen if seen is not None and self._now - seen > _MIN_GAP else None

    def _apply(self, record: Record, missed: bool = False) -> Record:
        """Apply a record; remember its event as missed, unless the history has it already."""
        timed = self.state.apply(record)
        if timed and missed:
            self._missed.append(timed)
        return record

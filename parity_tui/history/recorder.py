"""Compares boards with the history so far and returns the records to write. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from parity_tui import __version__
from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import Change, ChangeKind, TimedChange, of_servers
from parity_tui.drift.changes.servers import failed, recovered
from parity_tui.history.record import MAX_LINE, SCHEMA, Record, ServerKey, of_change, to_datetime
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

    def final_records(self) -> list[Record]:
        """Return the records that confirm all values and all open outages, at least one for each server."""
        confirmed = self.state.confirmed
        values = [_confirmation(server, confirmed[server]) for server in self._readings]
        return values + list(self._open_outages(self._tried))

    def snapshot(self, now: float) -> list[Record]:
        """Return the records of all known values and open outages, with which a rotated file starts."""
        state, records = self.state, list[Record]()
        for server, values in state.values.items():
            base = _confirmation(server, state.confirmed.get(server, now), state.programs.get(server, ""))
            records += _value_records(base, values, sorted(state.withheld.get(server, ())))
        return records + list(self._open_outages(self.state.outages))

    def _open_outages(self, servers: Iterable[ServerKey]) -> Iterator[Record]:
        for server in servers:
            if outage := self.state.outages.get(server):
                environment, service, node = server
                begin = Change(
                    environment, service, kind=ChangeKind.FAILED, node=node,
                    reason=outage.failure.reason, message=outage.failure.message,
                )  # fmt: skip
                yield of_change(begin, outage.seen, began=outage.began)

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
        if outcome.failure and outcome.failed_since:  # else its configuration is at fault
            if outage:
                outage.seen = self._now
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
            base = _confirmation(server, self._now, __version__)
            for record in _value_records(base, news.first_seen, news.withheld, news.gone):
                yield self._apply(record)

    def _uncertain(self, seen: float | None) -> float | None:
        """Return when something was last seen, None if that is so recent that the time of a change is certain."""
        return seen if seen is not None and self._now - seen > _MIN_GAP else None

    def _apply(self, record: Record, missed: bool = False) -> Record:
        """Apply a record; remember its event as missed, unless the history has it already."""
        timed = self.state.apply(record)
        if timed and missed:
            self._missed.append(timed)
        return record


def _value_records(
    base: Record, values: Mapping[str, str], withheld: Iterable[str] = (), gone: Iterable[str] = ()
) -> Iterator[Record]:
    """Yield records like ``base`` with the values and names, each short enough for a line; at least one."""
    records = [replace(base, values=chunk) for chunk in _chunks(values)]
    records += [replace(base, withheld=tuple(chunk)) for chunk in _chunks(dict.fromkeys(withheld, ""))]
    records += [replace(base, gone=tuple(chunk)) for chunk in _chunks(dict.fromkeys(gone, ""))]
    yield from records or [base]


def _confirmation(server: ServerKey, at: float, program: str = "") -> Record:
    environment, service, node = server
    return Record(SCHEMA, to_datetime(at), environment, service, {}, node=node, program=program)


def _chunks(values: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the values in chunks that fit into a line each."""
    chunk: dict[str, str] = {}
    size = 0
    for setting, text in values.items():
        length = len(f"{setting}{text}".encode("utf-8", "replace")) + 6
        if chunk and size + length > MAX_LINE // 2:
            yield chunk
            chunk, size = {}, 0
        chunk[setting] = text
        size += length
    if chunk:
        yield chunk

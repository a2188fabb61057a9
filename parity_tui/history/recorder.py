"""Compares boards with the history so far and returns the records to write. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import VERSION, Change, TimedChange, restarts
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.history.state import MAX_LINE, SCHEMA, HistoryState, Record, ServiceKey, to_datetime, truncate
from parity_tui.model import Outcome, Severity, State

_MIN_GAP = 10.0
"""seconds without an open board that make the time of a change uncertain"""


class _News(Struct, frozen=True):
    """A setting with a value that the history does not have."""

    setting: str
    text: str
    severity: Severity


class Recorder:
    """Turns boards, one after the other, into records."""

    def __init__(self, state: HistoryState) -> None:
        self.state = state
        self._previous: Board | None = None
        self._seen: set[ServiceKey] = set()

    def record(self, board: Board, now: float) -> tuple[list[Record], list[TimedChange]]:
        """Return the records of a board, and those changes in them that happened while no board was open.

        ``now`` is in seconds since the epoch.
        """
        if board is self._previous:
            return [], []
        previous, self._previous = self._previous, board
        restarted = restarts(previous, board) if previous else []
        records = [self._apply(change, now, None)[0] for change in restarted]
        restarted_services = {(change.environment, change.service) for change in restarted}
        missed: list[TimedChange] = []
        old_rows = {id(row) for section in previous.sections for row in section.rows} if previous else set()
        for section in board.sections:
            for index, environment in enumerate(board.environments):
                outcome = section.outcomes[index]
                if outcome and outcome.reading and not outcome.failure:
                    service = (environment, section.service)
                    news = self._news(service, section, index, old_rows)
                    recorded = VERSION if service in restarted_services else ""
                    records += self._service_records(service, outcome, news, now, missed, recorded)
        return records, missed

    def final_records(self) -> list[Record]:
        """Return the records that confirm all values, one for each service."""
        confirmed = self.state.confirmed
        return [
            Record(SCHEMA, to_datetime(confirmed[service]), *service, {})
            for service in confirmed
            if service in self._seen
        ]

    def snapshot(self, now: float) -> list[Record]:
        """Return the records of all known values, with which a rotated file starts."""
        known = self.state.values.items()
        confirmed = {service: self.state.confirmed.get(service, now) for service, _ in known}
        return [
            Record(SCHEMA, to_datetime(confirmed[service]), *service, chunk)
            for service, values in known
            for chunk in _chunks(values)
        ]

    def _news(self, service: ServiceKey, section: Section, index: int, old_rows: set[int]) -> Iterator[_News]:
        """Return the values that the history does not have; rows of the previous board are skipped by identity."""
        known = self.state.values.get(service, {})
        seen = service in self._seen
        for row in section.rows:
            if seen and id(row) in old_rows:
                continue
            setting, text = printable(row.setting), _recorded_text(row, index)
            if text is not None and known.get(setting) != text:
                yield _News(setting, text, Severity.INFO if row.severity is Severity.IGNORED else row.severity)

    def _service_records(
        self,
        service: ServiceKey,
        outcome: Outcome,
        news: Iterator[_News],
        now: float,
        missed: list[TimedChange],
        recorded: str,
    ) -> Iterator[Record]:
        """Yield the records of one service; the change of the setting ``recorded`` is in the history already."""
        since = self.state.confirmed.get(service, now)
        known = dict(self.state.values.get(service, {}))
        first_seen = {}
        for one in news:
            if one.setting not in known or one.setting == recorded:
                first_seen[one.setting] = one.text
                continue
            change = Change(*service, one.setting, known[one.setting], one.text, one.severity)
            record, timed = self._apply(change, now, since if now - since > _MIN_GAP else None)
            if timed and service not in self._seen:
                missed.append(timed)
            yield record
        for chunk in _chunks(first_seen):
            record = Record(SCHEMA, to_datetime(now), *service, chunk)
            self.state.apply(record)
            yield record
        self._seen.add(service)
        self.state.confirmed[service] = outcome.at or now

    def _apply(self, change: Change, now: float, since: float | None) -> tuple[Record, TimedChange | None]:
        """Return the record of a change, and the change unless the history has it already."""
        record = Record(
            SCHEMA,
            to_datetime(now),
            change.environment,
            change.service,
            setting=change.setting,
            before=truncate(change.before),
            after=truncate(change.after),
            severity=change.severity,
            since=None if since is None else to_datetime(since),
            restarted=change.restarted,
            node=change.node,
            instance=truncate(printable(change.instance)),
        )
        return record, self.state.apply(record)


def _recorded_text(row: Row, index: int) -> str | None:
    """Return the value of one environment, None if it is not known, not shown or not worth a record."""
    if row.cells[index].state is not State.VALUE or (row.severity is Severity.IGNORED and not row.rule.notify):
        return None
    return truncate(row.text(index))


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

"""Folds history records into the last known values, the open outages and the list of events. No I/O."""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from parity_tui.drift.changes import ChangeKind, TimedChange
from parity_tui.drift.policy import is_glob, matches
from parity_tui.drift.words import plural
from parity_tui.history.record import SCHEMA, Record, ServerKey, decode, schema_of
from parity_tui.model import Failure, Reason
from parity_tui.secrets import REDACTED

MAX_CHANGES = 5000
"""that a board remembers"""


class OpenOutage(Struct):
    """A server that failed when it was last tried."""

    began: float
    """seconds since the epoch, likewise `seen`"""
    failure: Failure
    seen: float
    """when the latest attempt failed"""


class HistoryState:
    """Last known values and events after the records so far, in the order of the file: clocks may jump."""

    def __init__(self, max_changes: int | None = MAX_CHANGES) -> None:
        self.changes: deque[TimedChange] = deque(maxlen=max_changes)
        """newest last; with None all are kept"""
        self.recorded = False
        """whether the store has any events, among them those that were not asked for"""
        self.broken = 0
        """number of lines that could not be decoded"""
        self.newer = 0
        """number of lines with a schema of a newer version of this program"""
        self.values: dict[ServerKey, dict[str, str]] = {}
        self.confirmed: dict[ServerKey, float] = {}
        """when the values of each server were last seen, seconds since the epoch"""
        self.outages: dict[ServerKey, OpenOutage] = {}
        """of servers that have not answered since"""
        self.programs: dict[ServerKey, str] = {}
        """the version of parity-tui that read the values"""
        self.withheld: dict[ServerKey, set[str]] = {}
        """names and globs of settings that may exist without a recorded value"""
        self.instances: dict[ServerKey, str] = {}
        """the run of each server that was restarted"""
        self.addresses: dict[tuple[ServerKey, str], str] = {}
        """of the names that led elsewhere"""

    def read_line(self, data: bytes) -> None:
        r"""Apply one line of a file.

        >>> state = HistoryState()
        >>> at = b'"at":"2026-11-23T06:00:00Z"'
        >>> state.read_line(b'{"schema":1,%s,"environment":"a","service":"b","values":{"c":"1"}}' % at)
        >>> state.values, state.broken, state.newer
        ({('a', 'b', ''): {'c': '1'}}, 0, 0)
        >>> state.read_line(b'{"schema":1,"at":"2026-1'), state.read_line(b'{"schema":2,"when":5}')
        (None, None)
        >>> state.broken, state.newer
        (1, 1)
        """
        if not data.strip():  # ends an incomplete line of another process
            return
        schema = schema_of(data)
        if schema > SCHEMA:
            self.newer += 1
            return
        record = decode(data) if schema == SCHEMA else None
        if record is None:
            self.broken += 1
        else:
            self.apply(record)

    def apply(self, record: Record) -> TimedChange | None:
        """Apply one record; return its event, None if it has none or if it is known already."""
        if record.kind.outage:
            return self._add(record) if self._outage(record) else None
        known = record.values is not None or self._is_known(record)
        self.confirmed[record.server] = record.at.timestamp()
        self._update_values(record)
        return None if known else self._add(record)

    def _add(self, record: Record) -> TimedChange:
        at = record.began if record.began and record.kind is ChangeKind.FAILED else record.at
        since = record.since.timestamp() if record.since else None
        timed = TimedChange(at.timestamp(), record.change(), since)
        self.changes.append(timed)
        return timed

    def _update_values(self, record: Record) -> None:
        values = self.values.setdefault(record.server, {})
        values.update(record.values or {})
        if record.program:
            self.programs[record.server] = record.program
        self.withheld.setdefault(record.server, set()).update(record.withheld)
        for setting in record.gone:
            values.pop(setting, None)
        if record.kind is ChangeKind.VANISHED:
            values.pop(record.setting, None)
        elif record.after == REDACTED:
            self.withheld[record.server].add(record.setting)
        elif record.setting and record.kind is not ChangeKind.ADDRESS:
            values[record.setting] = record.after

    def _outage(self, record: Record) -> bool:
        """Begin, confirm or end an outage; return whether it is news."""
        at, server = record.at.timestamp(), record.server
        outage = self.outages.get(server)
        if record.kind is ChangeKind.RECOVERED:
            return self.outages.pop(server, None) is not None
        if outage is not None:
            outage.seen = at
            return False
        reason = Reason(record.reason) if record.reason in set(Reason) else Reason.SERVER
        began = record.began.timestamp() if record.began else at
        self.outages[server] = OpenOutage(began, Failure(reason, record.message), at)
        return True

    def _is_known(self, record: Record) -> bool:
        """Return whether another board has recorded the same event before."""
        server = record.server
        match record.kind:
            case ChangeKind.RESTART:
                before, self.instances[server] = self.instances.get(server), record.instance
                return bool(record.instance) and record.instance == before
            case ChangeKind.ADDRESS:
                name = (server, record.setting)
                address, self.addresses[name] = self.addresses.get(name), record.after
                return address == record.after
            case ChangeKind.VANISHED:
                return record.setting not in self.values.get(server, {})
        return record.after != REDACTED and self.values.get(server, {}).get(record.setting) == record.after

    def forget(self, server: ServerKey) -> None:
        """Remove all that is known of a server, but for its events."""
        for known in (self.values, self.confirmed, self.outages, self.programs, self.withheld, self.instances):
            known.pop(server, None)
        for key in [key for key in self.addresses if key[0] == server]:
            del self.addresses[key]

    def may_exist(self, server: ServerKey, setting: str) -> bool:
        """Return whether a setting without a recorded value may have existed: it was hidden, secret or ignored."""
        withheld = self.withheld.get(server, set())
        return setting in withheld or any(matches(glob, setting) for glob in withheld if is_glob(glob))


def describe_skipped(state: HistoryState) -> str:
    """Return how many lines of a history could not be read, in words; "" for none."""
    words = []
    if state.broken:
        words.append(f"{plural(state.broken, 'line is', 'lines are')} unreadable in the history and skipped")
    if state.newer:
        words.append("the history contains records of a newer parity-tui, which are skipped")
    return "; ".join(words)

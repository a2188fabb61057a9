"""Folds history records into the last known values and the list of changes. No I/O."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from parity_tui.drift.changes import Change, TimedChange
from parity_tui.model import Severity

SCHEMA = 1
MAX_LINE = 4096
"""bytes of a line: one write of this size does not interleave with another process's"""

MAX_CHANGES = 5000
"""that a board remembers"""
_MAX_VALUE = 240
"""characters; longer values are truncated and carry a hash"""
_YEARS = (1970, 9999)
"""from, before: timestamps that exist in every time zone"""

AwareDatetime = Annotated[datetime, Meta(tz=True)]

ServiceKey = tuple[str, str]
"""environment and service"""


class Record(Struct, frozen=True, omit_defaults=True):
    """One line of the file: values that were seen, or one change."""

    schema: int
    at: AwareDatetime
    environment: str = ""
    service: str = ""
    values: Mapping[str, str] | None = None
    """setting -> value as first seen; empty: all known values are confirmed"""
    setting: str = ""
    before: str = ""
    after: str = ""
    severity: Severity = Severity.INFO
    since: AwareDatetime | None = None
    restarted: bool = False
    node: str = ""
    instance: str = ""
    """identifies a restart, which several boards may record"""


class HistoryState:
    """Last known values and changes after the records so far, in the order of the file: clocks may jump."""

    def __init__(self, max_changes: int | None = MAX_CHANGES) -> None:
        self.changes: deque[TimedChange] = deque(maxlen=max_changes)
        """newest last; with None all are kept"""
        self.broken = 0
        """number of lines that could not be decoded"""
        self.newer = 0
        """number of lines with a schema of a newer version of this program"""
        self.values: dict[ServiceKey, dict[str, str]] = {}
        self.confirmed: dict[ServiceKey, float] = {}
        """when the values of each service were last seen, seconds since the epoch"""
        self._instances: dict[tuple[ServiceKey, str], str] = {}

    def read_line(self, data: bytes) -> None:
        r"""Apply one line of a file.

        >>> state = HistoryState()
        >>> at = b'"at":"2026-11-23T06:00:00Z"'
        >>> state.read_line(b'{"schema":1,%s,"environment":"a","service":"b","values":{"c":"1"}}' % at)
        >>> state.values, state.broken, state.newer
        ({('a', 'b'): {'c': '1'}}, 0, 0)
        >>> state.read_line(b'{"schema":1,"at":"2026-1'), state.read_line(b'{"schema":2,"when":5}')
        (None, None)
        >>> state.broken, state.newer
        (1, 1)
        """
        if not data.strip():  # ends an incomplete line of another process
            return
        schema = _schema(data)
        if schema > SCHEMA:
            self.newer += 1
            return
        record = _decode(data) if schema == SCHEMA else None
        if record is None:
            self.broken += 1
        else:
            self.apply(record)

    def apply(self, record: Record) -> TimedChange | None:
        """Apply one record; return its change, None if it has none or if it is known already."""
        service, at = (record.environment, record.service), record.at.timestamp()
        values = self.values.setdefault(service, {})
        if record.values is not None:
            values.update(record.values)
        known = record.values is not None or self._is_known(record, service)
        self.confirmed[service] = at
        if known:
            return None
        if not record.node:
            values[record.setting] = record.after
        change = Change(
            *service,
            record.setting,
            record.before,
            record.after,
            record.severity,
            record.restarted,
            record.node,
            record.instance,
        )
        timed = TimedChange(at, change, record.since.timestamp() if record.since else None)
        self.changes.append(timed)
        return timed

    def _is_known(self, record: Record, service: ServiceKey) -> bool:
        """Whether another board has recorded the same change before."""
        if not record.restarted:
            return self.values[service].get(record.setting) == record.after
        before = self._instances.get((service, record.node))
        self._instances[service, record.node] = record.instance
        return bool(record.instance) and record.instance == before


_DECODER = msgspec.json.Decoder(Record)


def _decode(data: bytes) -> Record | None:
    try:
        record = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    valid = all(_YEARS[0] <= at.year < _YEARS[1] for at in (record.at, record.since or record.at))
    return record if valid and (record.setting or record.values is not None) else None


class _AnySchema(Struct):
    """The one field that every version has."""

    schema: int


def _schema(data: bytes) -> int:
    """Return the schema of a line, 0 without one."""
    try:
        return msgspec.json.decode(data, type=_AnySchema).schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0


def truncate(text: str) -> str:
    """Return a value, or its beginning and a hash of all of it if it is long.

    >>> truncate("UTC"), len(truncate("x" * 1000)), truncate("x" * 1000) == truncate("x" * 1001)
    ('UTC', 255, False)
    """
    if len(text) <= _MAX_VALUE:
        return text
    return f"{text[:_MAX_VALUE]}… {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:13]}"


def to_datetime(at: float) -> datetime:
    """Return seconds since the epoch as a datetime in UTC, to the millisecond."""
    return datetime.fromtimestamp(round(at, 3), UTC)


def encode(record: Record) -> bytes:
    """Return the line of a record, b"" for one whose names are too long."""
    data = msgspec.json.encode(record) + b"\n"
    return data if len(data) <= MAX_LINE else b""

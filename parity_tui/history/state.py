"""What lines of history add up to: the last known value of everything, and what has moved. Pure."""

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
LONGEST = 4096
"""bytes that a line may have: up to that many are written at once, whoever else writes"""

NEWEST = 5000
"""moves that a board remembers"""
_TEXT = 240
"""characters of a value; a longer one is told from others by its hash"""
_YEARS = (1970, 9999)
"""what a clock can tell, in every time zone"""

Moment = Annotated[datetime, Meta(tz=True)]

Place = tuple[str, str]
"""environment and service"""


class Record(Struct, frozen=True, omit_defaults=True):
    """One line of the file: values that were seen, or one that has moved."""

    schema: int
    at: Moment
    environment: str = ""
    service: str = ""
    values: Mapping[str, str] | None = None
    """by setting, what was seen; empty: everything is still as it was"""
    setting: str = ""
    before: str = ""
    after: str = ""
    severity: Severity = Severity.INFO
    since: Moment | None = None
    restarted: bool = False
    node: str = ""
    instance: str = ""
    """what tells a restart from any other: two boards write the same"""


class HistoryState:
    """What is known from the lines so far, taken in the order in which they stand: clocks may jump."""

    def __init__(self, most: int | None = NEWEST) -> None:
        self.changes: deque[TimedChange] = deque(maxlen=most)
        """newest last; None: all of them"""
        self.broken = 0
        """lines that could not be understood"""
        self.newer = 0
        """lines of a schema that only a newer version of this program knows"""
        self.values: dict[Place, dict[str, str]] = {}
        self.heard: dict[Place, float] = {}
        """when each target was last seen to be as it is known"""
        self._instances: dict[tuple[Place, str], str] = {}

    def read(self, data: bytes) -> None:
        r"""Take one line as it stands in a file.

        >>> past = HistoryState()
        >>> past.read(b'{"schema":1,"at":"2026-11-23T06:00:00Z","environment":"a","service":"b","values":{"c":"1"}}')
        >>> past.values, past.broken, past.newer
        ({('a', 'b'): {'c': '1'}}, 0, 0)
        >>> past.read(b'{"schema":1,"at":"2026-1'), past.read(b'{"schema":2,"when":5}')
        (None, None)
        >>> past.broken, past.newer
        (1, 1)
        """
        if not data.strip():  # begun anew behind a line that somebody else was still writing
            return
        schema = _schema(data)
        if schema > SCHEMA:
            self.newer += 1
            return
        line = _record(data) if schema == SCHEMA else None
        if line is None:
            self.broken += 1
        else:
            self.take(line)

    def take(self, line: Record) -> TimedChange | None:
        """Take one line; return what has moved by it, None where nothing has or where that is known already."""
        place, at = (line.environment, line.service), line.at.timestamp()
        values = self.values.setdefault(place, {})
        if line.values is not None:
            values.update(line.values)
        known = line.values is not None or self._known(line, place)
        self.heard[place] = at
        if known:
            return None
        if not line.node:
            values[line.setting] = line.after
        change = Change(
            *place, line.setting, line.before, line.after, line.severity, line.restarted, line.node, line.instance
        )
        move = TimedChange(at, change, line.since.timestamp() if line.since else None)
        self.changes.append(move)
        return move

    def _known(self, line: Record, place: Place) -> bool:
        """Tell whether somebody else has seen the same and written it before."""
        if not line.restarted:
            return self.values[place].get(line.setting) == line.after
        before = self._instances.get((place, line.node))
        self._instances[place, line.node] = line.instance
        return bool(line.instance) and line.instance == before


_DECODER = msgspec.json.Decoder(Record)


def _record(data: bytes) -> Record | None:
    """Return a line as it stands in a file, None for one that is broken."""
    try:
        line = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    sane = all(_YEARS[0] <= at.year < _YEARS[1] for at in (line.at, line.since or line.at))
    return line if sane and (line.setting or line.values is not None) else None


class _Any(Struct):
    """What every line of every version has."""

    schema: int


def _schema(data: bytes) -> int:
    """Return the schema of a line, 0 where it has none."""
    try:
        return msgspec.json.decode(data, type=_Any).schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0


def kept(text: str) -> str:
    """Return a value as it is kept: whole, or its beginning and a hash of all of it.

    >>> kept("UTC"), len(kept("x" * 1000)), kept("x" * 1000) == kept("x" * 1001)
    ('UTC', 255, False)
    """
    if len(text) <= _TEXT:
        return text
    return f"{text[:_TEXT]}… {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:13]}"


def moment(at: float) -> datetime:
    """Return seconds since the epoch as they are written."""
    return datetime.fromtimestamp(round(at, 3), UTC)


def written(line: Record) -> bytes:
    """Return a line as it stands in the file, b"" for one that nobody could read back: its names are too long."""
    data = msgspec.json.encode(line) + b"\n"
    return data if len(data) <= LONGEST else b""

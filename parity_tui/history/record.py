"""One record of a history: its fields, and the JSON of older versions, which had one in each line of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.drift.row import FOLDING
from parity_tui.drift.values import printable
from parity_tui.model import Severity

SCHEMA = 1
_MAX_VALUE = 240
"""characters; longer values are truncated and carry a hash"""
_YEARS = (1970, 9999)
"""from, before: timestamps that exist in every time zone"""

AwareDatetime = Annotated[datetime, Meta(tz=True)]

ServerKey = tuple[str, str, str]
"""environment, service and node"""


class Record(Struct, frozen=True, omit_defaults=True):
    """Values that were seen, or one event."""

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
    type: ChangeKind = ChangeKind.SETTING
    """of an event; files of older versions have none"""
    began: AwareDatetime | None = None
    """of an outage that a later record confirms: when it began"""
    reason: str = ""
    message: str = ""
    seconds: float = 0.0
    """of the end of an outage: its duration"""
    program: str = ""
    """the version of parity-tui that read the values: another one may name settings differently"""
    withheld: tuple[str, ...] = ()
    """names and globs of settings that may exist although no value is recorded: hidden, secret, ignored"""
    gone: tuple[str, ...] = ()
    """settings that the server lacks now, which is no event"""

    @property
    def kind(self) -> ChangeKind:
        """The kind of event, also of a line of an older version."""
        if self.restarted:
            return ChangeKind.RESTART
        release = self.type is ChangeKind.SETTING and self.setting in FOLDING
        return ChangeKind.RELEASE if release else self.type

    @property
    def server(self) -> ServerKey:
        """Environment, service and node."""
        return self.environment, self.service, self.node

    def change(self) -> Change:
        """Return the event."""
        return Change(
            self.environment, self.service, self.setting, self.before, self.after, self.severity, self.kind,
            self.node, self.instance, self.reason, self.message, self.seconds,
        )  # fmt: skip


def of_change(change: Change, at: float, since: float | None = None, began: float | None = None) -> Record:
    """Return the record of an event; times are in seconds since the epoch."""
    return Record(
        SCHEMA,
        to_datetime(at),
        change.environment,
        change.service,
        setting=change.setting,
        before=_text(change.before),
        after=_text(change.after),
        severity=change.severity,
        since=None if since is None else to_datetime(since),
        restarted=change.restarted,
        node=change.node,
        instance=_text(change.instance),
        type=change.kind,
        began=None if began is None else to_datetime(began),
        reason=change.reason,
        message=_text(change.message),
        seconds=change.seconds,
    )


def _text(text: str) -> str:
    return truncate(printable(text))


_DECODER = msgspec.json.Decoder(Record)


def decode(data: bytes) -> Record | None:
    """Return the record of a line, None for a broken one."""
    try:
        record = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    times = (record.at, record.since or record.at, record.began or record.at)
    valid = all(_YEARS[0] <= at.year < _YEARS[1] for at in times)
    return record if valid and (record.setting or record.values is not None or record.kind.outage) else None


class _AnySchema(Struct):
    """The one field that every version has."""

    schema: int


def schema_of(data: bytes) -> int:
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

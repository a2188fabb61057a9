"""The events that a watcher prints and sends: one shape for all kinds, schema 1. docs/watch.md describes it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.drift.values import printable
from parity_tui.history import truncate

SCHEMA = 1

NEW, WORSE, RESOLVED = "new", "worse", "resolved"
"""kinds of events on drift, beside those of :class:`ChangeKind`"""


class Event(Struct, frozen=True):
    """One event; all texts are printable, and long ones are cut."""

    time: str
    """in UTC, to the millisecond"""
    kind: str
    """one word of :class:`ChangeKind`, or NEW, WORSE, RESOLVED"""
    environment: str
    """several ones, of a drift, are separated by ", " """
    service: str
    setting: str = ""
    before: str | None = None
    """None: absent, or not known"""
    after: str | None = None
    severity: str = "info"
    why: str = ""
    """why it matters; of an outage, the failure in words"""
    text: str = ""
    """the whole event as a sentence"""
    node: str = ""
    environments: tuple[str, ...] = ()
    reason: str = ""
    """of an outage, one word of :class:`Reason`; of a deploy, "rollback" or "" """
    seconds: float = 0.0
    """of an outage that has ended, its duration"""
    not_before: str | None = None
    """when the old state was last seen, if nothing watched in between"""
    id: str = ""
    """the same for each attempt to send it"""
    schema: int = SCHEMA

    def line(self) -> bytes:
        """Return the event as one line of JSON, with its end."""
        return msgspec.json.encode(self) + b"\n"


def event(
    at: float,
    kind: str,
    environments: Sequence[str],
    service: str,
    **fields: str | float | None,
) -> Event:
    """Return an event at a time, in seconds since the epoch; its texts may be foreign ones."""
    safe = {name: _safe(value) if isinstance(value, str) else value for name, value in fields.items()}
    names = tuple(map(_safe, environments))
    words = _safe(" ".join(filter(None, (", ".join(names), service, str(fields.get("node") or "")))))
    text = f"{words}{safe.get('text', '')}"
    made = {
        "time": utc(at), "kind": kind, "environment": ", ".join(names), "environments": names,
        "service": _safe(service), **safe, "text": text, "id": secrets.token_hex(8),
    }  # fmt: skip
    return msgspec.convert(made, Event)


def of_change(change: Change, at: float, why: str = "", since: float | None = None) -> Event:
    """Return the event of a change that is no outage.

    >>> of_change(Change("dev", "cache", "hz", "10", "20"), 0).text
    'dev cache hz: 10 → 20'
    """
    name = "restarted" if change.restarted else change.setting
    name = "" if change.kind is ChangeKind.ADDRESS else name
    transition = f": {change.transition}" if change.transition else ""
    return event(
        at, change.kind.value, [change.environment], change.service, setting=change.setting,
        before=None if change.kind is ChangeKind.APPEARED else change.before,
        after=None if change.kind is ChangeKind.VANISHED else change.after,
        severity=change.severity.value, why=why, node=change.node, reason=change.reason,
        text=f"{f' {name}' if name else ''}{transition}",
        not_before=None if since is None else utc(since),
    )  # fmt: skip


def utc(at: float) -> str:
    """Return seconds since the epoch as text.

    >>> utc(1.5)
    '1970-01-01T00:00:01.500Z'
    """
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _safe(text: str) -> str:
    return truncate(printable(text))

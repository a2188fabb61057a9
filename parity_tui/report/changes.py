"""Recorded changes as text for a terminal and as JSON, schema 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from parity_tui.drift.changes import TimedChange
from parity_tui.drift.values import printable
from parity_tui.report.json_report import dumped
from parity_tui.report.symbols import UNICODE
from parity_tui.report.text import COLOURS, Style, plain

SCHEMA = 1

_TIME = 16
"""cells of a time"""


def to_text(changes: Collection[TimedChange], style: Style) -> str:
    """Return the changes in their order, one or more lines each, every line ended by a line break."""
    width = max((len(printable(timed.change.environment)) for timed in changes), default=0)
    return plain("".join(f"{line}\n" for timed in changes for line in _lines(timed, width, style)), style)


def _lines(timed: TimedChange, width: int, style: Style) -> Iterator[str]:
    change = timed.change
    symbol = style.paint(UNICODE.severity(change.severity), COLOURS.get(change.severity.value, ""))
    what, how = printable(change.subject), printable(change.transition)
    head = f"{_moment(timed.at)}  {symbol} {printable(change.environment):<{width}}  {what}"
    indent = " " * (_TIME + width + 6)
    if len(indent) + len(what) + 3 + len(how) <= style.width:
        yield f"{head}   {how}".rstrip()
    else:
        yield head
        if how:
            yield f"{indent}{how}"
    if timed.since is not None and _moment(timed.since) != _moment(timed.at):
        yield style.paint(f"{indent}some time after {_moment(timed.since)}", "2")


def _moment(at: float) -> str:
    """Return a time as local date and minute."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def to_json(changes: Iterable[TimedChange], taken_at: datetime) -> str:
    """Return the changes in their order as JSON text in ASCII."""
    return dumped({"schema": SCHEMA, "taken_at": _utc(taken_at), "changes": [_change(timed) for timed in changes]})


def _change(timed: TimedChange) -> dict[str, Any]:
    """Return one change; ``not_before`` is the last time the old value was read, if nothing was read until ``at``."""
    change = timed.change
    return {
        "at": _utc(datetime.fromtimestamp(timed.at, UTC)),
        "not_before": None if timed.since is None else _utc(datetime.fromtimestamp(timed.since, UTC)),
        "environment": change.environment,
        "service": change.service,
        "node": change.node or None,
        "setting": change.setting,
        "severity": str(change.severity),
        "restarted": change.restarted,
        "before": {"state": "value", "text": change.before},
        "after": {"state": "value", "text": change.after},
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

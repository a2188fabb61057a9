"""Recorded events as text for a terminal, as Markdown and as JSON, schema 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from parity_tui.drift.changes import Change, ChangeKind, TimedChange
from parity_tui.drift.values import printable
from parity_tui.report import moment
from parity_tui.report.json_report import dumped
from parity_tui.report.markdown import escaped, table_line
from parity_tui.report.symbols import UNICODE
from parity_tui.report.text import COLOURS, Style, plain

SCHEMA = 1

_TIME = 19
"""cells of a time"""


def to_text(changes: Collection[TimedChange], style: Style) -> str:
    """Return the events in their order, one or more lines each, every line ended by a line break."""
    width = max((len(printable(timed.change.environment)) for timed in changes), default=0)
    return plain("".join(f"{line}\n" for timed in changes for line in _lines(timed, width, style)), style)


def _lines(timed: TimedChange, width: int, style: Style) -> Iterator[str]:
    change = timed.change
    symbol = style.paint(UNICODE.change(change), COLOURS.get(change.severity.value, ""))
    what, how = printable(change.subject), _words(timed)
    head = f"{_second(timed.at)}  {symbol} {printable(change.environment):<{width}}  {what}"
    indent = " " * (_TIME + width + 6)
    if len(indent) + len(what) + 3 + len(how) <= style.width:
        yield f"{head}   {how}".rstrip()
    else:
        yield head
        if how:
            yield f"{indent}{how}"
    if not_before := _not_before(timed):
        yield style.paint(f"{indent}{not_before}", "2")


def _words(timed: TimedChange) -> str:
    """Return the event in words; an end on the same day is a time only."""

    def clock(at: float) -> str:
        return _second(at)[11:] if _second(at)[:10] == _second(timed.at)[:10] else _second(at)

    return printable(timed.words(clock))


def _not_before(timed: TimedChange) -> str:
    if timed.since is None or moment(timed.since) == moment(timed.at):
        return ""
    return f"after {moment(timed.since)}, while no board was open"


def _second(at: float) -> str:
    """Return a time as local date, minute and second."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def to_markdown(changes: Iterable[TimedChange]) -> str:
    """Return the events in their order as a table, every line ended by a line break."""
    lines = [table_line(("time", "severity", "environment", "service", "event")), table_line(["---"] * 5)]
    for timed in changes:
        change = timed.change
        name = "restarted" if change.restarted else change.setting
        name = "" if change.kind is ChangeKind.ADDRESS else name
        event = " — ".join(filter(None, (printable(name), _words(timed), _not_before(timed))))
        service = printable(" ".join(filter(None, (change.service, change.node))))
        cells = (_second(timed.at), change.severity.value, printable(change.environment), service, event)
        lines.append(table_line(map(escaped, cells)))
    return "".join(f"{line}\n" for line in lines)


def to_json(changes: Iterable[TimedChange], taken_at: datetime) -> str:
    """Return the events in their order as JSON text in ASCII."""
    return dumped({"schema": SCHEMA, "taken_at": _utc(taken_at), "changes": [_change(timed) for timed in changes]})


def _change(timed: TimedChange) -> dict[str, Any]:
    """Return one event; ``not_before`` is the last time the old state was read, if nothing was read until ``at``."""
    change = timed.change
    document = {
        "at": _utc_of(timed.at),
        "not_before": _utc_of(timed.since),
        "kind": change.kind.value,
        "environment": change.environment,
        "service": change.service,
        "node": change.node or None,
        "setting": change.setting or None,
        "severity": str(change.severity),
        "restarted": change.restarted,
    }
    if change.kind.outage:
        return document | _outage(timed)
    if change.kind is ChangeKind.DEPLOY:
        document |= {"rollback": change.rollback, "message": change.message}
    return document | {
        "before": _value(change.before, change.kind is ChangeKind.APPEARED),
        "after": _value(change.after, change.kind is ChangeKind.VANISHED),
    }


def _value(text: str, absent: bool) -> dict[str, Any]:
    return {"state": "absent", "text": None} if absent else {"state": "value", "text": text}


def _outage(timed: TimedChange) -> dict[str, Any]:
    """Return begin, end and duration of an outage: of the first and the last one of a flapping server."""
    change: Change = timed.change
    began, ended = timed.first or timed.at, timed.ended
    if change.kind is ChangeKind.RECOVERED:
        began, ended = timed.at - change.seconds, timed.at
    return {
        "reason": change.reason,
        "message": change.message,
        "began": _utc_of(began),
        "ended": _utc_of(ended),
        "seconds": None if ended is None else round(ended - began, 3),
        "count": timed.count,
    }


def _utc_of(at: float | None) -> str | None:
    return None if at is None else _utc(datetime.fromtimestamp(at, UTC))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

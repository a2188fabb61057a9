"""What has moved, as text for a terminal and as JSON, schema 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from parity_tui.drift.changes import TimedChange
from parity_tui.drift.values import printable
from parity_tui.report.json_report import dumped
from parity_tui.report.text import Style, plain

SCHEMA = 1

_MARKS = {"critical": ("‼", "1;31"), "warning": ("!", "33"), "info": ("·", "36")}
_TIME = 16
"""cells of a time"""


def to_text(moves: Collection[TimedChange], style: Style) -> str:
    """Return what has moved, the newest last, as a log has it; a line break ends each line."""
    width = max((len(printable(move.change.environment)) for move in moves), default=0)
    return plain("".join(f"{line}\n" for move in moves for line in _lines(move, width, style)), style)


def _lines(move: TimedChange, width: int, style: Style) -> Iterator[str]:
    """Yield the line of one move, or the lines where it does not fit into one."""
    change = move.change
    mark, colour = _MARKS.get(str(change.severity), (" ", ""))
    what, how = printable(change.subject), printable(change.transition)
    head = f"{_moment(move.at)}  {style.paint(mark, colour)} {printable(change.environment):<{width}}  {what}"
    indent = " " * (_TIME + width + 6)
    if len(indent) + len(what) + 3 + len(how) <= style.width:
        yield f"{head}   {how}".rstrip()
    else:
        yield head
        if how:
            yield f"{indent}{how}"
    if move.since is not None and _moment(move.since) != _moment(move.at):
        yield style.paint(f"{indent}some time after {_moment(move.since)}", "2")


def _moment(at: float) -> str:
    """Return a moment in the time of the machine, to the minute."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def to_json(moves: Iterable[TimedChange], taken_at: datetime) -> str:
    """Return what has moved as JSON text in plain ASCII, the newest last."""
    return dumped({"schema": SCHEMA, "taken_at": _utc(taken_at), "changes": [_change(move) for move in moves]})


def _change(move: TimedChange) -> dict[str, Any]:
    """Return one move; ``not_before`` is when the value was last seen to be the old one, where nobody looked since."""
    change = move.change
    return {
        "at": _utc(datetime.fromtimestamp(move.at, UTC)),
        "not_before": None if move.since is None else _utc(datetime.fromtimestamp(move.since, UTC)),
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
    """Return a moment as JSON has it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

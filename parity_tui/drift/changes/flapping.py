"""Folds the outages of a flapping server: one event with a count."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.changes.change import ChangeKind, TimedChange

WINDOW = 600.0
"""seconds from the end of an outage to the next one for the same reason, up to which they are folded"""


class _Run(Struct):
    """The latest outages of one server, for one reason."""

    outage: TimedChange
    """as it is shown so far"""
    shown: list[int]
    """indexes of its events in the result"""


def folded(changes: Iterable[TimedChange]) -> list[TimedChange]:
    """Return the changes, oldest first as given, with one event for all outages of a flapping server.

    A single outage keeps two events: its begin, which then has `ended`, and its end.
    """
    shown: list[TimedChange | None] = []
    runs: dict[tuple[str, str, str], _Run] = {}
    for timed in changes:
        run = runs.get(timed.change.server)
        match timed.change.kind:
            case ChangeKind.FAILED:
                if run and _belongs(timed, run.outage):
                    first = run.outage.first or run.outage.at
                    outage = replace(timed, count=run.outage.count + timed.count, first=first)
                    for index in run.shown:
                        shown[index] = None
                else:
                    outage = timed
                runs[timed.change.server] = _Run(outage, [len(shown)])
                shown.append(outage)
            case ChangeKind.RECOVERED if run and run.outage.ended is None:
                _end(run, timed, shown)
            case _:
                shown.append(timed)
    return [timed for timed in shown if timed is not None]


def _belongs(timed: TimedChange, outage: TimedChange) -> bool:
    same = outage.ended is not None and timed.change.reason == outage.change.reason
    return same and 0 <= timed.at - (outage.ended or 0.0) <= WINDOW


def _end(run: _Run, end: TimedChange, shown: list[TimedChange | None]) -> None:
    """Show the end of an outage: by an event of its own, or as the latest state of a flapping server."""
    run.outage = replace(run.outage, ended=end.at)
    if run.outage.count == 1:
        shown[run.shown[0]] = run.outage
        run.shown.append(len(shown))
        shown.append(end)
    else:
        shown[run.shown[0]] = None
        run.shown = [len(shown)]
        shown.append(replace(run.outage, at=end.at))

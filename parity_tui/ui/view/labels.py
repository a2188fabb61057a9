"""What is said on screen that is no value: ages, counts, states, who is odd."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from parity_tui.drift.board import Board, Summary
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Outcome, Severity, Verdict


def age(seconds: float) -> str:
    """Return an age in steps that rarely change.

    >>> age(3), age(47), age(125), age(7300), age(200000)
    ('moments', '40 s', '2 min', '2 h', '2 d')
    """
    if seconds < 10:
        return "moments"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 10) * 10} s"


def clock(at: float, now: float) -> str:
    """Return a moment as a person at the board reads it: the day is left out where it is today.

    >>> clock(1000.0, 999.0) == clock(1000.0, 1000.0), len(clock(0.0, 1e9))
    (True, 16)
    """
    moment, today = datetime.fromtimestamp(at).astimezone(), datetime.fromtimestamp(now).astimezone()
    if moment.date() == today.date():
        return moment.strftime("%H:%M")
    return moment.strftime("%-d %b %H:%M" if moment.year == today.year else "%Y-%m-%d %H:%M")


def every(seconds: float) -> str:
    """Return how often something is read.

    >>> every(5), every(0.5), every(120)
    ('every 5 s', 'every 0.5 s', 'every 2 min')
    """
    return f"every {seconds / 60:g} min" if seconds >= 60 and seconds % 60 == 0 else f"every {seconds:g} s"


def number(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    >>> number(1, "warning"), number(3, "warning"), number(2, "is hidden", "are hidden")
    ('1 warning', '3 warnings', '2 are hidden')
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def listing(names: Sequence[str]) -> str:
    """Return names as in a sentence.

    >>> listing(["dev"]), listing(["dev", "staging", "eu"])
    ('dev', 'dev, staging and eu')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def who(row: Row) -> str:
    """Return who is odd in a row."""
    if row.verdict is Verdict.SAME:
        return "everywhere"
    if not row.odd:
        return {Verdict.UNKNOWN: "not every value is known", Verdict.IGNORED: "not compared"}.get(row.verdict, "")
    return f"{row.odd[0]} is the odd one out" if len(row.odd) == 1 else f"{listing(row.odd)} are odd"


def rank(row: Row) -> str:
    """Return how a row counts, in a word."""
    match row.verdict:
        case Verdict.DRIFT:
            return str(row.severity)
        case Verdict.UNKNOWN:
            return "cannot see" if row.listed else "unknown"
        case verdict:
            return str(verdict)


def failure(outcome: Outcome) -> str:
    """Return why a target could not be read, in as few words as a pane has room for."""
    if outcome.failure is None:
        return ""
    message = outcome.failure.message
    address = outcome.target.address
    for ending in (f" ({address})", f": {address}"):
        message = message.removesuffix(ending)
    return message.removeprefix(f"{address} ").removeprefix(f"{address}: ") if address else message


def counts(summary: Summary) -> list[tuple[str, int, str]]:
    """Return what the header counts and is not zero: (mark's name, how many, in words)."""
    found = (
        ("critical", summary.critical, f"{summary.critical} critical"),
        ("warning", summary.warning, number(summary.warning, "warning")),
        ("info", summary.info, f"{summary.info} info"),
        ("expected", summary.expected, f"{summary.expected} expected"),
        ("unknown", summary.unknown, f"{summary.unknown} cannot see"),
        ("failed", summary.failed, f"{summary.failed} failed"),
    )
    return [entry for entry in found if entry[1]]


def reading(board: Board) -> str:
    """Return how much has not been read even once, "" where nothing is missing."""
    outcomes = list(board.outcomes())
    missing = sum(outcome.pending for outcome in outcomes)
    return f"reading {len(outcomes) - missing} of {len(outcomes)}" if missing else ""


def judge(board: Board) -> str:
    """Return who decides what is odd: of two nobody does."""
    if board.policy.baseline:
        return f"{board.policy.baseline} is the baseline"
    return "the majority decides" if len(board.environments) > 2 else "no baseline: b names one"


def baseline(name: str) -> str:
    """Return what is said when the baseline is another one."""
    return f"{printable(name)} is the baseline now" if name else "no baseline now: the majority decides"


def paused(on: bool, interval: float) -> str:
    """Return what is said when the reading is paused, or goes on."""
    return "paused: nothing is read until p is pressed again" if on else f"reading again, {every(interval)}"


LEAST = {
    Severity.INFO: "",
    Severity.WARNING: "warnings and worse",
    Severity.CRITICAL: "critical only",
}
"""What of the drift is listed, by the least severity shown."""

"""Words on the screen: ages, counts, states, outlying environments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from parity_tui.drift.board import Board
from parity_tui.drift.row import ALARMS, Row
from parity_tui.drift.rows import Summary
from parity_tui.drift.values import printable
from parity_tui.drift.words import listing, plural, without_address
from parity_tui.history import WatchStatus
from parity_tui.model import Outcome, Severity, Verdict


def age(seconds: float) -> str:
    """Return an age in coarse steps, so that it rarely has to be repainted.

    >>> age(3), age(47), age(125), age(7300), age(200000)
    ('<10 s', '40 s', '2 min', '2 h', '2 d')
    """
    if seconds < 10:
        return "<10 s"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 10) * 10} s"


def short_age(text: str) -> str:
    """Return an age in as few cells as possible, for a narrow head.

    >>> short_age("<10 s"), short_age("40 min")
    ('<10s', '40m')
    """
    return text.replace("min", "m").replace(" ", "")


def clock(at: float, now: float) -> str:
    """Return a local time; the day is left out if it is today.

    >>> clock(1000.0, 999.0) == clock(1000.0, 1000.0), len(clock(0.0, 1e9))
    (True, 16)
    """
    moment, today = datetime.fromtimestamp(at).astimezone(), datetime.fromtimestamp(now).astimezone()
    if moment.date() == today.date():
        return moment.strftime("%H:%M")
    return moment.strftime("%-d %b %H:%M" if moment.year == today.year else "%Y-%m-%d %H:%M")


def every(seconds: float) -> str:
    """Return the interval between two readings in words.

    >>> every(5), every(0.5), every(120)
    ('every 5 s', 'every 0.5 s', 'every 2 min')
    """
    return f"every {seconds / 60:g} min" if seconds >= 60 and seconds % 60 == 0 else f"every {seconds:g} s"


def watched(status: WatchStatus | None, now: float) -> str:
    """Return whether a watcher keeps the history complete, and since when; "" without a history.

    >>> watched(None, 0), watched(WatchStatus(), 0)
    ('', 'no watcher')
    """
    if status is None:
        return ""
    if status.watcher is None:
        return "no watcher"
    return f"watched since {clock(status.complete_since, now)}" if status.complete_since is not None else "watched"


def gap(gaps: Sequence[tuple[float, float]], now: float) -> str:
    """Return times without an observer, oldest first, as one line of a timeline."""
    begin, end = clock(gaps[0][0], now), clock(gaps[-1][1], now)
    times = f", {len(gaps)} times" if len(gaps) > 1 else ""
    return f"nobody watched {begin} to {end}{times}"


def outliers(row: Row, baseline: str = "") -> str:
    """Return which environments of a row are outliers, in words.

    ``baseline`` is the environment that they differ from, "" for the majority.
    """
    if row.setting in ALARMS:
        return f"in {listing(row.odd)}"
    if row.verdict is Verdict.SAME:
        return "everywhere"
    if not row.odd:
        return {Verdict.UNKNOWN: "some values are unknown", Verdict.IGNORED: "not compared"}.get(row.verdict, "")
    one = len(row.odd) == 1
    if baseline and baseline not in row.odd:
        return f"{listing(row.odd)} {'differs' if one else 'differ'} from {baseline}"
    return f"{row.odd[0]} is the odd one out" if one else f"{listing(row.odd)} are the odd ones out"


def status(row: Row) -> str:
    """Return the severity of drift, or the verdict, in a word or two."""
    match row.verdict:
        case Verdict.DRIFT:
            return str(row.severity)
        case Verdict.UNKNOWN:
            return "blind spot" if row.listed else "unknown"
        case verdict:
            return str(verdict)


def failure(outcome: Outcome) -> str:
    """Return why a target could not be read, without its address: panes are narrow."""
    return without_address(outcome.failure.message, outcome.target.address) if outcome.failure else ""


def counts(summary: Summary) -> list[tuple[str, int, str]]:
    """Return the counts of a summary that are not zero: name of the symbol, count, the count in words."""
    counts = (
        ("critical", summary.critical, f"{summary.critical} critical"),
        ("warning", summary.warning, plural(summary.warning, "warning")),
        ("info", summary.info, f"{summary.info} info"),
        ("expected", summary.expected, f"{summary.expected} expected"),
        ("unknown", summary.unknown, plural(summary.unknown, "blind spot")),
        ("failed", summary.failed, f"{summary.failed} failed"),
    )
    return [entry for entry in counts if entry[1]]


def progress(board: Board) -> str:
    """Return how many targets have been read once, "" if all have."""
    if board.complete:
        return ""
    outcomes = list(board.outcomes())
    missing = sum(outcome.pending for outcome in outcomes)
    return f"reading {len(outcomes) - missing} of {len(outcomes)}"


def is_offline(board: Board) -> bool:
    """Return whether every reading is of a snapshot: no server is asked."""
    live = next((outcome for outcome in board.outcomes() if not outcome.target.snapshot), None)
    return live is None and any(board.outcomes())


OFFLINE = "off line: the board shows a snapshot, and asks no server"
"""the reply to keys that need servers"""


def comparison(board: Board) -> str:
    """Return how outliers are determined: two environments without a baseline have none."""
    if board.policy.baseline:
        return f"against {board.policy.baseline}"
    return "against the majority" if len(board.environments) > 2 else "no baseline (b to pick one)"


def equal(board: Board) -> str:
    """Return how the panes that the key "=" hides are equal."""
    name = board.policy.baseline
    return f"equal to {printable(name)}" if name in board.environments else "without differences"


def baseline(name: str) -> str:
    """Return the message after the baseline was changed."""
    return f"{printable(name)} is now the baseline" if name else "no baseline: compared with the majority"


def paused(on: bool, interval: float) -> str:
    """Return the message after reading was paused or resumed."""
    return "paused: p resumes" if on else f"resumed: refreshing {every(interval)}"


def cannot_hide(number: int, environments: int) -> str:
    """Return the reply to the number of a pane that cannot be hidden.

    >>> cannot_hide(3, 3), cannot_hide(9, 3)
    ('cannot hide the last pane', 'no environment 9: 1 to 3 hide or show a pane')
    """
    if number <= environments:
        return "cannot hide the last pane"
    keys = f"1 to {environments} hide or show a pane" if environments > 1 else "the board has one"
    return f"no environment {number}: {keys}"


def notes(notes: Sequence[str], first: str = "") -> str:
    """Return a message, the first note on the configuration, and whether the help has more."""
    more = "(more: ?)" if len(notes) > 1 else ""
    return "   ".join(filter(None, (first, *map(printable, notes[:1]), more)))


LEAST = {
    Severity.INFO: "",
    Severity.WARNING: "warnings and worse",
    Severity.CRITICAL: "critical only",
}
"""By the least severity shown, how the view is limited."""

"""Reports of a board as text, JSON, Markdown and JUnit XML: pure functions that return strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import TimedChange
from parity_tui.drift.parity import proved, unread
from parity_tui.drift.row import Row
from parity_tui.drift.rows import Summary
from parity_tui.drift.values import printable
from parity_tui.drift.words import listing, plural
from parity_tui.model import Outcome, State

Changes = Mapping[tuple[str, str], TimedChange]
"""(service, setting) -> the latest recorded change"""


def rows(section: Section, everything: bool) -> Iterable[Row]:
    """Return the rows to print: the listed ones, or with ``everything`` all."""
    return section.rows if everything else tuple(row for row in section.rows if row.listed)


def comparable(board: Board) -> bool:
    """Return whether the board has more than one environment: one alone agrees with nothing."""
    return len(board.environments) > 1


def headline(board: Board) -> str:
    """Return how outlying environments are determined, in words."""
    baseline = board.policy.baseline
    if not comparable(board):
        return "one environment: nothing to compare"
    if baseline:
        return f"compared with the baseline {baseline}"
    if len(board.environments) == 2:
        return "no baseline; --baseline NAME sets one"
    return "compared with the majority"


def origin(at: datetime, name: str) -> str:
    """Return when a report was taken and from which configuration, as printable text.

    >>> from datetime import UTC
    >>> origin(datetime(2026, 11, 28, 0, 12, tzinfo=UTC), "parity.toml")
    'taken 2026-11-28 00:12 UTC from ./parity.toml'
    """
    file = f"./{name}" if name.endswith(".toml") and "/" not in name and " " not in name else name
    return printable(f"taken {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC{f' from {file}' if file else ''}")


def conclusion(board: Board) -> str:
    """Return the summary of a board in words, "parity" only if it is proved."""
    return counts(board.summary) or ("parity" if proved(board) else "nothing was compared")


def left_out(board: Board) -> Iterable[str]:
    """Yield a sentence for each variable that is left out of the comparison."""
    for item in board.left_out:
        yield printable(f"{item.environment}: {item.name} is left out: {item.reason}")


_SECONDARY = {"standby": "a standby", "the address leads to a replica": "a replica"}
"""note of a reading -> role of a server that is not where the app writes"""


def state_of(outcome: Outcome | None) -> str:
    """Return product and version of a target, or the reason why they are unknown, as printable text."""
    if outcome is None:
        return "not configured"
    if outcome.failure is not None:
        return printable(outcome.failure.message) + _since(outcome)
    if outcome.reading is None:
        return "pending"
    dead = [printable(node.target.node) + _since(node) for node in outcome.nodes if node.failure is not None]
    missing = f" ({len(dead)} of {len(outcome.nodes)} nodes failed: {listing(dead)})" if dead else ""
    secondary = next((role for note, role in _SECONDARY.items() if note in outcome.reading.notes), "")
    role = f" ({secondary})" if secondary and not outcome.nodes else ""
    at = f", as of {moment(outcome.at)}" if outcome.target.snapshot else ""
    return printable(f"{outcome.reading.product} {outcome.reading.version}".strip()) + role + missing + at


def _since(outcome: Outcome) -> str:
    return f", since {moment(outcome.failed_since)}" if outcome.failed_since else ""


def moment(at: float) -> str:
    """Return a time, in seconds since the epoch, as local date and minute."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def since_of(row: Row, changes: Changes) -> str:
    """Return since when a row is as it is, and by which change, as printable text; "" if that is not recorded."""
    timed = changes.get((row.service, printable(row.setting)))
    if timed is None:
        return ""
    uncertain = timed.since is not None and moment(timed.since) != moment(timed.at)
    when = f"between {moment(timed.since or 0)} and {moment(timed.at)}" if uncertain else f"since {moment(timed.at)}"
    node = f" {timed.change.node}" if timed.change.node else ""
    return printable(f"{when}: {timed.change.environment}{node} changed {timed.change.transition}")


def name_of(row: Row) -> str:
    """Return the name of a row as printable text: servers choose names too."""
    return printable(row.setting)


def why_of(row: Row) -> tuple[str, ...]:
    """Return why a row matters and its note, without duplicates, as printable text."""
    return tuple(dict.fromkeys(map(printable, filter(None, (row.why, row.note)))))


def agreement(section: Section) -> str:
    """Return how a section without listed rows compares, in a few words."""
    same = section.rows.same if len(section.outcomes) > 1 else 0
    if not same:
        return "nothing to compare"
    missing = unread(section)
    return plural(same, "setting agrees", "settings agree") + (f" ({missing})" if missing else "")


def counts(summary: Summary) -> str:
    """Return the summary in words, "" if every count is zero.

    >>> counts(Summary(critical=2, warning=1, failed=1)), counts(Summary())
    ('2 critical, 1 warning, 1 failed', '')
    """
    numbers = (
        (summary.critical, "critical", "critical"),
        (summary.warning, "warning", "warnings"),
        (summary.info, "info", "info"),
        (summary.expected, "expected", "expected"),
        (summary.unknown, "blind spot", "blind spots"),
        (summary.failed, "failed", "failed"),
    )
    return ", ".join(plural(count, one, many) for count, one, many in numbers if count)


def value_of(row: Row, index: int) -> str:
    """Return one value of a row as text for a table."""
    fact = row.cells[index]
    if fact.state is State.UNKNOWN:
        return f"? {row.text(index)}".strip()
    return "?" if fact.state is State.HIDDEN else row.text(index)

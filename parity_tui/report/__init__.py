"""A board in writing: text, JSON, Markdown, JUnit. Strings in, strings out."""

from __future__ import annotations

from collections.abc import Iterable

from parity_tui.drift.board import Board, Section, Summary
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Outcome, State


def rows(section: Section, everything: bool) -> Iterable[Row]:
    """Return the rows to print: what is listed, or all of them."""
    return section.rows if everything else tuple(row for row in section.rows if row.listed)


def comparable(board: Board) -> bool:
    """Tell whether there are environments to compare: of one alone no setting can be said to agree."""
    return len(board.environments) > 1


def headline(board: Board) -> str:
    """Say who is compared with whom."""
    baseline = board.policy.baseline
    if not comparable(board):
        return "one environment, and nothing to compare it with"
    if baseline:
        return f"{baseline} is the baseline"
    if len(board.environments) == 2:
        return "no baseline, so neither is the odd one; --baseline NAME names one"
    return "the majority decides who is odd"


def conclusion(board: Board) -> str:
    """Return the summary of a board in words; never "parity" where nothing was compared."""
    return counts(board.summary) if comparable(board) or board.summary != Summary() else "nothing was compared"


def state_of(outcome: Outcome | None) -> str:
    """Return product and version, or why there is none, in words."""
    if outcome is None:
        return "not configured"
    if outcome.failure is not None:
        return printable(outcome.failure.message)
    if outcome.reading is None:
        return "not read yet"
    dead = sum(node.failure is not None for node in outcome.nodes)
    missing = f" ({dead} of {len(outcome.nodes)} nodes not read)" if dead else ""
    return printable(f"{outcome.reading.product} {outcome.reading.version}".strip()) + missing


def name_of(row: Row) -> str:
    """Return the name of a row as it may be printed: servers make up names too."""
    return printable(row.setting)


def why_of(row: Row) -> tuple[str, ...]:
    """Return why a row matters and what is to be said of it, each once, as it may be printed."""
    return tuple(dict.fromkeys(map(printable, filter(None, (row.why, row.note)))))


def compared(section: Section) -> bool:
    """Tell whether there are several environments to compare, and all of them have answered."""
    return len(section.outcomes) > 1 and all(
        outcome is not None and outcome.failure is None and not any(node.failure for node in outcome.nodes)
        for outcome in section.outcomes
    )


def agreement(section: Section) -> str:
    """Say in a few words how a section without anything to list stands."""
    if not compared(section):
        return "nothing to compare"
    same = sum(row.verdict == "same" for row in section.rows)
    return f"{same} settings agree" if same != 1 else "1 setting agrees"


def counts(summary: Summary) -> str:
    """Return the summary in words: "2 critical, 1 warning"; "parity" where there is nothing to count.

    >>> counts(Summary(critical=2, warning=1, failed=1)), counts(Summary())
    ('2 critical, 1 warning, 1 not read', 'parity')
    """
    words = (
        (summary.critical, "critical", "critical"),
        (summary.warning, "warning", "warnings"),
        (summary.info, "info", "info"),
        (summary.expected, "expected", "expected"),
        (summary.unknown, "blind spot", "blind spots"),
        (summary.failed, "not read", "not read"),
    )
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in words if count) or "parity"


def value_of(row: Row, index: int) -> str:
    """Return one value as it stands in a table."""
    fact = row.cells[index]
    if fact.state is State.UNKNOWN:
        return f"? {row.text(index)}".strip()
    return "?" if fact.state is State.HIDDEN else row.text(index)

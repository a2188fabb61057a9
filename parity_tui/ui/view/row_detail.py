"""What there is to say of one line of the board, as paragraphs in the order of their weight."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct

from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import TimedChange
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Fact, Outcome, Severity, State, Verdict
from parity_tui.ui.view import labels


class EnvironmentValue(Struct, frozen=True):
    """What is said of one or several environments that have the same to say."""

    environments: tuple[int, ...]
    value: str
    more: str
    """where it comes from and what is peculiar about it"""
    odd: bool = False
    failed: bool = False


class RowDetail(Struct, frozen=True):
    """Everything that the detail shows."""

    title: str
    rank: str
    severity: Severity | None
    """None where nothing differs"""
    who: str
    why: str
    said: tuple[EnvironmentValue, ...]
    since: str = ""
    """when somebody moved, and from where to where"""
    remediation: tuple[str, str] = ("", "")
    """an environment and the text that would align it"""
    description: str = ""
    """the server's own words"""


def of_row(
    board: Board, row: Row, pane: int, remediate: Callable[[Row, int], str], move: TimedChange | None
) -> RowDetail:
    """Return what there is to say of a setting; ``pane`` is the current environment."""
    notes = [note for note in row.note.split("; ") if note and note != row.why]
    undecided = [note for note in notes if "majority" in note]
    why = "  ".join(filter(None, (row.why, *(_sentence(note) for note in notes if note not in undecided))))
    return RowDetail(
        title=printable(row.setting),
        rank=labels.rank(row),
        severity=row.severity if row.verdict in (Verdict.DRIFT, Verdict.UNKNOWN) else None,
        who=printable(" · ".join(filter(None, (labels.who(row), *undecided)))),
        since=printable(_since(move, time.time())) if move else "",
        why=printable(why),
        said=_grouped([_said_of(board, row, index) for index in range(len(row.cells))]),
        remediation=_remediation(board, row, pane, remediate),
        description=printable(next((cell.description for cell in row.cells if cell.description), "")),
    )


def _since(move: TimedChange, now: float) -> str:
    """Return when somebody moved, and from where to where."""
    at = labels.clock(move.at, now)
    since = at if move.since is None else labels.clock(move.since, now)
    when = f"since {at}" if since == at else f"between {since} and {at}"
    what = "restarted" if move.change.restarted else "moved"
    return f"{when}, {move.change.environment} {what} {move.change.transition}".rstrip()


def _sentence(text: str) -> str:
    """Return a note as a sentence."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!")) else ".")


def _said_of(board: Board, row: Row, index: int) -> EnvironmentValue:
    """Return what one environment says of a setting."""
    fact = row.cells[index]
    odd = board.environments[index] in row.odd
    value = row.text(index) or "?"
    more = []
    if fact.state is State.VALUE and fact.raw is not None and printable(fact.raw) != value:
        more.append(f"written {_quoted(printable(fact.raw))}{f' in units of {fact.unit}' if fact.unit else ''}")
    more.append(_where(fact))
    if fact.note:
        more.append(_unread(board, row, index) if fact.state is State.UNKNOWN else fact.note)
    return EnvironmentValue((index,), value, printable(" · ".join(filter(None, more))), odd)


def _quoted(text: str) -> str:
    """Return a raw value so that its ends are seen."""
    return f"“{text}”" if text != text.strip() or not text else text


def _where(fact: Fact) -> str:
    """Return where a value comes from."""
    if fact.source:
        return fact.source
    return "default" if fact.default else ""


def _unread(board: Board, row: Row, index: int) -> str:
    """Return why a value is not known."""
    section = next((section for section in board.sections if section.service == row.service), None)
    outcome = section.outcomes[index] if section else None
    return labels.failure(outcome) if outcome and outcome.failure else row.cells[index].note


def _grouped(said: list[EnvironmentValue]) -> tuple[EnvironmentValue, ...]:
    """Return the same with those that say the same put together; odd ones first."""
    found: dict[tuple[str, str, bool], list[int]] = {}
    for entry in said:
        found.setdefault((entry.value, entry.more, entry.odd), []).extend(entry.environments)
    grouped = [EnvironmentValue(tuple(indexes), value, more, odd) for (value, more, odd), indexes in found.items()]
    return tuple(sorted(grouped, key=lambda entry: not entry.odd))


def _remediation(board: Board, row: Row, pane: int, remediate: Callable[[Row, int], str]) -> tuple[str, str]:
    """Return what would align the current pane's environment if it is odd, else the first odd one."""
    if row.verdict not in (Verdict.DRIFT, Verdict.EXPECTED):
        return ("", "")
    odd = [index for index, name in enumerate(board.environments) if name in row.odd]
    known = [index for index, cell in enumerate(row.cells) if cell.state is State.VALUE]
    for index in sorted(odd or known, key=lambda other: other != pane):
        if text := remediate(row, index):
            return printable(board.environments[index]), printable(text)
    return ("", "")


def of_section(board: Board, section: Section, now: float) -> RowDetail:
    """Return what there is to say of a service."""
    counts, compared = section.rows.counts, section.rows.compared
    parts = [
        labels.number(counts.drift, "setting differs", "settings differ") if counts.drift else "",
        labels.number(counts.expected, "expected") if counts.expected else "",
    ]
    return RowDetail(
        title=printable(section.service),
        rank=str(counts.worst or "service"),
        severity=counts.worst,
        who=" · ".join(filter(None, parts)) or ("no drift" if compared else ""),
        why=f"{labels.number(compared, 'setting')} compared." if compared else "",
        said=tuple(_outcome(index, outcome, now) for index, outcome in enumerate(section.outcomes)),
    )


def _outcome(index: int, outcome: Outcome | None, now: float) -> EnvironmentValue:
    """Return how one target answers."""
    if outcome is None:
        return EnvironmentValue((index,), "not configured", "")
    if outcome.pending:
        return EnvironmentValue((index,), "reading…", outcome.target.address)
    reading, failure = outcome.reading, outcome.failure
    value = f"{reading.product} {reading.version}".strip() if reading else "failed"
    more = [printable(reading.address or outcome.target.address) if reading else ""]
    if failure:
        more = [failure.message]
        if reading:
            more.append(f"last answer {labels.age(max(now - outcome.at, 0))} ago")
    elif reading:
        more.extend(reading.notes)
        count = sum(bool(why) for _, why in reading.hidden)
        more.append(
            labels.number(count, "group of settings is hidden", "groups of settings are hidden") if count else ""
        )
    return EnvironmentValue(
        (index,), printable(value), printable(" · ".join(filter(None, more))), failed=failure is not None
    )

"""The detail of one line of the board: a setting or a service."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.board import Board, Section
from parity_tui.drift.changes import TimedChange
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.drift.words import plural
from parity_tui.model import Outcome, Severity, State, Verdict
from parity_tui.ui.view import labels
from parity_tui.ui.view.difference import Difference, difference_of
from parity_tui.ui.view.visible_lines import VisibleLine


class EnvironmentValue(Struct, frozen=True):
    """One value, and the environments that have it."""

    environments: tuple[int, ...]
    """their indexes"""
    text: str
    note: str
    """the source of the value and its peculiarities"""
    outlier: bool = False
    failed: bool = False
    changed: str = ""
    """of a list: its added and missing members, "+a -b" """


class RowDetail(Struct, frozen=True):
    """Everything that the detail shows, as printable text."""

    title: str
    status: str
    """the severity of drift, or the verdict"""
    severity: Severity | None
    """None if nothing differs"""
    outliers: str
    why: str
    values: tuple[EnvironmentValue, ...]
    since: str = ""
    """the latest change: when, which environment, from which value to which"""
    remediation: tuple[str, str] = ("", "")
    """an environment and the text that would align it"""
    description: str = ""
    """the setting as the server describes it"""
    members: tuple[str, ...] = ()
    """names of the settings that a blind spot stands for"""
    start: int = 0
    """number of characters that all values begin with"""


Remediate = Callable[[Row, int], str]
"""(row, index of an environment) -> the text that would align it, "" if unknown"""


def of_line(
    board: Board, line: VisibleLine, pane: int, remediate: Remediate, change: TimedChange | None, now: float
) -> RowDetail:
    """Return the detail of a line.

    ``pane`` is the index of the current environment, ``change`` the latest change of the setting, ``now`` the time
    in seconds since the epoch.
    """
    if line.row is None:
        return of_section(line.section, now)
    return of_row(board, line.row, pane, remediate, change, now)


def of_row(
    board: Board, row: Row, pane: int, remediate: Remediate, change: TimedChange | None, now: float
) -> RowDetail:
    """Return the detail of a setting."""
    notes = [note for note in row.note.split("; ") if note and note != row.why]
    undecided = [note for note in notes if "majority" in note]
    why = "  ".join(filter(None, (row.why, *(_sentence(note) for note in notes if note not in undecided))))
    baseline = board.policy.baseline
    at = board.environments.index(baseline) if baseline in board.environments else None
    difference = difference_of(row, at)
    reference = baseline if at is not None and row.cells[at].state in (State.VALUE, State.ABSENT) else ""
    return RowDetail(
        title=printable(row.setting),
        status=labels.status(row),
        severity=row.severity if row.verdict in (Verdict.DRIFT, Verdict.UNKNOWN) else None,
        outliers=printable(" · ".join(filter(None, (labels.outliers(row, reference), *undecided)))),
        since=printable(_since(change, now)) if change else "",
        why=printable(why),
        values=_grouped([_value(board, row, index, difference) for index in range(len(row.cells))]),
        members=tuple(map(printable, row.members)),
        start=difference.start,
        remediation=_remediation(board, row, pane, remediate),
        description=printable(next((cell.description for cell in row.cells if cell.description), "")),
    )


def _since(timed: TimedChange, now: float) -> str:
    at = labels.clock(timed.at, now)
    since = at if timed.since is None else labels.clock(timed.since, now)
    when = f"since {at}" if since == at else f"between {since} and {at}"
    verb = "restarted" if timed.change.restarted else "changed"
    return f"{when}, {timed.change.environment} {verb} {timed.change.transition}".rstrip()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!")) else ".")


def _value(board: Board, row: Row, index: int, difference: Difference) -> EnvironmentValue:
    fact = row.cells[index]
    text = row.text(index) or "?"
    notes = []
    if fact.state is State.VALUE and not fact.ledger and fact.raw is not None and printable(fact.raw) != text:
        notes.append(f"set as {_quoted(printable(fact.raw))}{f' in units of {fact.unit}' if fact.unit else ''}")
    notes.append(fact.source or ("default" if fact.default else ""))
    if fact.note:
        notes.append(_failure(board, row, index) if fact.state is State.UNKNOWN else fact.note)
    outlier = board.environments[index] in row.odd
    note = printable(" · ".join(filter(None, notes)))
    changed = difference.changed(text) if fact.state is State.VALUE else ""
    return EnvironmentValue((index,), text, note, outlier, changed=changed)


def _quoted(text: str) -> str:
    """Return a raw value, quoted if it is empty or has blanks at an end."""
    return f"“{text}”" if text != text.strip() or not text else text


def _failure(board: Board, row: Row, index: int) -> str:
    """Return why a value is unknown."""
    section = next((section for section in board.sections if section.service == row.service), None)
    outcome = section.outcomes[index] if section else None
    return labels.failure(outcome) if outcome and outcome.failure else row.cells[index].note


def _grouped(values: list[EnvironmentValue]) -> tuple[EnvironmentValue, ...]:
    """Merge environments of the same value and note; outliers come first."""
    groups: dict[tuple[str, str, bool], EnvironmentValue] = {}
    for value in values:
        key = (value.text, value.note, value.outlier)
        before = groups[key].environments if key in groups else ()
        groups[key] = replace(value, environments=(*before, *value.environments))
    return tuple(sorted(groups.values(), key=lambda value: not value.outlier))


def _remediation(board: Board, row: Row, pane: int, remediate: Remediate) -> tuple[str, str]:
    """Return how to align the environment of the current pane if it is an outlier, else the first outlier."""
    if row.verdict not in (Verdict.DRIFT, Verdict.EXPECTED):
        return ("", "")
    odd = [index for index, name in enumerate(board.environments) if name in row.odd]
    known = [index for index, cell in enumerate(row.cells) if cell.state is State.VALUE]
    for index in sorted(odd or known, key=lambda other: other != pane):
        if text := remediate(row, index):
            return printable(board.environments[index]), printable(text)
    return ("", "")


def of_section(section: Section, now: float) -> RowDetail:
    """Return the detail of a service."""
    counts, compared = section.rows.counts, section.rows.compared
    parts = [
        plural(counts.drift, "setting differs", "settings differ") if counts.drift else "",
        plural(counts.expected, "expected") if counts.expected else "",
    ]
    return RowDetail(
        title=printable(section.service),
        status=str(counts.worst or "service"),
        severity=counts.worst,
        outliers=" · ".join(filter(None, parts)) or ("no drift" if compared else ""),
        why=f"{plural(compared, 'setting')} compared." if compared else "",
        values=tuple(_outcome(index, outcome, now) for index, outcome in enumerate(section.outcomes)),
    )


def _outcome(index: int, outcome: Outcome | None, now: float) -> EnvironmentValue:
    if outcome is None:
        return EnvironmentValue((index,), "not configured", "")
    if outcome.pending:
        return EnvironmentValue((index,), "reading…", outcome.target.address)
    reading, failure = outcome.reading, outcome.failure
    text = f"{reading.product} {reading.version}".strip() if reading else "failed"
    notes = [printable(reading.address or outcome.target.address) if reading else ""]
    if failure:
        since = f"since {labels.clock(outcome.failed_since, now)}" if outcome.failed_since else ""
        notes = [failure.message, since]
        if reading:
            notes.append(f"last answer {labels.age(max(now - outcome.at, 0))} ago")
    elif reading:
        if outcome.target.snapshot:
            notes.append(f"read {labels.age(max(now - outcome.at, 0))} ago, from {outcome.target.snapshot}")
        notes.extend(reading.notes)
        count = len({why for _, why in reading.hidden if why})
        notes.append(plural(count, "group of settings is hidden", "groups of settings are hidden") if count else "")
    note = printable(" · ".join(filter(None, notes)))
    return EnvironmentValue((index,), printable(text), note, failed=failure is not None)

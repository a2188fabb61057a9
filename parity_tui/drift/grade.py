"""Grades a compared row: its verdict, its severity and the outlying environments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from parity_tui.drift.outliers import always_reported, outliers
from parity_tui.drift.policy import match_expectations
from parity_tui.drift.row import CHANGED_DEFAULT, Group, Row
from parity_tui.drift.severity import severity_of
from parity_tui.drift.values import comparison_key
from parity_tui.model import Fact, Outcome, Severity, State, Verdict

NOT_KNOWN = (State.UNKNOWN, State.HIDDEN)


def values_differ(known: Mapping[int, str], cells: Sequence[Fact]) -> bool:
    """Return whether known values differ, between environments or between the nodes of one.

    Args:
        known: comparison keys by the index of the environment.
        cells: one fact for each environment, in order.
    """
    return len(set(known.values())) > 1 or any(cells[i].parts for i in known)


def grade_difference(group: Group, row: Row, known: Mapping[int, str]) -> Row:
    """Return the row of known values that differ: drift, unless it is ignored or expected."""
    if row.severity is Severity.IGNORED or row.rule.may_differ:
        return replace(row, verdict=Verdict.IGNORED, note=row.rule.why)
    names = group.environments
    row = replace(row, severity=severity_of(group, row, known), listed=True)
    if row.severity is Severity.IGNORED:  # by its values
        return replace(row, verdict=Verdict.IGNORED, listed=False)
    facts = {names[i]: row.cells[i] for i in known}
    expected = match_expectations(group.policy, group.service, row.rule, row.setting, facts)
    rest = {i: key for i, key in known.items() if names[i] not in expected.environments}
    if expected.environments and not values_differ(rest, row.cells) and not always_reported(row.rule, row.cells, rest):
        odd, _ = outliers(group, row, known)
        return replace(row, verdict=Verdict.EXPECTED, odd=odd, note="; ".join(expected.notes))
    odd, reason = outliers(group, row, rest)
    changed = CHANGED_DEFAULT if _default_changed(group, row, known) else ""
    notes = filter(None, (*expected.notes, reason, changed))
    return replace(row, verdict=Verdict.DRIFT, odd=odd, note="; ".join(notes))


def grade_agreement(group: Group, row: Row, known: Collection[int]) -> Row:
    """Return the row of known values that agree: the same only if none is unknown and at least two are known."""
    unknown = [i for i in group.members if row.cells[i].state in NOT_KNOWN]
    if row.severity is Severity.IGNORED:
        return replace(row, verdict=Verdict.IGNORED, note=row.rule.why)
    if unknown:
        hidden_note = next((row.cells[i].note for i in unknown if row.cells[i].state is State.HIDDEN), None)
        note = row.cells[unknown[0]].note if hidden_note is None else hidden_note
        matters = row.severity.rank <= Severity.WARNING.rank
        blind_spot = matters and any(answers(group.outcomes[i]) for i in unknown)
        listed = blind_spot or _was_drift(row, group.members)
        return replace(row, verdict=Verdict.UNKNOWN, note=note, listed=listed)
    if len(known) < 2:
        return replace(row, verdict=Verdict.IGNORED, note="nothing to compare")
    return row


def answers(outcome: Outcome | None) -> bool:
    """Return whether a target answers now: its unknown values are then a blind spot, not an outage."""
    return outcome is not None and outcome.reading is not None and outcome.failure is None


def _was_drift(row: Row, members: Sequence[int]) -> bool:
    """Whether the last known values differ: such a row stays in view while a target is away."""
    cells = [row.cells[i] for i in members if row.cells[i].raw is not None]
    distinct = {(cell.raw, cell.type, cell.unit, cell.canonical): cell for cell in cells}.values()
    if len(distinct) > 1 and len({comparison_key(replace(c, state=State.VALUE), row.rule) for c in distinct}) > 1:
        return True
    return any(cell.parts for cell in cells)


def _default_changed(group: Group, row: Row, known: Mapping[int, str]) -> bool:
    return len({group.releases[i] for i in known}) > 1 and all(row.cells[i].default for i in known)

"""Compares one setting: same, drift, or explained by the drift of another setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from parity_tui.drift.by_rule import compare_by_rule
from parity_tui.drift.effective import effective_cells, hiding_override
from parity_tui.drift.grade import NOT_KNOWN, grade_agreement, grade_difference, values_differ
from parity_tui.drift.must_differ import grade_sharing
from parity_tui.drift.outliers import always_reported
from parity_tui.drift.revisions import aligned, is_revision, with_distances
from parity_tui.drift.row import FOLDING, Group, Row
from parity_tui.drift.values import comparison_key
from parity_tui.model import Fact, Rule, Severity, State, Verdict

_RENEWED = "It was renewed between the two moments."


def compare_row(group: Group, setting: str, cells: tuple[Fact, ...], explaining: Mapping[str, Row]) -> Row:
    """Return the row of one setting, a revision with its distances from the others.

    Args:
        group: the environments to compare.
        setting: its name; the group's table has the rule.
        cells: one fact for each environment, in order.
        explaining: rows that drift and may explain others, by setting.
    """
    if is_revision(group.table.rule(setting)):
        return with_distances(group, _compared(group, setting, aligned(cells), explaining))
    return _compared(group, setting, cells, explaining)


def _compared(group: Group, setting: str, cells: tuple[Fact, ...], explaining: Mapping[str, Row]) -> Row:
    rule = group.table.rule(setting)
    table = group.table
    cells = effective_cells(group, setting, cells)
    explain = None if rule.why else table.service.explain
    row = Row(group.service, table.kind, setting, Verdict.SAME, rule.severity, cells, rule, explain=explain)
    if rule.must_differ:
        if len({group.origin(i) for i in group.members}) > 1:
            return grade_sharing(group, row)
        rule = replace(rule, severity=Severity.INFO, why=_RENEWED, must_differ=False)
        row = replace(row, severity=Severity.INFO, rule=rule)
    if rule.compare is not None and (compared := compare_by_rule(group, row)):
        return compared
    if len(group.members) > 1 and not rule.always_report and _identical(cells, group.members):
        return row
    known_members = [i for i in group.members if cells[i].state not in NOT_KNOWN]
    if known_members and not rule.always_report and _identical(cells, known_members):
        return _folded_under_override(group, grade_agreement(group, row, known_members))
    known = _keys(cells, rule, known_members)
    explained_by = _explained_by(group, setting, cells, known, explaining)
    if explained_by:
        folded = replace(row, verdict=Verdict.IGNORED, explained_by=explained_by)
        if rule.derived and all(cells[i].state is not State.ABSENT for i in known):
            return replace(folded, note=f"computed from {explained_by}")
        explained = _explained(explaining[explained_by], cells, known)
        present = {i: key for i, key in known.items() if i not in explained}
        if not values_differ(present, cells) and not always_reported(rule, cells, present):
            return replace(folded, note=_folding_note(group, explained_by, known, present))
        known = present
    if values_differ(known, cells) or always_reported(rule, cells, known):
        return grade_difference(group, row, known)
    return _folded_under_override(group, grade_agreement(group, row, known))


def _folded_under_override(group: Group, row: Row) -> Row:
    """Fold a server's own value that an override hides under the override, whose row compares what sessions get."""
    override = hiding_override(group, row) if row.verdict is Verdict.UNKNOWN else ""
    return replace(row, explained_by=override, listed=False) if override else row


def _identical(cells: Sequence[Fact], members: Sequence[int]) -> bool:
    """Whether all members have the same raw value: true of most rows, which need no further comparison."""
    first = cells[members[0]]
    if first.parts:
        return False
    for index in members:
        fact = cells[index]
        if fact is first:
            if fact.state is not State.VALUE:
                return False
        elif (
            fact.raw != first.raw
            or fact.state is not State.VALUE
            or fact.unit != first.unit
            or fact.type is not first.type
            or fact.canonical != first.canonical
            or fact.ledger != first.ledger
        ):
            return False
    return True


def _keys(cells: Sequence[Fact], rule: Rule, indexes: Iterable[int]) -> dict[int, str]:
    """Return the comparison key of each cell, computed once for equal cells."""
    computed: dict[tuple[object, ...], str] = {}
    keys: dict[int, str] = {}
    for index in indexes:
        fact = cells[index]
        inputs = (fact.raw, fact.type, fact.unit, fact.state, fact.canonical, fact.ledger)
        if inputs not in computed:
            computed[inputs] = comparison_key(fact, rule)
        keys[index] = computed[inputs]
    return keys


def _explained_by(
    group: Group, setting: str, cells: Sequence[Fact], known: Mapping[int, str], explaining: Mapping[str, Row]
) -> str:
    """Return the setting whose drift explains that of this one, "" if none does."""
    rule = group.table.rule(setting)
    if not values_differ(known, cells):
        return ""
    absent = {i for i in known if cells[i].state is State.ABSENT}
    if not absent:
        computed = rule.derived and all(cells[i].default for i in known)
        causes = (*rule.causes(setting), *rule.computed_from) if computed else ()
        return next((cause for cause in causes if cause in explaining), "")
    lacked = () if rule.derived and not rule.is_independent(setting) else rule.causes(setting)
    others = [name for name in lacked if name in explaining and name != "version"]
    if cause := next((name for name in others if _explained(explaining[name], cells, known)), ""):
        return cause
    if rule.is_independent(setting):
        return ""
    # The version explains it only if all servers of each version agree on whether the setting exists.
    lacking = {group.releases[i] for i in absent}
    if lacking & {group.releases[i] for i in known if i not in absent}:
        return ""
    return next((name for name in FOLDING if name in explaining), "")


def _explained(cause: Row, cells: Sequence[Fact], known: Iterable[int]) -> set[int]:
    """Return the environments whose lack of a setting a cause explains.

    These are those that lack the cause too: a queue may also be missing where its virtual host exists. A cause that
    all of them have, such as a set of libraries, explains each.
    """
    known = set(known)
    absent = {i for i in known if cells[i].state is State.ABSENT}
    without_cause = {i for i in known if cause.cells[i].state is State.ABSENT}
    return absent & without_cause if without_cause and cause.setting not in FOLDING else absent


def _folding_note(group: Group, explained_by: str, known: Mapping[int, str], present: Mapping[int, str]) -> str:
    if explained_by not in FOLDING:
        return f"explained by {explained_by}"
    without = {release for i in known.keys() - present.keys() for release in group.releases_of(i)}
    releases = dict.fromkeys(release for i in present for release in group.releases_of(i))
    exclusive = [release for release in releases if release not in without]
    return f"only in {' and '.join(exclusive or releases)}"

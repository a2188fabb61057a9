"""One row: a setting across the environments of one kind, and what is to be said of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.policy import Policy, match_expectations, outliers
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.values import comparison_key, display_text, quantity
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, State, Verdict

CHANGED_DEFAULT = "the default changed with the version"
FOLDING = ("version", "product")
"""the rows that explain why a setting is missing, the first that drifts"""

_CAPACITY_FACTOR = 4
_NOT_KNOWN = (State.UNKNOWN, State.HIDDEN)


class Row(Struct, frozen=True):
    """One setting across the environments."""

    service: str
    kind: str
    setting: str
    verdict: Verdict
    severity: Severity
    cells: tuple[Fact, ...]
    """in the order of the environments; ABSENT with a note where the setting does not apply"""
    rule: Rule
    odd: tuple[str, ...] = ()
    note: str = ""
    """why it is ignored, expected or undecided"""
    explained_by: str = ""
    """the setting whose row explains this one: it is folded there"""
    listed: bool = False
    """shown without being asked for: drift, expected drift and blind spots"""

    @property
    def why(self) -> str:
        """Why a difference matters; for an ignored row why it does not."""
        return self.rule.why

    def text(self, index: int) -> str:
        """Return the value of one environment as a person reads it."""
        return display_text(self.cells[index], self.rule)


class Group(Struct, frozen=True):
    """The environments in which one kind fills the role: they are compared with each other."""

    service: str
    environments: tuple[str, ...]
    """all of them, in order; everything below has one entry for each"""
    outcomes: tuple[Outcome | None, ...]
    members: tuple[int, ...]
    """the indexes of those with this kind"""
    table: RuleTable
    policy: Policy
    releases: tuple[str, ...]
    """product and version of the members that have answered, "" for the others"""

    @property
    def one_product(self) -> bool:
        """Tell whether all members that have answered are the same product."""
        return len({reading.product for i in self.members if (reading := self.reading(i))}) < 2

    def reading(self, index: int) -> Reading | None:
        """Return what an environment has last said, None where it has not."""
        outcome = self.outcomes[index]
        return outcome.reading if outcome else None

    def releases_of(self, index: int) -> tuple[str, ...]:
        """Return the shortest names that tell this member's release, or those of its nodes, from the others'."""
        outcome = self.outcomes[index]
        answers = outcome.answers if outcome else ()
        return tuple(one.version if self.one_product else f"{one.product} {one.version}" for one in answers)


def compare_row(group: Group, name: str, cells: tuple[Fact, ...], explained: Mapping[str, Row]) -> Row:
    """Return the row of one setting."""
    rule = group.table.rule(name)
    row = Row(group.service, group.table.kind, name, Verdict.SAME, rule.severity, cells, rule)
    if len(group.members) > 1 and not rule.always_report and _plainly_same(cells, group.members):
        return row
    telling = [i for i in group.members if cells[i].state not in _NOT_KNOWN]
    if telling and not rule.always_report and _plainly_same(cells, telling):
        return _agreeing(group, row, telling)
    known = _keys(cells, rule, telling)
    explained_by = _explanation(group, rule, cells, known, explained)
    if explained_by in FOLDING or (explained_by and not rule.derived):
        having = [i for i in known if cells[i].state is not State.ABSENT]
        note = (
            _only_in(group, having, known.keys() - having)
            if explained_by in FOLDING
            else f"explained by {explained_by}"
        )
        known = {i: known[i] for i in having}
        if not _differ(known, cells) and not _alarming(rule, cells, known):
            return replace(row, verdict=Verdict.IGNORED, explained_by=explained_by, note=note)
    elif explained_by:
        return replace(row, verdict=Verdict.IGNORED, explained_by=explained_by, note=f"computed from {explained_by}")
    if _differ(known, cells) or _alarming(rule, cells, known):
        return _differing(group, row, known)
    return _agreeing(group, row, known)


def _keys(cells: Sequence[Fact], rule: Rule, indexes: Iterable[int]) -> dict[int, str]:
    """Return the key of each value; what many environments hold alike is worked out once."""
    seen: dict[tuple[object, ...], str] = {}
    keys: dict[int, str] = {}
    for index in indexes:
        fact = cells[index]
        alike = (fact.raw, fact.type, fact.unit, fact.state, fact.canonical)
        keys[index] = seen[alike] if alike in seen else seen.setdefault(alike, comparison_key(fact, rule))
    return keys


def _differ(known: Mapping[int, str], cells: Sequence[Fact]) -> bool:
    """Tell whether known values differ, be it among the nodes of one environment."""
    return len(set(known.values())) > 1 or any(cells[i].parts for i in known)


def _alarming(rule: Rule, cells: Sequence[Fact], known: Iterable[int]) -> list[int]:
    """Return the environments whose value is worth a row whatever the others say, be it that of one node."""
    return [
        i
        for i in known
        if rule.always_report and any(fact.raw in rule.always_report for fact in (cells[i], *cells[i].parts))
    ]


def _plainly_same(cells: Sequence[Fact], members: Sequence[int]) -> bool:
    """Tell whether all members hold the same text: most rows do, and need no closer look."""
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
        ):
            return False
    return True


def _explanation(
    group: Group, rule: Rule, cells: Sequence[Fact], known: Mapping[int, str], explained: Mapping[str, Row]
) -> str:
    """Return the setting whose own drift explains that of this one, "" where there is none."""
    if not rule.explained_by or not _differ(known, cells):
        return ""
    absent = {i for i in known if cells[i].state is State.ABSENT}
    if not absent:
        computed = rule.derived and all(cells[i].default for i in known)
        return rule.explained_by if computed and rule.explained_by in explained else ""
    if rule.explained_by in explained and rule.explained_by != "version" and not rule.derived:
        return rule.explained_by
    # Explained by the version only if all servers of a version agree on whether there is such a setting.
    lacking = {group.releases[i] for i in absent}
    if lacking & {group.releases[i] for i in known if i not in absent}:
        return ""
    return next((name for name in FOLDING if name in explained), "")


def _only_in(group: Group, having: Sequence[int], lacking: Iterable[int]) -> str:
    """Return which releases have a setting."""
    without = {release for i in lacking for release in group.releases_of(i)}
    releases = dict.fromkeys(release for i in having for release in group.releases_of(i))
    alone = [release for release in releases if release not in without]
    return f"only in {' and '.join(alone or releases)}"


def _differing(group: Group, row: Row, known: Mapping[int, str]) -> Row:
    """Return the row of known values that differ: drift, unless it is ignored or expected."""
    if row.severity is Severity.IGNORED:
        return replace(row, verdict=Verdict.IGNORED, note=row.rule.why)
    names = group.environments
    row = replace(row, severity=_severity(group, row, known), listed=True)
    excused = match_expectations(
        group.policy, group.service, row.rule, row.setting, {names[i]: row.cells[i] for i in known}
    )
    rest = {i: value for i, value in known.items() if names[i] not in excused.environments}
    if excused.environments and not _differ(rest, row.cells) and not _alarming(row.rule, row.cells, rest):
        odd, _ = _odd(group, row, known)
        return replace(row, verdict=Verdict.EXPECTED, odd=odd, note="; ".join(excused.notes))
    odd, word = _odd(group, row, rest)
    changed = CHANGED_DEFAULT if _default_changed(group, row, known) else ""
    return replace(row, verdict=Verdict.DRIFT, odd=odd, note="; ".join(filter(None, (*excused.notes, word, changed))))


def _odd(group: Group, row: Row, known: Mapping[int, str]) -> tuple[tuple[str, ...], str]:
    """Return who is odd, and a word on how that was decided: whose nodes disagree is odd, and decides nothing."""
    names, baseline = group.environments, group.policy.baseline
    if alarming := _alarming(row.rule, row.cells, known):
        return tuple(names[i] for i in alarming), ""
    elsewhere = baseline in names and names.index(baseline) not in group.members
    why = "has something else here" if elsewhere else "is not known here"
    split = [names[i] for i in known if row.cells[i].parts]
    whole = {names[i]: value for i, value in known.items() if not row.cells[i].parts}
    baseline = "" if baseline in split else baseline
    others, word = outliers(whole, baseline, why) if len(set(whole.values())) > 1 else ((), "")
    if elsewhere and others:  # of the others the majority decides, as their product's row says
        word = ""
    said = f"the nodes of {' and of '.join(split)} disagree" if split else ""
    return tuple(name for name in names if name in {*split, *others}), "; ".join(filter(None, (said, word)))


def _agreeing(group: Group, row: Row, known: Collection[int]) -> Row:
    """Return the row of known values that agree, or of none: same only if nothing is unknown."""
    unknown = [i for i in group.members if row.cells[i].state in _NOT_KNOWN]
    if row.severity is Severity.IGNORED:
        return replace(row, verdict=Verdict.IGNORED, note=row.rule.why)
    if unknown:
        blind = row.severity.rank <= Severity.WARNING.rank and any(_answers(group.outcomes[i]) for i in unknown)
        return replace(
            row,
            verdict=Verdict.UNKNOWN,
            note=next(
                (row.cells[i].note for i in unknown if row.cells[i].state is State.HIDDEN), row.cells[unknown[0]].note
            ),
            listed=blind or _differed(row, group.members),
        )
    if len(known) < 2:
        return replace(row, verdict=Verdict.IGNORED, note="nothing to compare it with")
    return row


def _answers(outcome: Outcome | None) -> bool:
    """Tell whether a target has been read: what is unknown of it is a blind spot, not an outage."""
    return outcome is not None and outcome.reading is not None and outcome.failure is None


def _differed(row: Row, members: Sequence[int]) -> bool:
    """Tell whether the row was drift while all targets answered: it stays in view, greyed."""
    cells = [row.cells[i] for i in members if row.cells[i].raw is not None]
    distinct = {(cell.raw, cell.type, cell.unit, cell.canonical): cell for cell in cells}.values()
    values = (
        {comparison_key(replace(cell, state=State.VALUE), row.rule) for cell in distinct} if len(distinct) > 1 else ()
    )
    return len(values) > 1 or any(cell.parts for cell in cells)


def _default_changed(group: Group, row: Row, known: Mapping[int, str]) -> bool:
    """Tell whether nobody configured anything: another version brings another default."""
    return len({group.releases[i] for i in known}) > 1 and all(row.cells[i].default for i in known)


def _severity(group: Group, row: Row, known: Mapping[int, str]) -> Severity:
    """Return how much this difference matters: capacity by its size, versions by their distance."""
    rule = row.rule
    facts = [fact for i in known for fact in row.cells[i].parts or (row.cells[i],)]
    if row.setting == "version" and group.policy.severity(row.kind, "version") is None:
        releases = {_release(fact.raw or "", group.table.service.release) for fact in facts}
        return rule.severity if len(releases) > 1 or rule.severity is Severity.INFO else Severity.WARNING
    if rule.capacity:
        amounts = [quantity(fact, rule) for fact in facts]
        sizes = [amount for amount in amounts if amount]
        near = len(sizes) == len(amounts) and max(sizes) <= _CAPACITY_FACTOR * min(sizes)
        return Severity.INFO if near else Severity.WARNING
    return rule.severity


def _release(version: str, numbers: int) -> tuple[str, ...]:
    """Return the leading numbers of a version, as text: 8.10 is not 8.1.

    >>> _release("8.10.2", 2), _release("16.14", 1)
    (('8', '10'), ('16',))
    """
    return tuple(re.findall(r"\d+", version)[:numbers])

"""Blind spots: the settings that answering servers do not show, one row for each reason."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui.drift.grade import NOT_KNOWN, answers
from parity_tui.drift.nodes import missing_fact
from parity_tui.drift.policy import accepting, ended_words, is_glob, matches, overlap
from parity_tui.drift.row import FOLDING, SAME_SERVER, Group, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.words import listing, plural
from parity_tui.model import ABSENT, Fact, Reading, Rule, Severity, State, Verdict

_WHY = "A hidden setting may differ: it is not compared, so parity is not proved."
_MADE = (Verdict.UNKNOWN, Verdict.EXPECTED)
"""verdicts of the rows that are made or changed here"""

K = TypeVar("K")

_ON_SOME_NODES = re.compile(r"on \d+ of \d+ nodes: ")


class _Hidden(Struct, frozen=True):
    """One setting that one environment does not show."""

    setting: str
    """or a glob, where no name is known"""
    severity: Severity
    index: int
    why: str


class _BlindSpot(Struct):
    """Everything that is hidden for one reason."""

    why: str
    expected: str = ""
    """the note of the expectation that accepts it"""
    ended: set[str] = field(default_factory=set)
    """notes of expectations that accepted it once"""
    severities: dict[str, Severity] = field(default_factory=dict)
    """setting -> severity"""
    indexes: set[int] = field(default_factory=set)
    """of the environments"""

    @property
    def severity(self) -> Severity:
        return min(self.severities.values(), key=lambda severity: severity.rank)

    def order(self) -> tuple[int, int, str, str]:
        """Sort key: the worst and the largest first; independent of the order in which settings are found."""
        return self.severity.rank, -len(self.severities), self.why, self.expected

    @property
    def significant(self) -> list[str]:
        """The settings without which parity is not proved."""
        return [name for name, severity in self.severities.items() if matters(severity)]


def matters(severity: Severity) -> bool:
    """Return whether parity requires that settings of this severity are compared."""
    return severity.rank <= Severity.WARNING.rank


def fold_blind_spots(group: Group, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a kind and a row for each reason that hides several settings, which are folded under it.

    A setting that is hidden alone keeps its own row, as product and version do. An accepted blind spot is expected.
    """
    spots = _spots(group, _hidden(group, rows))
    if not spots:
        return list(rows)
    kept = _kept({row.setting for row in rows if row.verdict is Verdict.UNKNOWN}, spots)
    for spot in spots:
        if not spot.expected:
            spot.severities = {name: rank for name, rank in spot.severities.items() if name not in kept}
    made: dict[str, Row] = {}
    for spot in sorted(filter(lambda spot: spot.significant, spots), key=_BlindSpot.order):
        row = _row_of(group, spot, made)
        made[row.setting] = row
    folded = {name: row.setting for row in reversed(made.values()) for name in row.members if name not in kept}
    return [*(_folded(row, folded.get(row.setting, "")) for row in rows), *made.values()]


class Unseen(NamedTuple):
    """The settings that one server does not show for one reason."""

    why: str
    settings: tuple[str, ...]
    """names, or globs where no name is known"""
    expected: str = ""
    """the note of the row if the user accepts it"""


def unseen(rows: Iterable[Row], index: int, reading: Reading) -> Iterator[Unseen]:
    """Yield the blind spots that rows show for one environment: those that the reports count.

    Args:
        rows: all rows of the service.
        index: of the environment.
        reading: of the environment's server, or of one of its nodes, which may show what others hide.
    """
    for row in rows:
        if not row.listed or row.verdict not in _MADE or row.cells[index].state not in NOT_KNOWN:
            continue
        expected = row.note if row.verdict is Verdict.EXPECTED else ""
        if row.setting == SAME_SERVER:
            yield Unseen(row.note, (SAME_SERVER,), expected)
            continue
        why = _reason(row.cells[index])
        names = tuple(name for name in row.members or (row.setting,) if _reason_of(name, reading) == why)
        if names:
            yield Unseen(why, names, expected)


def _reason_of(name: str, reading: Reading) -> str:
    """Return why a reading does not show a setting, "" if it does."""
    fact = reading.facts.get(name) or missing_fact(name, reading)
    return _reason(fact) if fact.state in NOT_KNOWN else ""


def unfolded(rows: Mapping[K, Row]) -> Mapping[K, Row]:
    """Return the rows of settings as they were before :func:`fold_blind_spots`; most often the same mapping."""
    spots = {row.setting for row in rows.values() if row.members}
    made = [key for key, row in rows.items() if row.verdict in _MADE and (row.summarizes or row.explained_by in spots)]
    if not made:
        return rows
    restored = dict(rows)
    for key in made:
        row = restored.pop(key)
        if not row.summarizes:
            restored[key] = replace(row, explained_by="", listed=True)
    return restored


def _folded(row: Row, name: str) -> Row:
    if not name or row.verdict is not Verdict.UNKNOWN or not row.listed:
        return row
    return replace(row, explained_by=name, listed=False)


def _kept(unknown: Set[str], spots: Iterable[_BlindSpot]) -> set[str]:
    """Return the settings that keep their own row: no reason that hides them hides others."""
    alone: set[str] = set()
    shared: set[str] = set()
    for spot in spots:
        if not spot.expected:
            names = [name for name in spot.significant if name not in FOLDING]
            (shared if len(names) > 1 else alone).update(names)
            alone.update(name for name in spot.significant if name in FOLDING)
    return (alone - shared) & unknown


def _hidden(group: Group, rows: Iterable[Row]) -> Iterator[_Hidden]:
    """Yield every setting that an answering environment does not show."""
    answering = [i for i, outcome in enumerate(group.outcomes) if answers(outcome)]
    for row in rows:
        if row.verdict is Verdict.SAME or row.rule.severity is Severity.IGNORED:
            continue
        for i in answering:
            if row.cells and row.cells[i].state in NOT_KNOWN:
                yield _Hidden(row.setting, row.rule.severity, i, _reason(row.cells[i]))
    if any(why for reading in _readings(group).values() for _, why in reading.hidden):
        yield from _hidden_without_row(group, {row.setting for row in rows})


def _hidden_without_row(group: Group, seen: Set[str]) -> Iterator[_Hidden]:
    """Yield the settings that the kind knows and no environment shows, by name or by a glob."""
    readings = _readings(group)
    for rule in group.table.named:
        if rule.name not in seen:
            facts = {i: missing_fact(rule.name, reading) for i, reading in readings.items()}
            yield from _hidden_facts(group, rule.name, rule, facts)
    for i, reading in readings.items():
        lacking = [name for name in seen if name not in reading.facts]  # they have rows, and are hidden there
        for name, rule, why in _hidden_patterns(group.table, reading):
            if not any(matches(name, other) and matches(rule.name, other) for other in lacking):
                facts = {n: missing_fact(name, other) for n, other in readings.items()}
                yield from _hidden_facts(group, name, rule, {**facts, i: Fact(state=State.HIDDEN, note=why)})


def _hidden_patterns(table: RuleTable, reading: Reading) -> Iterator[tuple[str, Rule, str]]:
    """Yield the globs of rules that a reading hides, each with its rule and the reason."""
    shadowed: list[str] = []
    for glob, why in reading.hidden:
        for name, rule in _patterns(table, glob) if why and is_glob(glob) else ():
            if not any(matches(other, name) for other in shadowed):
                yield name, rule, why
        shadowed.append(glob)


def _patterns(table: RuleTable, glob: str) -> Iterator[tuple[str, Rule]]:
    """Yield the globs of rules that matter and that a hidden glob covers, or that glob if it covers a part."""
    for rule in table.patterns:
        # A kind that hides exactly the ledgers knows of none: where no environment shows one, most often none exists.
        if rule.compare is not None and glob == rule.name:
            continue
        if matters(rule.severity) and is_glob(rule.name):
            if matches(glob, rule.name):
                yield rule.name, rule
            elif overlap(glob, rule.name):
                yield glob, rule


def _hidden_facts(group: Group, name: str, rule: Rule, facts: Mapping[int, Fact]) -> Iterator[_Hidden]:
    """Yield where a setting is hidden; a server of the same release that has none proves that it does not exist."""
    lacking = {group.releases[i] for i, fact in facts.items() if fact.state is State.ABSENT}
    for i, fact in facts.items():
        if fact.state is State.HIDDEN and (rule.is_independent(name) or group.releases[i] not in lacking):
            yield _Hidden(name, rule.severity, i, _reason(fact))


def _readings(group: Group) -> dict[int, Reading]:
    """Return the readings of the members that answer, by index."""
    return {i: reading for i in group.members if answers(group.outcomes[i]) and (reading := group.reading(i))}


def _reason(fact: Fact) -> str:
    return _ON_SOME_NODES.sub("", fact.note) or "no reason given"


def _spots(group: Group, hidden: Iterable[_Hidden]) -> list[_BlindSpot]:
    """Return the hidden settings by the reason, those that are accepted apart."""
    found: dict[tuple[str, str], _BlindSpot] = {}
    for one in hidden:
        expectation = accepting(group.policy, group.service, one.setting, group.environments[one.index])
        ended = expectation is not None and expectation.ended(group.policy.today)
        note = expectation.words if expectation and not ended else ""
        spot = found.setdefault((one.why, note), _BlindSpot(one.why, note))
        spot.severities[one.setting] = one.severity
        spot.indexes.add(one.index)
        if expectation and ended:
            spot.ended.add(ended_words(expectation))
    return list(found.values())


def _row_of(group: Group, spot: _BlindSpot, taken: Container[str]) -> Row:
    """Return the row that stands for all settings of a blind spot."""
    names = sorted(spot.severities, key=lambda name: (spot.severities[name].rank, name))
    title = name = f"hidden: {_count(names)}"
    number = 1
    while name in taken:
        number += 1
        name = f"{title} ({number})"
    where = [group.environments[i] for i in sorted(spot.indexes)]
    place = "any environment" if len(where) == len(group.environments) else listing(where)
    note = f"{_count(names)} hidden in {place}: {spot.why}"
    return Row(
        group.service,
        group.table.kind,
        name,
        Verdict.EXPECTED if spot.expected else Verdict.UNKNOWN,
        spot.severity,
        tuple(_cell(group, i, spot) for i in range(len(group.environments))),
        Rule(name, spot.severity, _WHY),
        note="; ".join((note, *filter(None, (spot.expected,)), *sorted(spot.ended))),
        listed=True,
        members=tuple(names),
    )


def _count(names: Sequence[str]) -> str:
    """Return how many settings there are, in words; globs are named.

    >>> _count(["a", "b"]), _count(["a"]), _count(["a", "b", "plugin.*"]), _count(["plugin.*"])
    ('2 settings', 'a', '2 settings and plugin.*', 'plugin.*')
    """
    globs = [name for name in names if is_glob(name)]
    single = [name for name in names if not is_glob(name)]
    counted = single if len(names) == 1 else [plural(len(single), "setting")] if single else []
    many = globs if len(globs) < 3 else [f"{len(globs)} groups"]
    return " and ".join(filter(None, (*counted, ", ".join(many))))


def _cell(group: Group, index: int, spot: _BlindSpot) -> Fact:
    """Return what one environment has in the row of a blind spot."""
    outcome = group.outcomes[index]
    if index in spot.indexes:
        return Fact(state=State.HIDDEN, note=spot.why)
    if outcome is None or index not in group.members:
        return ABSENT
    if not answers(outcome):
        return Fact(state=State.UNKNOWN, note=outcome.failure.reason if outcome.failure else "pending")
    return Fact("shown")

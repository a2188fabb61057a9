"""Readings -> rows: one service across the environments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.policy import Policy, excuse, fits, odd_ones
from parity_tui.drift.table import Table
from parity_tui.drift.values import key, quantity, shown
from parity_tui.model import ABSENT, Fact, Outcome, Reading, Setting, Severity, State, Verdict

NOT_HERE = Fact(state=State.ABSENT, note="no such service in this environment")
NOT_READ = Fact(state=State.UNKNOWN, note="not read yet")
ELSEWHERE = Fact(state=State.ABSENT, note="another kind of service")

_DRIFTS = (Verdict.DRIFT, Verdict.EXPECTED)
_FOLDING = ("version", "product")
_CAPACITY_FACTOR = 4


class Row(Struct, frozen=True):
    """One setting across the environments."""

    service: str
    kind: str
    setting: str
    verdict: Verdict
    severity: Severity
    cells: tuple[Fact, ...]
    """in the order of the environments; ABSENT with a note where the setting does not apply"""
    rule: Setting
    odd: tuple[str, ...] = ()
    note: str = ""
    """why it is ignored, expected or undecided"""
    under: str = ""
    """the setting whose row explains this one: it is folded there"""
    listed: bool = False
    """shown without being asked for: drift, expected drift and blind spots"""

    @property
    def why(self) -> str:
        """Why a difference matters; for an ignored row why it does not."""
        return self.rule.why

    def text(self, index: int) -> str:
        """Return the value of one environment as a person reads it."""
        return shown(self.cells[index], self.rule)


class Group(Struct, frozen=True):
    """The environments in which one kind fills the role: they are compared with each other."""

    service: str
    environments: tuple[str, ...]
    """all of them, in order; everything below has one entry for each"""
    outcomes: tuple[Outcome | None, ...]
    members: tuple[int, ...]
    """the indexes of those with this kind"""
    table: Table
    policy: Policy
    releases: tuple[str, ...]
    """product and version of the members that have answered, "" for the others"""

    @property
    def one_product(self) -> bool:
        """Tell whether all members that have answered are the same product."""
        readings = (outcome.reading for i in self.members if (outcome := self.outcomes[i]))
        return len({reading.product for reading in readings if reading}) < 2

    def release_of(self, index: int) -> str:
        """Return the shortest name that tells this member's release from the others'."""
        outcome = self.outcomes[index]
        reading = outcome.reading if outcome else None
        return "" if reading is None else reading.version if self.one_product else self.releases[index]


def compare(
    service: str,
    environments: Sequence[str],
    outcomes: Sequence[Outcome | None],
    tables: Mapping[str, Table],
    policy: Policy,
    previous: Iterable[Row] = (),
) -> tuple[Row, ...]:
    """Return all rows of a service, worst first; rows of ``previous`` are kept where nothing of theirs moved.

    ``outcomes`` are in the order of ``environments``, None where one has no such service. ``previous`` must come
    from the same environments, tables and policy.
    """
    before = {(row.kind, row.setting): row for row in previous}
    rows: list[Row] = []
    product: Row | None = None
    for kind in dict.fromkeys(outcome.target.kind for outcome in outcomes if outcome):
        group = _group(service, environments, outcomes, tables[kind], policy, kind)
        product = product or _product(group)
        rows.extend(_rows(group, product, before))
    if product is not None:
        rows.append(_with_folds(product, rows))
    rows = [old if (old := before.get((row.kind, row.setting))) == row else row for row in rows]
    return tuple(sorted(rows, key=_order))


def _group(
    service: str,
    environments: Sequence[str],
    outcomes: Sequence[Outcome | None],
    table: Table,
    policy: Policy,
    kind: str,
) -> Group:
    """Return the environments whose role is filled by ``kind``."""
    members = tuple(i for i, outcome in enumerate(outcomes) if outcome and outcome.target.kind == kind)
    readings = [outcome.reading if outcome and i in members else None for i, outcome in enumerate(outcomes)]
    releases = tuple(f"{reading.product} {reading.version}" if reading else "" for reading in readings)
    return Group(service, tuple(environments), tuple(outcomes), members, table, policy, releases)


def _order(row: Row) -> tuple[int, int, int, str]:
    """Worst first; what is not listed after what is; product and version before settings; then by name."""
    rank = {Verdict.DRIFT: 0, Verdict.UNKNOWN: 0, Verdict.EXPECTED: 1, Verdict.SAME: 2, Verdict.IGNORED: 3}
    severity = row.severity.rank if row.verdict in (Verdict.DRIFT, Verdict.UNKNOWN) else 0
    first = {"product": 0, "version": 1}.get(row.setting, 2)
    return (
        10 * rank[row.verdict] + severity + (0 if row.listed else 15),
        first,
        rank[row.verdict],
        row.setting,
    )


def _rows(group: Group, product: Row, before: Mapping[tuple[str, str], Row]) -> list[Row]:
    """Return the row of the version and those of all settings of one kind."""
    version = _version(group)
    columns = [_column(group, index) for index in range(len(group.environments))]
    explained = {row.setting: row for row in (product, version) if row.verdict in _DRIFTS}
    for name in group.table.explaining:
        row = _row(group, name, tuple(column(name) for column in columns), explained)
        if row.verdict in _DRIFTS:
            explained[name] = row
    same = _same_context(group, explained, before)
    rows = []
    for name in _names(group):
        cells = tuple([column(name) for column in columns])
        old = before.get((group.table.kind, name)) if same else None
        rows.append(old if old is not None and old.cells == cells else _row(group, name, cells, explained))
    return [_with_folds(version, rows), *rows] if version.cells else rows


def _same_context(group: Group, explained: Mapping[str, Row], before: Mapping[tuple[str, str], Row]) -> bool:
    """Tell whether what may explain a row is as it was, so that equal cells give an equal row."""
    for name in ("product", "version", *group.table.explaining):
        old, new = before.get((group.table.kind, name)), explained.get(name)
        if (old is not None and old.verdict in _DRIFTS) != (new is not None):
            return False
        if old is not None and new is not None and old.cells != new.cells:
            return False
    return True


def _names(group: Group) -> Iterable[str]:
    """Return the names of all facts, and of those that are hidden by name."""
    names: dict[str, None] = {}
    for index in group.members:
        outcome = group.outcomes[index]
        if outcome and outcome.reading:
            names.update(dict.fromkeys(outcome.reading.facts))
            names.update((name, None) for name, why in outcome.reading.hidden if why and "*" not in name)
    return names


def _column(group: Group, index: int) -> Callable[[str], Fact]:
    """Return what gives an environment's fact of any name, with a reason where there is none."""
    outcome = group.outcomes[index]
    if outcome is None or index not in group.members:
        return lambda name: ELSEWHERE
    if outcome.reading is None:
        nothing = _unread(outcome)
        return lambda name: nothing
    reading = outcome.reading
    if outcome.failure:
        reason = outcome.failure.reason
        return lambda name: _stale(reading.facts.get(name), reason)
    facts = reading.facts
    return lambda name: facts.get(name) or _missing(name, reading)


def _unread(outcome: Outcome) -> Fact:
    """Return the fact of a target that has never answered."""
    return Fact(state=State.UNKNOWN, note=outcome.failure.reason) if outcome.failure else NOT_READ


def _stale(fact: Fact | None, reason: str) -> Fact:
    """Return a fact of a target that does not answer any more: its last value is kept, but not as known."""
    if fact is None or fact.state is not State.VALUE:
        return Fact(state=State.UNKNOWN, note=reason)
    return replace(fact, state=State.UNKNOWN, note=reason)


def _missing(name: str, reading: Reading) -> Fact:
    """Return why a reading has no fact of this name: hidden by rights, or not there."""
    why = next((why for pattern, why in reading.hidden if fits(pattern, name)), "")
    return Fact(state=State.HIDDEN, note=why) if why else ABSENT


def _product(group: Group) -> Row:
    """Return the row on the type of the service: all environments take part, whatever their kind."""
    cells = tuple(_own(outcome, lambda reading: reading.product) for outcome in group.outcomes)
    everyone = replace(group, members=tuple(range(len(cells))))
    return _row(everyone, "product", cells, {})


def _own(outcome: Outcome | None, of: Callable[[Reading], str]) -> Fact:
    """Return a fact about a reading itself."""
    if outcome is None:
        return NOT_HERE
    if outcome.reading is None:
        return _unread(outcome)
    fact = Fact(of(outcome.reading))
    return _stale(fact, outcome.failure.reason) if outcome.failure else fact


def _version(group: Group) -> Row:
    """Return the row on the version. Those of different products have nothing to do with each other."""
    cells = tuple(
        _own(outcome, lambda reading: reading.version) if i in group.members else ELSEWHERE
        for i, outcome in enumerate(group.outcomes)
    )
    if not any(cell.raw or cell.state is State.UNKNOWN for cell in cells):
        return Row(
            group.service,
            group.table.kind,
            "version",
            Verdict.IGNORED,
            Severity.IGNORED,
            (),
            Setting("version"),
        )
    if group.one_product:
        return _row(group, "version", cells, {})
    products = Counter(name.rsplit(" ", 1)[0] for name in set(group.releases) if name)
    within = tuple(i for i in group.members if products[group.releases[i].rsplit(" ", 1)[0]] > 1)
    if within:
        return _row(replace(group, members=within), "version", cells, {})
    row = _row(group, "version", cells, {})
    if row.verdict is not Verdict.DRIFT:
        return row
    return replace(row, verdict=Verdict.IGNORED, odd=(), listed=False, note="each product has versions of its own")


def _with_folds(row: Row, rows: Iterable[Row]) -> Row:
    """Return the row with a word on the rows that are folded under it and the defaults that changed with it."""
    if row.verdict not in _DRIFTS:
        return row
    folded = Counter(other.note for other in rows if other.under == row.setting)
    notes = [f"{count} setting{'s' * (count != 1)} {note}" for note, count in sorted(folded.items())]
    if row.setting == "version" and (changed := sum(_CHANGED_DEFAULT in other.note for other in rows)):
        notes.append(f"{changed} default{'s' * (changed != 1)} changed with it")
    return replace(row, note="; ".join(filter(None, (row.note, *notes))))


_CHANGED_DEFAULT = "the default changed with the version"


def _row(group: Group, name: str, cells: tuple[Fact, ...], explained: Mapping[str, Row]) -> Row:
    """Return the row of one setting."""
    rule = group.table.rule(name)
    row = Row(group.service, group.table.kind, name, Verdict.SAME, rule.severity, cells, rule)
    if len(group.members) > 1 and _plainly_same(cells, group.members):
        return row
    known = {i: key(cells[i], rule) for i in group.members if cells[i].state not in (State.UNKNOWN, State.HIDDEN)}
    under = _explanation(group, rule, cells, known, explained)
    if under in _FOLDING or (under and not rule.derived):
        having = [i for i in known if cells[i].state is not State.ABSENT]
        note = _only_in(group, having) if under in _FOLDING else f"explained by {under}"
        known = {i: known[i] for i in having}
        if len(set(known.values())) <= 1:
            return replace(row, verdict=Verdict.IGNORED, under=under, note=note)
    elif under:
        return replace(row, verdict=Verdict.IGNORED, under=under, note=f"computed from {under}")
    if len(set(known.values())) > 1:
        return _differing(group, row, known)
    return _agreeing(group, row, known)


def _plainly_same(cells: Sequence[Fact], members: Sequence[int]) -> bool:
    """Tell whether all members hold the same text: most rows do, and need no closer look."""
    first = cells[members[0]]
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
    group: Group, rule: Setting, cells: Sequence[Fact], known: Mapping[int, str], explained: Mapping[str, Row]
) -> str:
    """Return the setting whose own drift explains that of this one, "" where there is none."""
    if not rule.under or len(set(known.values())) < 2:
        return ""
    if rule.derived:
        computed = all(cells[i].default for i in known)
        return rule.under if computed and rule.under in explained else ""
    absent = {i for i in known if cells[i].state is State.ABSENT}
    if not absent:
        return ""
    if rule.under in explained and rule.under != "version":
        return rule.under
    # Explained by the version only if all servers of a version agree on whether there is such a setting.
    lacking = {group.releases[i] for i in absent}
    if lacking & {group.releases[i] for i in known if i not in absent}:
        return ""
    return next((name for name in _FOLDING if name in explained), "")


def _only_in(group: Group, having: Sequence[int]) -> str:
    """Return which releases have a setting."""
    return f"only in {' and '.join(dict.fromkeys(group.release_of(i) for i in having))}"


def _differing(group: Group, row: Row, known: Mapping[int, str]) -> Row:
    """Return the row of known values that differ: drift, unless it is ignored or expected."""
    if row.severity is Severity.IGNORED:
        return replace(row, verdict=Verdict.IGNORED, note=row.rule.why)
    names = group.environments
    row = replace(row, severity=_severity(group, row, known), listed=True)
    excused = excuse(group.policy, group.service, row.rule, row.setting, {names[i]: row.cells[i] for i in known})
    rest = {names[i]: value for i, value in known.items() if names[i] not in excused.environments}
    if excused.environments and len(set(rest.values())) <= 1:
        odd, _ = odd_ones({names[i]: value for i, value in known.items()}, group.policy.baseline)
        return replace(row, verdict=Verdict.EXPECTED, odd=odd, note="; ".join(excused.notes))
    odd, word = odd_ones(rest, group.policy.baseline)
    changed = _CHANGED_DEFAULT if _default_changed(group, row, known) else ""
    return replace(row, verdict=Verdict.DRIFT, odd=odd, note="; ".join(filter(None, (*excused.notes, word, changed))))


def _agreeing(group: Group, row: Row, known: Mapping[int, str]) -> Row:
    """Return the row of known values that agree, or of none: same only if nothing is unknown."""
    unknown = [i for i in group.members if row.cells[i].state in (State.UNKNOWN, State.HIDDEN)]
    if row.severity is Severity.IGNORED:
        return replace(row, verdict=Verdict.IGNORED, note=row.rule.why)
    if unknown:
        blind = row.severity.rank <= Severity.WARNING.rank and any(_answers(group.outcomes[i]) for i in unknown)
        return replace(
            row,
            verdict=Verdict.UNKNOWN,
            note=row.cells[unknown[0]].note,
            listed=(row.setting not in _FOLDING and blind) or _differed(row, group.members),
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
    return len({key(replace(cell, state=State.VALUE), row.rule) for cell in cells}) > 1


def _default_changed(group: Group, row: Row, known: Mapping[int, str]) -> bool:
    """Tell whether nobody configured anything: another version brings another default."""
    return len({group.releases[i] for i in known}) > 1 and all(row.cells[i].default for i in known)


def _severity(group: Group, row: Row, known: Mapping[int, str]) -> Severity:
    """Return how much this difference matters: capacity by its size, versions by their distance."""
    rule = row.rule
    if row.setting == "version" and group.policy.severity(row.kind, "version") is None:
        releases = {_release(row.cells[i].raw or "", group.table.service.release) for i in known}
        return rule.severity if len(releases) > 1 or rule.severity is Severity.INFO else Severity.WARNING
    if rule.capacity:
        amounts = [quantity(row.cells[i], rule) for i in known]
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

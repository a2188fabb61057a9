"""Readings -> rows: one service across the environments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from parity_tui.drift.compare_row import compare_row
from parity_tui.drift.nodes import missing_fact
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import CHANGED_DEFAULT, FOLDING, Group, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, State, Verdict

NOT_HERE = Fact(state=State.ABSENT, note="no such service in this environment")
NOT_READ = Fact(state=State.UNKNOWN, note="not read yet")
ELSEWHERE = Fact(state=State.ABSENT, note="another kind of service")

_RANK = {Verdict.DRIFT: 0, Verdict.UNKNOWN: 0, Verdict.EXPECTED: 1, Verdict.SAME: 2, Verdict.IGNORED: 3}
_FIRST = {"product": 0, "version": 1}
_DRIFTS = (Verdict.DRIFT, Verdict.EXPECTED)


def compare(
    service: str,
    environments: Sequence[str],
    outcomes: Sequence[Outcome | None],
    tables: Mapping[str, RuleTable],
    policy: Policy,
    previous: Iterable[Row] = (),
    heard: Sequence[Outcome | None] = (),
) -> tuple[Row, ...]:
    """Return all rows of a service, worst first; rows of ``previous`` are kept where nothing of theirs moved.

    ``outcomes`` are in the order of ``environments``, None where one has no such service. ``previous`` must come
    from the same environments, tables and policy; ``heard`` are the outcomes that it came from.
    """
    known = {(row.kind, row.setting): row for row in previous}
    before = known if _releases(heard) == _releases(outcomes) else {}
    moved = _moved(heard, outcomes) if before else None
    rows: list[Row] = []
    product: Row | None = None
    for kind in dict.fromkeys(outcome.target.kind for outcome in outcomes if outcome):
        group = _group(service, environments, outcomes, tables[kind], policy, kind)
        product = product or _product(group)
        rows.extend(_rows(group, product, before, moved))
    if product is not None:
        rows.append(_with_folds(product, rows))
    rows = [old if (old := known.get((row.kind, row.setting))) == row else row for row in rows]
    return tuple(sorted(rows, key=_order))


def _releases(outcomes: Sequence[Outcome | None]) -> list[list[tuple[str, str]]]:
    """Return product and version of every server that answers: whether a row is explained by them is part of it."""
    return [[(one.product, one.version) for one in outcome.answers] if outcome else [] for outcome in outcomes]


def _moved(heard: Sequence[Outcome | None], outcomes: Sequence[Outcome | None]) -> set[str] | None:
    """Return the names of the facts that are others than before; None where more has moved than facts."""
    names: set[str] = set()
    for old, new in zip(heard, outcomes, strict=True):
        if old is None or new is None or (old.reading is new.reading and old.failure == new.failure):
            continue
        was, now = old.reading, new.reading
        if was is None or now is None or old.failure or new.failure or old.nodes:
            return None
        if (was.product, was.version, was.hidden) != (now.product, now.version, now.hidden):
            return None
        if was.facts.keys() != now.facts.keys():
            return None
        names.update(name for name, fact in now.facts.items() if fact != was.facts[name])
    return names


def _group(
    service: str,
    environments: Sequence[str],
    outcomes: Sequence[Outcome | None],
    table: RuleTable,
    policy: Policy,
    kind: str,
) -> Group:
    """Return the environments whose role is filled by ``kind``."""
    # A target whose kind is not known (its URL is a variable that is not set) may be of this one.
    members = tuple(i for i, outcome in enumerate(outcomes) if outcome and outcome.target.kind in (kind, ""))
    readings = [outcome.reading if outcome and i in members else None for i, outcome in enumerate(outcomes)]
    releases = tuple(f"{reading.product} {reading.version}" if reading else "" for reading in readings)
    return Group(service, tuple(environments), tuple(outcomes), members, table, policy, releases)


def _order(row: Row) -> tuple[int, int, int, str]:
    """Worst first; what is not listed after what is; product and version before settings; then by name."""
    rank = _RANK[row.verdict]
    severity = row.severity.rank if rank == 0 else 0
    return 10 * rank + severity + (0 if row.listed else 15), _FIRST.get(row.setting, 2), rank, row.setting


def _rows(group: Group, product: Row, before: Mapping[tuple[str, str], Row], moved: set[str] | None) -> list[Row]:
    """Return the row of the version and those of all settings of one kind; only ``moved`` ones are looked at if any."""
    version, kind = _version(group), group.table.kind
    explained = _explained(group, product, version)
    same = _same_context(group, explained, before)
    if same and moved is not None:
        names = tuple(name for name in moved if (kind, name) in before and name not in FOLDING)
        rows = [row for (own, name), row in before.items() if own == kind and name not in moved and name not in FOLDING]
    else:
        names, rows = tuple(_names(group)), []
    columns = (_column(group, index, names) for index in range(len(group.environments)))
    for name, *column in zip(names, *columns, strict=True):
        cells = tuple(column)
        old = before.get((kind, name)) if same else None
        rows.append(old if old is not None and old.cells == cells else compare_row(group, name, cells, explained))
    return [_with_folds(version, rows), *rows] if version.cells else rows


def _explained(group: Group, product: Row, version: Row) -> dict[str, Row]:
    """Return the rows that drift and under which others may be folded."""
    found = {row.setting: row for row in (product, version) if row.verdict in _DRIFTS}
    for name in group.table.explaining:
        row = compare_row(
            group, name, tuple(_column(group, i, (name,))[0] for i in range(len(group.environments))), found
        )
        if row.verdict in _DRIFTS:
            found[name] = row
    return found


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
    return [name for name in names if name not in FOLDING]


def _column(group: Group, index: int, names: Sequence[str]) -> list[Fact]:
    """Return an environment's facts of these names, with a reason where there is none."""
    outcome = group.outcomes[index]
    if outcome is None or index not in group.members:
        return [ELSEWHERE] * len(names)
    if outcome.reading is None:
        return [_unread(outcome)] * len(names)
    reading, fact = outcome.reading, outcome.reading.facts.get
    if outcome.failure:
        reason = outcome.failure.reason
        return [_stale(fact(name), reason) for name in names]
    return [fact(name) or missing_fact(name, reading) for name in names]


def _unread(outcome: Outcome) -> Fact:
    """Return the fact of a target that has never answered."""
    return Fact(state=State.UNKNOWN, note=outcome.failure.reason) if outcome.failure else NOT_READ


def _stale(fact: Fact | None, reason: str) -> Fact:
    """Return a fact of a target that does not answer any more: its last value is kept, but not as known."""
    if fact is None or fact.state is not State.VALUE:
        return Fact(state=State.UNKNOWN, note=reason)
    return replace(fact, state=State.UNKNOWN, note=reason)


def _product(group: Group) -> Row:
    """Return the row on the type of the service: all environments take part, whatever their kind."""
    cells = tuple(_own(outcome, "product", lambda reading: reading.product) for outcome in group.outcomes)
    everyone = replace(group, members=tuple(range(len(cells))))
    return compare_row(everyone, "product", cells, {})


def _own(outcome: Outcome | None, name: str, of: Callable[[Reading], str]) -> Fact:
    """Return a fact about a reading itself."""
    if outcome is None:
        return NOT_HERE
    if outcome.reading is None:
        return _unread(outcome)
    if any(hidden == name for hidden, _ in outcome.reading.hidden):
        return missing_fact(name, outcome.reading)
    said = sorted({of(answer) for answer in outcome.answers})
    fact = Fact(of(outcome.reading), parts=tuple(map(Fact, said)) if len(said) > 1 else ())
    return _stale(fact, outcome.failure.reason) if outcome.failure else fact


def _version(group: Group) -> Row:
    """Return the row on the version. Those of different products have nothing to do with each other."""
    cells = tuple(
        _own(outcome, "version", lambda reading: reading.version) if i in group.members else ELSEWHERE
        for i, outcome in enumerate(group.outcomes)
    )
    if not any(cell.raw or cell.state in (State.UNKNOWN, State.HIDDEN) for cell in cells):
        return Row(
            group.service,
            group.table.kind,
            "version",
            Verdict.IGNORED,
            Severity.IGNORED,
            (),
            Rule("version"),
        )
    if group.one_product:
        return compare_row(group, "version", cells, {})
    releases = {(reading.product, reading.version) for i in group.members if (reading := group.reading(i))}
    products = Counter(product for product, _ in releases)
    within = tuple(
        i for i in group.members if (reading := group.reading(i)) and (products[reading.product] > 1 or cells[i].parts)
    )
    if within:
        return compare_row(replace(group, members=within), "version", cells, {})
    row = compare_row(group, "version", cells, {})
    if row.verdict is not Verdict.DRIFT:
        return row
    return replace(row, verdict=Verdict.IGNORED, odd=(), listed=False, note="each product has versions of its own")


def _with_folds(row: Row, rows: Iterable[Row]) -> Row:
    """Return the row with a word on the rows that are folded under it and the defaults that changed with it."""
    if row.verdict not in _DRIFTS:
        return row
    folded = Counter(other.note for other in rows if other.explained_by == row.setting)
    notes = [f"{count} setting{'s' * (count != 1)} {note}" for note, count in sorted(folded.items())]
    if row.setting == "version" and (changed := sum(CHANGED_DEFAULT in other.note for other in rows)):
        notes.append(f"{changed} default{'s' * (changed != 1)} changed with it")
    return replace(row, note="; ".join(filter(None, (row.note, *notes))))

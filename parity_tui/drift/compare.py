"""Compares one service across the environments: readings become rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.blind_spots import fold_blind_spots, unfolded
from parity_tui.drift.compare_row import compare_row
from parity_tui.drift.nodes import missing_fact
from parity_tui.drift.policy import Policy, is_glob
from parity_tui.drift.row import CHANGED_DEFAULT, FOLDING, Group, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.words import plural
from parity_tui.model import Fact, Outcome, Reading, Rule, Severity, State, Verdict

_NOT_HERE = Fact(state=State.ABSENT, note="no such service in this environment")
_NOT_READ = Fact(state=State.UNKNOWN, note="pending")
_OTHER_KIND = Fact(state=State.ABSENT, note="different kind of service")

_VERDICT_RANKS = {Verdict.DRIFT: 0, Verdict.UNKNOWN: 0, Verdict.EXPECTED: 1, Verdict.SAME: 2, Verdict.IGNORED: 3}
_FIRST_SETTINGS = {"product": 0, "version": 1}
_DRIFTS = (Verdict.DRIFT, Verdict.EXPECTED)


class Context(Struct, frozen=True):
    """One kind's part in the comparison of a service that stays while values of settings change which explain none."""

    group: Group
    causes: tuple[str, ...]
    """settings that may explain others, besides product and version"""
    explaining: Mapping[str, Row]
    """those of them that drift"""
    overrides: tuple[str, ...]
    """settings that are compared with the server's own values"""


def compare(
    service: str,
    environments: Sequence[str],
    outcomes: Sequence[Outcome | None],
    tables: Mapping[str, RuleTable],
    policy: Policy,
) -> tuple[Row, ...]:
    """Return all rows of a service, worst first; the arguments are those of :func:`compare_service`."""
    rows, _ = compare_service(service, environments, outcomes, tables, policy)
    return tuple(sorted(rows, key=order))


def compare_service(
    service: str,
    environments: Sequence[str],
    outcomes: Sequence[Outcome | None],
    tables: Mapping[str, RuleTable],
    policy: Policy,
    previous: Iterable[Row] = (),
    previous_outcomes: Sequence[Outcome | None] = (),
) -> tuple[list[Row], Mapping[str, Context]]:
    """Return all rows of a service, unordered, and the context of each kind.

    Args:
        service: its name.
        environments: names, in order.
        outcomes: one for each environment, None for one without this service.
        tables: by kind.
        policy: the user's decisions.
        previous: rows of the same environments, tables and policy; unchanged ones are reused.
        previous_outcomes: those that ``previous`` was compared from.
    """
    known = {(row.kind, row.setting): row for row in previous}
    reusable = unfolded(known) if _releases(previous_outcomes) == _releases(outcomes) else {}
    changed = _changed_settings(previous_outcomes, outcomes) if reusable else None
    product: Row | None = None
    contexts: dict[str, Context] = {}
    by_kind: list[tuple[Group, list[Row]]] = []
    for kind in dict.fromkeys(outcome.target.kind for outcome in outcomes if outcome):
        group = _group(service, environments, outcomes, tables[kind], policy, kind)
        product = product or _product_row(group)
        version = _version_row(group)
        contexts[kind] = _context(group, product, version)
        by_kind.append((group, _rows_of_kind(contexts[kind], version, reusable, changed)))
    if product is not None:
        of_product = _with_folding_note(product, chain.from_iterable(rows for _, rows in by_kind))
        by_kind[0][1].append(of_product)
    rows = [row for group, of_kind in by_kind for row in fold_blind_spots(group, of_kind)]
    return [old if (old := known.get((row.kind, row.setting))) == row else row for row in rows], contexts


def _releases(outcomes: Sequence[Outcome | None]) -> list[list[tuple[str, str]]]:
    """Return product and version of every server that answers: they may explain a row."""
    return [[(one.product, one.version) for one in outcome.answers] if outcome else [] for outcome in outcomes]


def _changed_settings(before: Sequence[Outcome | None], after: Sequence[Outcome | None]) -> set[str] | None:
    """Return the settings whose facts changed, None if more changed than facts."""
    names: set[str] = set()
    for old, new in zip(before, after, strict=True):
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
    """Return the environments in which ``kind`` provides the service."""
    # A target of unknown kind (its URL is a variable that is not set) may be of this one.
    members = tuple(i for i, outcome in enumerate(outcomes) if outcome and outcome.target.kind in (kind, ""))
    readings = [outcome.reading if outcome and i in members else None for i, outcome in enumerate(outcomes)]
    releases = tuple(f"{reading.product} {reading.version}" if reading else "" for reading in readings)
    return Group(service, tuple(environments), tuple(outcomes), members, table, policy, releases)


def order(row: Row) -> tuple[int, int, int, str]:
    """Return the sort key of a row: listed rows first, the worst first, product and version first, then by name."""
    rank = _VERDICT_RANKS[row.verdict]
    severity = row.severity.rank if rank == 0 else 0
    return 10 * rank + severity + (0 if row.listed else 15), _FIRST_SETTINGS.get(row.setting, 2), rank, row.setting


def _context(group: Group, product: Row, version: Row) -> Context:
    causes = _causes(group)
    overrides = () if group.table.service.overridden is None else filter(group.override, _settings(group))
    return Context(group, causes, _explaining_rows(group, product, version, causes), tuple(overrides))


def _rows_of_kind(
    context: Context, version: Row, reusable: Mapping[tuple[str, str], Row], changed: set[str] | None
) -> list[Row]:
    """Return the rows of the version and of all settings of one kind; only ``changed`` settings are compared."""
    group, kind = context.group, context.group.table.kind
    same_context = _same_context(context, reusable)
    if same_context and changed is not None:
        changed = changed.union(context.overrides)
        skipped = changed.union(FOLDING)
        names = tuple(name for name in changed if (kind, name) in reusable and name not in FOLDING)
        rows = [row for (of_kind, name), row in reusable.items() if of_kind == kind and name not in skipped]
    else:
        names, rows = tuple(_settings(group)), []
    overrides = set(context.overrides)
    for name, cells in cells_of(group, names):
        old = reusable.get((kind, name)) if same_context else None
        same = old is not None and old.cells == cells and name not in overrides
        rows.append(old if old is not None and same else compare_row(group, name, cells, context.explaining))
    return [_with_folding_note(version, rows), *rows] if version.cells else rows


def cells_of(group: Group, names: Sequence[str]) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """Yield settings with a fact for each environment."""
    columns = (_column(group, index, names) for index in range(len(group.environments)))
    return ((name, tuple(cells)) for name, *cells in zip(names, *columns, strict=True))


def _causes(group: Group) -> tuple[str, ...]:
    """Return the settings that may explain others, besides product and version."""
    table = group.table
    if not table.names_causes:  # of most kinds, whose many settings need not be looked at
        return table.explaining
    named = (
        cause
        for name in _settings(group)
        if callable((rule := table.rule(name)).explained_by)
        for cause in rule.causes(name)
        if cause != "version"
    )
    return tuple(dict.fromkeys((*table.explaining, *named)))


def _explaining_rows(group: Group, product: Row, version: Row, causes: Iterable[str]) -> dict[str, Row]:
    """Return the rows that drift and may explain others, by setting."""
    found = {row.setting: row for row in (product, version) if row.verdict in _DRIFTS}
    for name in causes:
        cells = tuple(_column(group, index, (name,))[0] for index in range(len(group.environments)))
        row = compare_row(group, name, cells, found)
        if row.verdict in _DRIFTS:
            found[name] = row
    return found


def _same_context(context: Context, before: Mapping[tuple[str, str], Row]) -> bool:
    """Whether the explaining rows did not change, so that equal cells give an equal row."""
    for name in (*FOLDING, *context.causes):
        old, new = before.get((context.group.table.kind, name)), context.explaining.get(name)
        if (old is not None and old.verdict in _DRIFTS) != (new is not None):
            return False
        if old is not None and new is not None and old.cells != new.cells:
            return False
    return True


def _settings(group: Group) -> Iterable[str]:
    """Return the settings of all readings, including those that are hidden by name."""
    names: dict[str, None] = {}
    for index in group.members:
        outcome = group.outcomes[index]
        if outcome and outcome.reading:
            names.update(dict.fromkeys(outcome.reading.facts))
            names.update((name, None) for name, why in outcome.reading.hidden if why and not is_glob(name))
    return [name for name in names if name not in FOLDING]


def _column(group: Group, index: int, names: Sequence[str]) -> list[Fact]:
    """Return the facts of one environment, with the reason in place of each missing one."""
    outcome = group.outcomes[index]
    if outcome is None or index not in group.members:
        return [_OTHER_KIND] * len(names)
    if outcome.reading is None:
        return [_unread(outcome)] * len(names)
    reading, fact = outcome.reading, outcome.reading.facts.get
    if outcome.failure:
        reason = outcome.failure.reason
        return [_stale(fact(name), reason) for name in names]
    return [fact(name) or missing_fact(name, reading) for name in names]


def _unread(outcome: Outcome) -> Fact:
    return Fact(state=State.UNKNOWN, note=outcome.failure.reason) if outcome.failure else _NOT_READ


def _stale(fact: Fact | None, reason: str) -> Fact:
    """Return a fact of a target that no longer answers: unknown, with its last value."""
    if fact is None or fact.state is not State.VALUE:
        return Fact(state=State.UNKNOWN, note=reason)
    return replace(fact, state=State.UNKNOWN, note=reason)


def _product_row(group: Group) -> Row:
    """Return the row of the product, which compares all environments, whatever their kind."""
    cells = tuple(_attribute(outcome, "product", lambda reading: reading.product) for outcome in group.outcomes)
    everyone = replace(group, members=tuple(range(len(cells))))
    return compare_row(everyone, "product", cells, {})


def _attribute(outcome: Outcome | None, name: str, of: Callable[[Reading], str]) -> Fact:
    """Return the product or the version of a reading as a fact."""
    if outcome is None:
        return _NOT_HERE
    if outcome.reading is None:
        return _unread(outcome)
    if any(hidden == name for hidden, _ in outcome.reading.hidden):
        return missing_fact(name, outcome.reading)
    distinct = sorted({of(answer) for answer in outcome.answers})
    fact = Fact(of(outcome.reading), parts=tuple(map(Fact, distinct)) if len(distinct) > 1 else ())
    return _stale(fact, outcome.failure.reason) if outcome.failure else fact


def _version_row(group: Group) -> Row:
    """Return the row of the version, which is compared within each product only."""
    cells = tuple(
        _attribute(outcome, "version", lambda reading: reading.version) if i in group.members else _OTHER_KIND
        for i, outcome in enumerate(group.outcomes)
    )
    if not any(cell.raw or cell.state in (State.UNKNOWN, State.HIDDEN) for cell in cells):
        rule = Rule("version")
        return Row(group.service, group.table.kind, rule.name, Verdict.IGNORED, Severity.IGNORED, (), rule)
    if group.one_product:
        return compare_row(group, "version", cells, {})
    releases = {(reading.product, reading.version) for i in group.members if (reading := group.reading(i))}
    products = Counter(product for product, _ in releases)
    comparable = tuple(
        i for i in group.members if (reading := group.reading(i)) and (products[reading.product] > 1 or cells[i].parts)
    )
    if comparable:
        return compare_row(replace(group, members=comparable), "version", cells, {})
    row = compare_row(group, "version", cells, {})
    if row.verdict is not Verdict.DRIFT:
        return row
    return replace(row, verdict=Verdict.IGNORED, odd=(), listed=False, note="each product has its own versions")


def _with_folding_note(row: Row, rows: Iterable[Row]) -> Row:
    """Return the row with a note that counts the rows folded under it and the defaults changed with it."""
    if row.verdict not in _DRIFTS:
        return row
    folded = Counter(other.note for other in rows if other.explained_by == row.setting)
    notes = [f"{plural(count, 'setting')} {note}" for note, count in sorted(folded.items())]
    if row.setting == "version" and (changed := sum(CHANGED_DEFAULT in other.note for other in rows)):
        notes.append(f"{plural(changed, 'default')} changed with it")
    return replace(row, note="; ".join(filter(None, (row.note, *notes))))

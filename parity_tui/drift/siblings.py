"""Several apps of one environment, such as web and worker: they are one codebase, and should run one revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.compare_row import compare_row
from parity_tui.drift.policy import Policy
from parity_tui.drift.revisions import aligned
from parity_tui.drift.row import SIBLINGS, Group, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.values import comparison_key
from parity_tui.drift.words import listing
from parity_tui.model import ABSENT, Fact, Outcome, Rule, Severity, State, Verdict

_DIFFER = "different revisions"
_RULE = Rule(
    SIBLINGS,
    Severity.WARNING,
    "Parts of one app that run different revisions meet jobs, sessions and tables that the other part wrote.",
    always_report=(_DIFFER,),
)

Sections = Sequence[tuple[str, Sequence[Outcome | None]]]
"""(service, an outcome for each environment)"""


class _App(Struct, frozen=True):
    """One service that has revisions, with a fact for each environment."""

    service: str
    outcomes: tuple[Outcome | None, ...]
    facts: tuple[Fact, ...]
    table: RuleTable


def sibling_rows(
    environments: Sequence[str], sections: Sections, tables: Mapping[str, RuleTable], policy: Policy
) -> dict[str, Row]:
    """Return the row of the first of several apps, by its service, where parts of one codebase differ.

    Apps are of one codebase if they run one revision somewhere, or if the repository has the revisions of all.
    """
    apps = [app for service, outcomes in sections if (app := _app(service, outcomes, tables))]
    if len(apps) < 2:
        return {}
    first, *others = apps
    siblings = [first, *(app for app in others if _one_codebase(first, app, policy))]
    cells = tuple(_cell(siblings, index) for index in range(len(environments)))
    differing = [environments[i] for i, cell in enumerate(cells) if cell.raw == _DIFFER]
    if not differing:
        return {}
    members = tuple(i for i, cell in enumerate(cells) if cell.state is State.VALUE)
    # The made-up kind has the one rule; the row keeps the app's own kind.
    table = RuleTable(replace(first.table.service, rules=(_RULE,), overridden=None), first.table.kind, policy)
    group = Group(first.service, tuple(environments), first.outcomes, members, table, policy, ("",) * len(cells))
    row = compare_row(group, SIBLINGS, cells, {})
    names = listing([app.service for app in siblings])
    note = f"{names} run different revisions in {listing(differing)}"
    odd = tuple(differing) if row.verdict is Verdict.DRIFT else row.odd
    return {first.service: replace(row, odd=odd, note="; ".join(filter(None, (note, _expected(row)))), listed=True)}


def _expected(row: Row) -> str:
    return row.note if row.verdict is Verdict.EXPECTED else ""


def _app(service: str, outcomes: Sequence[Outcome | None], tables: Mapping[str, RuleTable]) -> _App | None:
    """Return a service whose kind has revisions, None for any other."""
    for outcome in outcomes:
        table = tables[outcome.target.kind] if outcome else None
        if table and table.revisions:
            facts = tuple(_fact(one, table.revisions) for one in outcomes)
            return _App(service, tuple(outcomes), facts, table)
    return None


def _fact(outcome: Outcome | None, names: Sequence[str]) -> Fact:
    """Return the revision that a target runs now, ABSENT where it is not known."""
    facts = outcome.reading.facts if outcome and outcome.reading and not outcome.failure else {}
    return next((facts[name] for name in names if name in facts), ABSENT)


def _one_codebase(one: _App, other: _App, policy: Policy) -> bool:
    known = [fact.raw for app in (one, other) for fact in app.facts if fact.raw and not fact.parts]
    if known and all(policy.ancestry.commit(raw) for raw in known):
        return True
    return any(_same(*pair) for pair in _pairs(one, other))


def _pairs(one: _App, other: _App) -> list[tuple[Fact, Fact]]:
    return [pair for pair in zip(one.facts, other.facts, strict=True) if all(f.state is State.VALUE for f in pair)]


def _same(one: Fact, other: Fact) -> bool:
    keys = {comparison_key(fact, Rule("")) for fact in aligned((one, other))}
    return len(keys) == 1 and not one.parts


def _cell(siblings: Sequence[_App], index: int) -> Fact:
    """Return whether the apps of one environment run one revision, with those that they run."""
    known = [(app.service, app.facts[index]) for app in siblings if app.facts[index].state is State.VALUE]
    if len(known) < 2:
        return ABSENT
    facts = aligned([fact for _, fact in known])
    if len({comparison_key(fact, Rule("")) for fact in facts}) == 1:
        return Fact("one revision")
    note = ", ".join(f"{name} {fact.canonical}" for (name, _), fact in zip(known, facts, strict=True))
    return Fact(_DIFFER, note=note)

"""Rows of revisions: hashes that agree by a prefix, and how far they are apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

from msgspec.structs import replace

from parity_tui.drift.ancestry import LEAST_DIGITS, Ancestry
from parity_tui.drift.row import Group, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.values import REVISION_DIGITS, comparison_key, short_revision
from parity_tui.drift.words import plural
from parity_tui.model import Fact, Outcome, Rule, Severity, State, ValueType, Verdict

_FULL_HASH = 40


def is_revision(rule: Rule) -> bool:
    """Return whether a rule is about revisions."""
    return rule.type is ValueType.REVISION


def same_revision(one: str, other: str) -> bool:
    """Return whether two texts name one revision.

    >>> same_revision("3f78685", "3f786850e3"), same_revision("3f7868", "3f786850e3"), same_revision("1.4", "1.4")
    (True, False, True)
    >>> same_revision("20261123", "20261123060000")
    False
    """
    short, long = sorted((one, other), key=len)
    if short == long:
        return True
    return is_hash(short) and is_hash(long) and not _is_number(long) and long.startswith(short)


def _is_number(text: str) -> bool:
    """Return whether a text of digits is rather a date or a count of builds than a hash."""
    return text.isdecimal() and len(text) < _FULL_HASH


def is_hash(text: str) -> bool:
    """Return whether a text can be the hash of a commit, or its beginning.

    >>> is_hash("3f78685"), is_hash("3f7868"), is_hash("3f78685-dirty"), is_hash("1.4.2")
    (True, False, False, False)
    """
    return (
        len(text) >= LEAST_DIGITS
        and short_revision(text, LEAST_DIGITS) == text[:LEAST_DIGITS]
        and not text.endswith("-dirty")
    )


def aligned(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return facts of revisions whose canonical texts are equal exactly where they name one revision.

    >>> [fact.canonical for fact in aligned([Fact("3f78685"), Fact("3f786850e387550f"), Fact("89e6c98d9288")])]
    ['3f78685', '3f78685', '89e6c98d92']
    """
    raws = {fact.raw for fact in facts if fact.raw and fact.state in (State.VALUE, State.UNKNOWN) and not fact.parts}
    longest = {raw: _longest(raw, raws) for raw in raws}
    texts: dict[str, str] = {}
    for full in set(longest.values()):
        members = [raw for raw in raws if longest[raw] == full]
        others = {raw for raw in raws if longest[raw] != full}
        digits = min(REVISION_DIGITS, *map(len, members))
        while any(short_revision(other, digits) == short_revision(full, digits) for other in others):
            digits += 1
        texts[full] = short_revision(full, digits)
    return tuple(
        replace(fact, canonical=texts[longest[fact.raw]]) if fact.raw in longest and not fact.parts else fact
        for fact in facts
    )


def _longest(raw: str, raws: Iterable[str]) -> str:
    """Return the longest hash that a hash begins, the hash itself where several do."""
    longer = sorted(
        (other for other in raws if other != raw and len(other) > len(raw) and same_revision(raw, other)), key=len
    )
    chain = all(same_revision(one, longer[-1]) for one in longer)
    return longer[-1] if longer and chain else raw


def same_value(one: Fact, other: Fact, rule: Rule) -> bool:
    """Return whether two facts are the same value, by the rule of their setting."""
    if is_revision(rule):
        one, other = aligned((one, other))
    return comparison_key(one, rule) == comparison_key(other, rule)


def revisions_of(table: RuleTable, outcome: Outcome) -> Iterator[str]:
    """Yield the revisions of every server of a target."""
    for answer in outcome.answers if table.revisions else ():
        facts = (answer.facts.get(name) for name in table.revisions)
        raws = [fact.raw for fact in facts if fact and fact.raw and fact.state is State.VALUE]
        yield from (raw for raw in raws if is_hash(raw.removesuffix("-dirty")))


def with_distances(group: Group, row: Row) -> Row:
    """Return the row of a revision with its distances in cells and note, as far as the repository knows them."""
    ancestry = group.policy.ancestry
    if row.verdict is Verdict.UNKNOWN and not row.listed:
        return row
    if ancestry.problem:
        return _noted(row, [f"no distances: {ancestry.problem}"])
    reference, name = _reference(group, row, ancestry)
    distances = {i: ancestry.apart(row.cells[i].raw or "", reference) for i in group.members} if reference else {}
    cells, notes = list(row.cells), []
    for i, apart in distances.items():
        if apart and apart.words:
            text = row.cells[i].canonical or short_revision(row.cells[i].raw or "")
            cells[i] = replace(row.cells[i], canonical=f"{text} · {apart.words}")
    if any(cells[i] is not row.cells[i] for i in distances):
        notes.append(f"distances from {name}")
    lacking = [group.environments[i] for i in group.members if ancestry.commits.get(row.cells[i].raw or "") == ""]
    if lacking:
        notes.append(f"the repository lacks the revision of {', '.join(lacking)}: it is not fetched yet, or not pushed")
    notes += _ages(group, row, ancestry)
    diverged = any(apart.diverged for apart in distances.values() if apart)
    return _noted(_raised(group, replace(row, cells=tuple(cells)), diverged), notes)


def _reference(group: Group, row: Row, ancestry: Ancestry) -> tuple[str, str]:
    """Return the revision from which distances count, and its name: the baseline's, else the default branch's."""
    baseline = group.policy.baseline
    if baseline in group.environments:
        raw = row.cells[group.environments.index(baseline)].raw or ""
        if ancestry.commit(raw):
            return raw, baseline
    return ancestry.head, ancestry.branch


def _ages(group: Group, row: Row, ancestry: Ancestry) -> list[str]:
    """Return the age of each commit in days; none where the day is not known."""
    ages = []
    for i in group.members:
        committed = ancestry.times.get(ancestry.commit(row.cells[i].raw or ""))
        if committed is not None and group.policy.today != date.min:
            days = max((group.policy.today - datetime.fromtimestamp(committed, UTC).date()).days, 0)
            ages.append(f"{group.environments[i]} {plural(days, 'day')} old")
    return [", ".join(ages)] if ages else []


def _raised(group: Group, row: Row, diverged: bool) -> Row:
    """Return the row as a warning where revisions diverged or the nodes of one environment differ."""
    own = group.policy.severity(group.table.kind, row.setting) is not None
    apart = diverged or any(row.cells[i].parts for i in group.members)
    if row.verdict is Verdict.DRIFT and row.severity is Severity.INFO and apart and not own:
        return replace(row, severity=Severity.WARNING)
    return row


def _noted(row: Row, notes: Sequence[str]) -> Row:
    if row.verdict is Verdict.SAME:
        return row
    return replace(row, note="; ".join(filter(None, (row.note, *notes))))

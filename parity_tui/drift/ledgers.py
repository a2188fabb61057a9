"""Compares ledgers: each environment with the one that deploys before it. Pure; for any kind with `Fact.ledger`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.severity import is_production
from parity_tui.drift.values import printable
from parity_tui.drift.words import plural
from parity_tui.model import Comparing, Comparison, Entry, Fact, Ledger, Severity, State

_NAMES_IN_NOTE, _NAMES_IN_ROW = 20, 3
_STAMP = re.compile(r"(?:V|v)?((?:19|20)\d\d)_?([01]\d)_?([0-3]\d)")
"""how the names of many tools begin: with the day on which the migration was written"""


class Relation(Struct, frozen=True):
    """How a ledger differs from the one of the environment that deploys before it."""

    missing: tuple[Entry, ...] = ()
    """newest first, as are the others"""
    extra: tuple[Entry, ...] = ()
    altered: tuple[Entry, ...] = ()
    """the same id with another checksum"""
    word: str = ""
    """of ledgers that hold only their latest entry: "behind", "ahead", "another head" """


def pipeline(environments: Sequence[str], baseline: str = "") -> list[int]:
    """Return the indexes of the environments in the order of deploys: as configured, production last.

    >>> pipeline(["dev", "staging", "production"]), pipeline(["production", "staging", "dev"])
    ([0, 1, 2], [2, 1, 0])
    """
    order = list(range(len(environments)))
    last = [is_production(name) for name in environments]
    if not any(last):
        last = [name == baseline for name in environments]
    return order[::-1] if last and last[0] and not last[-1] else order


def compare_ledgers(comparing: Comparing) -> Comparison | None:
    """Return how the ledgers relate, None unless every fact has one or is absent."""
    if not all(fact.ledger is not None or fact.state is State.ABSENT for fact in comparing.facts.values()):
        return None
    facts: dict[int, Fact] = {}
    severities: list[Severity] = []
    odd, notes = [], []
    previous: tuple[str, Ledger] | None = None
    for index in pipeline(comparing.environments, comparing.baseline):
        fact = comparing.facts.get(index)
        if fact is None:
            continue
        name = comparing.environments[index]
        finding = _finding(comparing, name, fact, previous)
        facts[index] = finding.fact
        if finding.severity is not None:
            odd.append(index)
            severities.append(finding.severity)
            notes.append(f"{name} {finding.note}")
        if fact.ledger is not None:
            previous = (name, fact.ledger)
    worst = min(severities, key=lambda severity: severity.rank, default=None)
    return Comparison(worst, tuple(sorted(odd)), facts, "; ".join(notes))


class _Finding(Struct, frozen=True):
    fact: Fact
    severity: Severity | None = None
    note: str = ""


def _finding(comparing: Comparing, name: str, fact: Fact, previous: tuple[str, Ledger] | None) -> _Finding:
    """Return one environment's fact with its relation to the previous one in its text."""
    if fact.ledger is None:
        present = any(other.ledger for other in comparing.facts.values())
        return _Finding(fact, Severity.WARNING, "has no such ledger") if present else _Finding(fact)
    before, other = previous or ("", fact.ledger)
    relation = relation_of(other, fact.ledger)
    broken = [*fact.ledger.problems]
    remarks = [*fact.ledger.remarks, *_restored(comparing, name, fact.ledger)]
    age = _oldest(relation.missing, comparing.today)
    words = _words(relation, age)
    if not (words or broken or remarks):
        return _Finding(fact)
    text = " · ".join((fact.raw or "", *words, *map(printable, (*broken, *fact.ledger.remarks))))
    details = [*map(printable, (*broken, *remarks)), *_details(relation, before, _NAMES_IN_NOTE)]
    note = " · ".join(filter(None, (fact.note, *details)))
    summary = [*map(printable, (*broken, *remarks)), *_details(relation, before, _NAMES_IN_ROW)]
    changed = replace(fact, canonical=text, note=note)
    return _Finding(changed, _severity(relation, broken, age, comparing.max_days), ", and ".join(summary))


def _severity(relation: Relation, broken: Sequence[str], age: int | None, max_days: float) -> Severity:
    if broken or relation.extra or relation.altered or relation.word == "ahead":
        return Severity.CRITICAL
    if relation.missing and (age is None or age <= max_days):
        return Severity.INFO
    return Severity.INFO if relation.word == "behind" else Severity.WARNING


def relation_of(before: Ledger, after: Ledger) -> Relation:
    """Return how ``after`` differs from ``before``.

    >>> one, two = Entry("1"), Entry("2")
    >>> [entry.id for entry in relation_of(Ledger((one, two)), Ledger((one,))).missing]
    ['2']
    """
    if before.heads or after.heads:
        return _relation_of_heads(before, after)
    earlier, later = _known(before, after), _known(after, before)
    old = {entry.id: entry for entry in earlier}
    new = {entry.id: entry for entry in later}
    altered = (e for e in later if e.id in old and e.checksum and "" != old[e.id].checksum != e.checksum)
    return Relation(
        tuple(entry for entry in reversed(earlier) if entry.id not in new),
        tuple(entry for entry in reversed(later) if entry.id not in old),
        tuple(altered)[::-1],
    )


def _relation_of_heads(before: Ledger, after: Ledger) -> Relation:
    old, new = {entry.id for entry in before.entries}, {entry.id for entry in after.entries}
    if old == new:
        return Relation()
    if len(old) == len(new) == 1 and all(map(_is_number, old | new)):
        return Relation(word="behind" if int(*new) < int(*old) else "ahead")
    if not new or not old:
        return Relation(word="behind" if old else "ahead")
    return Relation(word="another head")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 25


def _known(ledger: Ledger, other: Ledger) -> list[Entry]:
    """Return the entries that count: those before the first common one are left out where histories were squashed."""
    theirs: dict[str, list[Entry]] = {}
    for entry in other.entries:
        theirs.setdefault(entry.group, []).append(entry)
    ours: dict[str, list[Entry]] = {}
    for entry in ledger.entries:
        ours.setdefault(entry.group, []).append(entry)
    dropped = {
        id(entry)
        for group, entries in ours.items()
        for entry in _squashed(entries, theirs.get(group, []), ledger.truncated or other.truncated)
    }
    return [entry for entry in ledger.entries if id(entry) not in dropped]


def _squashed(entries: Sequence[Entry], others: Sequence[Entry], truncated: bool) -> Sequence[Entry]:
    """Return the entries before the first common one, if the two histories end alike or were squashed or cut."""
    common = {entry.id for entry in others}
    start = next((at for at, entry in enumerate(entries) if entry.id in common), 0)
    ids = {entry.id for entry in entries}
    other_start = next((at for at, entry in enumerate(others) if entry.id in ids), 0)
    before = (*entries[:start], *others[:other_start])
    same_head = bool(entries and others) and entries[-1].id == others[-1].id
    return entries[:start] if truncated or same_head or any("squashed" in entry.id for entry in before) else ()


def _oldest(entries: Iterable[Entry], today: date) -> int | None:
    """Return the age of the oldest entry in days, None if unknown; by the day in its name where no time is known."""
    days = [day for entry in entries if (day := _day(entry))]
    return max((today - min(days)).days, 0) if days and today != date.min else None


def _day(entry: Entry) -> date | None:
    try:
        if entry.at:
            return datetime.fromtimestamp(entry.at, UTC).date()
        written = _STAMP.match(entry.id)
        return date(*map(int, written.groups())) if written else None
    except (ValueError, OverflowError, OSError):
        return None


def _words(relation: Relation, age: int | None) -> list[str]:
    """Return the relation in words.

    >>> _words(Relation(missing=(Entry("1"),)), 24), _words(Relation((Entry("1"),), (Entry("2"),)), None)
    (['1 behind, oldest 24 days'], ['diverged: 1 only here, 1 missing'])
    """
    missing, extra = len(relation.missing), len(relation.extra)
    oldest = "" if age is None else f", oldest {plural(age, 'day')}" if age else ", all of today"
    words = [relation.word]
    if missing and extra:
        words.append(f"diverged: {extra:,} only here, {missing:,} missing")
    elif missing or extra:
        words.append(f"{missing:,} behind{oldest}" if missing else f"{extra:,} ahead")
    if relation.altered:
        words.append(f"{len(relation.altered):,} with another checksum")
    return list(filter(None, words))


def _details(relation: Relation, before: str, most: int) -> list[str]:
    """Return the names behind the numbers."""
    named = (("lacks", relation.missing), ("alone has", relation.extra), ("altered", relation.altered))
    texts = [f"{word} {listed(entries, most)}" for word, entries in named if entries]
    other = f"compared with {before}: " if before and (texts or relation.word) else ""
    return [f"{other}{', '.join((*filter(None, (relation.word,)), *texts))}"] if texts or relation.word else []


def listed(entries: Sequence[Entry], most: int) -> str:
    r"""Return the ids of the first entries, printable.

    >>> listed((Entry("b\x1b"), Entry("a")), 1)
    'b\\x1b and 1 more'
    """
    names = ", ".join(printable(entry.id) for entry in entries[:most])
    return names + (f" and {len(entries) - most:,} more" if len(entries) > most else "")


_NAMES = (("dev", "local"), ("prod", "prd", "live"), ("stag", "uat", "preprod"), ("test",))


def _stage(name: str) -> str:
    lowered = name.lower()
    return next((starts[0] for starts in _NAMES if lowered.startswith(starts)), lowered)


def _restored(comparing: Comparing, name: str, ledger: Ledger) -> list[str]:
    """Return a remark if the ledger names another environment of the board."""
    recorded = ledger.environment
    others = {_stage(other) for other in comparing.environments if _stage(other) != _stage(name)}
    if not recorded or _stage(recorded) not in others:
        return []
    return [f"its ledger names the environment {recorded}: a restored dump, or an app that runs as {recorded}"]

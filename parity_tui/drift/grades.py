"""One letter for each environment against a reference, and for each of its services: decided by the worst row.

A pair of environments is compared by itself, so that a third one never changes a letter. An alarm on age is no
difference between environments: it counts elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.board import Board, Section
from parity_tui.drift.compare import compare, order
from parity_tui.drift.row import SAME_SERVER, Row
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.same_server import same_server_rows
from parity_tui.drift.severity import environments_at_risk
from parity_tui.drift.values import printable
from parity_tui.model import Failure, Outcome, Reading, Rule, Severity, Verdict

RULES_VERSION = 1
"""of the rules that give a letter"""

LETTERS = ("A+", "A", "B", "C", "D")
"""from the best to the worst"""
UNSEEN = "?"

_OF_SEVERITY = {Severity.CRITICAL: 3, Severity.WARNING: 2, Severity.INFO: 1}
_OTHER_PRODUCT = 4
_LONGEST = 40
"""characters of a value in a reason"""


class Grade(Struct, frozen=True):
    """The letter of an environment, or of one of its services."""

    letter: str
    """one of LETTERS, or UNSEEN where something relevant was not read and the rest does not settle it"""
    reason: str
    """printable text"""
    best: str
    """the letter by all that was read"""
    expected: int = 0
    """rows of drift that the user expects; they count like any other"""
    unread: bool = False
    """whether something relevant was not read, and the user did not accept that"""

    @property
    def words(self) -> str:
        """Letter, number of expected rows, and reason.

        >>> Grade("B", "cache: hz is 10 here, 20 in production", "B", expected=3).words
        'B (3 expected): cache: hz is 10 here, 20 in production'
        """
        return self.letter + (f" ({self.expected} expected)" if self.expected else "") + f": {self.reason}"

    def reaches(self, least: str) -> bool:
        """Return whether the letter can be ``least`` or better, whatever was not read."""
        return LETTERS.index(self.best) <= LETTERS.index(least)


class Grades(Struct, frozen=True):
    """The letters of one board."""

    reference: str = ""
    """the environment that the others are compared with, "" if none is known: nothing has a letter then"""
    environments: Mapping[str, Grade] = {}
    """all but the reference"""
    services: Mapping[tuple[str, str], Grade] = {}
    """by service and environment"""


class _Findings(Struct, frozen=True):
    """The result of comparing one service of two environments."""

    rank: int = 0
    """index of the worst letter in LETTERS"""
    reason: str = ""
    expected: int = 0
    unseen: str = ""
    """what was not read, "" if everything relevant was"""
    accepted: bool = True
    """whether the user accepts all that was not read"""
    minor: str = ""
    """what was not seen, and can be information at most"""


def reference_of(names: Sequence[str], baseline: str) -> str:
    """Return the environment that the others are graded against: the baseline, else production; "" without one.

    >>> reference_of(("dev", "prod"), ""), reference_of(("dev", "prod"), "dev"), reference_of(("a", "b"), "")
    ('prod', 'dev', '')
    """
    if baseline in names:
        return baseline
    at_risk = [name for name in environments_at_risk(names, "") if name]
    return at_risk[0] if len(at_risk) == 1 else ""


def grades_of(board: Board) -> Grades:
    """Return the letters of a board."""
    return Grader().grades(board)


class Grader:
    """Grades boards one after the other; services of which nothing has changed are not compared again."""

    def __init__(self) -> None:
        self._cache: dict[tuple[str, str], tuple[tuple[object, ...], _Findings]] = {}
        self.comparisons = 0
        """services of two environments that were compared so far, the cached ones left out"""

    def grades(self, board: Board) -> Grades:
        """Return the letters of a board."""
        *_, complete = self.steps(board)
        return complete

    def steps(self, board: Board) -> Iterator[Grades]:
        """Yield after each comparison, because those of many targets take long; only the last value is complete."""
        reference = reference_of(board.environments, board.policy.baseline)
        if not reference:
            yield Grades()
            return
        services: dict[tuple[str, str], Grade] = {}
        environments: dict[str, Grade] = {}
        for index, name in enumerate(board.environments):
            if name == reference:
                continue
            findings = []
            for section in board.sections:
                found = self._findings(board, section, index, board.environments.index(reference))
                if found is not None:
                    services[section.service, name] = _grade([found])
                    findings.append(found)
                yield Grades(reference)
            environments[name] = _grade([*findings, *_left_out(board, (name, reference))])
        yield Grades(reference, environments, services)

    def _findings(self, board: Board, section: Section, index: int, reference: int) -> _Findings | None:
        """Return the findings on one service; None where neither environment has it."""
        outcomes = section.outcomes[index], section.outcomes[reference]
        if outcomes == (None, None):
            return None
        names = board.environments[index], board.environments[reference]
        policy = replace(board.policy, baseline=names[1])
        source = (names, board.policy, *map(_state, outcomes))
        key = section.service, names[0]
        known = self._cache.get(key)
        if known is not None and known[0] == source:
            return known[1]
        self.comparisons += 1
        needed = _replaced(outcomes, board.tables)
        differing = [_without(outcome, _agreeing(section, outcome) - needed) for outcome in outcomes]
        rows = compare(section.service, names, differing, board.tables, policy)
        same = same_server_rows(section.service, names, outcomes, board.tables, policy)
        findings = _findings_of(sorted((*rows, *same), key=order), outcomes, names)
        self._cache[key] = source, findings
        return findings


def _agreeing(section: Section, outcome: Outcome | None) -> frozenset[str]:
    """Return the settings that agree in all environments, and so in any two of them."""
    kind = outcome.target.kind if outcome else ""
    return frozenset(row.setting for row in section.rows if row.verdict is Verdict.SAME and row.kind == kind)


def _replaced(outcomes: Iterable[Outcome | None], tables: Mapping[str, RuleTable]) -> frozenset[str]:
    """Return the servers' own settings that an override replaces: they are compared with the override."""
    readings = [(each.reading, tables[each.target.kind].service.overridden) for each in outcomes if each]
    found = (
        overridden(name, ()) for reading, overridden in readings if reading and overridden for name in reading.facts
    )
    return frozenset(each[0] for each in found if each)


def _without(outcome: Outcome | None, settings: frozenset[str]) -> Outcome | None:
    """Return the outcome without the facts of settings that need no comparison."""
    if outcome is None or outcome.reading is None or not settings:
        return outcome
    facts = {name: fact for name, fact in outcome.reading.facts.items() if name not in settings}
    return replace(outcome, reading=replace(outcome.reading, facts=facts))


def _state(outcome: Outcome | None) -> tuple[object, ...]:
    """Return what decides over the comparison of an outcome; a reading counts by identity, for it may be large."""
    servers = (outcome, *outcome.nodes) if outcome else ()
    return tuple((_Same(server.reading), server.failure, server.target.kind) for server in servers)


class _Same:
    """Equal only to a wrapper of the very same reading, which it keeps alive."""

    def __init__(self, reading: Reading | None) -> None:
        self._reading = reading

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._reading is self._reading

    __hash__ = None  # type: ignore[assignment]


def _findings_of(rows: Iterable[Row], outcomes: Sequence[Outcome | None], names: tuple[str, str]) -> _Findings:
    """Return the worst of the rows of two environments, and what was not read."""
    found = _Findings(unseen="; ".join(_unread(outcomes, ("here", f"in {names[1]}"))))
    if found.unseen:
        found = replace(found, accepted=False)
    for row in rows:
        if row.explained_by:
            continue
        if row.verdict is Verdict.UNKNOWN or (
            row.verdict is Verdict.EXPECTED and (row.members or row.setting == SAME_SERVER)
        ):
            found = _with_unknown(found, row)
        elif row.verdict in (Verdict.DRIFT, Verdict.EXPECTED):
            found = _with_difference(found, row, outcomes, names[1])
    return found


def _unread(outcomes: Sequence[Outcome | None], places: Sequence[str]) -> Iterator[str]:
    """Yield a clause for each environment whose service, or a node of it, was not read."""
    for outcome, place in zip(outcomes, places, strict=True):
        for server in (outcome.nodes or (outcome,)) if outcome else ():
            if server.reading is None or server.failure is not None:
                reason = server.failure.reason.value if isinstance(server.failure, Failure) else "not read yet"
                yield printable(f"{server.target.service} {place}: {reason}")
                break


def _with_unknown(found: _Findings, row: Row) -> _Findings:
    expected = row.verdict is Verdict.EXPECTED
    found = replace(found, expected=found.expected + expected)
    if not row.listed and _worst_possible(row.rule) is Severity.INFO:
        return replace(found, minor=found.minor or printable(f"{row.service}: {row.setting} is not seen"))
    if row.severity is Severity.IGNORED:
        return found
    words = found.unseen or printable(f"{row.service}: {row.note or row.setting}")
    return replace(found, unseen=words, accepted=found.accepted and expected)


def _worst_possible(rule: Rule) -> Severity:
    """Return the worst severity that a difference of a setting can have: hiding it must not raise a letter."""
    least = Severity.WARNING if rule.capacity else rule.severity
    return min(least, rule.severity, rule.presence or least, *rule.by_value.values(), key=lambda each: each.rank)


def _with_difference(found: _Findings, row: Row, outcomes: Sequence[Outcome | None], reference: str) -> _Findings:
    found = replace(found, expected=found.expected + (row.verdict is Verdict.EXPECTED))
    rank = _OTHER_PRODUCT if row.setting == "product" else _OF_SEVERITY.get(row.severity, 0)
    if rank <= found.rank:
        return found
    return replace(found, rank=rank, reason=_reason(row, outcomes, reference))


def _reason(row: Row, outcomes: Sequence[Outcome | None], reference: str) -> str:
    """Return a difference in words: "queue is RabbitMQ 3.10.8 here, 4.1.0 in production"."""
    here, there = (_text(row, index) for index in (0, 1))
    if row.setting not in ("product", "version"):
        return printable(f"{row.service}: {row.setting} is {here} here, {there} in {reference}")
    products = [outcome.reading.product if outcome and outcome.reading else "" for outcome in outcomes]
    releases = [
        f"{outcome.reading.product} {outcome.reading.version}".strip() if outcome and outcome.reading else "missing"
        for outcome in outcomes
    ]
    if row.setting == "version" and products[0] == products[1]:
        releases[1] = there
    return printable(f"{row.service} is {releases[0]} here, {releases[1]} in {reference}")


def _text(row: Row, index: int) -> str:
    text = row.text(index) or "missing"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _left_out(board: Board, names: tuple[str, str]) -> Iterator[_Findings]:
    """Yield a finding for each variable of the two environments that is left out of the comparison."""
    for item in board.left_out:
        if item.environment in names:
            yield _Findings(unseen=printable(f"{item.name} of {item.environment} is left out"), accepted=False)


def _grade(findings: Sequence[_Findings]) -> Grade:
    """Return the grade of services together: that of the worst."""
    worst = max(findings, key=lambda each: each.rank, default=_Findings())
    best, expected = LETTERS[worst.rank], sum(each.expected for each in findings)
    unseen = next((each.unseen for each in findings if each.unseen), "")
    unread = not all(each.accepted for each in findings)
    minor = next((each.minor for each in findings if each.minor), "")
    if unseen and best != LETTERS[-1]:
        seen = f"; {worst.reason}" if worst.reason else ""
        return Grade(UNSEEN, f"at best {best}: {unseen}{seen}", best, expected, unread)
    if not findings:
        return Grade(UNSEEN, f"at best {best}: nothing to compare", best, unread=True)
    if minor and not worst.rank:
        return Grade("A", minor, "A", expected)
    return Grade(best, worst.reason or "nothing differs and nothing is hidden", best, expected, unread)

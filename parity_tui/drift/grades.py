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
from parity_tui.drift.findings import Findings, findings_of
from parity_tui.drift.rules import RuleTable
from parity_tui.drift.same_server import same_server_rows
from parity_tui.drift.severity import environments_at_risk
from parity_tui.drift.values import printable
from parity_tui.model import Outcome, Verdict

RULES_VERSION = 1
"""of the rules that give a letter"""

LETTERS = ("A+", "A", "B", "C", "D")
"""from the best to the worst"""
UNSEEN = "?"


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


class _Graded(Struct, frozen=True):
    """One service of an environment and of the reference, as they were compared last."""

    outcomes: tuple[Outcome | None, Outcome | None]
    findings: Findings


class Grader:
    """Grades boards one after the other; services of which nothing has changed are not compared again."""

    def __init__(self) -> None:
        self.comparisons = 0
        """services of two environments that were compared so far, the cached ones left out"""
        self._board: Board | None = None
        """the latest one; its tables and its policy decide over all that is cached"""
        self._graded: dict[tuple[str, str], _Graded] = {}
        """by service and environment"""
        self._sections: dict[str, Section] = {}
        """those of which every environment is graded, by service"""
        self._moved: set[str] = set()
        """environments with other findings than in `_grades`"""
        self._grades = Grades()

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
        self._begin(board)
        for section in board.sections:
            if self._sections.get(section.service) is not section:
                for _ in self._compare(board, section, board.environments.index(reference)):
                    yield Grades(reference)
                self._sections[section.service] = section
        self._grades = self._complete(board, reference)
        yield self._grades

    def _begin(self, board: Board) -> None:
        """Forget everything if the board is compared otherwise than the one before."""
        before, self._board = self._board, board
        if (
            before is None
            or before.tables is not board.tables
            or (before.environments, before.policy, before.left_out)
            != (board.environments, board.policy, board.left_out)
        ):
            self._graded, self._sections, self._grades = {}, {}, Grades()

    def _compare(self, board: Board, section: Section, reference: int) -> Iterator[None]:
        """Compare one service of each environment with the reference where either has changed; yield after each."""
        agreeing: Mapping[str, frozenset[str]] | None = None
        of_reference = section.outcomes[reference]
        self._sections.pop(section.service, None)
        for name, outcome in zip(board.environments, section.outcomes, strict=True):
            if name == board.environments[reference] or (outcome is None and of_reference is None):
                continue
            key, outcomes = (section.service, name), (outcome, of_reference)
            known = self._graded.get(key)
            if known is None or not all(map(_same, known.outcomes, outcomes)):
                self.comparisons += 1
                agreeing = _agreeing(section) if agreeing is None else agreeing
                names = name, board.environments[reference]
                self._graded[key] = _Graded(outcomes, _compared(board, section.service, names, outcomes, agreeing))
                self._moved.add(name)
                yield

    def _complete(self, board: Board, reference: str) -> Grades:
        """Return all letters; only those of environments that moved are worked out."""
        environments, services = dict(self._grades.environments), dict(self._grades.services)
        for name in board.environments:
            if name == reference or (name in environments and name not in self._moved):
                continue
            graded = ((s.service, self._graded.get((s.service, name))) for s in board.sections)
            findings = {service: each.findings for service, each in graded if each}
            services.update(((service, name), _grade([each])) for service, each in findings.items())
            environments[name] = _grade([*findings.values(), *_left_out(board, (name, reference))])
        self._moved.clear()
        return Grades(reference, environments, services)


def _compared(
    board: Board,
    service: str,
    names: tuple[str, str],
    outcomes: tuple[Outcome | None, Outcome | None],
    agreeing: Mapping[str, frozenset[str]],
) -> Findings:
    """Return the findings on one service of two environments; settings that agree everywhere are not compared."""
    policy, needed = replace(board.policy, baseline=names[1]), _replaced(outcomes, board.tables)
    differing = [
        outcome and _without(outcome, agreeing.get(outcome.target.kind, frozenset()) - needed) for outcome in outcomes
    ]
    rows = compare(service, names, differing, board.tables, policy)
    same = same_server_rows(service, names, outcomes, board.tables, policy)
    return findings_of(sorted((*rows, *same), key=order), outcomes, names)


def _agreeing(section: Section) -> Mapping[str, frozenset[str]]:
    """Return, by kind, the settings that agree in all environments, and so in any two of them."""
    found: dict[str, list[str]] = {}
    for row in section.rows:
        if row.verdict is Verdict.SAME:
            found.setdefault(row.kind, []).append(row.setting)
    return {kind: frozenset(settings) for kind, settings in found.items()}


def _replaced(outcomes: Iterable[Outcome | None], tables: Mapping[str, RuleTable]) -> frozenset[str]:
    """Return the servers' own settings that an override replaces: they are compared with the override."""
    readings = [(each.reading, tables[each.target.kind].service.overridden) for each in outcomes if each]
    found = (
        overridden(name, ()) for reading, overridden in readings if reading and overridden for name in reading.facts
    )
    return frozenset(each[0] for each in found if each)


def _without(outcome: Outcome, settings: frozenset[str]) -> Outcome:
    """Return the outcome without the facts of settings that need no comparison."""
    if outcome.reading is None or not settings:
        return outcome
    facts = {name: fact for name, fact in outcome.reading.facts.items() if name not in settings}
    return replace(outcome, reading=replace(outcome.reading, facts=facts))


def _same(before: Outcome | None, after: Outcome | None) -> bool:
    """Return whether two outcomes compare alike; readings count by identity, for they may be large."""
    if before is after:
        return True
    if before is None or after is None or len(before.nodes) != len(after.nodes):
        return False
    return (
        before.reading is after.reading
        and before.failure == after.failure
        and before.target.kind == after.target.kind
        and all(map(_same, before.nodes, after.nodes))
    )


def _left_out(board: Board, names: tuple[str, str]) -> Iterator[Findings]:
    """Yield a finding for each variable of the two environments that is left out of the comparison."""
    for item in board.left_out:
        if item.environment in names:
            yield Findings(unseen=printable(f"{item.name} of {item.environment} is left out"), accepted=False)


def _grade(findings: Sequence[Findings]) -> Grade:
    """Return the grade of services together: that of the worst."""
    worst = max(findings, key=lambda each: each.rank, default=Findings())
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

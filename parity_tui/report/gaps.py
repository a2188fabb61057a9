"""The three gaps of the twelve-factor text, measured: time, personnel, tools; as text, JSON and Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from parity_tui.drift.board import Board
from parity_tui.drift.grades import RULES_VERSION, Grade, Grades
from parity_tui.drift.people import People
from parity_tui.drift.values import printable
from parity_tui.report.json_report import dumped, grade_of, utc
from parity_tui.report.markdown import escaped, table_line
from parity_tui.report.text import Style, plain, width

SCHEMA = 1
NO_APP = "no app is configured"
NO_RECORD = "no record of deploys"
NO_REFERENCE = "no baseline, and no environment that is production by its name; --baseline NAME names one"

_BOLD, _DIM = "1", "2"
_UNITS = ((604_800, "week", "weeks"), (86_400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes"))
_INDENT = "  "


class Span(Struct, frozen=True):
    """A measured time, or why there is none."""

    seconds: float | None = None
    problem: str = NO_APP
    """printable text; counts only without ``seconds``"""
    basis: str = ""
    """what it was measured from: "12 deploys in 30 days" """

    @property
    def words(self) -> str:
        """The time in words, in its largest unit.

        >>> Span(7200.0, basis="3 deploys in 6 hours").words, Span(5400.0).words, Span().words
        ('2 hours (3 deploys in 6 hours)', '1.5 hours', 'not measured: no app is configured')
        """
        if self.seconds is None:
            return f"not measured: {self.problem}"
        return _duration(self.seconds) + (f" ({self.basis})" if self.basis else "")


class Delivery(Struct, frozen=True):
    """The gaps of time and of personnel of one environment."""

    between_deploys: Span = Span()
    lead_time: Span = Span()
    """from a commit to its first run there, median"""
    people: People = People(NO_RECORD)


class Gaps(Struct, frozen=True):
    """Everything on the page."""

    environments: tuple[str, ...]
    services: tuple[str, ...]
    grades: Grades
    delivery: Mapping[str, Delivery] = field(default_factory=dict)
    """by environment; those without an entry are not measured"""

    def of(self, environment: str) -> Delivery:
        """Return the delivery of an environment."""
        return self.delivery.get(environment, Delivery())


def gaps_of(board: Board, grades: Grades, delivery: Mapping[str, Delivery] | None = None) -> Gaps:
    """Return the gaps of a board; ``delivery`` as of :class:`Gaps`."""
    services = tuple(section.service for section in board.sections)
    return Gaps(board.environments, services, grades, delivery or {})


def unmeasured(board: Board, problem: str) -> dict[str, Delivery]:
    """Return a delivery with a problem instead of figures for each environment that has an app."""
    apps = {outcome.target.environment for outcome in board.outcomes() if board.tables[outcome.target.kind].revisions}
    return dict.fromkeys(apps, Delivery(Span(problem=problem), Span(problem=problem), People(problem)))


def _duration(seconds: float) -> str:
    size, one, many = next((unit for unit in _UNITS if seconds >= unit[0]), (1, "second", "seconds"))
    amount = f"{seconds / size:.1f}".removesuffix(".0")
    return f"{amount} {one if amount == '1' else many}"


class _Gap(Struct, frozen=True):
    """One line of the twelve-factor text's table."""

    name: str
    traditional: str
    twelve_factor: str


_BETWEEN = _Gap("Time between deploys", "weeks", "hours")
_LEAD = _Gap("Lead time for changes", "weeks", "hours")
_PEOPLE = _Gap("Authors and deployers", "different people", "the same people")
_TOOLS = _Gap("Dev and prod", "divergent", "as similar as possible")


def _measures(gaps: Gaps) -> Iterator[tuple[_Gap, list[str]]]:
    """Yield each gap with its words for each environment."""
    delivery = [gaps.of(name) for name in gaps.environments]
    yield _BETWEEN, [each.between_deploys.words for each in delivery]
    yield _LEAD, [each.lead_time.words for each in delivery]
    yield _PEOPLE, [each.people.words for each in delivery]
    yield _TOOLS, [_tools(gaps, name) for name in gaps.environments]


def _tools(gaps: Gaps, environment: str) -> str:
    if environment == gaps.grades.reference:
        return "the others are compared with it"
    grade = gaps.grades.environments.get(environment)
    return grade.words if grade else f"not measured: {NO_REFERENCE}"


def to_text(gaps: Gaps, style: Style) -> str:
    """Return the page as text; what is the same for all environments is one line."""
    head = f"The three gaps, against {gaps.grades.reference}" if gaps.grades.reference else "The three gaps"
    lines = [style.paint(printable(head), _BOLD), ""]
    names = [printable(name) for name in gaps.environments]
    room = min(max(map(width, names), default=0), style.width // 3)
    for gap, texts in _measures(gaps):
        title = f"{gap.name} (traditional: {gap.traditional}; twelve-factor: {gap.twelve_factor})"
        lines += [style.paint(line, _BOLD) for line in textwrap.wrap(title, style.width)]
        if len(set(texts)) == 1:
            lines += _wrapped("", texts[0], style.width, 0)
            continue
        for name, environment, text in zip(names, gaps.environments, texts, strict=True):
            lines += _wrapped(name, text, style.width, room)
            if gap is _TOOLS and (letters := _letters(gaps, environment)):
                lines += [style.paint(line, _DIM) for line in _wrapped("", letters, style.width, room)]
    return plain("\n".join(line.rstrip() for line in lines), style)


def _wrapped(name: str, text: str, size: int, room: int) -> list[str]:
    """Return a name and a text beside it, wrapped in its column."""
    head = f"{_INDENT}{name}{' ' * (room - width(name))}{'  ' if room else ''}"
    return textwrap.wrap(printable(text), size, initial_indent=head, subsequent_indent=" " * width(head))


def _letters(gaps: Gaps, environment: str) -> str:
    """Return the letters of the services of an environment: "database D, cache A+"."""
    letters = ((service, gaps.grades.services.get((service, environment))) for service in gaps.services)
    return ", ".join(f"{service} {grade.letter}" for service, grade in letters if grade)


def to_markdown(gaps: Gaps) -> str:
    """Return the page as a table with a column for each environment."""
    head = ("", "traditional", "twelve-factor", *map(escaped, gaps.environments))
    lines = ["# The three gaps", "", table_line(head), table_line(["---"] * len(head))]
    for gap, texts in _measures(gaps):
        lines.append(table_line((gap.name, gap.traditional, gap.twelve_factor, *map(_escaped, texts))))
    if gaps.grades.services:
        for service in gaps.services:
            found = [gaps.grades.services.get((service, name)) for name in gaps.environments]
            letters = (grade.letter if grade else "" for grade in found)
            lines.append(table_line((escaped(service), "", "", *letters)))
    return "\n".join((*lines, ""))


def _escaped(text: str) -> str:
    return escaped(printable(text))


def to_json(gaps: Gaps, taken_at: datetime) -> str:
    """Return the page as JSON text in ASCII, schema 1."""
    return dumped(
        {
            "schema": SCHEMA,
            "taken_at": utc(taken_at),
            "graded_against": gaps.grades.reference or None,
            "grade_rules": RULES_VERSION,
            "environments": {name: dict(_document(gaps, name)) for name in gaps.environments},
        }
    )


def _document(gaps: Gaps, environment: str) -> Iterable[tuple[str, Any]]:
    delivery = gaps.of(environment)
    yield "time_between_deploys", _span(delivery.between_deploys)
    yield "lead_time", _span(delivery.lead_time)
    yield "people", _people(delivery.people)
    yield "grade", _graded(gaps.grades.environments.get(environment))
    services: Sequence[tuple[str, Grade | None]] = [
        (service, gaps.grades.services.get((service, environment))) for service in gaps.services
    ]
    yield "services", {service: _graded(grade) for service, grade in services if grade}


def _graded(grade: Grade | None) -> dict[str, Any] | None:
    return grade_of(grade) if grade else None


def _span(span: Span) -> dict[str, Any]:
    if span.seconds is None:
        return {"seconds": None, "reason": span.problem}
    return {"seconds": span.seconds, "basis": span.basis}


def _people(people: People) -> dict[str, Any]:
    if people.problem:
        return {"authors": None, "reason": people.problem}
    return {
        "authors": people.authors,
        "deploying": people.deploying,
        "commits": people.commits,
        "deployed_by_author": people.own,
    }

"""The counts of a board for Prometheus: a series for each environment and service, never one for each setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from msgspec import Struct, field

from parity_tui import __version__
from parity_tui.drift.board import Board, Section
from parity_tui.drift.grades import LETTERS, Grader
from parity_tui.drift.mark_counts import count_marks
from parity_tui.model import Severity

COUNTED = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


class Family(Struct, frozen=True):
    """One metric and its series."""

    name: str
    help: str
    counter: bool = False
    samples: list[tuple[Mapping[str, str], float]] = field(default_factory=list)
    """labels -> value"""

    def add(self, value: float, **labels: str) -> None:
        """Add a series."""
        self.samples.append((labels, value))


class Deliveries(Protocol):
    """Counts of the events for sinks, by the name of the sink."""

    @property
    def waiting(self) -> Mapping[str, int]:
        """Those that wait."""

    @property
    def dropped(self) -> Mapping[str, int]:
        """Those that were dropped."""


class Metrics:
    """Makes metrics of the latest board."""

    def __init__(self, deliveries: Deliveries) -> None:
        self.board: Board | None = None
        """the latest; of a watcher that waits, that of the hub, None without one"""
        self.leading = False
        """whether this watcher asks the servers"""
        self._deliveries = deliveries
        self._grader = Grader()

    def families(self, now: float) -> list[Family]:
        """Return all metrics; ``now`` is in seconds since the epoch."""
        build = Family("parity_build_info", "1, with the version of parity-tui.")
        build.add(1, version=__version__)
        leading = Family("parity_watch_leading", "1 if this watcher asks the servers, 0 if it waits for another one.")
        leading.add(self.leading)
        waiting = Family("parity_notify_waiting", "Events that wait for a sink of [notify].")
        dropped = Family("parity_notify_dropped_total", "Events that a sink of [notify] never got.", counter=True)
        for name, count in self._deliveries.waiting.items():
            waiting.add(count, sink=name)
        for name, count in self._deliveries.dropped.items():
            dropped.add(count, sink=name)
        board = [*_of_services(self.board, now), *self._grades(self.board)] if self.board else []
        return [family for family in (build, leading, *board, waiting, dropped) if family.samples]

    def _grades(self, board: Board) -> Iterator[Family]:
        grades = self._grader.grades(board)
        words = "A+ is 5, A 4, B 3, C 2, D 1; 0 where too much was not read"
        whole = Family("parity_environment_grade", f"The grade of an environment: {words}.")
        each = Family("parity_service_grade", f"The grade of a service of an environment: {words}.")
        for environment, grade in grades.environments.items():
            whole.add(_number(grade.letter), environment=environment)
        for (service, environment), grade in grades.services.items():
            each.add(_number(grade.letter), environment=environment, service=service)
        yield from (whole, each)


def _number(letter: str) -> int:
    return len(LETTERS) - LETTERS.index(letter) if letter in LETTERS else 0


def _of_services(board: Board, now: float) -> Iterator[Family]:
    drift = Family("parity_drift", "Settings of a service in which the environment differs from the others.")
    blind = Family("parity_blind_spots", "Reasons for which the environment does not show settings of a service.")
    failed = Family("parity_failed", "Servers of a service that could not be read.")
    age = Family("parity_reading_age_seconds", "Time since the oldest of the latest readings of a service.")
    read = Family("parity_reading_timestamp_seconds", "When that reading was confirmed, as a Unix time.")
    for section in board.sections:
        for environment, counts, failures, at in _of_section(board, section):
            labels = {"environment": environment, "service": section.service}
            for severity in COUNTED:
                drift.add(counts.get(severity.value, 0), **labels, severity=severity.value)
            blind.add(counts.get("unknown", 0), **labels)
            failed.add(failures, **labels)
            if at:
                age.add(max(round(now - at, 3), 0.0), **labels)
                read.add(round(at, 3), **labels)
    yield from (drift, blind, failed, age, read)


def _of_section(board: Board, section: Section) -> Iterator[tuple[str, Mapping[str, int], int, float]]:
    """Yield (environment, counts of marks, number of failing servers, time of the oldest reading)."""
    marks = count_marks(section.rows, board.environments)
    for index, environment in enumerate(board.environments):
        counts, servers = marks.get(environment, {}), section.servers(index)
        if servers or counts:
            failures = sum(server.failure is not None for server in servers)
            yield environment, counts, failures, min((server.at for server in servers if server.reading), default=0.0)

"""All rows of a service, with their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from operator import attrgetter

from msgspec import Struct

from parity_tui.drift.compare import Context
from parity_tui.drift.row import Row
from parity_tui.model import Severity, Verdict


class Summary(Struct, frozen=True):
    """Counts of the listed rows and of the failures."""

    critical: int = 0
    warning: int = 0
    info: int = 0
    expected: int = 0
    unknown: int = 0
    """blind spots: reasons for which answering targets do not show settings, and variables that are left out"""
    failed: int = 0
    """targets, and nodes of targets, that could not be read"""

    @property
    def drift(self) -> int:
        """Number of settings that differ."""
        return self.critical + self.warning + self.info

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst difference, None without any."""
        counts = ((Severity.CRITICAL, self.critical), (Severity.WARNING, self.warning), (Severity.INFO, self.info))
        return next((severity for severity, count in counts if count), None)


Marks = Mapping[str, Mapping[str, int]]
"""by environment, the number of rows with each mark"""


class Basis(Struct, frozen=True):
    """The part of a comparison that stays while nothing but a few values change."""

    contexts: Mapping[str, Context]
    """by kind"""
    apart: bool
    """no two targets can be one server, whatever values they have"""


class Rows(tuple[Row, ...]):
    """All rows of a service, the listed ones first, worst first; counts are cached, for 100,000 rows are possible."""

    basis: Basis | None = None
    """None where rows have to be compared again as a whole"""
    marks: Marks | None = None
    """as :func:`parity_tui.drift.mark_counts.count_marks` has counted them"""
    marked_before: tuple[Marks, Sequence[tuple[Row | None, Row | None]]] | None = None
    """the marks of rows that differ from these in a few only, and those few, before and now"""

    @cached_property
    def counts(self) -> Summary:
        """Counts of the listed rows; `failed` is 0."""
        listed = list(takewhile(attrgetter("listed"), self))
        drift = [row.severity for row in listed if row.verdict is Verdict.DRIFT]
        verdicts = [row.verdict for row in listed]
        return Summary(
            critical=drift.count(Severity.CRITICAL),
            warning=drift.count(Severity.WARNING),
            info=drift.count(Severity.INFO),
            expected=verdicts.count(Verdict.EXPECTED),
            unknown=verdicts.count(Verdict.UNKNOWN),
        )

    @cached_property
    def compared(self) -> int:
        """Number of rows that are neither ignored nor unknown."""
        return sum(row.verdict in _COMPARED and row.severity is not Severity.IGNORED for row in self)

    @cached_property
    def same(self) -> int:
        """Number of settings that agree; what is ignored is equal by chance only."""
        return sum(row.verdict is Verdict.SAME and row.severity is not Severity.IGNORED for row in self)


_COMPARED = (Verdict.SAME, Verdict.DRIFT, Verdict.EXPECTED)

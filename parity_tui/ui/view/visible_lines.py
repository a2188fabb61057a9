"""The lines of a board under a view, as a sequence: found by number and key, and followed from board to board."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import overload

from msgspec import Struct, field

from parity_tui.drift.board import Section
from parity_tui.drift.mark_counts import NO_COUNTS, MarkCounts
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Outcome, Severity, Verdict
from parity_tui.ui.view.row_index import RowIndex

LineKey = tuple[str, str, str]
"""(service, kind, setting) identifies a line; kind and setting are "" for the line of a section"""


class VisibleLine(Struct, frozen=True):
    """One line below the titles."""

    section: Section
    row: Row | None = None
    """None for the line of the section itself"""
    open: bool = False
    """its rows, or the rows it explains, are in view"""
    nested: bool = False
    """explained by the row above"""
    explained: int = 0
    """number of rows that this row explains, unless the view is filtered"""
    counts: Mapping[str, MarkCounts] = NO_COUNTS
    """of the line of a section: how many rows carry each mark, by environment"""

    @property
    def key(self) -> LineKey:
        """Identifies the line on any board."""
        return _key(self.section, self.row)


class View(Struct, frozen=True):
    """The user's choice of lines."""

    everything: bool = False
    """rows that agree or are ignored are shown too"""
    overview: bool = False
    """services are folded unless the user has opened them"""
    least: Severity = Severity.INFO
    """least severity of rows, whatever their verdict"""
    text: str = ""
    """filter as typed, see :class:`RowFilter`: only rows that match, whatever their verdict"""
    folds: Mapping[str, bool] = field(default_factory=dict)
    """by service, whether the user has opened (True) or folded it"""
    unfolded: frozenset[LineKey] = frozenset()
    """rows whose explained rows are shown"""

    def is_open(self, section: Section) -> bool:
        """Return whether the rows of a section are shown: by default those with drift or a failure, if all fit."""
        if self.text:
            return True
        folded = self.overview and not self.everything
        return self.folds.get(section.service, not folded and needs_attention(section))

    def unfolds(self, section: Section, row: Row) -> bool:
        """Return whether the rows that a row explains are shown below it."""
        return not self.text and (self.everything or _key(section, row) in self.unfolded)


def _key(section: Section, row: Row | None) -> LineKey:
    return (section.service, row.kind, row.setting) if row else (section.service, "", "")


def needs_attention(section: Section) -> bool:
    """Return whether the section has drift, a blind spot or a failure."""
    counts = section.rows.counts
    return bool(counts.drift or counts.unknown) or any(outcome and outcome.failure for outcome in section.outcomes)


class SectionLines(Struct, frozen=True):
    """The lines of one section: its own, and below it its visible rows."""

    section: Section
    index: RowIndex
    view: View
    open: bool
    rows: Sequence[Row]

    def line(self, offset: int) -> VisibleLine:
        """Return a line by its offset; the line of the section has 0."""
        if not offset:
            return VisibleLine(self.section, open=self.open, counts=self.index.counts)
        row = self.rows[offset - 1]
        if self.view.text:
            return VisibleLine(self.section, row)
        explained = len(self.index.explained(row))
        unfolded = bool(explained) and self.view.unfolds(self.section, row)
        return VisibleLine(self.section, row, unfolded, bool(row.explained_by), explained)

    def worst(self) -> int | None:
        """Return the position in ``rows`` of the first one of the worst severity of drift, None without drift."""
        # The worst rows come first, and rows that another one explains never drift.
        return next((at for at, row in enumerate(self.rows) if row.verdict is Verdict.DRIFT), None)


class VisibleLines(Sequence[VisibleLine]):
    """All lines, top to bottom; a :class:`VisibleLine` is made on access, because most lines are never in view."""

    def __init__(self, parts: Iterable[SectionLines] = ()) -> None:
        self.parts = tuple(parts)
        self.sections = list(accumulate((1 + len(part.rows) for part in self.parts), initial=0))
        """numbers of the section lines"""
        self._count = self.sections.pop()

    def __len__(self) -> int:
        """Return the number of lines."""
        return self._count

    @overload
    def __getitem__(self, number: int) -> VisibleLine: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[VisibleLine]: ...

    def __getitem__(self, number: int | slice) -> VisibleLine | Sequence[VisibleLine]:
        """Return a line or a slice of them."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(self._count))]
        if not 0 <= number < self._count:
            raise IndexError(number)
        at = self.part_at(number)
        return self.parts[at].line(number - self.sections[at])

    def part_at(self, number: int) -> int:
        """Return the position in ``parts`` of the section that a line belongs to."""
        return bisect_right(self.sections, number) - 1

    def position(self, number: int) -> str:
        """Return the position of a line in words, with its service, whose own line may be out of view."""
        if not self._count:
            return "no matches"
        line = self[number]
        service = f"{printable(line.section.service)}   " if line.row else ""
        return f"{service}{number + 1} of {self._count}"

    def find(self, key: LineKey) -> int | None:
        """Return the number of the line with a key, None without one."""
        service, kind, setting = key
        for first, part in zip(self.sections, self.parts, strict=True):
            if part.section.service == service:
                if not setting:
                    return first
                rows = enumerate(part.rows, first + 1)
                return next((n for n, row in rows if row.setting == setting and row.kind == kind), None)
        return None

    def find_setting(self, service: str, setting: str) -> int | None:
        """Return the number of the line of a setting of any kind, or of the service if ``setting`` is ""."""
        for first, part in zip(self.sections, self.parts, strict=True):
            if part.section.service == service:
                if not setting:
                    return first
                rows = enumerate(part.rows, first + 1)
                return next((number for number, row in rows if row.setting == setting), None)
        return None

    def longest(self, least: int) -> int:
        """Return the cells of the longest name, at least so many.

        Rows are counted only where a name of their service is longer: a key waits.
        """
        for part in self.parts:
            if part.index.longest > least:
                least = max(least, part.index.longest_of(part.rows))
        return least

    @cached_property
    def drifting(self) -> list[int]:
        """Numbers of the lines of drift."""
        parts = zip(self.sections, self.parts, strict=True)
        return [n for at, part in parts for n, row in enumerate(part.rows, at + 1) if row.verdict is Verdict.DRIFT]

    def worst(self) -> int:
        """Return the number of the first line of the worst severity of drift, 0 without drift."""
        found = [
            (part.rows[offset].severity.rank, first + 1 + offset)
            for first, part in zip(self.sections, self.parts, strict=True)
            if (offset := part.worst()) is not None
        ]
        return min(found, default=(0, 0))[1]

    @cached_property
    def folded_drift(self) -> list[int]:
        """Numbers of the lines of folded services with drift."""
        parts = zip(self.sections, self.parts, strict=True)
        return [at for at, part in parts if not part.open and part.section.rows.counts.drift]

    @cached_property
    def failures(self) -> list[tuple[int, int]]:
        """Line of the service and index of the environment of every target that failed."""
        parts = zip(self.sections, self.parts, strict=True)
        return [
            (at, index)
            for at, part in parts
            for index, outcome in enumerate(part.section.outcomes)
            if outcome and has_failed(outcome)
        ]

    def drift(self, number: int, by: int) -> int | None:
        """Return the next line of drift, or the one before if ``by`` is negative, in a circle; None without drift.

        A folded service with drift counts as one line of drift.
        """
        if not (numbers := sorted((*self.drifting, *self.folded_drift))):
            return None
        if by > 0:
            return numbers[bisect_right(numbers, number) % len(numbers)]
        return numbers[bisect_left(numbers, number) - 1]


def has_failed(outcome: Outcome) -> bool:
    """Return whether a target, or a node of it, fails."""
    return outcome.failure is not None or any(node.failure for node in outcome.nodes)


def follow(before: VisibleLines, index: int, after: VisibleLines) -> int:
    """Return the new number of the line that was number ``index``, or of its nearest neighbour if it is gone."""
    if not before or not after:
        return 0
    key = before[index].key
    if index < len(after) and after[index].key == key:
        return index
    if (found := after.find(key)) is not None:
        return found
    return _nearest(before, index, after)


def _nearest(before: VisibleLines, index: int, after: VisibleLines) -> int:
    """Return the nearest line that remains: below, then the next service, then above."""
    at = before.part_at(index)
    part, offset = before.parts[at], index - before.sections[at] - 1
    same = [other for other in after.parts if other.section.service == part.section.service]
    remaining = {id(row) for other in same for row in other.rows}
    rows: Sequence[Row] = part.rows if remaining else ()
    services = [part.section for part in before.parts]
    below = next((row for row in rows[max(offset, 0) :] if id(row) in remaining), None)
    above = next((row for row in reversed(rows[: max(offset, 0)]) if id(row) in remaining), None)
    keys = [
        *([_key(part.section, below)] if below else ()),
        *(_key(section, None) for section in services[at + 1 :]),
        *([_key(part.section, above)] if above else ()),
        *(_key(section, None) for section in reversed(services[: at + 1])),
    ]
    return next((found for key in keys if (found := after.find(key)) is not None), 0)

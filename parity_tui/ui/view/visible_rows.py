"""Which lines there are: sections and rows, folded, filtered and by severity, as the person wants to see them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import overload

from msgspec import Struct, field
from rich.cells import cell_len

from parity_tui.drift.board import Board, Section
from parity_tui.drift.row import Row
from parity_tui.model import Severity, Verdict
from parity_tui.ui.view.row_index import RowIndex

LineKey = tuple[str, str, str]
"""service, kind, setting; kind and setting are "" for the line of a section"""

_AT_ONCE = 1500
"""rows that are read for a search before keys have their turn: some milliseconds"""


class VisibleLine(Struct, frozen=True):
    """One line below the titles."""

    section: Section
    row: Row | None = None
    """None: the line of the section itself"""
    open: bool = False
    """of a section: its rows are in view; of a row: what it explains is in view"""
    nested: bool = False
    """explained by the row above"""
    hides: int = 0
    """how many rows are folded under this one"""

    @property
    def key(self) -> LineKey:
        """What stays the same while values come and go."""
        return _key(self.section, self.row)


class View(Struct, frozen=True):
    """What the person wants to see."""

    everything: bool = False
    """rows that agree or are ignored too"""
    least: Severity = Severity.INFO
    """the least severity of drift and blind spots that is listed"""
    text: str = ""
    """only what has this in its name or a value, whatever its verdict"""
    folds: Mapping[str, bool] = field(default_factory=dict)
    """by service, whether the person has opened or folded it"""
    opened: frozenset[LineKey] = frozenset()
    """rows whose explained rows are shown"""

    def is_open(self, section: Section) -> bool:
        """Tell whether a section's rows are shown: those with drift or a fault, until the person says otherwise."""
        return True if self.text else self.folds.get(section.service, needs_attention(section))

    def unfolds(self, section: Section, row: Row) -> bool:
        """Tell whether what a row explains is in view below it."""
        return not self.text and (self.everything or _key(section, row) in self.opened)


def _key(section: Section, row: Row | None) -> LineKey:
    """Return what tells a line from all others."""
    return (section.service, row.kind, row.setting) if row else (section.service, "", "")


def needs_attention(section: Section) -> bool:
    """Tell whether there is something in this section to look at."""
    counts = section.rows.counts
    return bool(counts.drift or counts.unknown) or any(outcome and outcome.failure for outcome in section.outcomes)


class SectionLines(Struct, frozen=True):
    """The lines of one section: its own, and below it those of the rows that are in view."""

    section: Section
    stock: RowIndex
    view: View
    open: bool
    rows: Sequence[Row]
    longest: int
    """cells that the longest name takes"""

    def place(self, offset: int) -> VisibleLine:
        """Return a line of this part."""
        if not offset:
            return VisibleLine(self.section, open=self.open)
        row = self.rows[offset - 1]
        if self.view.text:
            return VisibleLine(self.section, row)
        hides = len(self.stock.explained(row))
        unfolded = bool(hides) and self.view.unfolds(self.section, row)
        return VisibleLine(self.section, row, open=unfolded, nested=bool(row.explained_by), hides=hides)


class VisibleLines(Sequence[VisibleLine]):
    """All lines, top to bottom; each becomes a :class:`VisibleLine` when it is asked for, for most are never seen."""

    def __init__(self, parts: Iterable[SectionLines] = ()) -> None:
        self.parts = tuple(parts)
        self.sections = list(accumulate((1 + len(part.rows) for part in self.parts), initial=0))
        """the numbers of the lines of the sections, and of the line after the last"""
        self._count = self.sections.pop()

    def __len__(self) -> int:
        """Return how many lines there are."""
        return self._count

    @overload
    def __getitem__(self, number: int) -> VisibleLine: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[VisibleLine]: ...

    def __getitem__(self, number: int | slice) -> VisibleLine | Sequence[VisibleLine]:
        """Return a line, or some."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(self._count))]
        if not 0 <= number < self._count:
            raise IndexError(number)
        at = self.part_at(number)
        return self.parts[at].place(number - self.sections[at])

    def part_at(self, number: int) -> int:
        """Return the number of the part that a line belongs to."""
        return bisect_right(self.sections, number) - 1

    def find(self, key: LineKey) -> int | None:
        """Return the number of the line with a key, None where there is none."""
        service, kind, setting = key
        for first, part in zip(self.sections, self.parts, strict=True):
            if part.section.service == service:
                if not setting:
                    return first
                rows = enumerate(part.rows, first + 1)
                return next((n for n, row in rows if row.setting == setting and row.kind == kind), None)
        return None

    @property
    def longest(self) -> int:
        """How many cells the longest name takes."""
        return max((part.longest for part in self.parts), default=0)

    @cached_property
    def drifting(self) -> list[int]:
        """The numbers of the lines of drift."""
        parts = zip(self.sections, self.parts, strict=True)
        return [n for at, part in parts for n, row in enumerate(part.rows, at + 1) if row.verdict is Verdict.DRIFT]

    def worst(self) -> int:
        """Return the first line of the worst drift, 0 where there is none."""
        parts = list(zip(self.sections, self.parts, strict=True))
        for severity in sorted(Severity, key=lambda severity: severity.rank):
            for at, part in parts:
                for number, row in enumerate(part.rows, at + 1):
                    if row.severity is severity and row.verdict is Verdict.DRIFT:
                        return number
        return 0

    def drift(self, number: int, by: int) -> int | None:
        """Return the next line of drift, or the one before; after the last comes the first; None where is none."""
        if not (numbers := self.drifting):
            return None
        if by > 0:
            return numbers[bisect_right(numbers, number) % len(numbers)]
        return numbers[bisect_left(numbers, number) - 1]


class VisibleRows:
    """The lines of a board under a view; a section that did not move is not walked through again."""

    def __init__(self) -> None:
        self._stocks: dict[str, RowIndex] = {}
        self._parts: dict[str, SectionLines] = {}

    def lines(self, board: Board, view: View) -> VisibleLines:
        """Return every line, top to bottom."""
        self._take(board)
        parts = (self._part(section, view) for section in board.sections)
        return VisibleLines(
            part for part in parts if not view.text or part.rows or _hit(view.text, part.section.service)
        )

    def read(self, board: Board) -> bool:
        """Read a part of what can be searched for, and tell whether that was the last."""
        self._take(board)
        left = _AT_ONCE
        for section in board.sections:
            left = self._stocks[section.service].read(left)
            if not left:
                return False
        return True

    def _take(self, board: Board) -> None:
        """Take the rows of a board."""
        for section in board.sections:
            stock = self._stocks.get(section.service)
            if stock is None or stock.rows is not section.rows:
                self._stocks[section.service] = RowIndex(section.rows, stock)

    def _part(self, section: Section, view: View) -> SectionLines:
        """Return the lines of a section, those of before where nothing of theirs has moved."""
        stock, is_open = self._stocks[section.service], view.is_open(section)
        old = self._parts.get(section.service)
        if old and old.section is section and old.view is view:
            return old
        if old and old.stock is stock and old.view is view and old.open == is_open:
            rows, longest = old.rows, old.longest
        else:
            rows = _rows(section, stock, view) if is_open else []
            longest = max(map(_width, rows), default=0)
        part = self._parts[section.service] = SectionLines(section, stock, view, is_open, rows, longest)
        return part


def _rows(section: Section, stock: RowIndex, view: View) -> Sequence[Row]:
    """Return the rows that are wanted, each with those that it explains where they are wanted."""
    if view.text:
        return stock.search(view.text.casefold())
    rows = stock.tops if view.everything else stock.listed(view.least)
    if not stock.explains or not (view.everything or view.opened):
        return rows
    found: list[Row] = []
    for row in rows:
        found.append(row)
        if (own := stock.explained(row)) and view.unfolds(section, row):
            found += own
    return found


def _width(row: Row) -> int:
    """Return how many cells the name of a row takes, with its indent."""
    name = row.setting
    return (len(name) if name.isascii() else cell_len(name)) + 2 * bool(row.explained_by)


def _hit(needle: str, text: str) -> bool:
    """Tell whether a text has what is searched for."""
    return needle.casefold() in text.casefold()


def follow(before: VisibleLines, index: int, after: VisibleLines) -> int:
    """Return where the line that was number ``index`` is now; if it is gone, the next one that is still there."""
    if not before or not after:
        return 0
    key = before[index].key
    if index < len(after) and after[index].key == key:
        return index
    if (found := after.find(key)) is not None:
        return found
    return _nearest(before, index, after)


def _nearest(before: VisibleLines, index: int, after: VisibleLines) -> int:
    """Return the line that is next to one that is gone: below it, then above it."""
    at = before.part_at(index)
    part, offset = before.parts[at], index - before.sections[at] - 1
    still = {id(row) for other in after.parts if other.section.service == part.section.service for row in other.rows}
    rows, services = part.rows, [part.section for part in before.parts]
    below = next((row for row in rows[max(offset, 0) :] if id(row) in still), None)
    above = next((row for row in reversed(rows[: max(offset, 0)]) if id(row) in still), None)
    keys = [
        *([_key(part.section, below)] if below else ()),
        *(_key(section, None) for section in services[at + 1 :]),
        *([_key(part.section, above)] if above else ()),
        *(_key(section, None) for section in reversed(services[: at + 1])),
    ]
    return next((found for key in keys if (found := after.find(key)) is not None), 0)

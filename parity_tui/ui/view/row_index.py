"""Per-service index of rows, cached because a service may have 100,000 of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress, repeat, takewhile
from operator import attrgetter, contains
from typing import overload

from rich.cells import cell_len

from parity_tui.drift.mark_counts import MarkCounts, count_marks, marked
from parity_tui.drift.row import Row
from parity_tui.drift.rows import Rows
from parity_tui.model import Severity, Verdict

_DRIFTS = (Verdict.DRIFT, Verdict.EXPECTED)


class PickedRows(Sequence[Row]):
    """Some rows of a service by their numbers; most of them are never in view, and are not touched."""

    def __init__(self, rows: Sequence[Row], numbers: Sequence[int]) -> None:
        self._rows = rows
        self._numbers = numbers

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        """Return a row or a slice of them."""
        if isinstance(at, slice):
            return PickedRows(self._rows, self._numbers[at])
        return self._rows[self._numbers[at]]


class RowIndex:
    """The rows of one service by visibility, and their searchable text."""

    def __init__(self, rows: Rows, before: RowIndex | None = None, environments: Sequence[str] = ()) -> None:
        self.rows = rows
        self._environments = environments
        self._texts: list[str] = []
        """searchable text of the first rows; the others are not read yet"""
        self._found: tuple[str, Sequence[int]] = "", range(len(rows))
        """the latest needle, and the numbers of the rows that have it: those of a longer one are among them"""
        self._known = dict(zip(map(id, before.rows), before._texts, strict=False)) if before else {}
        self._before = before and before.rows  # kept alive: _known refers to these rows by id

    def listed(self, least: Severity) -> Sequence[Row]:
        """Return the listed rows of at least a severity, without rows that another row explains."""
        return at_least(self._listed, least)

    @cached_property
    def _listed(self) -> list[Row]:
        # Listed rows come first.
        return [row for row in takewhile(attrgetter("listed"), self.rows) if not row.explained_by]

    @cached_property
    def counts(self) -> Mapping[str, MarkCounts]:
        """How many listed rows carry each mark, by environment."""
        return count_marks(self.rows, self._environments)

    def marked(self, row: Row) -> Sequence[str]:
        """Return the environments that a row marks."""
        return marked(row, self._environments)

    @cached_property
    def tops(self) -> list[Row]:
        """All rows but those that another row explains."""
        return [row for row in self.rows if not row.explained_by]

    def explained(self, row: Row) -> list[Row]:
        """Return the rows that this one explains."""
        return self._children.get((row.kind, row.setting), []) if row.verdict in _DRIFTS or row.members else []

    @cached_property
    def has_explained(self) -> bool:
        """Whether any row explains others."""
        return bool(self._children)

    @cached_property
    def has_plain_names(self) -> bool:
        """Whether each name has as many cells as letters, and no row is indented below another one."""
        return not self.has_explained and all(map(str.isascii, map(attrgetter("setting"), self.rows)))

    @cached_property
    def longest(self) -> int:
        """Cells of the longest name of all rows."""
        return self.longest_of(self.rows)

    def longest_of(self, rows: Sequence[Row]) -> int:
        """Return the cells of the longest name of some rows; of many rows within C, for a key waits."""
        if self.has_plain_names:
            return max(map(len, map(attrgetter("setting"), rows)), default=0)
        return max(map(_width, rows), default=0)

    @cached_property
    def _children(self) -> dict[tuple[str, str], list[Row]]:
        """Explained rows by the kind and setting of the row that explains them."""
        children: dict[tuple[str, str], list[Row]] = {}
        folded = [row for row in self.rows if row.explained_by]
        settings = {(row.kind, row.setting) for row in self.tops} if folded else set()
        for row in folded:
            # The product row is shared by all kinds.
            same_kind = (row.kind, row.explained_by) in settings
            kind = row.kind if same_kind else next((k for k, name in settings if name == row.explained_by), "")
            children.setdefault((kind, row.explained_by), []).append(row)
        return children

    def read(self, count: int) -> int:
        """Read the text of up to ``count`` more rows; return how much of ``count`` is left over."""
        first = len(self._texts)
        for row in self.rows[first : first + count]:
            text = self._known.get(id(row))
            self._texts.append(_text(row) if text is None else text)
        left = first + count - len(self.rows)
        if left >= 0:
            self._known, self._before = {}, None
        return max(left, 0)

    def search(self, needle: str) -> Sequence[Row]:
        """Return the rows whose name or value contains a casefolded text; within C, for a key waits."""
        self.read(len(self.rows))
        former, numbers = self._found
        texts: Iterable[str] = map(self._texts.__getitem__, numbers)
        if former not in needle:
            numbers, texts = range(len(self.rows)), self._texts
        found = list(compress(numbers, map(contains, texts, repeat(needle))))
        self._found = needle, found
        return PickedRows(self.rows, found)


def at_least(rows: Sequence[Row], least: Severity) -> Sequence[Row]:
    """Return the rows of at least a severity, whatever their verdict."""
    return rows if least is Severity.INFO else [row for row in rows if row.severity.rank <= least.rank]


def _width(row: Row) -> int:
    """Return the cells of a row's name, its indent included."""
    name = row.setting
    return (len(name) if name.isascii() else cell_len(name)) + 2 * bool(row.explained_by)


def _text(row: Row) -> str:
    """Return the searchable text of a row: its name and each value once."""
    different = {cell.raw or cell.state: index for index, cell in enumerate(row.cells)}
    values = "\n".join(row.text(index) for index in different.values())
    return f"{row.setting}\n{values}".casefold()

"""Which rows of a board are visible under a view: folded, filtered and limited by severity."""

from __future__ import annotations

from collections.abc import Sequence

from parity_tui.drift.board import Board, Section
from parity_tui.drift.row import Row
from parity_tui.model import Severity
from parity_tui.ui.view.row_filter import RowFilter
from parity_tui.ui.view.row_index import RowIndex, at_least
from parity_tui.ui.view.visible_lines import SectionLines, View, VisibleLines

INDEXED_AT_ONCE = 1500
"""rows indexed for a search without a break, some milliseconds, so that keys are answered"""


class VisibleRows:
    """Computes the lines of boards under a view; sections that did not change are kept."""

    def __init__(self) -> None:
        self._indexes: dict[str, RowIndex] = {}
        self._parts: dict[str, SectionLines] = {}

    def lines(self, board: Board, view: View) -> VisibleLines:
        """Return every line, top to bottom."""
        self._index(board)
        parts = (self._part(section, view) for section in _ranked(board))
        if view.text:
            wanted = RowFilter.parse(view.text)
            parts = (part for part in parts if part.rows or wanted.names_service(part.section.service))
        return VisibleLines(parts)

    def prepare_search(self, board: Board) -> bool:
        """Index some more rows for a search; return whether all rows are indexed."""
        self._index(board)
        left = INDEXED_AT_ONCE
        for section in board.sections:
            left = self._indexes[section.service].read(left)
            if not left:
                return False
        return True

    def _index(self, board: Board) -> None:
        for section in board.sections:
            index = self._indexes.get(section.service)
            if index is None or index.rows is not section.rows:
                self._indexes[section.service] = RowIndex(section.rows, index, board.environments)

    def _part(self, section: Section, view: View) -> SectionLines:
        index, is_open = self._indexes[section.service], view.is_open(section)
        old = self._parts.get(section.service)
        if old and old.section is section and old.view is view:
            return old
        if old and old.index is index and old.view is view and old.open == is_open:
            rows = old.rows
        else:
            rows = _rows(section, index, view) if is_open else []
        part = self._parts[section.service] = SectionLines(section, index, view, is_open, rows)
        return part


def _ranked(board: Board) -> Sequence[Section]:
    """Return the sections, those with failures first, then the worst; in the order of the configuration until all
    targets are read, so that lines do not jump while the first answers come.
    """
    return sorted(board.sections, key=_rank) if board.complete else board.sections


def _rank(section: Section) -> int:
    if section.failed:
        return -1
    counts = section.rows.counts
    return counts.worst.rank if counts.worst else Severity.INFO.rank + (1 if counts.unknown else 2)


def _rows(section: Section, index: RowIndex, view: View) -> Sequence[Row]:
    """Return the visible rows of an open section, explained rows below the row that explains them."""
    if view.text:
        return at_least(_matches(section, index, RowFilter.parse(view.text)), view.least)
    rows = at_least(index.tops, view.least) if view.everything else index.listed(view.least)
    if not index.has_explained or not (view.everything or view.unfolded):
        return rows
    visible: list[Row] = []
    for row in rows:
        visible.append(row)
        if (explained := index.explained(row)) and view.unfolds(section, row):
            visible += at_least(explained, view.least)
    return visible


def _matches(section: Section, index: RowIndex, wanted: RowFilter) -> Sequence[Row]:
    """Return the rows that match a filter; all listed ones where the text names the service."""
    if not wanted.has_service(section.service):
        return []
    whole = not wanted.text or wanted.names_service(section.service)
    rows = index.search(wanted.text) if wanted.text else []
    if whole:
        found = {id(row) for row in rows}
        rows = [row for row in index.rows if id(row) in found or (row.listed and not row.explained_by)]
    if wanted.environment:
        rows = [row for row in rows if wanted.has_environment(index.marked(row))]
    return rows

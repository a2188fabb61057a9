"""What the lines of a service are picked from: worked out once for its rows, for they may be very many."""

from __future__ import annotations

from functools import cached_property
from itertools import takewhile
from operator import attrgetter

from parity_tui.drift.board import Rows
from parity_tui.drift.row import Row
from parity_tui.model import Severity, Verdict

_DRIFTS = (Verdict.DRIFT, Verdict.EXPECTED)


class RowIndex:
    """The rows of one service, and what of them can be shown and searched."""

    def __init__(self, rows: Rows, before: RowIndex | None = None) -> None:
        self.rows = rows
        self._texts: list[str] = []
        """of the first so many rows, everything that can be searched for"""
        self._known = dict(zip(map(id, before.rows), before._texts, strict=False)) if before else {}
        self._before = before and before.rows  # kept so that no other row takes the place of one that is known

    def listed(self, least: Severity) -> list[Row]:
        """Return what is shown without being asked for, from a severity on; what another row explains is not."""
        if least is Severity.INFO:
            return self._listed
        shown = tuple(severity for severity in Severity if severity.rank <= least.rank)
        return [row for row in self._listed if row.severity in shown or row.verdict is Verdict.EXPECTED]

    @cached_property
    def _listed(self) -> list[Row]:
        """All that is shown without being asked for; it stands first."""
        return [row for row in takewhile(attrgetter("listed"), self.rows) if not row.explained_by]

    @cached_property
    def tops(self) -> list[Row]:
        """All rows but those that another one explains."""
        return [row for row in self.rows if not row.explained_by]

    def explained(self, row: Row) -> list[Row]:
        """Return the rows that are folded under this one."""
        return self._children.get((row.kind, row.setting), []) if row.verdict in _DRIFTS else []

    @cached_property
    def explains(self) -> bool:
        """Tell whether anything is folded at all."""
        return bool(self._children)

    @cached_property
    def _children(self) -> dict[tuple[str, str], list[Row]]:
        """The rows that are folded under another one, by that one."""
        found: dict[tuple[str, str], list[Row]] = {}
        folded = [row for row in self.rows if row.explained_by]
        settings = {(row.kind, row.setting) for row in self.tops} if folded else set()
        for row in folded:
            # The row of the product is one for all kinds.
            own = (row.kind, row.explained_by)
            kind = row.kind if own in settings else next((k for k, name in settings if name == row.explained_by), "")
            found.setdefault((kind, row.explained_by), []).append(row)
        return found

    def read(self, count: int) -> int:
        """Read so many rows more of what can be searched for; return how many of them are left over."""
        first = len(self._texts)
        for row in self.rows[first : first + count]:
            text = self._known.get(id(row))
            self._texts.append(_text(row) if text is None else text)
        left = first + count - len(self.rows)
        if left >= 0:
            self._known, self._before = {}, None
        return max(left, 0)

    def search(self, needle: str) -> list[Row]:
        """Return all rows with this text, in lower case, in the name or a value."""
        self.read(len(self.rows))
        return [row for row, text in zip(self.rows, self._texts, strict=True) if needle in text]


def _text(row: Row) -> str:
    """Return everything in a row that can be searched for, each value once."""
    different = {cell.raw or cell.state: index for index, cell in enumerate(row.cells)}
    values = "\n".join(row.text(index) for index in different.values())
    return f"{row.setting}\n{values}".casefold()

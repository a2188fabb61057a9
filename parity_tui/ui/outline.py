"""Which lines there are: sections and rows, folded, filtered and by severity, as the person wants to see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from parity_tui.drift.board import Board, Section
from parity_tui.drift.row import Row
from parity_tui.model import Severity, Verdict

Key = tuple[str, str, str]
"""service, kind, setting; kind and setting are "" for the line of a section"""


class Place(Struct, frozen=True):
    """One line below the titles."""

    section: Section
    row: Row | None = None
    """None: the line of the section itself"""
    number: int = 0
    """of the section"""
    open: bool = False
    """of a section: its rows are in view; of a row: what it explains is in view"""
    nested: bool = False
    """explained by the row above"""
    hides: int = 0
    """how many rows are folded under this one"""

    @property
    def key(self) -> Key:
        """What stays the same while values come and go."""
        return (self.section.service, self.row.kind if self.row else "", self.row.setting if self.row else "")

    @property
    def drifts(self) -> bool:
        """Tell whether this is a row of drift."""
        return self.row is not None and self.row.verdict is Verdict.DRIFT


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
    opened: frozenset[Key] = frozenset()
    """rows whose explained rows are shown"""

    def is_open(self, section: Section) -> bool:
        """Tell whether a section's rows are shown: those with drift or a fault, until the person says otherwise."""
        return True if self.text else self.folds.get(section.service, needs_attention(section))


def needs_attention(section: Section) -> bool:
    """Tell whether there is something in this section to look at."""
    if any(outcome and outcome.failure for outcome in section.outcomes):
        return True
    return any(row.listed and row.verdict in (Verdict.DRIFT, Verdict.UNKNOWN) for row in section.rows)


class Outline:
    """The lines of a board under a view; a section that did not move is not walked through again."""

    def __init__(self) -> None:
        self._done: dict[str, tuple[Section, View, tuple[Place, ...]]] = {}
        self._texts: dict[int, tuple[Row, str]] = {}

    def places(self, board: Board, view: View) -> list[Place]:
        """Return every line, top to bottom."""
        if len(self._texts) > 2 * sum(len(section.rows) for section in board.sections):
            self._texts.clear()  # most of them are of rows that are gone
        found: list[Place] = []
        for number, section in enumerate(board.sections):
            done = self._done.get(section.service)
            if done is None or done[0] is not section or done[1] is not view:
                done = (section, view, tuple(self._section(section, number, view)))
                self._done[section.service] = done
            found.extend(done[2])
        return found

    def _section(self, section: Section, number: int, view: View) -> Iterator[Place]:
        """Return the line of a section and those of its rows."""
        is_open = view.is_open(section)
        rows = list(self._rows(section, number, view)) if is_open else []
        if view.text and not rows and not self._hit(view.text, section.service):
            return
        yield Place(section, number=number, open=is_open)
        yield from rows

    def _rows(self, section: Section, number: int, view: View) -> Iterator[Place]:
        """Return the lines of the rows that are wanted, each with those that it explains where they are wanted."""
        if view.text:
            needle = view.text.casefold()
            yield from (Place(section, row, number) for row in section.rows if needle in self._text(row))
            return
        children = _children(section)
        for row in section.rows:
            if row.under or not _wanted(row, view):
                continue
            own = children.get((row.kind, row.setting), []) if row.verdict in (Verdict.DRIFT, Verdict.EXPECTED) else []
            place = Place(section, row, number, hides=len(own))
            opened = bool(own) and (view.everything or place.key in view.opened)
            yield replace(place, open=opened) if opened else place
            if opened:
                yield from (Place(section, child, number, nested=True) for child in own)

    def _text(self, row: Row) -> str:
        """Return everything in a row that can be searched for."""
        known = self._texts.get(id(row))
        if known is None or known[0] is not row:
            different = {(cell.raw, cell.state): index for index, cell in enumerate(row.cells)}
            values = "\n".join(row.text(index) for index in different.values())
            known = self._texts[id(row)] = (row, f"{row.setting}\n{values}".casefold())
        return known[1]

    @staticmethod
    def _hit(needle: str, text: str) -> bool:
        """Tell whether a text has what is searched for."""
        return needle.casefold() in text.casefold()


def _children(section: Section) -> dict[tuple[str, str], list[Row]]:
    """Return the rows that are folded under another one, by that one."""
    found: dict[tuple[str, str], list[Row]] = {}
    settings = {(row.kind, row.setting) for row in section.rows if not row.under}
    for row in section.rows:
        if row.under:
            # The row of the product is one for all kinds.
            own = (row.kind, row.under)
            kind = row.kind if own in settings else next((k for k, name in settings if name == row.under), "")
            found.setdefault((kind, row.under), []).append(row)
    return found


def _wanted(row: Row, view: View) -> bool:
    """Tell whether a row is in view."""
    if row.verdict in (Verdict.DRIFT, Verdict.UNKNOWN) and row.severity.rank > view.least.rank:
        return view.everything
    return row.listed or view.everything


def follow(before: list[Place], index: int, after: list[Place]) -> int:
    """Return where the line that was number ``index`` is now; if it is gone, the next one that is still there."""
    if not before or not after:
        return 0
    key = before[index].key
    if index < len(after) and after[index].key == key:
        return index
    numbers = {place.key: number for number, place in enumerate(after)}
    for place in (*before[index:], *reversed(before[:index])):
        if place.key in numbers:
            return numbers[place.key]
    return 0

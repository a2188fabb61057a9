"""The detail of the line under the cursor, at the bottom of the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from parity_tui.drift.values import printable
from parity_tui.model import Severity
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.cells import Cell, CellRow, cell, fit, split, wrapped
from parity_tui.ui.view.labels import listing
from parity_tui.ui.view.row_detail import EnvironmentValue, RowDetail
from parity_tui.ui.widgets.line_widget import LineWidget


def height(screen: int, taller: bool) -> int:
    """Return how many lines the detail has on a screen of so many, its rule included; 0: there is no room.

    >>> height(13, False), height(24, False), height(40, False), height(50, False), height(24, True)
    (0, 7, 11, 13, 13)
    """
    if screen < 14:
        return 0
    return max(7, screen * 11 // 20) if taller else min(max(7, screen * 11 // 40), 13)


class Detail(LineWidget):
    """Everything there is to say of one line; fixed in height, so that the grid above keeps still."""

    def __init__(self, environments: Sequence[str], look: BoardTheme) -> None:
        super().__init__(look)
        self.environments = environments
        self.story: RowDetail | None = None
        self.where = ""
        """what stands at the right end of the rule: "3 of 48" """

    def show(self, story: RowDetail | None, where: str) -> None:
        """Show another line's detail."""
        self.story, self.where = story, where
        self.repaint()

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the rule and, below it, as much of the story as there is room for."""
        lines: list[CellRow] = [split(self._rule(width))]
        if self.story:
            lines.extend(split(part) for part in self._paragraphs(self.story, width, height - 1))
        blank = (cell("", width, self.look.palette.text),)
        return [*lines[:height], *[blank] * (height - len(lines))]

    def _rule(self, width: int) -> Cell:
        """Return the line between the grid and the detail."""
        marks, palette = self.look.marks, self.look.palette
        where = f" {self.where} {marks.rule}" if self.where else ""
        if len(where) >= width:
            where = ""
        return (
            Segment(marks.rule * (width - len(where)), palette.faint),
            *([Segment(where[:-1], palette.dim), Segment(marks.rule, palette.faint)] if where else ()),
        )

    def _paragraphs(self, story: RowDetail, width: int, room: int) -> list[Cell]:
        """Return the lines in the order in which they are read; what matters least is what is left out."""
        palette = self.look.palette
        said = story.said
        align = self._align(story, width)
        head = self._head(story, width)
        fixed = len(head) + bool(align)
        why = self._wrapped(story.why, width, min(3, max(1, room - fixed - len(said))), palette.text)
        kept = max(room - fixed - len(why), 0)
        found = [*head, *why]
        if len(said) > kept:
            found.extend(self._packed(said, width, kept))
        else:
            found.extend(
                self._said(entry, width, self._label(said, width), self._values(said, width)) for entry in said
            )
        spare = room - len(found) - bool(align)
        extra = self._wrapped(story.description, width, min(2, spare), palette.dim) if spare > 0 else []
        spare -= len(extra)
        gap = [cell("", width, palette.text)] if spare > 1 and align else []
        return [*found, *extra, *gap, *([align] if align else ())][:room]

    def _wrapped(self, text: str, width: int, lines: int, style: Style) -> list[Cell]:
        """Return a paragraph."""
        return [cell(f" {line}", width, style) for line in wrapped(self.look.marks.text(text), width - 2, lines)]

    def _head(self, story: RowDetail, width: int) -> list[Cell]:
        """Return the setting, how it counts, who is odd and since when: in one line where it fits."""
        palette, text = self.look.palette, self.look.marks.text
        style = palette.severity(story.severity) if isinstance(story.severity, Severity) else palette.dim
        parts = [(f" {text(story.title)}   ", palette.strong), (text(story.rank), style)]
        if story.who:
            parts.append((text(f" · {story.who}"), palette.text))
        since = text(f" · {story.since}") if story.since else ""
        if sum(cell_len(part) for part, _ in parts) + cell_len(since) <= width:
            return [self._pieces([*parts, (since, palette.text)], width)]
        return [self._pieces(parts, width), *self._wrapped(story.since, width, 1, palette.text)]

    def _pieces(self, parts: Sequence[tuple[str, Style]], width: int) -> Cell:
        """Return pieces of text in one line; the one that does not fit any more is cut, and ends with dots."""
        found, room = [], width
        for text, style in parts:
            size = min(cell_len(text), room)
            if size:
                found.append(Segment(fit(text, size, self.look.marks.dots), style))
            room -= size
        return (*found, Segment(" " * room, self.look.palette.text)) if room else tuple(found)

    def _label(self, said: Sequence[EnvironmentValue], width: int) -> int:
        """Return how wide the column of environments is."""
        longest = max((cell_len(self._names(entry)) for entry in said), default=0)
        return min(longest + 3, max(width // 3, 10))

    def _values(self, said: Sequence[EnvironmentValue], width: int) -> int:
        """Return how wide the column of values is: as wide as they are, unless that leaves no room for the rest."""
        longest = max((cell_len(self.look.marks.text(entry.value)) for entry in said), default=0)
        most = max(width * 2 // 5, 12) if any(entry.more for entry in said) else width - self._label(said, width)
        return min(longest + 3, most)

    def _names(self, entry: EnvironmentValue) -> str:
        """Return the names of the environments that say the same."""
        names = [printable(self.environments[index]) for index in entry.environments]
        return self.look.marks.text(listing(names) if len(names) < 4 else f"{len(names)} environments")

    def _said(self, entry: EnvironmentValue, width: int, label: int, values: int) -> Cell:
        """Return what one group of environments says: names, value, and where it comes from."""
        palette, marks = self.look.palette, self.look.marks
        style = self.look.titles[entry.environments[0]]
        name = Style(color=style.color, bold=bool(entry.odd))
        value = (
            palette.severity(self.story.severity) if entry.odd and self.story and self.story.severity else palette.text
        )
        if entry.failed:
            value = palette.critical + Style(bold=False)
        return self._pieces(
            [
                (fit(f" {self._names(entry)}", label, marks.dots), name),
                (fit(marks.text(entry.value), values - 2, marks.dots) + "  ", value),
                (marks.text(entry.more), palette.dim),
            ],
            width,
        )

    def _packed(self, said: Sequence[EnvironmentValue], width: int, lines: int) -> list[Cell]:
        """Return what everyone says in fewer lines than there are: values only, one behind the other."""
        palette, text = self.look.palette, self.look.marks.text
        found: list[list[tuple[str, Style]]] = [[]]
        used = 0
        for entry in said:
            name = f" {self._names(entry)} "
            value = text(f"{entry.value}   ")
            if used and used + cell_len(name) + cell_len(value) > width:
                found.append([])
                used = 0
            style = self.look.titles[entry.environments[0]]
            found[-1] += [(name, Style(color=style.color, bold=entry.odd)), (value, palette.text)]
            used += cell_len(name) + cell_len(value)
        return [self._pieces(parts, width) for parts in found[:lines]]

    def _align(self, story: RowDetail, width: int) -> Cell | None:
        """Return what would align an environment."""
        environment, text = story.remediation
        if not text:
            return None
        palette, marks = self.look.palette, self.look.marks
        parts = [(f" To align {marks.text(environment)}:  ", palette.dim), (marks.text(text), palette.good)]
        return self._pieces(parts, width)

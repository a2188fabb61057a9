"""The detail of the line under the cursor, below the panes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from parity_tui.drift.values import printable
from parity_tui.drift.words import listing
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.cells import Cell, CellRow, cell, fit, fit_apart, hard_wrapped, split, wrapped
from parity_tui.ui.view.difference import Difference
from parity_tui.ui.view.row_detail import EnvironmentValue, RowDetail
from parity_tui.ui.widgets.line_widget import LineWidget


class Detail(LineWidget):
    """The detail of one line; fixed in height, so that the grid above keeps still."""

    def __init__(self, environments: Sequence[str], theme: BoardTheme) -> None:
        super().__init__(theme)
        self.environments = environments
        self.detail: RowDetail | None = None
        self._cut = False
        """whether the last frame left anything out"""
        self.position = ""
        """at the right end of the rule: "3 of 48" """

    def show(self, detail: RowDetail | None, position: str) -> None:
        """Show the detail of another line."""
        self.detail, self.position = detail, position
        self.repaint()

    def frame(self, width: int, height: int) -> Sequence[CellRow]:
        """Return the rule and, below it, as much of the detail as fits."""
        self._cut = False
        parts = self._paragraphs(self.detail, width, height - 1) if self.detail else []
        lines: list[CellRow] = [split(self._rule(width)), *map(split, parts)]
        blank = (cell("", width, self.theme.palette.text),)
        return [*lines[:height], *[blank] * (height - len(lines))]

    def _rule(self, width: int) -> Cell:
        symbols, palette = self.theme.symbols, self.theme.palette
        position = f" {self.position} {symbols.rule}" if self.position else ""
        if len(position) >= width:
            position = ""
        more = " v shows the rest " if self._cut and len(position) + 24 < width else ""
        return (
            Segment(symbols.rule * (width - len(more) - len(position)), palette.faint),
            *([Segment(more, palette.info)] if more else ()),
            *([Segment(position[:-1], palette.dim), Segment(symbols.rule, palette.faint)] if position else ()),
        )

    def _paragraphs(self, detail: RowDetail, width: int, room: int) -> list[Cell]:
        """Return at most ``room`` lines in reading order; the least important ones are left out."""
        palette = self.theme.palette
        remediation = self._remediation(detail, width, max(room - 3, 1))
        head = self._head(detail, width)
        fixed = len(head) + len(remediation)
        least = min(3, max(1, room - fixed - len(detail.values)))
        values = self._values(detail, width, max(room - fixed - least, 0))
        why = self._wrapped(_why(detail), width, max(least, min(3, room - fixed - len(values))), palette.text)
        spare = room - fixed - len(why) - len(values)
        description = self._wrapped(detail.description, width, max(min(2, spare), 0), palette.dim)
        gap = [cell("", width, palette.text)] if spare - len(description) > 1 and remediation else []
        lines = [*head, *why, *values, *description, *gap, *remediation]
        self._cut = self._cut or len(lines) > room
        return lines[:room]

    def _values(self, detail: RowDetail, width: int, room: int) -> list[Cell]:
        """Return one line per value, or all in fewer lines if ``room`` is short."""
        if len(detail.values) > room:
            self._cut = True
            return self._packed(detail.values, width, room)
        names, texts = self._names_width(detail.values, width), self._texts_width(detail.values, width)
        return [self._value(value, detail, width, names, texts) for value in detail.values]

    def _wrapped(self, text: str, width: int, lines: int, style: Style) -> list[Cell]:
        symbols = self.theme.symbols
        whole = wrapped(symbols.text(text), width - 2, lines + 1, symbols.ellipsis)
        self._cut = self._cut or len(whole) > lines
        parts = whole if len(whole) <= lines else wrapped(symbols.text(text), width - 2, lines, symbols.ellipsis)
        return [cell(f" {part}", width, style) for part in parts]

    def _head(self, detail: RowDetail, width: int) -> list[Cell]:
        """Return title, status, outliers and the latest change, in one line if it fits."""
        palette, text = self.theme.palette, self.theme.symbols.text
        style = palette.severity(detail.severity) if detail.severity else palette.dim
        parts = [(f" {text(detail.title)}   ", palette.strong), (text(detail.status), style)]
        if detail.outliers:
            parts.append((text(f" · {detail.outliers}"), palette.text))
        since = text(f" · {detail.since}") if detail.since else ""
        if sum(cell_len(part) for part, _ in parts) + cell_len(since) <= width:
            return [self._line([*parts, (since, palette.text)], width)]
        return [self._line(parts, width), *self._wrapped(detail.since, width, 1, palette.text)]

    def _line(self, parts: Sequence[tuple[str, Style]], width: int) -> Cell:
        """Return pieces of text in one line; the one that does not fit is cut."""
        self._cut = self._cut or sum(cell_len(text) for text, _ in parts) > width
        segments, room = [], width
        for text, style in parts:
            size = min(cell_len(text), room)
            if size:
                segments.append(Segment(fit(text, size, self.theme.symbols.ellipsis), style))
            room -= size
        return (*segments, Segment(" " * room, self.theme.palette.text)) if room else tuple(segments)

    def _names_width(self, values: Sequence[EnvironmentValue], width: int) -> int:
        longest = max((cell_len(self._names(value)) for value in values), default=0)
        return min(longest + 3, max(width // 3, 10))

    def _texts_width(self, values: Sequence[EnvironmentValue], width: int) -> int:
        """Return the width of the column of values, which leaves room for the notes."""
        longest = max((cell_len(self.theme.symbols.text(value.text)) for value in values), default=0)
        noted = any(value.note for value in values)
        most = max(width * 2 // 5, 12) if noted else width - self._names_width(values, width)
        return min(longest + 3, most)

    def _names(self, value: EnvironmentValue) -> str:
        names = [printable(self.environments[index]) for index in value.environments]
        return self.theme.symbols.text(listing(names) if len(names) < 4 else f"{len(names)} environments")

    def _value(self, value: EnvironmentValue, detail: RowDetail, width: int, names: int, texts: int) -> Cell:
        """Return environments, value and note in columns of ``names`` and ``texts`` cells and the rest."""
        palette, symbols = self.theme.palette, self.theme.symbols
        style = palette.severity(detail.severity) if value.outlier and detail.severity else palette.text
        text, room = symbols.text(value.text), texts - 2
        if cell_len(text) > room:
            self._cut = True
            text = symbols.text(value.changed) or text
        if value.failed:
            style = palette.critical + Style(bold=False)
        return self._line(
            [
                (fit_apart(f" {self._names(value)}", names, symbols.ellipsis), self._title(value)),
                (Difference(detail.start).fit(text, room, symbols.ellipsis) + "  ", style),
                (symbols.text(value.note), palette.dim),
            ],
            width,
        )

    def _title(self, value: EnvironmentValue) -> Style:
        return Style(color=self.theme.titles[value.environments[0]].color, bold=value.outlier)

    def _packed(self, values: Sequence[EnvironmentValue], width: int, lines: int) -> list[Cell]:
        """Return names and values one behind the other, without notes, in at most ``lines`` lines."""
        palette, text = self.theme.palette, self.theme.symbols.text
        packed: list[list[tuple[str, Style]]] = [[]]
        used = 0
        for value in values:
            name, shown = f" {self._names(value)} ", text(f"{value.text}   ")
            size = cell_len(name) + cell_len(shown)
            if used and used + size > width:
                packed.append([])
                used = 0
            packed[-1] += [(name, self._title(value)), (shown, palette.text)]
            used += size
        return [self._line(parts, width) for parts in packed[:lines]]

    def _remediation(self, detail: RowDetail, width: int, lines: int) -> list[Cell]:
        """Return the text that aligns an environment: behind its title, or whole on lines of its own."""
        environment, text = map(self.theme.symbols.text, detail.remediation)
        if not text:
            return []
        palette = self.theme.palette
        title = f" Run this to fix {environment}:"
        if cell_len(title) + cell_len(text) + 2 < width:
            return [self._line([(f"{title}  ", palette.dim), (text, palette.good)], width)]
        parts = hard_wrapped(text, width)
        if len(parts) >= lines:
            self._cut = True
            return [self._line([(f"{title}  ", palette.dim), (text, palette.good)], width)]
        return [
            cell(title, width, palette.dim, self.theme.symbols.ellipsis),
            *(cell(part, width, palette.good) for part in parts),
        ]


def _why(detail: RowDetail) -> str:
    """Return why the row matters, with the settings that a blind spot stands for."""
    return f"{detail.why}  {', '.join(detail.members)}." if detail.members else detail.why

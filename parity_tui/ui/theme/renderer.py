"""One line of the board as cells: the titles, a section, a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from parity_tui.drift.board import Board, Section
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Outcome, Severity, State, Verdict
from parity_tui.ui.theme.palette import Palette, over
from parity_tui.ui.theme.symbols import Symbols
from parity_tui.ui.view import labels
from parity_tui.ui.view.cells import Cell, CellRow, cell, fit, fit_middle
from parity_tui.ui.view.columns import Columns
from parity_tui.ui.view.visible_rows import VisibleLine

Fresh = Callable[[str, str, str], bool]
"""(service, setting, environment) -> whether the value has just changed"""


class BoardTheme(Struct, frozen=True):
    """How everything looks: colours and characters."""

    palette: Palette
    marks: Symbols
    titles: tuple[Style, ...]
    """of the environments"""


class LineRenderer(Struct, frozen=True):
    """Everything that the lines of one frame have in common."""

    look: BoardTheme
    columns: Columns
    environments: tuple[str, ...]
    now: float
    """seconds since the epoch, for ages"""
    fresh: Fresh

    def titles(self, board: Board, hidden: int) -> CellRow:
        """Return the line with the environments' names and states."""
        columns, palette = self.columns, self.look.palette
        parts = []
        if columns.before or columns.after:
            first = columns.before + 1
            total = columns.before + len(columns.panes) + columns.after
            parts.append(f"‹ {first}–{first + len(columns.panes) - 1} of {total} ›")
        if hidden:
            parts.append(f"{hidden} hidden")
        words_ = self.look.marks.text("  ".join(parts))
        found: list[Cell] = [cell(f" {words_}", columns.name, palette.dim + palette.bar)]
        for index, width in zip(columns.panes, columns.widths, strict=True):
            outcomes = [section.outcomes[index] for section in board.sections]
            mark, state = self._state([outcome for outcome in outcomes if outcome])
            if not state and board.policy.baseline == self.environments[index]:
                state = "baseline"
            found.append(self._title(index, width, mark, state))
        return tuple(found)

    def _title(self, index: int, width: int, mark: str, state: str) -> Cell:
        """Return one environment's title: mark, name, and the state in words where there is room."""
        style = self.look.titles[index]
        plain = style + Style(bold=False)
        room = width - 1
        name = f" {mark} {self.look.marks.text(printable(self.environments[index]))} "
        left = room - cell_len(state) - 1
        if not state or left < min(cell_len(name), 12):
            text, state = fit(name, room, self.look.marks.dots), ""
        else:
            text = fit(name, left, self.look.marks.dots)
        bar = self._bar(None, style)
        return (bar, Segment(text, style), *([Segment(f"{state} ", plain)] if state else ()))

    def _state(self, outcomes: Sequence[Outcome]) -> tuple[str, str]:
        """Return an environment's state as a mark and in words, "" for one that is simply live."""
        marks = self.look.marks
        failed = sum(outcome.failure is not None for outcome in outcomes)
        pending = sum(outcome.pending for outcome in outcomes)
        stale = [outcome.at for outcome in outcomes if outcome.stale]
        if failed and failed == len(outcomes):
            return (marks.stale, self._age(min(stale))) if stale else (marks.failed, "failed")
        if pending == len(outcomes):
            return marks.reading, marks.text("reading…") if outcomes else "nothing here"
        if failed:
            return marks.live, f"{failed} failed"
        return marks.reading if pending else marks.live, ""

    def _age(self, at: float) -> str:
        """Return how old values are."""
        return f"{labels.age(max(self.now - at, 0))} old"

    def section(self, place: VisibleLine, ground: Style | None, current: int | None) -> CellRow:
        """Return the line of a section: its name and count, and what each environment has there."""
        look, section, palette = self.look, place.section, self.look.palette
        ground = ground or palette.bar
        mark = look.marks.opened if place.open else look.marks.folded
        badge, style = self._badge(section)
        room = self.columns.name - cell_len(badge) - 1
        name = fit(f" {mark} {look.marks.text(printable(section.service))}", room, look.marks.dots)
        found: list[Cell] = [
            (
                Segment(name, over(palette.strong, ground)),
                Segment(badge, over(style, ground)),
                Segment(" ", over(palette.text, ground)),
            )
        ]
        for index, width in zip(self.columns.panes, self.columns.widths, strict=True):
            behind = palette.current if index == current else ground
            found.append(self._product(section.outcomes[index], index, width, behind, ground))
        return tuple(found)

    def _badge(self, section: Section) -> tuple[str, Style]:
        """Return the worst mark and the count of a section, "=" where all that was compared is the same."""
        marks, palette = self.look.marks, self.look.palette
        counts = section.rows.counts
        if counts.worst:
            return f"{marks.severity(counts.worst)} {counts.drift}", palette.severity(counts.worst)
        if counts.unknown or any(outcome and outcome.failure for outcome in section.outcomes):
            return marks.unknown, palette.warning
        if any(outcome and outcome.pending for outcome in section.outcomes):
            return marks.reading, palette.dim
        if counts.expected:
            return marks.expected, palette.dim
        return (marks.same, palette.good) if section.rows.compared else ("", palette.dim)

    def _product(
        self, outcome: Outcome | None, index: int, width: int, behind: Style | None, ground: Style | None
    ) -> Cell:
        """Return what an environment has for a service: product and version, or in words why that is not known."""
        marks, palette = self.look.marks, self.look.palette
        left, right, style = "", "", palette.text
        if outcome is None:
            left, style = "not configured", palette.dim
        elif outcome.pending:
            left, style = marks.text("reading…"), palette.dim
        elif outcome.reading is None:
            left, style = (
                f"{marks.failed} {marks.text(printable(labels.failure(outcome)))}",
                palette.critical + Style(bold=False),
            )
        else:
            left = marks.text(printable(f"{outcome.reading.product} {outcome.reading.version}".strip()))
            dead = sum(node.failure is not None for node in outcome.nodes)
            if dead and not outcome.failure:
                right = f"{dead} of {len(outcome.nodes)} dead"
            if outcome.failure:
                left, right, style = f"{marks.stale} {left}", self._age(outcome.at), palette.dim
        room = width - 3
        if right and room - cell_len(right) - 1 >= 8:
            text = fit(left, room - cell_len(right) - 1, marks.dots) + " " + right
        else:
            text = fit(left, room, marks.dots)
        return (self._bar(ground), Segment(f" {text} ", over(style, behind)))

    def row(self, place: VisibleLine, row: Row, ground: Style | None, current: int | None) -> CellRow:
        """Return the line of a setting: its mark and name, and every environment's value."""
        found: list[Cell] = [self._name(place, row, ground)]
        for index, width in zip(self.columns.panes, self.columns.widths, strict=True):
            behind = self.look.palette.current if index == current else ground
            found.append(self._value(row, index, width, behind, ground))
        return tuple(found)

    def _name(self, place: VisibleLine, row: Row, ground: Style | None) -> Cell:
        """Return the mark and the name of a row."""
        marks, palette = self.look.marks, self.look.palette
        quiet = row.verdict in (Verdict.SAME, Verdict.IGNORED, Verdict.EXPECTED)
        drift = row.verdict is Verdict.DRIFT
        blind = row.verdict is Verdict.UNKNOWN and row.listed
        mark_style = palette.severity(row.severity) if drift else palette.warning if blind else palette.dim
        style = palette.dim if quiet or not row.listed else palette.text
        indent = "  " if place.nested else ""
        more = ""
        if place.hides:
            more = f"{marks.opened if place.open else marks.folded}{place.hides} "
        room = self.columns.name - 5 - len(indent) - len(more)
        name = fit_middle(marks.text(printable(row.setting)), room - 1, marks.dots)
        return (
            Segment(f"   {indent}", over(palette.text, ground)),
            Segment(f"{marks.of(row)} ", over(mark_style, ground)),
            Segment(f"{name} ", over(style, ground)),
            *([Segment(more, over(palette.dim, ground))] if more else ()),
        )

    def _value(self, row: Row, index: int, width: int, behind: Style | None, ground: Style | None) -> Cell:
        """Return one environment's value."""
        marks, palette = self.look.marks, self.look.palette
        environment = self.environments[index]
        text, style = self._said(row, index)
        odd = environment in row.odd and row.verdict in (Verdict.DRIFT, Verdict.EXPECTED)
        if odd and row.verdict is Verdict.DRIFT:
            style = palette.severity(row.severity)
        mark = marks.odd if odd else " "
        room = width - 5
        if self.fresh(row.service, row.setting, environment):
            behind, style = palette.moved, palette.moved
        text = fit(marks.text(text), room, marks.dots)
        return (self._bar(ground), Segment(f" {text} {mark} ", over(style, behind)))

    def _said(self, row: Row, index: int) -> tuple[str, Style]:
        """Return what is shown for a value, and how."""
        palette = self.look.palette
        fact = row.cells[index] if row.cells else None
        if fact is None or fact.state is State.ABSENT:
            return "–", palette.dim
        text = row.text(index)
        match fact.state:
            case State.UNKNOWN:
                return text or self.look.marks.unknown, palette.dim
            case State.HIDDEN:
                return f"{self.look.marks.unknown} hidden", palette.dim
            case State.SECRET:
                return text, palette.dim
        quiet = row.verdict in (Verdict.EXPECTED, Verdict.SAME, Verdict.IGNORED) or row.severity is Severity.IGNORED
        return text, palette.dim if quiet else palette.text

    def _bar(self, ground: Style | None, behind: Style | None = None) -> Segment:
        """Return the thin line in front of a pane."""
        style = self.look.palette.faint
        return Segment(self.look.marks.bar, over(style, ground))

    def empty(self) -> CellRow:
        """Return a line below the last one: the panes go on. One style, so that it is few bytes."""
        style, bar = self.look.palette.faint, self.look.marks.bar
        return tuple(
            cell(text, width, style)
            for text, width in zip(
                ("", *bar * len(self.columns.widths)), (self.columns.name, *self.columns.widths), strict=True
            )
        )

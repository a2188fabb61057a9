"""Draws one line of the board as cells: the titles, a section, a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from parity_tui.drift.board import Board
from parity_tui.drift.mark_counts import MarkCounts
from parity_tui.drift.parity import section_proved, unread
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Outcome, Severity, State, Verdict
from parity_tui.report.symbols import Symbols
from parity_tui.ui.theme.palette import Palette, over
from parity_tui.ui.view import labels
from parity_tui.ui.view.cells import Cell, CellRow, cell, fit, fit_apart, fit_middle
from parity_tui.ui.view.difference import NO_DIFFERENCE, Difference, difference_of
from parity_tui.ui.view.pane_state import state_of
from parity_tui.ui.view.panes import Columns
from parity_tui.ui.view.visible_lines import VisibleLine

IsHighlighted = Callable[[str, str, str], bool]
"""(service, setting, environment) -> whether the value has just changed"""

_PRODUCT_LEAST = 6
"""cells of a product's name that lesser counts leave to it"""
_NAME, _AGED_NAME = 12, 7
"""cells of an environment's name, with its symbol, that its state leaves to it; an age is never left out for it"""
_QUIET = (Verdict.SAME, Verdict.IGNORED, Verdict.EXPECTED)
_NOT_BOLD = Style(bold=False)


def _fit_product(product: str, version: str, room: int, ellipsis: str) -> str:
    """Return product and version in exactly ``room`` cells; the product's name is cut, or left out, first.

    >>> [_fit_product("PostgreSQL", "16.14", room, "…") for room in (18, 13, 8, 4)]
    ['PostgreSQL 16.14  ', 'Postgr… 16.14', '16.14   ', '16.…']
    """
    left = room - cell_len(version) - 1
    if not version or left >= cell_len(product):
        return fit(f"{product} {version}".rstrip(), room, ellipsis)
    return fit(f"{fit(product, left, ellipsis)} {version}" if left >= 3 else version, room, ellipsis)


class BoardTheme(Struct, frozen=True):
    """Colours and characters of the whole board."""

    palette: Palette
    symbols: Symbols
    titles: tuple[Style, ...]
    """of the environments"""


class LineRenderer(Struct, frozen=True):
    """Draws the lines of one frame.

    ``background`` is the style beneath a line, None for the screen's own; ``current`` the index of the pane with the
    cursor, None on lines without it.
    """

    theme: BoardTheme
    columns: Columns
    environments: tuple[str, ...]
    now: float
    """seconds since the epoch, for ages"""
    is_highlighted: IsHighlighted
    baseline: int | None = None
    """index of the environment that the others are compared with"""
    letters: Mapping[str, str] = {}
    """grades by environment"""
    is_read: bool = True
    """whether servers are being read: if not, every value grows old"""

    def titles(self, board: Board, hidden: int) -> CellRow:
        """Return the line with the names and states of the environments; ``hidden`` counts hidden panes."""
        palette = self.theme.palette
        scrolled, style = f" {self._scrolled(hidden)}", palette.dim + palette.bar
        cells: list[Cell] = [cell(scrolled, self.columns.name, style, self.theme.symbols.ellipsis)]
        for index, width in zip(self.columns.panes, self.columns.widths, strict=True):
            outcomes = [section.outcomes[index] for section in board.sections]
            known = [outcome for outcome in outcomes if outcome]
            symbol, state = state_of(known, self.theme.symbols, self.now, self.is_read)
            least = _AGED_NAME if symbol == self.theme.symbols.stale else _NAME
            if not state and board.policy.baseline == self.environments[index]:
                state = "baseline"
            cells.append(self._title(index, width, symbol, state, least))
        return tuple(cells)

    def _scrolled(self, hidden: int) -> str:
        columns, parts = self.columns, []
        if columns.before or columns.after:
            first = columns.before + 1
            total = columns.before + len(columns.panes) + columns.after
            parts.append(f"‹ {first}–{first + len(columns.panes) - 1} of {total} ›")
        if hidden:
            parts.append(f"{hidden} hidden")
        return self.theme.symbols.text("  ".join(parts))

    def _title(self, index: int, width: int, symbol: str, state: str, least: int) -> Cell:
        """Return the head of a pane; the state is left out where the name would have less than ``least`` cells."""
        style, symbols = self.theme.titles[index], self.theme.symbols
        letter = self.letters.get(self.environments[index], "")
        room = width - 1 - (len(letter) + 1 if letter else 0)
        name = f" {symbol} {symbols.text(printable(self.environments[index]))} "
        if symbol == symbols.stale and room - cell_len(state) - 1 < cell_len(name):
            state = labels.short_age(state)
        left = room - cell_len(state) - 1
        if not state or left < min(cell_len(name), least):
            text, state = fit(name, room, symbols.ellipsis), ""
        else:
            text = fit_apart(name.rstrip(), left, symbols.ellipsis)
        parts = [Segment(text, style), *([Segment(f"{state} ", style + _NOT_BOLD)] if state else ())]
        if letter:
            parts.append(Segment(f"{letter} ", over(self._letter_style(letter), style)))
        return (self._bar(None), *parts)

    def _letter_style(self, letter: str) -> Style:
        palette = self.theme.palette
        return {"A": palette.good, "B": palette.warning, "?": palette.warning}.get(letter[0], palette.critical)

    def _age(self, at: float) -> str:
        return labels.age(max(self.now - at, 0))

    def section(self, line: VisibleLine, background: Style | None, current: int | None) -> CellRow:
        """Return the line of a section: name, count, and the product of each environment."""
        section, palette, symbols = line.section, self.theme.palette, self.theme.symbols
        background = background or palette.bar
        badge, style = self._badge(line)
        fold = symbols.unfolded if line.open else symbols.folded
        room = self.columns.name - cell_len(badge) - 1
        name = fit_apart(f" {fold} {symbols.text(printable(section.service))}", room, symbols.ellipsis)
        cells: list[Cell] = [
            (
                Segment(name, over(palette.strong, background)),
                Segment(badge, over(style, background)),
                Segment(" ", over(palette.text, background)),
            )
        ]
        for index, width in zip(self.columns.panes, self.columns.widths, strict=True):
            beneath = palette.current if index == current else background
            counts = line.counts.get(self.environments[index], {})
            parts = self._target(section.outcomes[index], counts, width - 3)
            blank = Segment(" ", over(palette.text, beneath))
            pieces = (Segment(text, over(style, beneath)) for text, style in parts if text)
            cells.append((self._bar(background), blank, *pieces, blank))
        return tuple(cells)

    def _badge(self, line: VisibleLine) -> tuple[str, Style]:
        """Return the worst symbol of a section with its own count, "=" if parity is proved."""
        symbols, palette = self.theme.symbols, self.theme.palette
        section = line.section
        counts = section.rows.counts
        if unread(section):
            return symbols.failed, palette.critical
        if counts.worst:
            count = getattr(counts, counts.worst.value)
            return f"{symbols.severity(counts.worst)}{count}", palette.severity(counts.worst)
        if counts.unknown:
            return f"{symbols.unknown}{counts.unknown}", palette.warning
        if any(outcome and outcome.pending for outcome in section.outcomes):
            return symbols.reading, palette.dim
        if counts.expected:
            return symbols.expected, palette.dim
        return (symbols.same, palette.good) if section_proved(section) else ("", palette.dim)

    def _target(self, outcome: Outcome | None, counts: MarkCounts, room: int) -> list[tuple[str, Style]]:
        """Return product, version and counts of a target, or why they are unknown, in exactly ``room`` cells."""
        symbols, palette = self.theme.symbols, self.theme.palette
        if outcome is None:
            return [(fit("not configured", room, symbols.ellipsis), palette.dim)]
        if outcome.pending:
            return [(fit(symbols.text("reading…"), room, symbols.ellipsis), palette.dim)]
        if outcome.failed_since:
            return [(self._outage(outcome, room), palette.critical + _NOT_BOLD)]
        if outcome.reading is None:
            text = f"{symbols.failed} {symbols.text(printable(labels.failure(outcome)))}"
            return [(fit(text, room, symbols.ellipsis), palette.critical + _NOT_BOLD)]
        product = symbols.text(printable(outcome.reading.product))
        version = symbols.text(printable(outcome.reading.version))
        dead = sum(node.failure is not None for node in outcome.nodes)
        if outcome.failure:
            right, style = [(self._age(outcome.at), palette.dim)], palette.dim
            parts = self._spread(product, version, style, right, room - 2)
            return [(f"{symbols.stale} ", style), *parts]
        right = [(f"{dead} of {len(outcome.nodes)} dead", palette.critical + _NOT_BOLD)] if dead else []
        right += [(f"{getattr(symbols, name)}{count}", self._style(name)) for name, count in counts.items()]
        return self._spread(product, version, palette.text, right, room)

    def _style(self, mark: str) -> Style:
        return self.theme.palette.warning if mark == "unknown" else self.theme.palette.severity(Severity(mark))

    def _spread(
        self, product: str, version: str, style: Style, right: Sequence[tuple[str, Style]], room: int
    ) -> list[tuple[str, Style]]:
        """Return product and version, and at the right as many counts as leave room for them."""
        kept: list[tuple[str, Style]] = []
        least = cell_len(version) + min(cell_len(product), _PRODUCT_LEAST) + 2
        used = 0
        for number, (text, count_style) in enumerate(right):
            size = cell_len(text) + 1
            # The first one, which is the worst, takes the place of the product's name.
            if used + size > room - (cell_len(version) if not number else least):
                break
            kept += [(" ", style), (text, count_style)]
            used += size
        name = _fit_product(product, version, room - used, self.theme.symbols.ellipsis)
        return [(name, style), *kept]

    def _outage(self, outcome: Outcome, room: int) -> str:
        """Return why and since when a target fails, and its last release, as far as ``room`` cells suffice."""
        symbols, reading = self.theme.symbols, outcome.reading
        reason = outcome.failure.reason if outcome.failure else ""
        since = f", {labels.age(max(self.now - outcome.failed_since, 0))}"
        release = f"   {reading.product} {reading.version}".rstrip() if reading else ""
        message = labels.failure(outcome)
        texts = (f"{message}{since}{release}", f"{message}{since}", f"{reason}{since}{release}", f"{reason}{since}")
        shown = [symbols.text(printable(text)) for text in (*texts, reason)]
        text = next((text for text in shown if cell_len(text) <= room - 2), shown[-1])
        return fit(f"{symbols.failed} {text}", room, symbols.ellipsis)

    def row(self, line: VisibleLine, row: Row, background: Style | None, current: int | None) -> CellRow:
        """Return the line of a setting: symbol, name, and the value of each environment."""
        cells: list[Cell] = [self._name(line, row, background)]
        room = min(self.columns.widths, default=0) - 5
        is_cut = any(len(row.text(index)) > room for index in self.columns.panes if index < len(row.cells))
        difference = difference_of(row, self.baseline) if is_cut else NO_DIFFERENCE
        for index, width in zip(self.columns.panes, self.columns.widths, strict=True):
            beneath = self.theme.palette.current if index == current else background
            cells.append((self._bar(background), self._value(row, index, width, beneath, difference)))
        return tuple(cells)

    def _name(self, line: VisibleLine, row: Row, background: Style | None) -> Cell:
        symbols, palette = self.theme.symbols, self.theme.palette
        blind = row.verdict is Verdict.UNKNOWN and row.listed
        symbol_style = palette.warning if blind else palette.dim
        if row.verdict is Verdict.DRIFT:
            symbol_style = palette.severity(row.severity)
        style = palette.dim if row.verdict in _QUIET or not row.listed else palette.text
        indent = "  " if line.nested else ""
        more = ""
        if line.explained:
            more = f"{symbols.unfolded if line.open else symbols.folded}{line.explained} "
        room = self.columns.name - 5 - len(indent) - len(more)
        name = fit_middle(symbols.text(printable(row.setting)), room - 1, symbols.ellipsis)
        symbol = symbols.row(row)  # right-aligned: an ASCII symbol may take two cells
        return (
            Segment(f"{'':{4 - len(symbol)}}{indent}", over(palette.text, background)),
            Segment(f"{symbol} ", over(symbol_style, background)),
            Segment(f"{name} ", over(style, background)),
            *([Segment(more, over(palette.dim, background))] if more else ()),
        )

    def _value(self, row: Row, index: int, width: int, beneath: Style | None, difference: Difference) -> Segment:
        symbols, palette = self.theme.symbols, self.theme.palette
        environment = self.environments[index]
        text, style = self._text(row, index)
        outlier = environment in row.odd and row.verdict in (Verdict.DRIFT, Verdict.EXPECTED)
        if outlier and row.verdict is Verdict.DRIFT:
            style = palette.severity(row.severity)
        if self.is_highlighted(row.service, row.setting, environment):
            beneath, style = palette.changed, palette.changed
        text = difference.fit(symbols.text(text), width - 5, symbols.ellipsis)
        return Segment(f" {text} {symbols.outlier if outlier else '':<2}", over(style, beneath))

    def _text(self, row: Row, index: int) -> tuple[str, Style]:
        """Return the shown text of a value and its style."""
        symbols, palette = self.theme.symbols, self.theme.palette
        fact = row.cells[index] if row.cells else None
        if fact is None or fact.state is State.ABSENT:
            return symbols.absent, palette.dim
        text = row.text(index)
        match fact.state:
            case State.UNKNOWN:
                return text or symbols.unknown, palette.dim
            case State.HIDDEN:
                return f"{symbols.unknown} hidden", palette.dim
            case State.SECRET:
                return text, palette.dim
        quiet = row.verdict in _QUIET or row.severity is Severity.IGNORED
        return text, palette.dim if quiet else palette.text

    def _bar(self, background: Style | None) -> Segment:
        return Segment(self.theme.symbols.bar, over(self.theme.palette.faint, background))

    def empty(self) -> CellRow:
        """Return a line below the last one: only the bars of the panes, in one style to save bytes."""
        style, bar = self.theme.palette.faint, self.theme.symbols.bar
        return (
            cell("", self.columns.name, style),
            *(cell(bar, width, style) for width in self.columns.widths),
        )

"""A board as text for a terminal: a table if it fits, else one value per line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from parity_tui.drift.board import Board, Section
from parity_tui.drift.grades import grades_of
from parity_tui.drift.parity import section_proved
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Verdict
from parity_tui.report import (
    Changes,
    agreement,
    conclusion,
    headline,
    left_out,
    name_of,
    rows,
    since_of,
    state_of,
    value_of,
    why_of,
)
from parity_tui.report.symbols import ONE_CELL, UNICODE, report_ascii

_NARROWEST = 15
"""cells of a column below which values go one below the other"""
_BOLD, _DIM = "1", "2"

COLOURS = {"critical": "1;31", "warning": "33", "info": "36", "expected": "32", "unknown": "35"}
"""SGR codes by severity or verdict"""


class Style(Struct, frozen=True):
    """The terminal that a report is printed on."""

    width: int = 80
    """cells"""
    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, code: str) -> str:
        """Return the text wrapped in an SGR code, unchanged without colours."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text


def to_text(
    board: Board, style: Style, *, everything: bool = False, changes: Changes | None = None, origin: str = ""
) -> str:
    """Return the report of a board.

    Args:
        board: the board.
        style: the terminal.
        everything: also rows that agree.
        changes: since when rows differ.
        origin: when the report was taken, and from which configuration.
    """
    lines = list(_heading(board, style))
    lines += (style.paint(line, _DIM) for line in textwrap.wrap(origin, style.width))
    for section in board.sections:
        lines += ["", *_section(board, section, style, everything, changes or {})]
    if board.left_out:
        sentences = (f"{UNICODE.unknown} {sentence}" for sentence in left_out(board))
        lines += ["", *(line for sentence in sentences for line in textwrap.wrap(sentence, style.width))]
    lines += ["", *(style.paint(line, _BOLD) for line in textwrap.wrap(conclusion(board), style.width))]
    return plain("\n".join(line.rstrip() for line in lines), style)


def plain(text: str, style: Style) -> str:
    """Return the text, in ASCII if the style has no Unicode."""
    return text if style.unicode else report_ascii(text)


def _heading(board: Board, style: Style) -> Iterator[str]:
    for line in textwrap.wrap(f"{', '.join(board.environments)}: {headline(board)}", style.width):
        yield style.paint(line, _BOLD)
    grades = grades_of(board).environments
    room = max((width(printable(name)) for name in grades), default=0)
    for name, grade in grades.items():
        head = f"{_pad(printable(name), room)}  {grade.letter:<2}  "
        expected = f"({grade.expected} expected) " if grade.expected else ""
        indent = " " * min(width(head), style.width // 2)
        yield from textwrap.wrap(f"{head}{expected}{grade.reason}", style.width, subsequent_indent=indent,
                                 drop_whitespace=True)  # fmt: skip


def _section(board: Board, section: Section, style: Style, everything: bool, changes: Changes) -> Iterator[str]:
    chosen = tuple(rows(section, everything))
    name_width = min(max([len(section.service), *(width(name_of(row)) + 2 for row in chosen)]), style.width * 3 // 10)
    column = (style.width - name_width) // max(len(board.environments), 1) - 2
    columns = [name_width, *[column] * len(board.environments)]
    if column >= _NARROWEST:
        yield style.paint(_join([section.service, *board.environments], columns), _BOLD)
        yield from _cells(["", *map(state_of, section.outcomes)], columns, style)
    else:
        yield style.paint(section.service, _BOLD)
        yield from _grouped(board, [state_of(outcome) for outcome in section.outcomes], (), style)
    for row in chosen:
        yield from _row(board, row, columns if column >= _NARROWEST else None, style)
        for text in (since_of(row, changes), ", ".join(map(printable, row.members)) if everything else ""):
            yield from _indented(text, style, break_on_hyphens=not row.members)
    if not any(row.listed for row in section.rows):
        symbol = UNICODE.same if section_proved(section) else UNICODE.unknown
        yield style.paint(f"{symbol} {agreement(section)}", _DIM)


def _row(board: Board, row: Row, columns: Sequence[int] | None, style: Style) -> Iterator[str]:
    status = row.severity.value if row.verdict is Verdict.DRIFT else row.verdict.value
    label, colour = f"{UNICODE.row(row)} {name_of(row)}", COLOURS.get(status, "")
    odd = set(row.odd)
    mark = f" {UNICODE.outlier}"
    values = [value_of(row, index) + mark * (name in odd) for index, name in enumerate(board.environments)]
    if columns is None:
        yield style.paint(label, colour)
        yield from _grouped(board, values, odd, style)
    else:
        bold = {index + 1 for index, name in enumerate(board.environments) if name in odd}
        if width(label) > columns[0]:  # a long name is not broken: its values go on the next line
            yield style.paint(label, colour)
            label = ""
        yield from _cells([label, *values], columns, style, bold, colour)
    for text in _explanations(row):
        yield from _indented(text, style, break_on_hyphens=not row.members)


def _indented(text: str, style: Style, *, break_on_hyphens: bool) -> Iterator[str]:
    for line in textwrap.wrap(text, style.width - 4, break_on_hyphens=break_on_hyphens):
        yield style.paint(f"    {line}", _DIM)


def _explanations(row: Row) -> Iterable[str]:
    if row.verdict is Verdict.SAME:
        return ()
    if row.verdict in (Verdict.IGNORED, Verdict.UNKNOWN):
        return filter(None, (printable(row.note),))
    return why_of(row)


def _grouped(board: Board, values: Sequence[str], odd: Iterable[str], style: Style) -> Iterator[str]:
    """Yield one line for each different value, with the environments that have it."""
    holders: dict[str, list[str]] = {}
    for environment, value in zip(board.environments, values, strict=True):
        holders.setdefault(value, []).append(environment)
    for value, names in holders.items():
        for at, line in enumerate(_wrap(f"{', '.join(names)}: {value}", style.width - 6)):
            yield style.paint(f"{'      ' if at else '    '}{line}", _BOLD if set(names) & set(odd) else "")


def _cells(
    texts: Sequence[str], columns: Sequence[int], style: Style, bold: Iterable[int] = (), colour: str = ""
) -> Iterator[str]:
    """Yield the lines of a table row: long text continues below, in its column."""
    bold = set(bold)
    wrapped = [_wrap(text, size) or [""] for text, size in zip(texts, columns, strict=True)]
    for line in range(max(map(len, wrapped))):
        parts = [lines[line] if line < len(lines) else "" for lines in wrapped]
        painted = [
            style.paint(_pad(part, size), colour if index == 0 else _BOLD if index in bold else "")
            for index, (part, size) in enumerate(zip(parts, columns, strict=True))
        ]
        yield "  ".join(painted)


def _join(texts: Sequence[str], columns: Sequence[int]) -> str:
    return "  ".join(_pad(text, size) for text, size in zip(texts, columns, strict=True))


def _wrap(text: str, size: int) -> list[str]:
    """Return the text in lines of at most ``size`` cells; continued lines of a name are indented."""
    lines: list[str] = []
    for line in textwrap.wrap(text, size, subsequent_indent="  " if text[1:2] == " " else "") or [""]:
        rest = line
        while width(rest) > size:  # wide characters take two cells
            cut = size // 2
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
    return lines


def _pad(text: str, size: int) -> str:
    return text + " " * (size - width(text))


def width(text: str) -> int:
    """Return the number of terminal cells that a text takes.

    >>> width("abc"), width("日本")
    (3, 4)
    """
    if text.isascii() or text.translate(ONE_CELL).isascii():
        return len(text)
    from wcwidth import wcswidth  # imported late: its tables take 40 ms, and most texts never need them

    return max(wcswidth(text), 0)

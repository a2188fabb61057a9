"""A board as text for a terminal: columns where they fit, one value below the other where they do not."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from parity_tui.drift.board import Board, Section
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Verdict
from parity_tui.report import agreement, compared, conclusion, headline, name_of, rows, state_of, value_of, why_of

_NARROWEST = 15
"""cells of a column below which the values go one below the other"""

_MARKS = {"critical": "‼", "warning": "!", "info": "·", "expected": "~", "unknown": "?", "same": "=", "ignored": " "}
_ASCII = {"‼": "!!", "·": ".", "◆": "<>", "✓": "+", "✗": "x", "–": "-", "•••": "***", "…": "..", "—": "-"}
_OWN = str.maketrans("", "", "".join(filter(lambda mark: not mark.isascii(), "".join((*_MARKS.values(), *_ASCII)))))
"""takes our own marks out of a text: each is one cell wide"""
_COLOURS = {"critical": "1;31", "warning": "33", "info": "36", "expected": "32", "unknown": "35"}


class Style(Struct, frozen=True):
    """What the terminal can show."""

    width: int = 80
    """cells"""
    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, code: str) -> str:
        """Return the text in a colour, where there are colours."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text


def to_text(board: Board, style: Style, *, everything: bool = False) -> str:
    """Return the report."""
    lines = [*_heading(board, style)]
    for section in board.sections:
        lines += ["", *_section(board, section, style, everything)]
    lines += ["", *(style.paint(line, "1") for line in textwrap.wrap(conclusion(board), style.width))]
    return plain("\n".join(line.rstrip() for line in lines), style)


def plain(text: str, style: Style) -> str:
    """Return the text in ASCII, where the terminal shows nothing else."""
    if style.unicode:
        return text
    for mark, instead in _ASCII.items():
        text = text.replace(mark, instead)
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _heading(board: Board, style: Style) -> Iterator[str]:
    """Yield who is compared."""
    for line in textwrap.wrap(f"{', '.join(board.environments)}: {headline(board)}", style.width):
        yield style.paint(line, "1")


def _section(board: Board, section: Section, style: Style, everything: bool) -> Iterator[str]:
    """Yield the lines of one service."""
    chosen = tuple(rows(section, everything))
    name_width = min(max([len(section.service), *(width(name_of(row)) + 2 for row in chosen)]), style.width * 3 // 10)
    column = (style.width - name_width) // max(len(board.environments), 1) - 2
    columns = [name_width, *[column] * len(board.environments)]
    if column >= _NARROWEST:
        yield style.paint(_join([section.service, *board.environments], columns), "1")
        yield from _cells(["", *map(state_of, section.outcomes)], columns, style)
    else:
        yield style.paint(section.service, "1")
        yield from _grouped(board, [state_of(outcome) for outcome in section.outcomes], (), style)
    for row in chosen:
        yield from _row(board, row, columns if column >= _NARROWEST else None, style)
    if not any(row.listed for row in section.rows):
        yield style.paint(f"{'=' if compared(section) else '?'} {agreement(section)}", "2")


def _row(board: Board, row: Row, columns: Sequence[int] | None, style: Style) -> Iterator[str]:
    """Yield a row, and why it matters."""
    status = row.severity.value if row.verdict is Verdict.DRIFT else row.verdict.value
    label = f"{_MARKS[status]} {name_of(row)}"
    odd = set(row.odd)
    values = [f"{value_of(row, index)}{' ◆' if name in odd else ''}" for index, name in enumerate(board.environments)]
    if columns is None:
        yield style.paint(label, _COLOURS.get(status, ""))
        yield from _grouped(board, values, odd, style)
    else:
        bold = {index + 1 for index, name in enumerate(board.environments) if name in odd}
        colour = _COLOURS.get(status, "")
        if width(label) > columns[0]:  # a name is not broken: its values stand below it
            yield style.paint(label, colour)
            label = ""
        yield from _cells([label, *values], columns, style, bold, colour)
    for words in _words(row):
        for line in textwrap.wrap(words, style.width - 4):
            yield style.paint(f"    {line}", "2")


def _words(row: Row) -> Iterable[str]:
    """Return what is to be said of a row besides its values."""
    if row.verdict is Verdict.SAME:
        return ()
    if row.verdict in (Verdict.IGNORED, Verdict.UNKNOWN):
        return filter(None, (printable(row.note),))
    return why_of(row)


def _grouped(board: Board, values: Sequence[str], odd: Iterable[str], style: Style) -> Iterator[str]:
    """Yield each different value on a line of its own, with the environments that hold it."""
    holders: dict[str, list[str]] = {}
    for environment, value in zip(board.environments, values, strict=True):
        holders.setdefault(value, []).append(environment)
    for value, names in holders.items():
        for at, line in enumerate(_wrap(f"{', '.join(names)}: {value}", style.width - 6)):
            yield style.paint(f"{'      ' if at else '    '}{line}", "1" if set(names) & set(odd) else "")


def _cells(
    texts: Sequence[str], columns: Sequence[int], style: Style, bold: Iterable[int] = (), colour: str = ""
) -> Iterator[str]:
    """Yield the lines of a table's row: what is too long goes on below, in its column."""
    bold = set(bold)
    wrapped = [_wrap(text, size) or [""] for text, size in zip(texts, columns, strict=True)]
    for line in range(max(map(len, wrapped))):
        parts = [lines[line] if line < len(lines) else "" for lines in wrapped]
        painted = [
            style.paint(_pad(part, size), colour if index == 0 else "1" if index in bold else "")
            for index, (part, size) in enumerate(zip(parts, columns, strict=True))
        ]
        yield "  ".join(painted)


def _join(texts: Sequence[str], columns: Sequence[int]) -> str:
    """Return one line of a table."""
    return "  ".join(_pad(text, size) for text, size in zip(texts, columns, strict=True))


def _wrap(text: str, size: int) -> list[str]:
    """Return the text in lines of at most ``size`` cells; a name breaks where it must, and is marked as going on."""
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
    """Return the text filled up to ``size`` cells."""
    return text + " " * (size - width(text))


def width(text: str) -> int:
    """Return how many cells of a terminal a text takes.

    >>> width("abc"), width("日本")
    (3, 4)
    """
    if text.isascii() or text.translate(_OWN).isascii():
        return len(text)
    from wcwidth import wcswidth  # here: its tables take 40 ms, and most texts never need them

    return max(wcswidth(text), 0)

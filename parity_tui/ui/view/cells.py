"""Text cut to exact widths, and the cells and rows that the whole screen is made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from rich.segment import Segment
from rich.style import Style

Cell = tuple[Segment, ...]
"""Pieces of styled text; a cell keeps its width from frame to frame, so that it can be repainted alone."""
CellRow = tuple[Cell, ...]
"""One line of a widget."""

_LONGEST = 1000


@lru_cache(maxsize=16384)
def fit(text: str, width: int, ellipsis: str) -> str:
    """Return the text in exactly ``width`` cells: padded with blanks, or cut and ended with an ellipsis.

    >>> fit("Europe/Paris", 7, "…"), fit("Europe/Paris", 7, ".."), fit("日本語", 5, "…"), fit("x", 0, "…")
    ('Europe…', 'Europ..', '日本…', '')
    """
    if width <= 0:
        return ""
    text = text[:_LONGEST]
    if cell_len(text) > width:
        text = set_cell_size(text, max(width - len(ellipsis), 0)) + ellipsis
    return set_cell_size(text, width)


def fit_apart(text: str, width: int, ellipsis: str) -> str:
    """Return the text in exactly ``width`` cells, of which the last is blank: other words follow.

    >>> fit_apart("production", 8, "…"), fit_apart("dev", 8, "…")
    ('produc… ', 'dev     ')
    """
    return fit(text, width - 1, ellipsis) + " " * (width > 0)


@lru_cache(maxsize=16384)
def fit_middle(text: str, width: int, ellipsis: str) -> str:
    """Return the text in exactly ``width`` cells, cut in the middle: the ends of long names tell them apart.

    >>> fit_middle("autovacuum_vacuum_scale_factor", 19, "…")
    'autovacuum…e_factor'
    """
    if cell_len(text) <= width or width < 8:
        return fit(text, width, ellipsis)
    tail = (width - 1) * 4 // 9
    head = width - len(ellipsis) - tail
    return set_cell_size(set_cell_size(text, head) + ellipsis + text[-tail:], width)


@lru_cache(maxsize=16384)
def cell(text: str, width: int, style: Style, ellipsis: str = "") -> Cell:
    """Return a cell of one style; without an ellipsis its text is simply cut, for an ASCII terminal has no "…"."""
    return (Segment(fit(text, width, ellipsis), style),) if width > 0 else ()


def spread(
    left: Iterable[tuple[str, Style]], right: Iterable[tuple[str, Style]], width: int, fill: Style, ellipsis: str
) -> Cell:
    """Return a cell with text at both ends; the left part is cut first."""
    ends = [(text, style) for text, style in right if text]
    room = width - sum(cell_len(text) for text, _ in ends)
    if room < 0:
        return spread(ends, (), width, fill, ellipsis)
    segments: list[Segment] = []
    for text, style in left:
        if room <= 0:
            break
        size = min(cell_len(text), room)
        segments.append(Segment(fit(text, size, ellipsis), style))
        room -= size
    segments.append(Segment(" " * room, fill))
    segments.extend(Segment(text, style) for text, style in ends)
    return tuple(segment for segment in segments if segment.text)


def split(cell: Cell) -> CellRow:
    """Return one cell per piece, so that each can be repainted alone."""
    return tuple((segment,) for segment in cell)


def wrapped(text: str, width: int, lines: int, ellipsis: str) -> list[str]:
    """Return the text in at most ``lines`` lines of at most ``width`` cells; an ellipsis ends a cut text.

    >>> wrapped("a value set by hand", 10, 2, "…")
    ['a value', 'set by…']
    """
    if width < 2 or lines < 1 or not text:
        return []
    found = textwrap.wrap(text[: _LONGEST * 4], width, break_on_hyphens=False)
    if len(found) > lines:
        found = [*found[: lines - 1], _cut(" ".join(found[lines - 1 :]), width, ellipsis)]
    return [fit(line, width, ellipsis).rstrip() for line in found]


def hard_wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of exactly ``width`` cells but for the last: nothing is added or left out.

    >>> hard_wrapped("SET a = 'long'", 6)
    ['SET a ', "= 'lon", "g'"]
    """
    breaks = _breaks(text, max(width, 2))
    return [text[start:end] for start, end in zip([0, *breaks], [*breaks, len(text)], strict=True)]


def _breaks(text: str, width: int) -> list[int]:
    """Return the positions at which lines of ``width`` cells end."""
    breaks, used = [], 0
    for at, character in enumerate(text):
        size = get_character_cell_size(character)
        if used + size > width:
            breaks.append(at)
            used = 0
        used += size
    return breaks


def _cut(text: str, width: int, ellipsis: str) -> str:
    """Cut a line at a word, unless that word is long."""
    text = fit(text, width, ellipsis).rstrip().removesuffix(ellipsis)
    head, _, last = text.rpartition(" ")
    return (head if head and len(last) < width // 2 else text) + ellipsis


def cells_of(line: Iterable[Cell]) -> int:
    """Return the width of a line in cells."""
    return sum(segment.cell_length for cell in line for segment in cell)

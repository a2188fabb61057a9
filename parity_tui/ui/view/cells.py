"""Text cut to exact widths, and the cells and lines that every part of the screen is made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

Cell = tuple[Segment, ...]
"""Pieces of text with their style; a cell keeps its width from frame to frame, so that it can be painted alone."""
CellRow = tuple[Cell, ...]

_LONGEST = 1000


@lru_cache(maxsize=16384)
def fit(text: str, width: int, dots: str = "…") -> str:
    """Return the text in exactly ``width`` cells: filled up with blanks, or cut and ended with dots.

    >>> fit("UTC", 5), fit("Europe/Paris", 7), fit("日本語", 5), fit("x", 0)
    ('UTC  ', 'Europe…', '日本…', '')
    """
    if width <= 0:
        return ""
    text = text[:_LONGEST]
    return set_cell_size(text if cell_len(text) <= width else set_cell_size(text, width - 1) + dots, width)


@lru_cache(maxsize=16384)
def fit_middle(text: str, width: int, dots: str = "…") -> str:
    """Return the text in exactly ``width`` cells, cut in the middle: names that begin alike often end otherwise.

    >>> fit_middle("autovacuum_vacuum_scale_factor", 19)
    'autovacuum…e_factor'
    """
    if cell_len(text) <= width or width < 8:
        return fit(text, width, dots)
    tail = (width - 1) * 4 // 9
    head = width - 1 - tail
    return set_cell_size(set_cell_size(text, head) + dots + text[-tail:], width)


@lru_cache(maxsize=16384)
def cell(text: str, width: int, style: Style, dots: str = "…") -> Cell:
    """Return a cell of one style."""
    return (Segment(fit(text, width, dots), style),) if width > 0 else ()


def spread(left: Iterable[tuple[str, Style]], right: Iterable[tuple[str, Style]], width: int, fill: Style) -> Cell:
    """Return a cell with text at both ends; what does not fit goes from the left part first."""
    ends = [(text, style) for text, style in right if text]
    room = width - sum(cell_len(text) for text, _ in ends)
    if room < 0:
        return spread((), (), width, fill) if not ends else spread(ends, (), width, fill)
    found: list[Segment] = []
    for text, style in left:
        if room <= 0:
            break
        size = min(cell_len(text), room)
        found.append(Segment(fit(text, size), style))
        room -= size
    found.append(Segment(" " * room, fill))
    return tuple(segment for segment in (*found, *(Segment(text, style) for text, style in ends)) if segment.text)


def split(pieces: Cell) -> CellRow:
    """Return a cell for each piece, so that one can be painted without the others."""
    return tuple((segment,) for segment in pieces)


def wrapped(text: str, width: int, lines: int) -> list[str]:
    """Return the text in at most ``lines`` lines of at most ``width`` cells; the last ends with dots if cut.

    >>> wrapped("a value set by hand", 10, 2)
    ['a value', 'set by…']
    """
    if width < 2 or lines < 1 or not text:
        return []
    found = textwrap.wrap(text[: _LONGEST * 4], width, break_on_hyphens=False)
    if len(found) > lines:
        found = [*found[: lines - 1], fit(" ".join(found[lines - 1 :]), width)]
        found[-1] = found[-1] if found[-1].endswith("…") else found[-1].rstrip() + "…"
        short = found[-1][:-1].rsplit(" ", 1)
        found[-1] = (short[0] if len(short) == 2 and len(short[1]) < width // 2 else found[-1][:-1]) + "…"
    return [fit(line, width).rstrip() for line in found]


def width_of(line: Iterable[Cell]) -> int:
    """Return how many cells a line takes."""
    return sum(segment.cell_length for part in line for segment in part)

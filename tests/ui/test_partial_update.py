"""Changes of cells as they are sent: the changed columns alone, blanks at the right edge erased."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region

from parity_tui.ui.terminal.capabilities import inspect
from parity_tui.ui.widgets.line_widget import changed_regions

BOLD = Style(bold=True)


def cell(*parts: tuple[str, Style | None]) -> tuple[Segment, ...]:
    return tuple(Segment(text, style) for text, style in parts)


def test_changed_columns_of_a_cell_are_repainted() -> None:
    before = (cell(("│ ", None)), cell((" dev        A+ ", BOLD)))
    after = (cell(("│ ", None)), cell((" dev         B ", BOLD)))
    assert changed_regions(before, after, 3) == [Region(2 + 12, 3, 2, 1)]


def test_changed_style_is_repainted() -> None:
    before, after = (cell(("one two", None)),), (cell(("one ", None), ("two", BOLD)),)
    assert changed_regions(before, after, 0) == [Region(4, 0, 3, 1)]


def test_cell_of_wide_letters_is_repainted_whole() -> None:
    before, after = (cell(("日本 a ", None)),), (cell(("日本 b ", None)),)
    assert changed_regions(before, after, 0) == [Region(0, 0, 7, 1)]


def test_gnu_screen_erases_nothing() -> None:
    assert not inspect({"TERM": "screen-256color"}).erases
    assert inspect({"TERM": "screen-256color", "TMUX": "/tmp/x"}).erases
    assert inspect({"TERM": "xterm-256color"}).erases

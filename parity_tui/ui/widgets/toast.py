"""A word that comes and goes: what has just moved, what has been done."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from rich.style import Style

from parity_tui.drift.changes import Change
from parity_tui.drift.values import printable
from parity_tui.ui.theme.palette import over
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.cells import CellRow, cell, wrapped

_LINES = 3


def moved(changes: Sequence[Change]) -> str:
    """Return what has moved, a line each; the worst first.

    >>> from parity_tui.model import Severity
    >>> moved([Change("staging", "database", "TimeZone", "UTC", "Europe/Paris", Severity.CRITICAL)])
    'staging database TimeZone: UTC → Europe/Paris'
    """
    worst = sorted(_merged(changes), key=lambda change: change.severity.rank)
    said = [printable(_said(change)) for change in worst[: 3 if len(worst) == 3 else 2]]
    if len(worst) > len(said):
        said.append(f"and {len(worst) - len(said)} more; t shows all")
    return "\n".join(said)


def _said(change: Change) -> str:
    """Return one change as a sentence."""
    how = "" if change.before == change.after else f": {_short(change.before)} → {_short(change.after)}"
    return f"{change.environment} {change.subject}{how}"


def _merged(changes: Sequence[Change]) -> list[Change]:
    """Return one change for each value, from what it was first to what it was last."""
    found: dict[tuple[str, str, str], Change] = {}
    for change in changes:
        key = (change.environment, change.subject, change.node)
        found[key] = replace(change, before=found[key].before) if key in found else change
    return list(found.values())


def _short(text: str) -> str:
    """Return a value that leaves room for others."""
    return text if len(text) <= 40 else text[:39] + "…"


class Toast:
    """One to three lines over the end of the grid, right above the detail; nothing there is covered for long."""

    def __init__(self) -> None:
        self.text = ""
        """"" while nothing is said; of several lines each is cut to one, a single one may take more"""
        self.bad = False
        """it is an error"""

    def lines(self, look: BoardTheme, width: int, most: int) -> list[CellRow]:
        """Return what is said, in as many lines as it takes."""
        palette, marks = look.palette, look.marks
        ground = palette.current if not palette.current.reverse else Style(reverse=True)
        mark, style = (marks.failed, palette.critical) if self.bad else (marks.live, palette.warning)
        most, parts = min(_LINES, most), self.text.split("\n")
        said = parts[:most] if len(parts) > 1 else wrapped(marks.text(self.text), width - 4, most)
        return [
            (
                cell(f" {mark} " if number == 0 else "", 3, over(style, ground)),
                cell(marks.text(text), width - 3, over(palette.strong, ground)),
            )
            for number, text in enumerate(said)
        ]

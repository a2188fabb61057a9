"""Sheets that take the whole screen: the detail of a row with nothing cut, and a copied text to select."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from parity_tui.drift.board import Board
from parity_tui.drift.changes import TimedChange
from parity_tui.drift.grades import Grades
from parity_tui.drift.values import printable
from parity_tui.drift.words import listing
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view import labels
from parity_tui.ui.view.cells import hard_wrapped, wrapped
from parity_tui.ui.view.row_detail import EnvironmentValue, RowDetail
from parity_tui.ui.widgets.modals import TextModal

if TYPE_CHECKING:
    from parity_tui.report.gaps import Delivery

COPIES: dict[str, str] = {"y": "copy", "a": "copy_align", "e": "expect"}
"""Keys of a detail's sheet that leave it -> the action of the board that follows."""
_LONGEST = 20_000
"""characters of a value that are shown"""
_MARGIN = 6
"""cells of border and margins"""


class Sheet(TextModal):
    """A text on the whole screen."""

    DEFAULT_CSS = """
    Sheet > VerticalScroll { width: 100%; max-width: 100%; height: 100%; max-height: 100%; padding: 0 1; }
    Sheet.-bare > VerticalScroll { border: none; padding: 0; }
    """


class Page:
    """Lines of a sheet, wrapped to a width."""

    def __init__(self, theme: BoardTheme, width: int) -> None:
        self.theme = theme
        self.width = max(width, 10)
        self.text = Text(no_wrap=True, overflow="ignore")

    def line(self, text: str = "", style: Style | None = None) -> None:
        """Add a line that is short."""
        self.text.append(f"{self.theme.symbols.text(text)}\n", style=style or self.theme.palette.text)

    def prose(self, text: str, style: Style | None = None) -> None:
        """Add a text, wrapped between words."""
        for part in wrapped(self.theme.symbols.text(text), self.width, 1000, self.theme.symbols.ellipsis):
            self.line(part, style)

    def exact(self, text: str, style: Style | None = None, indent: int = 0) -> None:
        """Add a text to the last character, wrapped anywhere."""
        for part in hard_wrapped(self.theme.symbols.text(text[:_LONGEST]), self.width - indent):
            self.line(" " * indent + part, style)
        if len(text) > _LONGEST:
            self.line(f"{' ' * indent}{len(text) - _LONGEST} more characters: y copies all", self.theme.palette.dim)


def detail_sheet(
    theme: BoardTheme,
    detail: RowDetail,
    service: str,
    environments: Sequence[str],
    changes: Sequence[TimedChange],
    now: float,
) -> Sheet:
    """Return everything that is known of one line of the board.

    Args:
        theme: colours and characters.
        detail: of the line.
        service: its service, "" if the line is that of the service itself.
        environments: names, in the order of the board.
        changes: of the setting, newest first.
        now: seconds since the epoch.
    """

    def text_of(width: int) -> Text:
        page = Page(theme, width - _MARGIN)
        _add_detail(page, detail, service, environments)
        _add_changes(page, changes, now)
        return page.text

    hint = "j k scroll · y copy · a copy fix · e expect · any other key closes"
    return Sheet(text_of, theme, list(COPIES), hint)


def _add_detail(page: Page, detail: RowDetail, service: str, environments: Sequence[str]) -> None:
    palette = page.theme.palette
    page.prose(f"{printable(service)}  {detail.title}".strip(), palette.strong)
    style = palette.severity(detail.severity) if detail.severity else palette.dim
    page.prose(" · ".join(filter(None, (detail.status, detail.outliers))), style)
    page.prose(detail.since)
    page.line()
    page.prose(detail.why)
    page.prose(detail.description, palette.dim)
    for value in detail.values:
        _add_value(page, value, environments)
    _add_fix(page, *detail.remediation)
    if detail.members:
        page.line(f"\n{len(detail.members)} hidden settings", palette.strong)
        for name in detail.members:
            page.exact(name, indent=2)


def _add_changes(page: Page, changes: Sequence[TimedChange], now: float) -> None:
    if changes:
        page.line("\nChanges", page.theme.palette.strong)
    for timed in changes:
        change, when = timed.change, labels.clock(timed.at, now)
        page.exact(printable(f"{when}  {change.environment}  {change.transition}"), indent=2)


def _add_value(page: Page, value: EnvironmentValue, environments: Sequence[str]) -> None:
    palette = page.theme.palette
    names = listing([printable(environments[index]) for index in value.environments])
    page.line()
    page.prose(f"{names}{' — odd one out' if value.outlier else ''}", palette.strong)
    page.exact(value.text, palette.critical + Style(bold=False) if value.failed else palette.text, indent=2)
    if value.changed:
        for member in value.changed.split(" "):
            page.exact(member, palette.info, indent=4)
    for note in filter(None, value.note.split(" · ")):
        page.exact(note, palette.dim, indent=2)


def _add_fix(page: Page, environment: str, text: str) -> None:
    """Add the text that aligns an environment, from the first column, so that it can be selected."""
    if text:
        page.line(f"\nRun this to fix {environment}:", page.theme.palette.strong)
        page.exact(text, page.theme.palette.good)


def copied_sheet(theme: BoardTheme, text: str, message: str) -> Sheet:
    """Return a copied text without a frame, so that it can be selected as well."""

    def text_of(width: int) -> Text:
        page = Page(theme, width)
        page.prose(message, theme.palette.good)
        page.line()
        for line in text.splitlines():
            page.exact(printable(line))
        page.line()
        page.line("any key closes", theme.palette.dim)
        return page.text

    sheet = Sheet(text_of, theme, hint="")
    sheet.add_class("-bare")
    return sheet


def gaps_sheet(theme: BoardTheme, board: Board, grades: Grades, delivery: Mapping[str, Delivery]) -> Sheet:
    """Return the three gaps between the environments, measured; ``delivery`` is by environment."""
    from parity_tui.report.gaps import gaps_of, to_text
    from parity_tui.report.text import Style as TextStyle

    gaps = gaps_of(board, grades, delivery)

    def text_of(width: int) -> Text:
        page = Page(theme, width - _MARGIN)
        for number, line in enumerate(to_text(gaps, TextStyle(width=page.width)).split("\n")):
            is_head = number == 0 or (line and not line.startswith(" "))
            page.line(line, theme.palette.strong if is_head else None)
        return page.text

    return Sheet(text_of, theme, hint="j k scroll · any other key closes")

"""Sheets over the board: help, the timeline, the choice of an export. Any key that is not theirs puts them away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from parity_tui.drift.changes import TimedChange
from parity_tui.drift.values import printable
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.theme.symbols import LEGEND
from parity_tui.ui.view import labels
from parity_tui.ui.view.bindings import MOVES, VERBS, Key
from parity_tui.ui.view.cells import fit

ENDINGS = (("m", "md", "Markdown"), ("j", "json", "JSON"), ("s", "svg", "SVG, a picture of the screen"))

_TIMELINE = 200
"""changes that the timeline shows"""
_AROUND = 8
"""cells of a sheet's border and margins"""
_TWO_COLUMNS = 116
"""cells of a screen on which the help has two columns"""


class TextModal(ModalScreen[str]):
    """A text in the middle of the screen; :attr:`answers` are the keys that mean something."""

    DEFAULT_CSS = """
    TextModal { align: center middle; background: transparent; }
    TextModal > VerticalScroll {
        width: auto; min-width: 44; max-width: 98%; height: auto; max-height: 94%;
        background: $surface; padding: 0 2; scrollbar-size: 0 0; border: round $panel;
    }
    TextModal Static { width: auto; height: auto; }
    TextModal.-ansi > VerticalScroll { border: round $foreground; }
    TextModal.-plain > VerticalScroll { border: ascii $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]
    ALLOW_SELECT = False
    SCROLLS = frozenset({"down", "j", "up", "k", "pagedown", "space", "pageup"})

    def __init__(
        self,
        text: Text,
        look: BoardTheme,
        answers: Sequence[str] = (),
        hint: str = "j and k scroll, any other key closes",
    ) -> None:
        super().__init__(classes="-plain" if look.marks.plain else "-ansi" if not look.palette.tint else "")
        self.text = text
        self.answers = answers
        self.hint = hint
        """stands in the border, where it is seen however long the text is"""
        self._gone = False

    def compose(self) -> ComposeResult:
        """Put the text in a box that scrolls where it has to."""
        with VerticalScroll(can_focus=False) as box:
            box.border_subtitle = self.hint
            yield Static(self.text)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def on_key(self, event: events.Key) -> None:
        """Answer, or go."""
        if (event.key in self.SCROLLS and event.key not in self.answers) or event.key in ("ctrl+c", "ctrl+q", "ctrl+p"):
            return
        event.stop()
        event.prevent_default()
        self._answer(event.key if event.key in self.answers else "")

    def on_click(self, event: events.Click) -> None:
        """Go when the mouse is clicked."""
        event.stop()
        self._answer("")

    def _answer(self, key: str) -> None:
        """Go, but once only: keys may come faster than screens do."""
        if not self._gone:
            self._gone = True
            self.dismiss(key)


def _titled(look: BoardTheme, title: str) -> Text:
    """Return a text that begins with a title."""
    text = Text(no_wrap=True, overflow="ellipsis")
    return text.append(f"{title}\n\n", style=look.palette.strong)


def _keys(look: BoardTheme, keys: Iterable[Key]) -> list[Text]:
    """Return a line for each key."""
    found = []
    for key in keys:
        line = Text().append(f"{look.marks.text(_shown(key, look)):<12}", style=look.palette.info)
        line.append(look.marks.text(key.help), style=look.palette.text)
        found.append(line)
    return found


def _shown(key: Key, look: BoardTheme) -> str:
    """Return how a key is written; a terminal without arrows in its characters reads their names."""
    if not look.marks.plain:
        return key.shown
    names = {"↓": "down", "↑": "up", "←": "left", "→": "right"}
    return " ".join(names.get(part, part) for part in key.shown.split(" "))


def _legend(look: BoardTheme) -> list[Text]:
    """Return a line for each mark."""
    palette = look.palette
    styles = {"critical": palette.critical, "warning": palette.warning, "info": palette.info, "same": palette.good,
              "unknown": palette.warning, "odd": palette.critical, "failed": palette.critical}  # fmt: skip
    found = []
    for name, meaning in LEGEND:
        line = Text().append(f"{getattr(look.marks, name):<3}", style=styles.get(name, palette.dim))
        line.append(meaning, style=palette.text)
        found.append(line)
    return found


def _beside(left: Sequence[Text], right: Sequence[Text]) -> list[Text]:
    """Return two columns as one."""
    width = max(line.cell_len for line in left) + 3
    found = []
    for one, other in zip_longest(left, right, fillvalue=Text()):
        line = one.copy()
        line.append(" " * (width - line.cell_len))
        found.append(line.append_text(other))
    return found


def help_sheet(look: BoardTheme, width: int, notes: Sequence[str]) -> TextModal:
    """Return all keys and marks, in two columns where there is room for them."""
    verbs, moves = _keys(look, VERBS), _keys(look, MOVES)
    text = _titled(look, "parity-tui")
    lines = _beside(verbs, moves) if width >= _TWO_COLUMNS else [*verbs, Text(), *moves]
    for line in (*lines, Text(), *_legend(look)):
        text.append_text(line).append("\n")
    for note in notes:
        text.append(f"\n{look.marks.warning}  ", style=look.palette.warning)
        text.append(look.marks.text(printable(note)), style=look.palette.text)
    return TextModal(text, look)


def timeline_sheet(look: BoardTheme, moves: Sequence[TimedChange], now: float, width: int) -> TextModal:
    """Return what has changed, the newest first; ``width`` is that of the screen."""
    text = _titled(look, "What has changed")
    if not moves:
        text.append("nothing so far\n", style=look.palette.dim)
    shown = moves[:_TIMELINE]
    times = [_times(move, now) for move in shown]
    column = max(map(len, times), default=0)
    for move, time in zip(shown, times, strict=True):
        text.append_text(_move(look, move, f"{time:>{column}}", width - _AROUND))
    if len(moves) > _TIMELINE:
        text.append(f"\nand {len(moves) - _TIMELINE} before: parity-tui history\n", style=look.palette.dim)
    return TextModal(text, look)


def _times(move: TimedChange, now: float) -> str:
    """Return when a value moved; where nobody looked, between when and when."""
    at = labels.clock(move.at, now)
    since = at if move.since is None else labels.clock(move.since, now)
    return at if since == at else f"{since} - {at}"


def _move(look: BoardTheme, move: TimedChange, time: str, width: int) -> Text:
    """Return the line of one change, or two lines where one does not hold it."""
    change, palette = move.change, look.palette
    line = Text().append(f"{time}  ", style=palette.dim)
    line.append(f"{look.marks.severity(change.severity)} ", style=palette.severity(change.severity))
    line.append(look.marks.text(printable(f"{change.environment}  {change.subject}")), style=palette.text)
    how = look.marks.text(printable(change.transition))
    indent = len(time) + 4
    if line.cell_len + 3 + cell_len(how) <= width:
        return line.append(f"   {how}\n", style=palette.strong)
    how = fit(how, min(cell_len(how), max(width - indent, 1)), look.marks.dots)
    return line.append(f"\n{' ' * indent}{how}\n", style=palette.strong)


def export_sheet(look: BoardTheme, endings: Iterable[str]) -> TextModal:
    """Return the choice of what an export is written as; the answer is the key."""
    offered = [entry for entry in ENDINGS if entry[1] in endings]
    text = _titled(look, "Write the board to a file in this directory, as")
    for key, _, name in offered:
        text.append(f"  {key}   ", style=look.palette.info).append(f"{name}\n", style=look.palette.text)
    return TextModal(text, look, [key for key, _, _ in offered], "any other key: nothing is written")

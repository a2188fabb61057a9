"""Modals over the board: help, choice of an export. Any key without a meaning there closes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from parity_tui.drift.values import printable
from parity_tui.report.symbols import LEGEND
from parity_tui.ui.terminal.export import FORMATS
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.bindings import GRID_KEYS, SCREEN_KEYS, Key
from parity_tui.ui.view.cells import wrapped

_APP_KEYS = frozenset({"ctrl+c", "ctrl+q", "ctrl+p"})
_TWO_COLUMNS = 116
"""width of a screen from which the help has two columns"""
_KEY, _SYMBOL = 12, 3
"""cells of a key and of a symbol in the help"""
_FRAME, _BORDER = 6, 8
"""cells of a box around its text, and of its border around a hint"""


class TextModal(ModalScreen[str]):
    """A text in the middle of the screen; its result is the pressed key if that is one of ``answers``, else ""."""

    DEFAULT_CSS = """
    TextModal { align: center middle; background: transparent; }
    TextModal > VerticalScroll {
        width: auto; min-width: 44; max-width: 98%; height: auto; max-height: 94%;
        background: $surface; padding: 0 2; scrollbar-size: 0 0; border: round $panel;
    }
    TextModal > VerticalScroll { border-title-color: $foreground; border-subtitle-color: $foreground; }
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
    SCROLL_KEYS = frozenset({"down", "j", "up", "k", "pagedown", "space", "pageup"})

    def __init__(
        self,
        text: Callable[[int], Text],
        theme: BoardTheme,
        answers: Sequence[str] = (),
        hint: str = "j and k scroll · any other key closes",
    ) -> None:
        super().__init__(classes="-plain" if theme.symbols.ascii else "-ansi" if not theme.palette.tint else "")
        self.text = text
        """width of the screen -> the text, wrapped: a terminal can become narrower while it is open"""
        self.theme = theme
        self.answers = answers
        self.hint = hint
        """in the border, where it is always visible"""
        self._width = 0
        self._dismissed = False

    def compose(self) -> ComposeResult:
        """Put the text into a box that scrolls if it has to."""
        self._width = self.app.size.width
        with VerticalScroll(can_focus=False) as box:
            box.border_subtitle = fit_hint(self.hint, self.theme, self._width)
            yield Static(self.text(self._width))

    def on_resize(self) -> None:
        """Wrap the text to another width."""
        if self._width != self.app.size.width:
            self._width = self.app.size.width
            self.query_one(VerticalScroll).border_subtitle = fit_hint(self.hint, self.theme, self._width)
            self.query_one(Static).update(self.text(self._width))

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False, immediate=True)

    def on_key(self, event: events.Key) -> None:
        """Dismiss the modal, unless the key scrolls or belongs to the app."""
        if event.key in _APP_KEYS or (event.key in self.SCROLL_KEYS and event.key not in self.answers):
            return
        event.stop()
        event.prevent_default()
        self._close(event.key if event.key in self.answers else "")

    def on_click(self, event: events.Click) -> None:
        """Close the modal."""
        event.stop()
        self._close("")

    def _close(self, key: str) -> None:
        """Dismiss once: more keys may arrive before the modal is gone."""
        if not self._dismissed:
            self._dismissed = True
            self.dismiss(key)


def room(width: int) -> int:
    """Return the cells of a line of text in a box on a screen of ``width`` cells."""
    return int(width * 0.98) - _FRAME


def fit_hint(hint: str, theme: BoardTheme, width: int) -> str:
    """Return a hint for the border of a box on a screen of ``width`` cells; the way out, its last part, stays.

    Textual would cut it at the end, with an ellipsis that an ASCII terminal does not have.
    """
    parts = hint.split(" · ")
    while len(parts) > 1 and cell_len(" · ".join(parts)) > width - _BORDER:
        parts = parts[1:]
    return theme.symbols.text(" · ".join(parts))


def _titled(theme: BoardTheme, title: str) -> Text:
    text = Text(no_wrap=True, overflow="ignore")
    return text.append(f"{title}\n\n", style=theme.palette.strong)


def _listed(theme: BoardTheme, head: tuple[str, Style], indent: int, words: str, width: int) -> list[Text]:
    """Return the lines of a key or a symbol, with its meaning beside it, wrapped to ``width`` cells."""
    parts = wrapped(theme.symbols.text(words), max(width - indent, 12), 10, theme.symbols.ellipsis)
    lines = []
    for number, part in enumerate(parts):
        line = Text().append("" if number else head[0], style=head[1])
        line.append(" " * (indent - line.cell_len))
        lines.append(line.append(part, style=theme.palette.text))
    return lines


def _keys(theme: BoardTheme, keys: Iterable[Key], width: int) -> list[Text]:
    heads = ((key, (theme.symbols.text(_shown(key, theme)), theme.palette.info)) for key in keys)
    return [line for key, head in heads for line in _listed(theme, head, _KEY, key.help, width)]


def _shown(key: Key, theme: BoardTheme) -> str:
    """Return the keys in the notation of the help; ASCII terminals get the names of the arrows."""
    if not theme.symbols.ascii:
        return key.shown
    names = {"↓": "down", "↑": "up", "←": "left", "→": "right"}
    return " ".join(names.get(part, part) for part in key.shown.split(" "))


def _legend(theme: BoardTheme, width: int) -> list[Text]:
    palette = theme.palette
    styles = {"critical": palette.critical, "warning": palette.warning, "info": palette.info, "same": palette.good,
              "unknown": palette.warning, "outlier": palette.critical, "failed": palette.critical}  # fmt: skip
    heads = ((getattr(theme.symbols, name), styles.get(name, palette.dim)) for name, _ in LEGEND)
    listed = zip(heads, LEGEND, strict=True)
    return [line for head, (_, meaning) in listed for line in _listed(theme, head, _SYMBOL, meaning, width)]


def _beside(left: Sequence[Text], right: Sequence[Text]) -> list[Text]:
    """Return two columns of lines side by side."""
    width = max(line.cell_len for line in left) + 3
    lines = []
    for one, other in zip_longest(left, right, fillvalue=Text()):
        line = one.copy()
        line.append(" " * (width - line.cell_len))
        lines.append(line.append_text(other))
    return lines


def help_modal(theme: BoardTheme, notes: Sequence[str]) -> TextModal:
    """Return all keys and symbols, in two columns if the screen is wide enough."""

    def text_of(width: int) -> Text:
        cells, beside = room(width), width >= _TWO_COLUMNS
        left, right = (_keys(theme, keys, cells // 2 if beside else cells) for keys in (SCREEN_KEYS, GRID_KEYS))
        text = _titled(theme, "parity-tui")
        for line in (*(_beside(left, right) if beside else [*left, Text(), *right]), Text(), *_legend(theme, cells)):
            text.append_text(line).append("\n")
        for note in notes:
            text.append("\n")
            for line in _listed(theme, (theme.symbols.warning, theme.palette.warning), _SYMBOL, printable(note), cells):
                text.append_text(line).append("\n")
        return text

    return TextModal(text_of, theme)


def export_modal(theme: BoardTheme, endings: Iterable[str]) -> TextModal:
    """Return the choice of a format; the modal is dismissed with its key."""
    offered = [entry for entry in FORMATS if entry[1] in endings]
    text = _titled(theme, "Write the board to a file in this directory:")
    for key, _, name in offered:
        text.append(f"  {key}   ", style=theme.palette.info).append(f"{name}\n", style=theme.palette.text)
    return TextModal(lambda width: text, theme, [key for key, _, _ in offered], "any other key cancels")

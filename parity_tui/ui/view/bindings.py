"""The table of keys: bindings, footer, help and command palette are made of it."""

from __future__ import annotations

from msgspec import Struct


class Key(Struct, frozen=True):
    """One key and its action."""

    keys: str
    """in Textual's notation, separated by commas"""
    action: str
    label: str
    """one or two words for the footer"""
    help: str
    """a phrase for help and palette"""
    shown: str = ""
    """the keys in the notation of help and footer"""
    footer: int = 0
    """position in the footer; 0: not in it"""
    palette: bool = True
    """whether the command palette offers it"""


GRID_KEYS = (
    Key("down,j", "line(1)", "down", "down a line", "↓ j", palette=False),
    Key("up,k", "line(-1)", "up", "up a line", "↑ k", palette=False),
    Key("left,h", "pane(-1)", "pane", "to the pane at the left", "← h", palette=False),
    Key("right,l", "pane(1)", "pane", "to the pane at the right", "→ l", palette=False),
    Key("pagedown,ctrl+f", "page(1)", "page", "down a screen", "PgDn", palette=False),
    Key("pageup,ctrl+b", "page(-1)", "page", "up a screen", "PgUp", palette=False),
    Key("ctrl+d", "page(0.5)", "page", "down half a screen", "ctrl+d", palette=False),
    Key("ctrl+u", "page(-0.5)", "page", "up half a screen", "ctrl+u", palette=False),
    Key("g,home", "edge(False)", "top", "to the first line", "g", palette=False),
    Key("G,end", "edge(True)", "end", "to the last line", "G", palette=False),
    Key("tab,n", "drift(1)", "next drift", "to the next drift", "tab n", footer=1, palette=False),
    Key("shift+tab,N", "drift(-1)", "drift before", "to the drift before", "shift+tab N", palette=False),
    Key("exclamation_mark", "failure", "failure", "next failure", "!", footer=16),
    Key("right_square_bracket,J", "section(1)", "section", "to the next service", "] J", palette=False),
    Key("left_square_bracket,K", "section(-1)", "section", "to the service before", "[ K", palette=False),
    Key("enter,space", "fold", "fold", "open or fold; on a row, its whole detail", "enter",
        footer=6, palette=False),
    Key("z", "fold_all", "fold all", "fold all services, or open them", "z", palette=False),
)  # fmt: skip
"""Keys of the grid: moving the cursor, folding."""

SCREEN_KEYS = (
    Key("slash", "filter", "filter", "filter by name or value, in all rows", "/", footer=2),
    Key("escape", "clear", "clear", "leave the filter", "esc", palette=False),
    Key("d", "everything", "all rows", "all rows, or only drift", "d", footer=3),
    Key("s", "least", "severity", "least severity shown: info, warning, critical", "s", footer=8),
    Key("b", "baseline", "baseline", "the next baseline, or the majority", "b", footer=7),
    Key("v", "detail", "detail", "the whole detail of this line", "v", footer=9),
    Key("1,2,3,4,5,6,7,8,9", "hide", "panes", "hide or show an environment's pane", "1 to 9", palette=False),
    Key("equals_sign", "equal", "equal", "hide or show panes that equal the baseline", "="),
    Key("0", "show_panes", "all panes", "show every pane", "0"),
    Key("r", "refresh", "refresh", "read every server now", "r", footer=4),
    Key("R", "reload", "reload", "read the configuration again, after an edit", "R"),
    Key("p", "pause", "pause", "stop reading, or go on", "p", footer=10),
    Key("y", "copy", "copy", "copy the row as text", "y", footer=11),
    Key("a", "copy_align", "copy alignment", "copy the text that would align the environment", "a"),
    Key("e", "expect", "expect", "copy the text that marks this drift as expected", "e", footer=13),
    Key("x", "export", "export", "export the board: Markdown, JSON, SVG", "x", footer=12),
    Key("full_stop", "last_event", "last event", "the row of the newest event", "."),
    Key("t", "timeline", "timeline", "what has changed, and when", "t", footer=14),
    Key("question_mark,f1", "help", "help", "all keys and marks", "?", footer=5),
    Key("q", "app.quit", "quit", "quit", "q ctrl+c", footer=15),
)
"""Keys of the screen."""

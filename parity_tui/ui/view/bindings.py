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
    Key("down,j", "line(1)", "down", "next line", "↓ j", palette=False),
    Key("up,k", "line(-1)", "up", "previous line", "↑ k", palette=False),
    Key("left,h", "pane(-1)", "pane", "pane left", "← h", palette=False),
    Key("right,l", "pane(1)", "pane", "pane right", "→ l", palette=False),
    Key("pagedown,ctrl+f", "page(1)", "page", "page down", "PgDn", palette=False),
    Key("pageup,ctrl+b", "page(-1)", "page", "page up", "PgUp", palette=False),
    Key("ctrl+d", "page(0.5)", "page", "half a page down", "ctrl+d", palette=False),
    Key("ctrl+u", "page(-0.5)", "page", "half a page up", "ctrl+u", palette=False),
    Key("g,home", "edge(False)", "top", "first line", "g", palette=False),
    Key("G,end", "edge(True)", "end", "last line", "G", palette=False),
    Key("tab,n", "drift(1)", "next drift", "next drift", "tab n", footer=1, palette=False),
    Key("shift+tab,N", "drift(-1)", "previous drift", "previous drift", "shift+tab N", palette=False),
    Key("exclamation_mark", "failure", "failure", "next failure", "!", footer=16),
    Key("right_square_bracket,J", "section(1)", "section", "next service", "] J", palette=False),
    Key("left_square_bracket,K", "section(-1)", "section", "previous service", "[ K", palette=False),
    Key("enter,space", "fold", "fold", "open or fold; on a row: full detail", "enter",
        footer=6, palette=False),
    Key("z", "fold_all", "fold all", "fold or open all services", "z", palette=False),
)  # fmt: skip
"""Keys of the grid: moving the cursor, folding."""

SCREEN_KEYS = (
    Key("slash", "filter", "filter", "filter all rows by name or value", "/", footer=2),
    Key("escape", "clear", "clear", "clear the filter", "esc", palette=False),
    Key("d", "everything", "all rows", "show all rows, or drift only", "d", footer=3),
    Key("s", "least", "severity", "minimum severity: info, warning, critical", "s", footer=8),
    Key("b", "baseline", "baseline", "next baseline, or no baseline", "b", footer=7),
    Key("v", "detail", "detail", "full detail of this line", "v", footer=9),
    Key("1,2,3,4,5,6,7,8,9", "hide", "panes", "hide or show an environment's pane", "1 to 9", palette=False),
    Key("equals_sign", "equal", "equal", "hide or show panes that equal the baseline", "="),
    Key("0", "show_panes", "all panes", "show every pane", "0"),
    Key("r", "refresh", "refresh", "refresh now", "r", footer=4),
    Key("R", "reload", "reload", "reload configuration", "R"),
    Key("p", "pause", "pause", "pause / resume", "p", footer=10),
    Key("y", "copy", "copy", "copy the row as text", "y", footer=11),
    Key("a", "copy_align", "copy fix", "copy the fix for the environment", "a"),
    Key("e", "expect", "expect", "mark this drift as expected", "e", footer=13),
    Key("x", "export", "export", "export the board: Markdown, JSON, SVG", "x", footer=12),
    Key("full_stop", "last_event", "last event", "row of the latest event", "."),
    Key("t", "timeline", "timeline", "changes and outages", "t", footer=14),
    Key("T", "gaps", "three gaps", "three gaps: time, personnel, tools", "T"),
    Key("question_mark,f1", "help", "help", "all keys and symbols", "?", footer=5),
    Key("q", "app.quit", "quit", "quit", "q ctrl+c", footer=15),
)
"""Keys of the screen."""

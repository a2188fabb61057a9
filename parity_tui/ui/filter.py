"""The line in which is typed what to filter by."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from parity_tui.ui.paint import Look


class FilterLine(Horizontal):
    """An input at the bottom: typing filters at once, enter keeps the filter, escape drops it."""

    DEFAULT_CSS = """
    FilterLine { height: 1; background: $surface; }
    FilterLine > Static { width: 3; }
    FilterLine > Input { width: 1fr; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(True)", show=False),
        Binding("enter,down,up,tab", "leave(False)", show=False, priority=True),
    ]

    class Changed(Message):
        """Another text is filtered by."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Enough has been typed."""

        def __init__(self, clear: bool) -> None:
            super().__init__()
            self.clear = clear

    def __init__(self, text: str, look: Look) -> None:
        super().__init__()
        self._text = text
        self._look = look

    def compose(self) -> ComposeResult:
        """Put a slash before the input."""
        yield Static(" / ", markup=False)
        yield Input(self._text, compact=True, placeholder="name or value, in all rows; esc leaves")

    def focus(self, scroll_visible: bool = True) -> FilterLine:
        """Take the keys."""
        self.query_one(Input).focus(scroll_visible)
        return self

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what is typed."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def action_leave(self, clear: bool) -> None:
        """Give the keys back."""
        self.post_message(self.Left(clear))

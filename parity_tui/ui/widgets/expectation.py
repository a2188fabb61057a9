"""The questions before drift is expected: why it is meant to be, and where the answer is written."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from parity_tui.drift.values import printable
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view.cells import wrapped
from parity_tui.ui.widgets.modals import TextModal, room
from parity_tui.ui.widgets.sheets import Page

_LONGEST = 300
"""characters of a reason"""


class ReasonPrompt(ModalScreen[str]):
    """One line of input; its result is the reason, "" if the user leaves it."""

    DEFAULT_CSS = """
    ReasonPrompt { align: center middle; background: transparent; }
    ReasonPrompt > Vertical { width: 90%; max-width: 100; height: auto; background: $surface; padding: 0 2; }
    ReasonPrompt Static, ReasonPrompt Input { height: auto; }
    ReasonPrompt Input, ReasonPrompt Input:focus { border: none; padding: 0; height: 1; background: $boost; }
    """

    def __init__(self, text: Text) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        """Stack the question and the line."""
        with Vertical():
            yield Static(self.text)
            yield Input(placeholder="laptops are small", max_length=_LONGEST, select_on_focus=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the reason."""
        self.dismiss(event.value.strip())

    def on_key(self, event: events.Key) -> None:
        """Leave on escape."""
        if event.key == "escape":
            event.stop()
            self.dismiss("")


def ask_reason(theme: BoardTheme, setting: str, width: int) -> ReasonPrompt:
    """Return the question why a setting is meant to differ."""
    text = Text()
    question = theme.symbols.text(f"Why is drift in {printable(setting)} expected?")
    for line in wrapped(question, min(width - 12, 90), 3, theme.symbols.ellipsis):
        text.append(f"{line}\n", style=theme.palette.strong)
    text.append("enter continues, esc cancels", style=theme.palette.dim)
    return ReasonPrompt(text)


def confirm(theme: BoardTheme, table: str, file: str) -> TextModal:
    """Return the expectation and what may become of it; ``file`` is "" where none may be written."""

    def text_of(width: int) -> Text:
        page = Page(theme, room(width))
        for line in table.splitlines():
            page.exact(printable(line))
        page.line()
        if file:
            page.exact(f"enter  appends it to {printable(file)}")
        page.exact("y      copies it")
        return page.text

    return TextModal(text_of, theme, ["enter", "y"] if file else ["y"], "any other key cancels")

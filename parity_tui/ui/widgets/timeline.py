"""The timeline: every event with its time, filtered by words; enter leads to its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from parity_tui.drift.changes import TimedChange
from parity_tui.drift.values import printable
from parity_tui.drift.words import plural
from parity_tui.ui.theme.renderer import BoardTheme
from parity_tui.ui.view import labels
from parity_tui.ui.view.recent_changes import Gaps
from parity_tui.ui.widgets.modals import fit_hint

_SHOWN = 500
"""events that are listed at once"""
_LONGEST = 2000
"""characters of a value"""
_TITLES = ("Changes and outages, newest first", "Changes and outages", "Changes")
_HINT = "enter shows the row · / filters · esc closes"


class Timeline(ModalScreen[TimedChange | None]):
    """A list of events; its result is the chosen one."""

    DEFAULT_CSS = """
    Timeline { background: transparent; }
    Timeline > Vertical { width: 100%; height: 100%; background: $surface; border: round $panel; padding: 0 1; }
    Timeline > Vertical { border-title-color: $foreground; border-subtitle-color: $foreground; }
    Timeline.-ansi > Vertical { border: round $foreground; }
    Timeline.-plain > Vertical { border: ascii $foreground; }
    Timeline Input, Timeline Input:focus { border: none; padding: 0; height: 1; background: $boost; }
    Timeline OptionList, Timeline OptionList:focus { border: none; padding: 0; height: 1fr; background: $surface; }
    Timeline OptionList { scrollbar-size: 0 0; }
    Timeline OptionList:focus > .option-list--option-highlighted { background: $panel; color: $foreground; }
    Timeline.-ansi OptionList:focus > .option-list--option-highlighted,
    Timeline.-plain OptionList:focus > .option-list--option-highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,t", "leave", show=False),
        Binding("slash", "filter", show=False),
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
        Binding("g", "edge(False)", show=False),
        Binding("G", "edge(True)", show=False),
    ]
    ALLOW_SELECT = False

    def __init__(self, theme: BoardTheme, entries: Sequence[TimedChange | Gaps], now: float) -> None:
        super().__init__(classes="-plain" if theme.symbols.ascii else "-ansi" if not theme.palette.tint else "")
        self.theme = theme
        self.now = now
        self.entries = entries
        """events and the gaps between them, newest first"""
        self.shown: list[TimedChange | Gaps] = []

    def compose(self) -> ComposeResult:
        """Stack the filter and the list."""
        with Vertical():
            words = self.theme.symbols.text("filter: environment, service, setting, value, outage …")
            line = Input(placeholder=words, max_length=100)
            line.display = False
            yield line
            yield OptionList()

    def on_resize(self) -> None:
        """Show as much of the title and the hint as fits."""
        width = self.app.size.width
        titles = (title for title in _TITLES if len(title) + 8 <= width)
        self.query_one(Vertical).border_title = next(titles, "")
        self.query_one(Vertical).border_subtitle = fit_hint(_HINT, self.theme, width)

    def on_mount(self) -> None:
        """List everything."""
        self._list("")
        self.query_one(OptionList).focus()

    def _list(self, text: str) -> None:
        """List the entries that contain every word of a text."""
        words = text.casefold().split()
        lines = ((entry, _line(self.theme, entry, self.now)) for entry in self.entries)
        found = [(entry, line) for entry, line in lines if all(word in line.plain.casefold() for word in words)]
        self.shown = [entry for entry, _ in found[:_SHOWN]]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(line, disabled=isinstance(entry, tuple)) for entry, line in found[:_SHOWN]])
        if len(found) > _SHOWN:
            older = plural(len(found) - _SHOWN, "older event")
            options.add_option(Option(f"and {older}: parity-tui history", disabled=True))
        if not found:
            options.add_option(Option("no matches" if words else "no changes recorded yet", disabled=True))
        elif options.highlighted is None:
            options.action_first()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        self._list(event.value)

    def on_input_submitted(self) -> None:
        """Return to the list, filtered."""
        self.query_one(OptionList).focus()

    def on_key(self, event: events.Key) -> None:
        """Leave the filter on escape, and go on in the list on down."""
        line = self.query_one(Input)
        if line.has_focus and event.key in ("escape", "down"):
            event.stop()
            if event.key == "escape":
                line.value, line.display = "", False
            self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the chosen event."""
        entry = self.shown[event.option_index]
        self.dismiss(entry if isinstance(entry, TimedChange) else None)

    def action_filter(self) -> None:
        """Type a filter."""
        line = self.query_one(Input)
        line.display = True
        line.focus()

    def action_cursor(self, by: int) -> None:
        """Move the cursor by an event."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def action_edge(self, end: bool) -> None:
        """Move the cursor to the newest or the oldest event."""
        options = self.query_one(OptionList)
        options.action_last() if end else options.action_first()

    def action_leave(self) -> None:
        """Close the timeline."""
        self.dismiss(None)


def _line(theme: BoardTheme, entry: TimedChange | Gaps, now: float) -> Text:
    """Return one event: time, mark, environment, service and setting, and how it changed; or gaps in words."""
    palette = theme.palette
    if isinstance(entry, tuple):
        return Text(theme.symbols.text(labels.gap(entry, now)), style=palette.dim)
    timed, change = entry, entry.change
    text = Text().append(f"{_times(timed, now)}  ", style=palette.dim)
    text.append(f"{theme.symbols.change(change)} ", style=palette.severity(change.severity))
    text.append(theme.symbols.text(printable(f"{change.environment}  {change.subject}")), style=palette.text)
    words = printable(timed.words(lambda at: labels.clock(at, now))[:_LONGEST])
    return text.append(theme.symbols.text(f"   {words}" if words else ""), style=palette.strong)


def _times(timed: TimedChange, now: float) -> str:
    """Return the time of an event, or the times of the readings before and after it."""
    at = labels.clock(timed.at, now)
    since = at if timed.since is None else labels.clock(timed.since, now)
    return at if since == at else f"{since} - {at}"

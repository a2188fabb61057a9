"""A message of one to three lines over the end of a widget, shown for a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace
from rich.style import Style
from textual.timer import Timer

from parity_tui.drift.changes import Change, ChangeKind
from parity_tui.drift.values import printable
from parity_tui.ui.theme.palette import over
from parity_tui.ui.view.cells import CellRow, cell, wrapped
from parity_tui.ui.widgets.line_widget import LineWidget

_LINES = 3
_MOST = 500
"""changes that one message summarises"""
_SECONDS = 6.0


def summary(changes: Sequence[Change]) -> str:
    """Return the worst two or three changes, one per line, outages first, and the number of the others.

    >>> from parity_tui.model import Severity
    >>> summary([Change("staging", "database", "TimeZone", "UTC", "Europe/Paris", Severity.CRITICAL)])
    'staging database TimeZone: UTC → Europe/Paris'
    >>> summary([Change("production", "sessions", kind=ChangeKind.FAILED, message="refused the connection")])
    'production sessions: refused the connection'
    >>> flapping = [Change("eu", "cache", kind=kind, seconds=1) for kind in (ChangeKind.FAILED, ChangeKind.RECOVERED)]
    >>> summary(flapping * 3)
    'eu cache: answers again after 1 s (3 outages)'
    """
    worst = sorted(_merged(changes), key=lambda change: (not change.kind.outage, change.severity.rank))
    outages = Counter(change.server for change in changes if change.kind is ChangeKind.FAILED)
    shown = worst[: 3 if len(worst) == 3 else 2]
    lines = [printable(_sentence(change, outages[change.server] * change.kind.outage)) for change in shown]
    if len(worst) > len(lines):
        lines.append(f"and {len(worst) - len(lines)} more; t shows all")
    return "\n".join(lines)


def _sentence(change: Change, outages: int) -> str:
    short = replace(change, before=_short(change.before), after=_short(change.after), message=_short(change.message))
    words = short.transition if change.before != change.after or change.kind.outage else ""
    count = f" ({outages} outages)" if outages > 1 else ""
    return ": ".join(filter(None, (f"{change.environment} {change.subject}", words))) + count


def _merged(changes: Sequence[Change]) -> list[Change]:
    """Return one change per value, from its first state to its last."""
    merged: dict[tuple[object, ...], Change] = {}
    for change in changes:
        key = (change.environment, change.subject, change.node, change.kind.outage)
        merged[key] = replace(change, before=merged[key].before) if key in merged else change
    return list(merged.values())


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


class Toast:
    """The message over a widget, which draws :meth:`lines` in its frame and is repainted when they change."""

    def __init__(self, host: LineWidget) -> None:
        self.text = ""
        """"" without a message; each of several lines is cut, a single one is wrapped"""
        self.error = False
        self._host = host
        self._changes: list[Change] = []
        """the changes that the message summarises"""
        self._timer: Timer | None = None

    def show(self, text: str, error: bool = False, seconds: float = _SECONDS) -> None:
        """Show a message for some seconds."""
        self._changes = []
        self._show(text, error, seconds)

    def show_changes(self, changes: Sequence[Change]) -> None:
        """Show a summary of changes, together with those that the current message summarises."""
        self._changes = [*self._changes, *changes][-_MOST:] if self.text else list(changes)
        self._show(summary(self._changes), False, _SECONDS)

    def _show(self, text: str, error: bool, seconds: float) -> None:
        self.text, self.error = text, error
        if self._timer:
            self._timer.stop()
        self._timer = self._host.set_timer(seconds, self.hide)
        self._host.repaint()

    def hide(self) -> None:
        """Show no message any more."""
        self.text = ""
        self._host.repaint()

    def lines(self, width: int, most: int) -> list[CellRow]:
        """Return the lines of the message, at most ``most`` and at most three."""
        if not self.text:
            return []
        palette, symbols = self._host.theme.palette, self._host.theme.symbols
        background = palette.current if not palette.current.reverse else Style(reverse=True)
        symbol, style = (symbols.failed, palette.critical) if self.error else (symbols.live, palette.warning)
        most, text = min(_LINES, most), symbols.text(self.text)
        lines = text.split("\n")[:most] if "\n" in text else wrapped(text, width - 4, most, symbols.ellipsis)
        return [
            (
                cell("" if number else f" {symbol} ", 3, over(style, background)),
                cell(line, width - 3, over(palette.strong, background), symbols.ellipsis),
            )
            for number, line in enumerate(lines)
        ]

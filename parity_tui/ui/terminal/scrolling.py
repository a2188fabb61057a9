"""Moves lines within the terminal: a scrolled list is not sent again, only what came into view."""

from __future__ import annotations

from textual.widget import Widget

BEGIN_UPDATE = "\x1b[?2026h"
"""begins an update that the terminal shows at once; Textual's next paint ends it"""


def scroll(widget: Widget, first: int, lines: int) -> bool:
    """Move the lines of a widget from ``first`` to its last up by ``lines``, or down where negative.

    Return False, and do nothing, where the terminal cannot: the widget has neighbours beside it, or something lies
    over it. The lines that come into view are blank until they are painted; all earlier changes have to be.
    """
    app, screen, region = widget.app, widget.screen, widget.region
    full = (region.x, region.width) == (0, app.size.width) and region.bottom <= app.size.height
    if not (full and screen.is_current and app._driver):
        return False
    top, bottom = region.y + first + 1, region.bottom
    move = f"\x1b[{bottom};1H" + "\x1bD" * lines if lines > 0 else f"\x1b[{top};1H" + "\x1bM" * -lines
    app._driver.write(f"{BEGIN_UPDATE if app._sync_available else ''}\x1b[{top};{bottom}r{move}\x1b[r")
    return True

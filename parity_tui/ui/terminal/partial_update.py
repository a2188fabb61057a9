"""Writes only the changed columns of a line.

Textual 8 writes a changed region from the left edge of its widget on, so that one cell of the last pane costs the
whole line. Its updates are private: an update without the expected attributes is written unchanged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate

from parity_tui.ui.terminal.styles import has_plain_blanks

if TYPE_CHECKING:
    from rich.console import Console


_LAST_BLANKS = re.compile(r"\x1b\[([\d;]{1,80})m[^\x1b]*[^ \x1b]( {8,})\x1b\[0m$")
"""the last style of a line, and the blanks at its end"""


class PartialUpdate(ChopsUpdate):
    """An update that writes exactly the changed columns."""

    erases = False

    def render_segments(self, console: Console) -> str:
        """Return the output for the terminal."""
        written: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(x, left), min(end, right)
                if strip is not None and first < last:
                    text = strip.crop(first - x, last - x).render(console)
                    written.append(Control.move_to(first, y).segment.text)
                    written.append(_erasing(text) if self.erases and last == self.chop_ends[y][-1] else text)
        return "".join(written)


def _erasing(text: str) -> str:
    r"""Return the output of a line up to its right edge, with its last blanks erased instead of written.

    >>> _erasing("\x1b[1;37;44mone          \x1b[0m"), _erasing("\x1b[7mone          \x1b[0m")[-8:]
    ('\x1b[1;37;44mone\x1b[K\x1b[0m', '    \x1b[0m')
    """
    end = _LAST_BLANKS.search(text)
    return f"{text[: end.start(2)]}\x1b[K\x1b[0m" if end and has_plain_blanks(end[1]) else text


def partial(update: ChopsUpdate, erases: bool) -> ChopsUpdate:
    """Return the update reduced to the changed columns; ``erases`` as of :class:`.capabilities.Terminal`."""
    if all(hasattr(update, name) for name in ("chops", "spans", "chop_ends")):
        reduced = PartialUpdate(update.chops, update.spans, update.chop_ends)
        reduced.erases = erases
        return reduced
    return update

"""Painting a part of a line and nothing beside it.

Textual 8 paints a changed region from the left edge of its widget on, so that one cell of the last pane would cost
the whole line. Its updates are private; where they look otherwise than here they are left as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate

if TYPE_CHECKING:
    from rich.console import Console


class Spans(ChopsUpdate):
    """An update that writes exactly the columns that have changed."""

    def render_segments(self, console: Console) -> str:
        """Return what is to be written to the terminal."""
        written: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(x, left), min(end, right)
                if strip is not None and first < last:
                    written.append(Control.move_to(first, y).segment.text)
                    written.append(strip.crop(first - x, last - x).render(console))
        return "".join(written)


def exactly(update: ChopsUpdate) -> ChopsUpdate:
    """Return an update that writes no more than has changed."""
    if all(hasattr(update, name) for name in ("chops", "spans", "chop_ends")):
        return Spans(update.chops, update.spans, update.chop_ends)
    return update

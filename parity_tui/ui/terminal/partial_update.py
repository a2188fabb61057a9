"""Writes only the changed columns of a line.

Textual 8 writes a changed region from the left edge of its widget on, so that one cell of the last pane costs the
whole line. Its updates are private: an update without the expected attributes is written unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual._compositor import ChopsUpdate

if TYPE_CHECKING:
    from rich.console import Console


class PartialUpdate(ChopsUpdate):
    """An update that writes exactly the changed columns."""

    def render_segments(self, console: Console) -> str:
        """Return the output for the terminal."""
        written: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(x, left), min(end, right)
                if strip is not None and first < last:
                    written.append(Control.move_to(first, y).segment.text)
                    written.append(strip.crop(first - x, last - x).render(console))
        return "".join(written)


def partial(update: ChopsUpdate) -> ChopsUpdate:
    """Return the update reduced to the changed columns."""
    if all(hasattr(update, name) for name in ("chops", "spans", "chop_ends")):
        return PartialUpdate(update.chops, update.spans, update.chop_ends)
    return update

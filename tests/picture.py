"""Draws docs/packet-to-pixel.svg: the files that a value passes through, from a server to the terminal.

``python -m tests.picture`` writes it; tests/test_papers.py checks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "packet-to-pixel.svg"

Box = tuple[str, str, tuple[str, ...]]
"""title, the type passed to the next box, and files of parity_tui/ (KIND: any kind)"""

LANES: tuple[tuple[str, tuple[Box, ...]], ...] = (
    (
        "ask",
        (
            ("configuration", "Target", ("config/parity_toml.py", "config/dotenv.py", "config/targets/")),
            ("watcher", "connect, read", ("watcher/supervisor.py",)),
            (
                "kind asks",
                "Dialer",
                ("services/KIND/__init__.py", "services/KIND/queries.py", "services/KIND/connection.py"),
            ),
            (
                "transport",
                "packets",
                ("transport/dialer.py", "transport/guard.py", "transport/tls.py", "transport/ssh/"),
            ),
            ("server", "", ()),
        ),
    ),
    (
        "compare",
        (
            ("kind parses", "Reading", ("services/KIND/parse.py", "services/KIND/normalize.py")),
            ("secrets", "redacted Reading", ("services/__init__.py", "secrets/detect.py")),
            ("watcher", "Outcome", ("watcher/__init__.py", "transport/errors.py")),
            ("drift", "Board", ("drift/board.py", "drift/compare.py", "drift/grade.py", "drift/policy.py")),
            ("history", "", ("history/recorder.py", "history/state.py")),
        ),
    ),
    (
        "show",
        (
            ("app", "board", ("ui/app.py", "ui/board_screen.py", "ui/protocols.py")),
            ("view", "VisibleLine", ("ui/view/visible_rows.py", "ui/view/row_index.py", "ui/view/row_detail.py")),
            ("theme", "Strip", ("ui/theme/renderer.py", "ui/theme/palette.py")),
            ("widgets", "cells", ("ui/widgets/grid.py", "ui/widgets/detail.py", "ui/widgets/header.py")),
            ("terminal", "", ("ui/terminal/partial_update.py", "ui/terminal/shutdown.py")),
        ),
    ),
)
WIDTH, HEIGHT, GAP, LANE, LEFT, TOP = 226, 112, 42, 166, 96, 24


def files() -> Iterator[str]:
    """Yield every path in the picture, relative to parity_tui/."""
    for _, boxes in LANES:
        for _, _, names in boxes:
            yield from names


def draw() -> str:
    """Return the picture as SVG."""
    width = LEFT + 5 * (WIDTH + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + 3 * LANE}" font-family="monospace">',
        f'<rect width="{width}" height="{TOP + 3 * LANE}" fill="#ffffff"/>',
    ]
    for lane, (name, boxes) in enumerate(LANES):
        y = TOP + lane * LANE
        parts.append(f'<text x="12" y="{y + HEIGHT / 2}" font-size="18" fill="#666666">{name}</text>')
        for column, box in enumerate(boxes):
            parts.extend(_box(LEFT + column * (WIDTH + GAP), y, box))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box(x: int, y: int, box: Box) -> Iterator[str]:
    title, crossing, names = box
    yield f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#eef3fa" stroke="#4a6fa5"/>'
    yield f'<text x="{x + 10}" y="{y + 24}" font-size="16" font-weight="bold">{escape(title)}</text>'
    for line, name in enumerate(names):
        yield f'<text x="{x + 10}" y="{y + 44 + 17 * line}" font-size="12">{escape(name)}</text>'
    if crossing:
        right = x + WIDTH
        yield f'<path d="M{right + 4} {y + 60} h{GAP - 12} m-7 -5 l7 5 l-7 5" fill="none" stroke="#333333"/>'
        middle, below = right + GAP / 2, y + HEIGHT + 16
        yield f'<text x="{middle}" y="{below}" font-size="12" text-anchor="middle">{escape(crossing)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw(), "utf-8")

"""Draws screens of a terminal as one animated SVG: each line of the screen is drawn once and shown while it holds.

No script and no font from elsewhere, so that it moves within an HTML image. Where motion is not wanted, and in viewers
without animation, it is a still picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT, SIZE = 8.4, 18, 14
"""pixels: a column, a line, the font"""
LEFT, TOP = 12, 38
"""pixels around the screen, for a frame with a title"""
FOREGROUND, BACKGROUND, WINDOW = "#c5c8c6", "#0d1117", "#30363d"
BASIC = {
    "black": "#0d1117", "red": "#ff7b72", "green": "#3fb950", "brown": "#d29922", "blue": "#58a6ff",
    "magenta": "#bc8cff", "cyan": "#39c5cf", "white": "#b1bac4", "brightblack": "#6e7681",
}  # fmt: skip
"""the names that pyte gives to colours, other than hexadecimal ones"""

Style = tuple[str, str, bool, bool]
"""foreground, background, bold, italic or underlined"""
Run = tuple[int, int, str, Style]
"""first column, columns, text, style"""
Row = tuple[Run, ...]
Interval = tuple[float, float]
"""first and last second"""


@dataclass(frozen=True)
class Frame:
    """A screen and the second from which it is shown."""

    time: float
    rows: tuple[Row, ...]


def snapshot(screen: Any) -> tuple[Row, ...]:
    """Return the lines of a screen of pyte."""
    return tuple(_row(screen.buffer[y], screen.columns) for y in range(screen.lines))


def _row(line: Mapping[int, Any], columns: int) -> Row:
    runs: list[Run] = []
    for style, cells in groupby(range(columns), key=lambda x: _style(line[x])):
        group = list(cells)
        text = "".join(line[x].data for x in group)
        if text.strip() or style[1] != BACKGROUND:
            runs.append((group[0], len(group), text, style))
    return tuple(runs)


def _style(char: Any) -> Style:
    front, back = _colour(char.fg, FOREGROUND), _colour(char.bg, BACKGROUND)
    if char.reverse:
        front, back = back, front
    return front, back, bool(char.bold), bool(char.italics or char.underscore)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return BASIC.get(name) or (f"#{name}" if len(name) == 6 else default)


def intervals(frames: Sequence[Frame], seconds: float) -> dict[tuple[int, Row], tuple[Interval, ...]]:
    """Return the times at which each line of the screen is as given, by (y, line)."""
    times: dict[tuple[int, Row], list[Interval]] = defaultdict(list)
    ends = [*(frame.time for frame in frames[1:]), seconds]
    for frame, end in zip(frames, ends, strict=True):
        for position in enumerate(frame.rows):
            known = times[position]
            if known and known[-1][1] == frame.time:
                known[-1] = known[-1][0], end
            else:
                known.append((frame.time, end))
    return {position: tuple(known) for position, known in times.items() if position[1]}


def keyframes(name: str, times: Iterable[Interval], seconds: float) -> str:
    """Return the CSS that shows a line at its times.

    >>> keyframes("a", [(5.0, 10.0)], 20.0)
    '@keyframes a{0%{visibility:hidden}25%{visibility:visible}50%{visibility:hidden}}'
    """
    steps = {0.0: "hidden"}
    for start, end in times:
        steps |= {start: "visible", end: "hidden"}
    stops = "".join(f"{100 * at / seconds:.5g}%{{visibility:{state}}}" for at, state in steps.items() if at < seconds)
    return f"@keyframes {name}{{{stops}}}"


def animated(
    frames: Sequence[Frame], seconds: float, size: tuple[int, int], still: Sequence[Row], title: str = ""
) -> str:
    """Return the SVG of frames that repeat every ``seconds``; ``still`` is shown where nothing moves."""
    times = intervals(frames, seconds)
    moving = sorted({each for each in times.values() if each != ((0.0, seconds),)})
    names = {each: f"t{number}" for number, each in enumerate(moving)}
    styles = sorted({run[3] for _, row in times for run in row})
    classes = {style: f"s{number}" for number, style in enumerate(styles)}
    lines = [
        f'<g class="{_classes(names.get(shown, ""), still[y] == row)}">{_drawn(row, y, classes)}</g>'
        for (y, row), shown in times.items()
    ]
    css = [*(_font(style, name) for style, name in classes.items()), ".h{visibility:hidden}", _motion(names, seconds)]
    return _window(size, title, "\n".join(css), "\n".join(lines))


def _classes(name: str, still: bool) -> str:
    return " ".join(filter(None, (name, "h" if name and not still else "")))


def _motion(names: Mapping[tuple[Interval, ...], str], seconds: float) -> str:
    rules = [
        f".{name}{{animation:{name} {seconds:.2f}s step-end infinite}}{keyframes(name, each, seconds)}"
        for each, name in names.items()
    ]
    return "@media (prefers-reduced-motion:no-preference){\n" + "\n".join(rules) + "\n}"


def _font(style: Style, name: str) -> str:
    front, _, bold, decorated = style
    return (
        f".{name}{{fill:{front}"
        + (";font-weight:bold" if bold else "")
        + (";text-decoration:underline" if decorated else "")
        + "}"
    )


def _drawn(row: Row, y: int, classes: Mapping[Style, str]) -> str:
    """Return the backgrounds and texts of a line; each text takes exactly its columns in every font."""
    top, parts = TOP + y * HEIGHT, []
    for x, columns, _, style in row:
        if style[1] != BACKGROUND:
            parts.append(
                f'<rect x="{LEFT + x * WIDTH:.1f}" y="{top}" width="{columns * WIDTH + 0.3:.1f}" height="{HEIGHT}.3" '
                f'fill="{style[1]}"/>'
            )
    for x, _, text, style in row:
        at, words = x + len(text) - len(text.lstrip()), text.strip()
        if words:
            parts.append(
                f'<text x="{LEFT + at * WIDTH:.1f}" y="{top + 13}" textLength="{len(words) * WIDTH:.1f}" '
                f'class="{classes[style]}">{escape(words)}</text>'
            )
    return "".join(parts)


def _window(size: tuple[int, int], title: str, css: str, content: str) -> str:
    width, height = round(size[0] * WIDTH + 2 * LEFT), size[1] * HEIGHT + TOP + LEFT
    lights = "".join(
        f'<circle cx="{20 + 18 * number}" cy="19" r="5.5" fill="{colour}"/>'
        for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"
 role="img" xml:space="preserve">
<title>{escape(title)}</title>
<style>
text{{font:{SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}}
{css}
</style>
<rect width="{width}" height="{height}" rx="8" fill="{BACKGROUND}" stroke="{WINDOW}"/>
{lights}
<text x="{width // 2}" y="23" text-anchor="middle" fill="{FOREGROUND}">{escape(title)}</text>
{content}
</svg>
"""

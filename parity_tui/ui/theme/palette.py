"""Colours: dark, light and the terminal's own sixteen; few and restrained, so that drift stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from rich.style import Style
from textual.color import Color, ColorParseError

from parity_tui.model import Severity


class Palette(Struct, frozen=True):
    """One set of styles; a style without a background is drawn on the screen's own."""

    name: str
    """also the name of the Textual theme"""
    text: Style
    strong: Style
    dim: Style
    faint: Style
    """separators and rules"""
    critical: Style
    warning: Style
    info: Style
    good: Style
    bar: Style
    """background of section lines, header and footer"""
    cursor: Style
    """background of the line under the cursor"""
    current: Style
    """background of the current pane in that line"""
    changed: Style
    """style of a value that has just changed"""
    background: str
    """of the screen, in Textual's notation"""
    ground: Style
    """default style of the whole screen"""
    environments: tuple[str, ...]
    """colours for environments without a configured one"""
    production: str
    tint: float
    """share of an environment's colour in the background of its title; 0: none"""

    def severity(self, severity: Severity) -> Style:
        """Return the style of a severity."""
        return {Severity.CRITICAL: self.critical, Severity.WARNING: self.warning, Severity.INFO: self.info}.get(
            severity, self.dim
        )

    def titles(self, names: Sequence[str], colours: Mapping[str, str]) -> tuple[Style, ...]:
        """Return the style of each environment's title; ``colours`` are the configured ones by name."""
        free = iter([c for c in self.environments if c not in colours.values()] or self.environments)
        styles = []
        for name in names:
            wanted = colours.get(name, "")
            production = "prod" in name.lower()
            if not wanted:
                wanted = self.production if production else next(free, self.environments[0])
            styles.append(self._title(wanted, production))
        return tuple(styles)

    def _title(self, colour: str, production: bool) -> Style:
        """Return the style of a title in a colour, stronger for production."""
        try:
            parsed = Color.parse(colour)
        except ColorParseError:
            parsed = Color.parse(self.environments[0])
        if not self.tint:
            return Style(color=parsed.rich_color, bold=True, reverse=production)
        ground = Color.parse(self.background)
        behind = ground.blend(parsed, self.tint * (2.2 if production else 1.0))
        front = parsed.blend(Color.parse("white" if ground.brightness < 0.5 else "black"), 0.35 if production else 0.1)
        return Style(color=front.rich_color, bgcolor=behind.rich_color, bold=True)


def unknown_colours(colours: Mapping[str, str]) -> list[str]:
    """Return a sentence on each configured colour that cannot be painted; ``colours`` are those by name.

    >>> unknown_colours({"dev": "redd", "staging": "#f80", "production": ""})
    ['color "redd" of dev is not known: take a name of CSS, or #rrggbb']
    """
    found = []
    for name, colour in colours.items():
        try:
            Color.parse(colour or "red")
        except ColorParseError:
            found.append(f'color "{colour}" of {name} is not known: take a name of CSS, or #rrggbb')
    return found


def _style(colour: str, behind: str = "", bold: bool = False) -> Style:
    return Style(color=colour or None, bgcolor=behind or None, bold=bold or None)


DARK = Palette(
    name="parity-dark",
    text=_style("#c5cdd9"),
    strong=_style("#eef2f7", bold=True),
    dim=_style("#76839a"),
    faint=_style("#333d4d"),
    critical=_style("#ff7b72", bold=True),
    warning=_style("#e3b341", bold=True),
    info=_style("#79b8ff", bold=True),
    good=_style("#7bc98a"),
    bar=_style("", "#1a212d"),
    cursor=_style("", "#263347"),
    current=_style("", "#374b68"),
    changed=_style("#10151d", "#e3b341", bold=True),
    background="#10151d",
    ground=_style("#c5cdd9", "#10151d"),
    environments=("#6cb6ff", "#56c4b4", "#c297ff", "#e09b5f", "#8ddb8c", "#f47fb2"),
    production="#f85149",
    tint=0.16,
)

LIGHT = Palette(
    name="parity-light",
    text=_style("#24292f"),
    strong=_style("#0b0f14", bold=True),
    dim=_style("#6a7480"),
    faint=_style("#d0d7de"),
    critical=_style("#c4161c", bold=True),
    warning=_style("#8a5a00", bold=True),
    info=_style("#0a5cc4", bold=True),
    good=_style("#1a7f37"),
    bar=_style("", "#eef1f5"),
    cursor=_style("", "#dbe7f7"),
    current=_style("", "#b9d2f3"),
    changed=_style("#24292f", "#ffd866", bold=True),
    background="#ffffff",
    ground=_style("#24292f", "#ffffff"),
    environments=("#0a5cc4", "#0b7a6b", "#7b3fc4", "#a8561a", "#1a7f37", "#b3246e"),
    production="#c4161c",
    tint=0.12,
)

ANSI = Palette(
    name="ansi-dark",
    text=Style(),
    strong=Style(bold=True),
    dim=Style(dim=True),
    faint=Style(dim=True),
    critical=_style("red", bold=True),
    warning=_style("yellow", bold=True),
    info=_style("cyan", bold=True),
    good=_style("green"),
    bar=Style(),
    cursor=Style(reverse=True, dim=False),
    current=Style(reverse=True, bold=True, underline=True, dim=False),
    changed=Style(reverse=True, bold=True),
    background="ansi_default",
    ground=Style(),
    environments=("ansi_blue", "ansi_cyan", "ansi_magenta", "ansi_green", "ansi_yellow"),
    production="ansi_red",
    tint=0.0,
)

PALETTES = {palette.name: palette for palette in (DARK, LIGHT, ANSI)}


@lru_cache(maxsize=4096)
def over(style: Style, background: Style | None) -> Style:
    """Return the style on another background; a reversing background replaces the style."""
    if background is None:
        return style
    return background if background.reverse and not style.bgcolor else style + background

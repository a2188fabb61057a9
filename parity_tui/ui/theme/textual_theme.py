"""The theme of Textual's own widgets, made of a palette."""

from __future__ import annotations

from textual.theme import Theme

from parity_tui.ui.theme.palette import DARK, Palette, over


def textual_theme(palette: Palette) -> Theme:
    """Return the Textual theme of the same name as the palette."""
    return Theme(
        name=palette.name,
        primary=palette.environments[0],
        secondary=palette.environments[2],
        warning=_colour(palette.warning.color),
        error=palette.production,
        success=_colour(palette.good.color),
        accent=palette.environments[1],
        foreground=_colour(over(palette.text, palette.bar).color),
        background=palette.background,
        surface=_colour(palette.bar.bgcolor),
        panel=_colour(palette.cursor.bgcolor),
        dark=palette is DARK,
    )


def _colour(colour: object) -> str:
    """Return a Rich colour in Textual's notation."""
    return str(getattr(colour, "name", "ansi_default"))

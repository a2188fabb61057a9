"""Editing the filter: what each key does to the typed text."""

from __future__ import annotations

from msgspec import Struct

_KEEP = frozenset({"enter", "tab", "down", "up"})
"""keys that return to the panes and keep the filter"""
_DROP = "escape"
_LONGEST = 200


class Input(Struct, frozen=True):
    """The filter after a key."""

    typing: str | None
    """the text in the prompt; None: the prompt is closed"""
    text: str
    """the text to filter by"""


def press(before: Input, key: str, character: str | None) -> Input | None:
    """Return the filter after a key; None: the filter does not use the key.

    >>> press(Input(None, "zone"), "slash", "/"), press(Input("zone", "zone"), "escape", None)
    (Input(typing='zone', text='zone'), Input(typing=None, text=''))
    """
    if before.typing is None:
        return Input(before.text, before.text) if key == "slash" else None
    if key == _DROP:
        return Input(None, "")
    if key in _KEEP:
        return Input(None, before.text)
    text = typed(before.typing, key, character)
    return Input(text, text.strip())


def paste(before: Input, text: str) -> Input:
    r"""Return the filter after a paste: the first line that is not blank is inserted if the prompt is open.

    >>> paste(Input("", ""), "\r time\tzone\x1b\rUTC\r"), paste(Input(None, "x"), "y")
    (Input(typing='time zone', text='time zone'), Input(typing=None, text='x'))
    """
    if before.typing is None:
        return before
    # Terminals end pasted lines with a carriage return.
    line = next((line for line in text.splitlines() if line.strip()), "")
    words = "".join(character for character in " ".join(line.split()) if character.isprintable())
    text = (before.typing + words)[:_LONGEST]
    return Input(text, text.strip())


def typed(text: str, key: str, character: str | None) -> str:
    """Return the typed text after a key.

    >>> typed("zon", "e", "e"), typed("zone", "backspace", None), typed("time zone", "ctrl+w", None)
    ('zone', 'zon', 'time ')
    """
    match key:
        case "backspace" | "ctrl+h":
            return text[:-1]
        case "ctrl+u":
            return ""
        case "ctrl+w":
            return text.rstrip()[: text.rstrip().rfind(" ") + 1]
    return (text + character)[:_LONGEST] if character and character.isprintable() else text

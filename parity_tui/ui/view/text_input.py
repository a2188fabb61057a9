"""Typing a filter: what a key does to the text."""

from __future__ import annotations

KEEP = frozenset({"enter", "tab", "down", "up"})
"""keys that go back to the panes, with the filter"""
DROP = frozenset({"escape"})
"""keys that go back without it"""
_LONGEST = 200


def typed(text: str, key: str, character: str | None) -> str:
    """Return the text after a key.

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

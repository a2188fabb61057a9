"""Sends only what differs between the styles of neighbouring texts; Textual resets and names each one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

_CHANGE = re.compile(r"(\x1b\[0m(?P<move>(?:\x1b\[\d{1,4};\d{1,4}H)?))?\x1b\[(?P<codes>[\d;]{1,80})m")
"""a style, perhaps after a reset and a move of the cursor"""


class _Style(Struct, frozen=True):
    foreground: str = ""
    background: str = ""
    flags: frozenset[str] = frozenset()
    """bold, italic, …"""


def compact(text: str) -> str:
    r"""Return an update of the screen that looks the same with shorter styles.

    >>> compact("\x1b[1;31;44ma\x1b[0m\x1b[1;32;44mb\x1b[0m\x1b[2;1H\x1b[32mc\x1b[0m")
    '\x1b[1;31;44ma\x1b[32mb\x1b[2;1H\x1b[0;32mc\x1b[0m'
    """
    current = "0"

    def change(match: re.Match[str]) -> str:
        nonlocal current
        before, current = current, match["codes"]
        if match[1] is None or before == "0":  # the first style, or one that is not reset
            return match[0]
        return f"{match['move']}{_difference(before, current)}"

    return _CHANGE.sub(change, text)


@lru_cache(maxsize=4096)
def _difference(before: str, after: str) -> str:
    """Return the sequence that leads from one style to another."""
    old, new = _parsed(before), _parsed(after)
    removed = old.flags - new.flags or (old.foreground and not new.foreground)
    if removed or (old.background and not new.background):
        return f"\x1b[0;{after}m"
    codes = sorted(new.flags - old.flags)
    codes += [new.foreground] if new.foreground != old.foreground else []
    codes += [new.background] if new.background != old.background else []
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def has_plain_blanks(codes: str) -> bool:
    """Return whether blanks in a style show its background alone.

    >>> has_plain_blanks("1;38;5;7;44"), has_plain_blanks("4;37"), has_plain_blanks("7")
    (True, False, False)
    """
    return not _parsed(codes).flags & {"4", "5", "7", "9", "21", "53"}


def _parsed(codes: str) -> _Style:
    r"""Return a style.

    >>> _parsed("1;38;2;9;9;9;48;5;7").foreground, _parsed("1;38;2;9;9;9;48;5;7").background, _parsed("97;1").flags
    ('38;2;9;9;9', '48;5;7', frozenset({'1'}))
    """
    parts = {"foreground": "", "background": ""}
    flags = set()
    rest = iter(codes.split(";"))
    for code in rest:
        number = int(code or 0)
        if number in (38, 48):
            parts["foreground" if number == 38 else "background"] = ";".join((code, *_colour(rest)))
        elif 30 <= number <= 39 or 90 <= number <= 97:
            parts["foreground"] = code
        elif 40 <= number <= 49 or 100 <= number <= 107:
            parts["background"] = code
        else:
            flags.add(code)
    return _Style(**parts, flags=frozenset(flags))


def _colour(rest: Iterator[str]) -> Iterator[str]:
    kind = next(rest, "")
    yield kind
    for _ in range({"2": 3, "5": 1}.get(kind, 0)):
        yield next(rest, "")

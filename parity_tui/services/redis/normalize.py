"""Settings whose text has a structure of its own, written so that the same meaning is the same text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

ALL_EVENTS = "g$lshzxetd"
"""what A stands for in notify-keyspace-events; m, n and others are apart"""


def save(raw: str) -> str:
    """Return the moments of saving, the shortest first, "" where the text is none of this.

    >>> save("900 1 60 10000 300 10 7 7"), save(""), save("often")
    ('7 in 7 s, 10000 in 60 s, 10 in 300 s, 1 in 900 s', 'off', '')
    """
    numbers = raw.split()
    if len(numbers) % 2 or not all(plain(number) for number in numbers):
        return ""
    moments = sorted(
        {(int(seconds), int(changes)) for seconds, changes in zip(numbers[::2], numbers[1::2], strict=True)}
    )
    return ", ".join(f"{changes} in {seconds} s" for seconds, changes in moments) or "off"


def client_output_buffer_limit(raw: str) -> str:
    """Return the limits by class: the hard one, the soft one, and how long that may last.

    >>> client_output_buffer_limit("normal 0 0 0 slave 268435456 67108864 60")
    'normal no limit, replica 256 MB or 64 MB for 60 s'
    """
    words = raw.split()
    groups = [words[i : i + 4] for i in range(0, len(words), 4)]
    if not all(len(group) == 4 and all(plain(number) for number in group[1:]) for group in groups):
        return ""
    limits = {("replica" if name == "slave" else name): limit(*map(int, rest)) for name, *rest in groups}
    return ", ".join(f"{name} {limits[name]}" for name in sorted(limits))


def limit(hard: int, soft: int, seconds: int) -> str:
    """Return the limits of one class in words; 0 is none.

    >>> limit(0, 1024, 5), limit(1000, 0, 0)
    ('1 kB for 5 s', '1000 B')
    """
    parts = [size(hard)] if hard else []
    parts += [f"{size(soft)} for {seconds} s"] if soft else []
    return " or ".join(parts) or "no limit"


def size(count: int) -> str:
    """Return bytes in the largest unit that divides them."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if count % factor == 0:
            return f"{count // factor} {unit}"
    return f"{count} B"


def plain(number: str) -> bool:
    """Tell whether the text is a number of digits, and not too many of them."""
    return re.fullmatch(r"[0-9]{1,20}", number) is not None


def notify_keyspace_events(raw: str) -> str:
    """Return the flags in one order, A for all that it stands for.

    >>> notify_keyspace_events("KEg$lshzxetd"), notify_keyspace_events("xEA"), notify_keyspace_events("")
    ('KEA', 'EA', 'off')
    """
    flags = set(raw)
    if "A" in flags or flags.issuperset(ALL_EVENTS):
        flags = flags - set(ALL_EVENTS) | {"A"}
    order = "KEA" + ALL_EVENTS
    return "".join(sorted(flags, key=lambda flag: (order.find(flag) % 100, flag))) or "off"


MEANINGS: Mapping[str, Callable[[str], str]] = {
    "save": save,
    "client-output-buffer-limit": client_output_buffer_limit,
    "notify-keyspace-events": notify_keyspace_events,
}
"""by the setting's name: raw text to canonical text, "" where it is compared as it is"""

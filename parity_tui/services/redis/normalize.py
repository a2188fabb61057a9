"""Settings with a syntax of their own, rewritten so that equal meanings are equal texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from parity_tui.services._listening import listening

ALL_EVENTS = "g$lshzxetd"
"""flags that A includes in notify-keyspace-events; it does not include m, n and some others"""


def save(raw: str) -> str:
    """Return the snapshot intervals, the shortest first, "" where the text has another syntax.

    >>> save("900 1 60 10000 300 10 7 7"), save(""), save("often")
    ('7 in 7 s, 10000 in 60 s, 10 in 300 s, 1 in 900 s', 'off', '')
    """
    numbers = raw.split()
    if len(numbers) % 2 or not all(is_short_number(number) for number in numbers):
        return ""
    intervals = sorted(
        {(int(seconds), int(changes)) for seconds, changes in zip(numbers[::2], numbers[1::2], strict=True)}
    )
    return ", ".join(f"{changes} in {seconds} s" for seconds, changes in intervals) or "off"


def client_output_buffer_limit(raw: str) -> str:
    """Return the limits by client class, "" where the text has another syntax.

    >>> client_output_buffer_limit("normal 0 0 0 slave 268435456 67108864 60")
    'normal no limit, replica 256 MB or 64 MB for 60 s'
    """
    words = raw.split()
    groups = [words[i : i + 4] for i in range(0, len(words), 4)]
    if not all(len(group) == 4 and all(is_short_number(number) for number in group[1:]) for group in groups):
        return ""
    limits = {("replica" if name == "slave" else name): limit(*map(int, rest)) for name, *rest in groups}
    return ", ".join(f"{name} {limits[name]}" for name in sorted(limits))


def limit(hard: int, soft: int, seconds: int) -> str:
    """Return the limits of one client class in words; 0 means no limit.

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


def is_short_number(text: str) -> bool:
    """Return whether the text is a number of at most 20 digits."""
    return re.fullmatch(r"[0-9]{1,20}", text) is not None


def notify_keyspace_events(raw: str) -> str:
    """Return the flags in one order, with A for all that it includes; K or E alone, or neither, means off.

    >>> notify_keyspace_events("KEg$lshzxetd"), notify_keyspace_events("xEA"), notify_keyspace_events("x")
    ('KEA', 'EA', 'off')
    """
    flags = set(raw)
    if not flags & {"K", "E"} or not flags - {"K", "E"}:
        return "off"
    if "A" in flags or flags.issuperset(ALL_EVENTS):
        flags = flags - set(ALL_EVENTS) | {"A"}
    order = "KEA" + ALL_EVENTS
    return "".join(sorted(flags, key=lambda flag: (order.find(flag) % 100, flag))) or "off"


NORMALIZERS: Mapping[str, Callable[[str], str]] = {
    "bind": listening,
    "save": save,
    "client-output-buffer-limit": client_output_buffer_limit,
    "notify-keyspace-events": notify_keyspace_events,
}
"""setting -> function of its raw text that returns canonical text, "" where the raw text is compared"""

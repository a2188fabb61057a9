"""Durations as they are written: "5s", "500ms", 2."""

from __future__ import annotations

import re

from parity_tui.config.errors import InvalidValue

_WRITTEN = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h)?\s*", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST = 86_400.0
"""seconds"""


def duration(written: str | float) -> float:
    """Return a duration in seconds; a bare number is seconds. Raises Wrong, in words.

    >>> duration("5s"), duration("500ms"), duration("2m"), duration("1.5"), duration(3)
    (5.0, 0.5, 120.0, 1.5, 3.0)
    """
    match = _WRITTEN.fullmatch(str(written)) if isinstance(written, str) else None
    if match:
        seconds = float(match[1]) * _SECONDS[match[2] or "s"]
    elif isinstance(written, str):
        raise InvalidValue('must be a duration such as "5s", "500ms" or "2m"')
    else:
        seconds = written
    if not 0 < seconds <= _LONGEST:  # not a number is not between them either
        raise InvalidValue("must be more than nothing and at most a day")
    return float(seconds)

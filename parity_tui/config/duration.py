"""Durations as a person writes them: "5s", "500ms", 2."""

from __future__ import annotations

import re

from parity_tui.config.errors import InvalidValue

_DURATION = re.compile(r"\s*+(\d{1,9}(?:\.\d{1,9})?)\s*+(ms|s|m|h)?\s*", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_MAX_SECONDS = 86_400.0


def duration(value: str | float) -> float:
    """Return a duration in seconds; a bare number means seconds. Raises InvalidValue.

    >>> duration("5s"), duration("500ms"), duration("2m"), duration("1.5"), duration(3)
    (5.0, 0.5, 120.0, 1.5, 3.0)
    """
    match = _DURATION.fullmatch(str(value)) if isinstance(value, str) else None
    if match:
        seconds = float(match[1]) * _SECONDS[match[2] or "s"]
    elif isinstance(value, str):
        raise InvalidValue('must be a duration such as "5s", "500ms" or "2m"')
    else:
        seconds = value
    if not 0 < seconds <= _MAX_SECONDS:  # NaN fails this comparison too
        raise InvalidValue("must be more than 0 and at most 1 day")
    return float(seconds)

"""Durations as a person writes them: "5s", "500ms", 2."""

from __future__ import annotations

import re

from parity_tui.config.errors import InvalidValue

_DURATION = re.compile(r"\s*+(\d{1,9}(?:\.\d{1,9})?)\s*+(ms|s|m|h|d)?\s*", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DAY = 86_400.0
_EXAMPLES = '"5s", "500ms" or "2m"'
_LONG_EXAMPLES = '"30d" or "365d"'


def duration(value: str | float, most_days: int = 1) -> float:
    """Return a duration in seconds; a bare number means seconds. Raises InvalidValue.

    >>> duration("5s"), duration("500ms"), duration("2m"), duration("1.5"), duration(3)
    (5.0, 0.5, 120.0, 1.5, 3.0)
    """
    match = _DURATION.fullmatch(str(value)) if isinstance(value, str) else None
    if match:
        seconds = float(match[1]) * _SECONDS[match[2] or "s"]
    elif isinstance(value, str):
        raise InvalidValue(f"must be a duration such as {_EXAMPLES if most_days == 1 else _LONG_EXAMPLES}")
    else:
        seconds = value
    if not 0 < seconds <= most_days * _DAY:  # NaN fails this comparison too
        most = "1 day" if most_days == 1 else f"{most_days} days"
        raise InvalidValue(f"must be more than 0 and at most {most}")
    return float(seconds)

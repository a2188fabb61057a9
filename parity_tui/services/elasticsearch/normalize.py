"""Values of settings, rewritten so that equal meanings are equal texts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from parity_tui.model import Fact, ValueType

_SIZE = re.compile(r"(-?\d{1,30}(?:\.\d{1,10})?)([kmgtp]?b)", re.IGNORECASE | re.ASCII)
_TIME = re.compile(r"(-?\d{1,30}(?:\.\d{1,10})?)(nanos|micros|ms|s|m|h|d)", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,20})?(?:E-?\d{1,3})?", re.ASCII)

_BYTES = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
_NANOSECONDS = {
    "nanos": 1, "micros": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9,
}  # fmt: skip
_WORDS = {"b": "B", "kb": "kB", "mb": "MB", "gb": "GB", "tb": "TB", "pb": "PB", "m": "min"}


def fact_of(value: Any, source: str) -> Fact:
    """Return the fact of a setting's value: text, a list of texts, or null.

    >>> fact_of("30000ms", "").canonical, fact_of("1024kb", "").canonical, fact_of(["b", "a"], "").canonical
    ('30 s', '1 MB', 'a, b')
    >>> fact_of("true", "").type.value, fact_of("2", "").type.value, fact_of(None, "").canonical, fact_of("-1b", "").raw
    ('bool', 'number', '(none)', '-1b')
    """
    if isinstance(value, list):
        members = [text_of(member) for member in value]
        return Fact(", ".join(members), canonical=", ".join(sorted(members)) or "(none)", source=source)
    raw = text_of(value)
    if raw in ("true", "false"):
        return Fact(raw, ValueType.BOOL, source=source)
    if _NUMBER.fullmatch(raw):
        return Fact(raw, ValueType.NUMBER, source=source)
    for pattern, kind, units in ((_SIZE, ValueType.SIZE, _BYTES), (_TIME, ValueType.DURATION, _NANOSECONDS)):
        if match := pattern.fullmatch(raw):
            return Fact(raw, kind, canonical=quantity(match[1], match[2].lower(), units), source=source)
    return Fact(raw, canonical="" if raw else "(none)", source=source)


def text_of(value: Any) -> str:
    """Return a value as text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def quantity(number: str, unit: str, units: dict[str, int]) -> str:
    """Return a quantity in the largest unit that divides it.

    >>> quantity("90", "s", _NANOSECONDS), quantity("0", "ms", _NANOSECONDS), quantity("1.5", "gb", _BYTES)
    ('90 s', '0 s', '1536 MB')
    """
    amount = Decimal(number) * units[unit]
    if not amount:
        return "0 B" if "kb" in units else "0 s"
    for name, factor in sorted(units.items(), key=lambda each: -each[1]):
        if amount % factor == 0:
            return f"{amount // factor} {_WORDS.get(name, name)}"
    return f"{number} {_WORDS.get(unit, unit)}"

"""Counts and lists in sentences."""

from __future__ import annotations

from collections.abc import Sequence


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    >>> plural(1, "warning"), plural(3, "warning"), plural(2, "is hidden", "are hidden")
    ('1 warning', '3 warnings', '2 are hidden')
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def listing(names: Sequence[str]) -> str:
    """Return names as in a sentence.

    >>> listing(["dev"]), listing(["dev", "staging", "eu"]), listing([])
    ('dev', 'dev, staging and eu', '')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def duration(seconds: float) -> str:
    """Return a duration in one or two units.

    >>> duration(0.2), duration(41.4), duration(200), duration(7500), duration(277200)
    ('1 s', '41 s', '3 min', '2 h 5 min', '3 d 5 h')
    """
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    large, small, size = ("d", "h", 86400) if whole >= 86400 else ("h", "min", 3600)
    rest = whole % size // (3600 if large == "d" else 60)
    return f"{whole // size} {large}" + (f" {rest} {small}" if rest else "")


def without_address(message: str, address: str) -> str:
    """Return the message of a failure without the address that it names.

    >>> without_address("10.0.0.7:6379 refused the connection", "10.0.0.7:6379")
    'refused the connection'
    """
    if not address:
        return message
    for ending in (f" ({address})", f": {address}"):
        message = message.removesuffix(ending)
    return message.removeprefix(f"{address} ").removeprefix(f"{address}: ")

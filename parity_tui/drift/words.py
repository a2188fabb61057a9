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

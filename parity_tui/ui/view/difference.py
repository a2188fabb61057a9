"""How two long values differ: where their texts part, and which members of a list are added or missing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct
from rich.cells import cell_len

from parity_tui.drift.row import Row
from parity_tui.model import State, ValueType, Verdict
from parity_tui.ui.view.cells import fit

_LISTS = (ValueType.SET, ValueType.LIST, ValueType.MAP)
_BEFORE = 3
"""characters shown in front of the first difference"""


class Difference(Struct, frozen=True):
    """How the values of one row differ from each other."""

    start: int = 0
    """number of characters that all texts begin with"""
    reference: str | None = None
    """of a list: the text whose members the others are compared with"""

    def fit(self, text: str, width: int, ellipsis: str) -> str:
        """Return a value in exactly ``width`` cells; one that is too long shows how it differs.

        >>> Difference(10).fit("proxy_pass=one", 8, "…"), Difference(reference="a, b").fit("a, bcd, efgh", 8, "…")
        ('…ass=one', '+bcd +e…')
        """
        if cell_len(text) <= width:
            return fit(text, width, ellipsis)
        if changed := self.changed(text):
            return fit(changed, width, ellipsis)
        start = min(self.start - _BEFORE, len(text) - width + len(ellipsis))
        visible = self.start < width - 2 * len(ellipsis)
        return fit(text if visible or start <= 0 else ellipsis + text[start:], width, ellipsis)

    def changed(self, text: str) -> str:
        """Return the added and missing members of a list, "" for other values."""
        return "" if self.reference is None else changed_members(text, self.reference)


NO_DIFFERENCE = Difference()


def difference_of(row: Row, baseline: int | None) -> Difference:
    """Return how the values of a row differ; ``baseline`` is the index of the environment they should equal."""
    if row.verdict not in (Verdict.DRIFT, Verdict.EXPECTED):
        return NO_DIFFERENCE
    texts = [row.text(index) for index, fact in enumerate(row.cells) if fact.state is State.VALUE]
    return Difference(_common_start(texts), _reference(row, baseline))


def _common_start(texts: Sequence[str]) -> int:
    """Return the number of characters that all texts begin with."""
    first, last = min(texts, default=""), max(texts, default="")
    return next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))


def _reference(row: Row, baseline: int | None) -> str | None:
    """Return the text of a list that the others are compared with: the baseline's, or the most common one."""
    known = [index for index, fact in enumerate(row.cells) if fact.state is State.VALUE]
    if not known or any((row.rule.type or row.cells[index].type) not in _LISTS for index in known):
        return None
    if baseline in known and baseline is not None:
        return row.text(baseline)
    texts = [row.text(index) for index in known]
    return max(texts, key=texts.count)


@lru_cache(maxsize=1024)
def changed_members(text: str, reference: str) -> str:
    """Return the members of a list that are added and missing, "" if both have the same ones.

    >>> changed_members("tcp, plain, x-hash", "plain, tcp, fanout")
    '+x-hash -fanout'
    """
    mine, other = _members(text), _members(reference)
    added, missing = [name for name in mine if name not in other], [name for name in other if name not in mine]
    return " ".join((*(f"+{name}" for name in added), *(f"-{name}" for name in missing)))


def _members(text: str) -> Sequence[str]:
    """Return the members of a list as it is shown; each once, in their order."""
    return tuple(dict.fromkeys(text.split(", "))) if text != "(empty)" else ()

"""Prints one line for each figure: beside it the floor and a peer, their ratio, the promise and whether it is met."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from msgspec import Struct

HEAD = ("figure", "ours", "floor", "peer", "", "ratio", "owed", "met")


class Figure(Struct, frozen=True):
    """One measured figure."""

    what: str
    ours: str
    """with its unit"""
    beside: str = ""
    """the peer's figure, with its unit"""
    reference: str = ""
    """name of the peer"""
    ratio: float | None = None
    """ours divided by the reference's"""
    most: float | None = None
    """the promised maximum of the ratio"""
    promise: str = ""
    """a promise that is not a ratio"""
    kept: bool | None = None
    floor: str = ""
    """the least that can be reached, measured in the same run"""

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept, None without one."""
        return self.ratio <= self.most if self.ratio is not None and self.most is not None else self.kept

    @property
    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        owed = f"at most {self.most:g} x" if self.most is not None else self.promise
        mark = "" if self.met is None else "✓" if self.met else "✗"
        return (self.what, self.ours, self.floor, self.beside, self.reference, ratio, owed, mark)


def ratio(ours: Sequence[float], beside: Sequence[float]) -> float:
    """Return the median of the ratios of corresponding runs."""
    return statistics.median(one / other for one, other in zip(ours, beside, strict=True))


def against(
    what: str,
    ours: Sequence[float],
    beside: Sequence[float],
    reference: str,
    most: float | None = None,
    unit: str = "ms",
    floor: Sequence[float] = (),
) -> Figure:
    """Return the figure of two contenders, and of the floor; with the unit "ms" the values are seconds."""
    least = middle(floor, unit) if floor else ""
    return Figure(what, middle(ours, unit), middle(beside, unit), reference, ratio(ours, beside), most, floor=least)


def within(what: str, amount: float, unit: str, most: float, floor: str = "") -> Figure:
    """Return a figure with a promised maximum."""
    owed = f"at most {most:,g} {unit}".rstrip()
    return Figure(what, shown(amount, unit), promise=owed, kept=amount <= most, floor=floor)


def middle(values: Sequence[float], unit: str = "ms") -> str:
    """Return the median with its unit; with "ms" the values are seconds."""
    return shown(statistics.median(values) * (1000 if unit == "ms" else 1), unit)


def shown(amount: float, unit: str) -> str:
    """Return an amount with its unit.

    >>> shown(1234.5, "ms"), shown(0.123, "ms"), shown(3.2, "%")
    ('1,234 ms', '0.12 ms', '3.2 %')
    """
    digits = 0 if amount >= 20 or amount == int(amount) else 2 if amount < 1 else 1
    return f"{amount:,.{digits}f} {unit}".rstrip()


def show_summary(figures: Sequence[Figure]) -> None:
    """Print how many promises are kept, and name the others."""
    owed = [figure for figure in figures if figure.met is not None]
    missed = [figure.what for figure in owed if not figure.met]
    print(f"\n{len(owed) - len(missed)} of {len(owed)} met" + "; not: " * bool(missed) + "; ".join(missed))  # noqa: T201


def show(title: str, figures: Sequence[Figure]) -> None:
    lines = [HEAD, *(figure.cells for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    print(f"\n{title}")  # noqa: T201
    for line in lines:
        left = (
            f"{cell:>{width}}" if i in (1, 2, 3, 5) else f"{cell:<{width}}"
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  " + "  ".join(left).rstrip(), flush=True)  # noqa: T201

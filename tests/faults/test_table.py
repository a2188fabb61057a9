"""CONTRIBUTING.md's table of faults: what it names is there, and nothing is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.table import FAULTS, every

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"


@pytest.fixture(scope="module")
def rows() -> dict[int, str]:
    """Give the last column of the table by the number of the fault."""
    found = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {int(number): where for number, where in found}


def test_there_is_a_row_for_each_of_the_sixty(rows: dict[int, str]) -> None:
    """In their order, and none is empty: where no test shows a fault, the reason stands there."""
    assert len(FAULTS) == 60
    assert list(rows) == list(range(1, 61))
    assert all(where.strip() for where in rows.values())


def test_every_fault_is_shown_by_the_test_that_the_table_names(rows: dict[int, str]) -> None:
    """It is there and its docstring carries the number; `python -m tests.faults.table` prints the table anew."""
    shown = dict(every())
    for number, where in rows.items():
        names = re.findall(r"`([^`]+)`", where)
        assert names, f"fault {number} has no test"
        assert all(number in shown.get(name, ()) for name in names), f"fault {number}: {where} does not show it"


def test_no_test_carries_a_number_that_is_no_faults() -> None:
    """There are sixty."""
    assert {number for _, numbers in every() for number in numbers} <= set(range(1, 61))

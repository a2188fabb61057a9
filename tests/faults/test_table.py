"""The index of faults is complete and up to date."""

from __future__ import annotations

from tests.faults.table import FAULTS, README, faults_by_test, index


def test_there_are_sixty_faults() -> None:
    assert len(FAULTS) == 60


def test_index_is_up_to_date() -> None:
    assert README.read_text("utf-8") == index(), "run: python -m tests.faults.table"


def test_no_test_names_an_unknown_fault() -> None:
    assert {number for _, numbers in faults_by_test() for number in numbers} <= set(range(1, 61))

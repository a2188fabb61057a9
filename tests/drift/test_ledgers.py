"""Ledgers related to each other: order of deploys, ages, squashed and cut histories."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from parity_tui.drift.ledgers import compare_ledgers
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Comparing, Comparison, Entry, Fact, Ledger, Rule, Severity, Verdict
from tests import builders

RULE = Rule("migrations (*)", Severity.CRITICAL, "x", explained_by="", compare=compare_ledgers)
TODAY = date(2026, 11, 28)
KIND = {"made-up": builders.service(RULE)}


def at(day: int) -> float:
    return datetime(2026, 11, day, tzinfo=UTC).timestamp()


def fact(*ids: str, truncated: bool = False, group: str = "") -> Fact:
    entries = tuple(Entry(name, group, at(4)) for name in ids)
    return Fact(str(len(ids)), ledger=Ledger(entries, truncated=truncated))


def related(*facts: Fact, names: tuple[str, ...] = ("dev", "staging", "production"), days: float = 14) -> Comparison:
    compared = compare_ledgers(Comparing(names[: len(facts)], dict(enumerate(facts)), "", TODAY, days))
    assert compared is not None
    return compared


def texts(compared: Comparison) -> list[str]:
    return [fact.canonical or fact.raw or "" for fact in compared.facts.values()]


def test_each_environment_is_compared_with_the_one_before() -> None:
    compared = related(fact("1", "2", "3"), fact("1", "2"), fact("1"))
    assert texts(compared) == ["3", "2 · 1 behind, oldest 24 days", "1 · 1 behind, oldest 24 days"]
    assert (compared.odd, compared.severity) == ((1, 2), Severity.WARNING)


def test_being_behind_is_information_up_to_the_age() -> None:
    assert related(fact("1", "2"), fact("1"), days=24).severity is Severity.INFO
    assert related(fact("1", "2"), fact("1"), days=23).severity is Severity.WARNING


def test_production_listed_first_still_deploys_last() -> None:
    compared = related(fact("1"), fact("1", "2"), names=("production", "dev"))
    assert compared.facts[0].canonical == "1 · 1 behind, oldest 24 days"


def test_day_in_the_name_gives_the_age() -> None:
    entries = (Entry("x"), Entry("20261118101500_orders"))
    compared = related(Fact("2", ledger=Ledger(entries)), fact("x"))
    assert texts(compared)[1] == "1 · 1 behind, oldest 10 days"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("1", "2", "3", "1_squashed_3", "4"), ("1_squashed_3", "4")),
        (("1", "2", "3", "4"), ("1_squashed_3", "4")),
        (("1", "2", "3"), ("3",)),
    ],
)
def test_squashed_history_is_no_divergence(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    assert related(fact(*before), fact(*after)).severity is None
    assert related(fact(*after), fact(*before)).severity is None


def test_squashed_history_may_be_behind_as_well() -> None:
    assert texts(related(fact("1", "2", "4", "5"), fact("1_squashed_2", "4")))[1].startswith("2 · 1 behind")


def test_migration_skipped_in_the_middle_is_missing() -> None:
    assert texts(related(fact("1", "2", "3"), fact("1", "3")))[1].startswith("2 · 1 behind")


def test_entries_older_than_a_cut_are_unknown() -> None:
    compared = related(fact("1", "2", "3", "4"), fact("2", "3", truncated=True))
    assert texts(compared)[1].startswith("2 · 1 behind")


def test_environment_without_ledger_is_a_warning() -> None:
    row = builders.row(builders.board({"dev": builders.reading({"migrations (x)": fact("1")}), "production":
        builders.reading({})}, KIND), "migrations (x)")  # fmt: skip
    assert (row.severity, row.odd, row.text(1)) == (Severity.WARNING, ("production",), "–")


def test_expected_drift_of_a_ledger_is_expected() -> None:
    answers = {"dev": builders.reading({"migrations (x)": fact("1", "2")}), "production":
        builders.reading({"migrations (x)": fact("1")})}  # fmt: skip
    expected = Expectation("it", "migrations (x)", "a freeze", ("production",))
    row = builders.row(builders.board(answers, KIND, Policy(expectations=(expected,))), "migrations (x)")
    assert (row.verdict, row.note) == (Verdict.EXPECTED, "expected: a freeze")


def test_users_severity_takes_precedence() -> None:
    answers = {"dev": builders.reading({"migrations (x)": fact("1", "2")}), "production":
        builders.reading({"migrations (x)": fact("1")})}  # fmt: skip
    for severity in (Severity.CRITICAL, Severity.IGNORED):
        policy = Policy(severities=(("made-up.migrations*", severity),))
        assert builders.row(builders.board(answers, KIND, policy), "migrations (x)").severity is severity


def test_moved_ledger_changes_its_row() -> None:
    board = builders.board(
        {name: builders.reading({"migrations (x)": fact("1")}) for name in ("dev", "production")}, KIND
    )
    newer = builders.reading({"migrations (x)": fact("1", "2")})
    board = board.with_outcomes([builders.outcome(builders.target("dev"), newer)])
    assert builders.row(board, "migrations (x)").text(1) == "1 · 1 behind"
    board = board.with_outcomes([builders.outcome(builders.target("production"), newer)])
    assert builders.row(board, "migrations (x)").verdict is Verdict.SAME

"""How much a difference matters, the order of rows, and drift that is expected."""

from __future__ import annotations

from datetime import date

import pytest

from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Severity, Verdict
from tests.drift.builders import board, listed, reading, row


@pytest.mark.parametrize(
    ("one", "other", "severity"),
    [("16.1", "18.4", Severity.CRITICAL), ("16.1", "16.4", Severity.WARNING), ("8.10", "8.1", Severity.WARNING)],
)
def test_distance_of_versions_determines_severity(one: str, other: str, severity: Severity) -> None:
    found = row(board(reading(version=one), reading(version=other)), "version")
    assert (found.verdict, found.severity) == (Verdict.DRIFT, severity)


@pytest.mark.parametrize(("big", "severity"), [("400", Severity.INFO), ("401", Severity.WARNING)])
def test_capacity_is_warning_beyond_a_factor_of_four(big: str, severity: Severity) -> None:
    assert row(board(reading({"cache": "100"}), reading({"cache": big})), "cache").severity is severity


def test_configured_severity_overrides_the_rule() -> None:
    policy = Policy(severities=(("database.zone", Severity.INFO), ("database.lim*", Severity.IGNORED)))
    made = board(reading({"zone": "a", "limit": "1"}), reading({"zone": "b", "limit": "2"}), policy=policy)
    assert row(made, "zone").severity is Severity.INFO
    assert row(made, "limit").verdict is Verdict.IGNORED


def test_rows_are_ordered_by_severity_then_name() -> None:
    made = board(
        reading({"a": "1", "limit": "1", "zone": "a"}, "16.1", "Thing"),
        reading({"a": "2", "limit": "2", "zone": "b"}, "16.2", "Thing"),
    )
    assert listed(made) == ["zone", "version", "limit", "a"]


def test_expected_drift_is_listed_but_not_counted() -> None:
    policy = Policy(expectations=(Expectation("db", "cache", "laptops are small", ("dev",), owner="dba"),))
    made = board(reading({"cache": "1"}), reading({"cache": "8"}), reading({"cache": "8"}), policy=policy)
    found = row(made, "cache")
    assert (found.verdict, found.listed) == (Verdict.EXPECTED, True)
    assert found.note == "expected: laptops are small (dba)"
    assert (made.summary.expected, made.summary.info) == (1, 0)


def test_expectation_covers_only_its_environments() -> None:
    policy = Policy(expectations=(Expectation("db", "*", "laptops", ("dev",)),))
    found = row(board(*(reading({"zone": zone}) for zone in "abc"), policy=policy), "zone")
    assert found.verdict is Verdict.DRIFT


def test_changed_value_violates_the_expectation() -> None:
    policy = Policy(expectations=(Expectation("db", "cache", "small", ("dev",), {"dev": "1kB"}),))
    kept = board(reading({"cache": "1024"}), reading({"cache": "8"}), policy=policy)
    moved = board(reading({"cache": "1025"}), reading({"cache": "8"}), policy=policy)
    assert row(kept, "cache").verdict is Verdict.EXPECTED
    assert row(moved, "cache").verdict is Verdict.DRIFT
    assert "expected 1kB in dev" in row(moved, "cache").note


def test_expectation_ends_after_its_last_day() -> None:
    expectation = Expectation("db", "zone", "migration", until=date(2027, 3, 31))
    verdicts = [
        row(
            board(
                reading({"zone": "a"}),
                reading({"zone": "b"}),
                policy=Policy(expectations=(expectation,), today=today),
            ),
            "zone",
        ).verdict
        for today in (date(2027, 3, 31), date(2027, 4, 1))
    ]
    assert verdicts == [Verdict.EXPECTED, Verdict.DRIFT]

"""Which environments are outliers: by majority, by baseline, by their kind."""

from __future__ import annotations

from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Reason, Severity, State, Verdict
from tests.drift.builders import board, listed, reading, row


def test_equal_servers_list_no_rows() -> None:
    made = board(reading({"zone": "UTC", "port": "1"}), reading({"zone": "UTC", "port": "2"}))
    assert listed(made) == []
    assert row(made, "zone").verdict is Verdict.SAME
    assert (row(made, "port").verdict, row(made, "port").note) == (
        Verdict.IGNORED,
        "The address belongs to the host.",
    )


def test_majority_determines_the_outlier() -> None:
    made = board(reading({"zone": "UTC"}), reading({"zone": "Paris"}), reading({"zone": "UTC"}))
    assert listed(made) == ["zone"]
    found = row(made, "zone")
    assert (found.verdict, found.severity, found.odd) == (Verdict.DRIFT, Severity.CRITICAL, ("staging",))


def test_no_outlier_without_a_majority() -> None:
    found = row(board(reading({"zone": "UTC"}), reading({"zone": "Paris"})), "zone")
    assert (found.odd, found.note) == ((), "no value has a majority")


def test_baseline_determines_outliers_against_the_majority() -> None:
    made = board(
        reading({"zone": "UTC"}),
        reading({"zone": "UTC"}),
        reading({"zone": "Paris"}),
        policy=Policy(baseline="production"),
    )
    assert row(made, "zone").odd == ("dev", "staging")


def test_unavailable_baseline_falls_back_to_the_majority() -> None:
    made = board(
        reading({"zone": "UTC"}),
        reading({"zone": "Paris"}),
        Failure(Reason.REFUSED, "no"),
        policy=Policy(baseline="production"),
    )
    found = row(made, "zone")
    assert (found.verdict, found.odd) == (Verdict.DRIFT, ())
    assert "production could not be read" in found.note


def test_single_environment_has_nothing_to_compare_with() -> None:
    alone = row(board(reading({"zone": "UTC"})), "zone")
    assert (alone.verdict, alone.note) == (Verdict.IGNORED, "nothing to compare")


def test_settings_are_compared_within_a_kind_only() -> None:
    made = board(
        reading({"zone": "a"}, product="Other"),
        reading({"zone": "UTC"}),
        reading({"zone": "Paris"}),
        kinds="other database database",
    )
    product = row(made, "product")
    assert (product.verdict, product.severity, product.odd) == (Verdict.DRIFT, Severity.CRITICAL, ("dev",))
    zones = {found.kind: found for found in made.sections[0].rows if found.setting == "zone"}
    assert zones["database"].verdict is Verdict.DRIFT
    assert zones["database"].cells[0].state is State.ABSENT
    assert zones["other"].verdict is Verdict.IGNORED


def test_baseline_of_another_kind_has_no_vote() -> None:
    made = board(
        reading({"zone": "a"}),
        reading({"zone": "b"}),
        reading({"zone": "c"}, product="Other"),
        kinds="database database other",
        policy=Policy(baseline="production"),
    )
    zones = {found.kind: found for found in made.sections[0].rows if found.setting == "zone"}
    assert zones["database"].odd == ()
    assert zones["database"].note == "production runs a different product, and no value has a majority"
    assert zones["database"].severity is Severity.WARNING, "no critical row but the product's"
    own = made.with_policy(Policy(baseline="production", severities=(("database.zone", Severity.CRITICAL),)))
    assert {
        found.severity for found in own.sections[0].rows if found.kind == "database" and found.setting == "zone"
    } == {Severity.CRITICAL}


def test_missing_service_is_drift_of_the_product() -> None:
    made = board(reading(), None, reading())
    assert (row(made, "product").verdict, row(made, "product").odd) == (Verdict.DRIFT, ("staging",))

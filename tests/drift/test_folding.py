"""Rows that another row explains: folded under version, product or a setting."""

from __future__ import annotations

from parity_tui.model import Fact, Severity, Verdict
from tests.drift.builders import answered, board, listed, reading, row


def test_settings_of_one_version_fold_under_version() -> None:
    made = board(reading({"a": "1"}, "16.1"), reading({"a": "1", "io": "x", "io2": "y"}, "18.4"))
    assert listed(made) == ["version"]
    assert row(made, "io").explained_by == "version"
    assert "2 settings only in 18.4" in row(made, "version").note


def test_setting_missing_in_equal_version_is_drift() -> None:
    made = board(reading({"a": "1"}), reading({}), reading({"a": "1"}, "18.4"))
    assert row(made, "a").verdict is Verdict.DRIFT


def test_values_drift_though_older_version_lacks_setting() -> None:
    made = board(reading(), reading({"io": "x"}, "18.4"), reading({"io": "y"}, "18.4"))
    assert row(made, "io").verdict is Verdict.DRIFT


def test_version_never_explains_a_missing_plugin() -> None:
    made = board(reading({"plugin.x": "1"}), reading({}, "18.4"))
    assert (row(made, "plugin.x").verdict, row(made, "plugin.x").severity) == (Verdict.DRIFT, Severity.CRITICAL)


def test_library_settings_fold_under_libraries() -> None:
    loaded = reading({"libraries": "stats", "library.max": "5", "library.track": "on"})
    made = board(loaded, reading({"libraries": ""}))
    assert listed(made) == ["libraries"]
    assert "2 settings explained by libraries" in row(made, "libraries").note or row(made, "library.max").explained_by


def test_derived_setting_folds_under_its_cause() -> None:
    made = board(
        reading({"cache": "100", "buffers": Fact("3", default=True)}),
        reading({"cache": "200", "buffers": Fact("6", default=True)}),
    )
    assert listed(made) == ["cache"]


def test_derived_setting_of_one_version_folds_under_version() -> None:
    made = board(reading({"cache": "100"}), reading({"cache": "200", "buffers": Fact("6", default=True)}, "18.4"))
    assert listed(made) == ["version", "cache"]


def test_note_names_default_changed_with_the_version() -> None:
    made = board(reading({"zone": Fact("a", default=True)}), reading({"zone": Fact("b", default=True)}, "18.4"))
    assert "the default changed with the version" in row(made, "zone").note
    assert "1 default changed with it" in row(made, "version").note


def test_alias_is_compared_as_the_same_setting() -> None:
    made = board(reading({"old_name": "1"}), reading({"new_name": "1"}))
    assert row(made, "new_name").verdict is Verdict.SAME


def test_parts_of_a_missing_thing_fold_under_it() -> None:
    whole = {"host.shop": "x", "part.shop.a": "1", "part.shop.b": "1", "host.mail": "x", "part.mail.a": "1"}
    made = board(reading({"host.mail": "x", "part.mail.a": "1"}), reading(whole))
    assert listed(made) == ["host.shop"]
    assert row(made, "part.shop.a").explained_by == "host.shop"
    assert row(made, "part.shop.a").note == "explained by host.shop"


def test_part_missing_where_its_thing_exists_drifts() -> None:
    whole = {"host.shop": "x", "part.shop.a": "1"}
    assert listed(board(reading({"host.shop": "x"}), reading(whole))) == ["part.shop.a"]
    made = board(reading(), reading({"host.shop": "x"}), reading(whole))
    assert listed(made) == ["host.shop", "part.shop.a"]
    values = board(reading(), reading(whole), reading({**whole, "part.shop.a": "2"}))
    assert listed(values) == ["host.shop", "part.shop.a"]


def test_folding_follows_the_cause_over_time() -> None:
    """Rows are reused while the cause does not change, and only then."""
    whole = {"host.shop": "x", "part.shop.a": "1", "zone": "UTC"}
    made = board(reading({"zone": "UTC"}), reading(whole))
    again = answered(made, {"dev": reading({"zone": "Paris"}), "production": reading(whole)})
    assert listed(again) == ["zone", "host.shop"]
    there = answered(again, {"dev": reading({"zone": "UTC", "host.shop": "x"})})
    assert listed(there) == ["part.shop.a"]
    back = answered(there, {"dev": reading({"zone": "UTC"})})
    assert listed(back) == ["host.shop"]

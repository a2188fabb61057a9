"""Drift between the nodes of one target."""

from __future__ import annotations

import pytest

from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Severity, Verdict
from tests.drift.builders import Answer, row
from tests.drift.node_builders import board, reading


@pytest.mark.parametrize("baseline", ["", "production", "dev"])
def test_disagreement_is_drift_though_environments_are_equal(baseline: str) -> None:
    split: list[Answer] = [reading(limit="1"), reading(limit="2")]
    found = row(board(Policy(baseline), dev=split, production=split), "limit")
    assert (found.verdict, found.odd, found.listed) == (Verdict.DRIFT, ("dev", "production"), True)
    assert found.note == "the nodes of dev and of production disagree"


def test_environment_with_disagreeing_nodes_is_the_outlier() -> None:
    found = row(board(dev=reading(limit="1"), production=[reading(limit="1"), reading(limit="2")]), "limit")
    assert (found.verdict, found.odd, found.severity) == (Verdict.DRIFT, ("production",), Severity.CRITICAL)
    assert found.note == "the nodes of production disagree"


def test_environment_with_disagreeing_nodes_has_no_vote() -> None:
    split: list[Answer] = [reading(limit="1"), reading(limit="3")]
    for policy in (Policy(), Policy("production")):
        found = row(
            board(policy, dev=reading(limit="1"), staging=reading(limit="2"), ci=reading(limit="2"), production=split),
            "limit",
        )
        assert (found.odd, found.note) == (("dev", "production"), "the nodes of production disagree")


def test_single_environment_drifts_if_its_nodes_disagree() -> None:
    assert row(board(production=[reading(limit="1"), reading(limit="2")]), "limit").verdict is Verdict.DRIFT


def test_ignored_setting_may_differ_between_nodes() -> None:
    found = row(board(dev=[reading(port="1"), reading(port="2")], production=reading(port="3")), "port")
    assert (found.verdict, found.listed) == (Verdict.IGNORED, False)


def test_disagreement_can_be_expected() -> None:
    split: list[Answer] = [reading(limit="1"), reading(limit="2")]
    for environment, verdict in (("production", Verdict.EXPECTED), ("dev", Verdict.DRIFT)):
        policy = Policy(expectations=(Expectation("cache", "limit", "a rollout", (environment,)),))
        assert row(board(policy, dev=reading(limit="1"), production=split), "limit").verdict is verdict


def test_versions_of_nodes_are_graded_by_distance() -> None:
    patch = row(board(dev=[reading("9.1.2"), reading("9.1.3")], production=reading("9.1.2")), "version")
    release = row(board(dev=[reading("9.1.2"), reading("9.2.0")], production=reading("9.1.2")), "version")
    assert (patch.text(0), patch.severity, patch.odd) == ("9.1.2 and 9.1.3", Severity.WARNING, ("dev",))
    assert (release.text(0), release.severity) == ("9.1.2 and 9.2.0", Severity.CRITICAL)


def test_same_two_versions_in_each_environment_are_drift() -> None:
    split: list[Answer] = [reading("9.1.2"), reading("9.1.3")]
    assert row(board(dev=split, production=split), "version").odd == ("dev", "production")


def test_versions_of_nodes_drift_beside_another_product() -> None:
    seen = board(dev=[reading("9.1.2"), reading("9.1.3")], production=reading("7.0", "Redis"))
    assert row(seen, "version").verdict is Verdict.DRIFT


def test_different_products_of_nodes_are_critical() -> None:
    found = row(board(dev=[reading("7.0", "Redis"), reading("9.1.2")], production=reading("9.1.2")), "product")
    assert (found.text(0), found.severity, found.odd) == ("Redis and Valkey", Severity.CRITICAL, ("dev",))


def test_version_explains_settings_of_the_newer_node() -> None:
    newer = reading("9.2.0", limit="1", added="x", **{"plugin.a": "1"})
    seen = board(dev=[reading("9.1.2", limit="1"), newer], production=newer)
    assert row(seen, "added").verdict is Verdict.SAME
    assert row(seen, "plugin.a").verdict is Verdict.DRIFT


def test_note_names_the_release_of_the_node() -> None:
    seen = board(dev=[reading("9.1.2"), reading("9.2.0", added="x")], production=reading("9.1.2"))
    assert row(seen, "added").note == "only in 9.2.0"


def test_capacity_of_nodes_is_graded_by_its_size() -> None:
    near = board(dev=[reading(threads="4"), reading(threads="6")], production=reading(threads="4"))
    far = board(dev=[reading(threads="4"), reading(threads="40")], production=reading(threads="4"))
    assert (row(near, "threads").severity, row(far, "threads").severity) == (Severity.INFO, Severity.WARNING)

"""Settings that must have another value in every environment, and those that may."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity_tui.drift.board import Board
from parity_tui.drift.changes import ChangeKind, changes
from parity_tui.drift.parity import proved
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.row import Row
from parity_tui.model import Fact, Rule, Severity, State, Verdict
from tests import builders

KINDS = {
    "made-up": builders.service(
        Rule("key", Severity.CRITICAL, "one for each", must_differ=True, explained_by=""),
        Rule("own", Severity.INFO, "differs by nature", may_differ=True, explained_by=""),
        Rule("name", Severity.INFO, presence=Severity.WARNING, by_value={"": Severity.WARNING}, explained_by=""),
    )
}
HIDDEN = Fact(state=State.HIDDEN, note="no right")


def board(setting: str, values: Mapping[str, str | Fact | None], policy: Policy | None = None) -> Board:
    """Return a board of one setting; None is an environment without it."""
    answers = {name: builders.reading({} if value is None else {setting: value}) for name, value in values.items()}
    return builders.board(answers, KINDS, policy)


def row(setting: str, values: Mapping[str, str | Fact | None], policy: Policy | None = None) -> Row:
    return builders.row(board(setting, values, policy), setting)


def secret(text: str) -> Fact:
    return Fact(text, state=State.SECRET)


def test_different_values_are_parity() -> None:
    made = board("key", {"dev": secret("a"), "production": secret("b")})
    assert (builders.row(made, "key").verdict, proved(made)) == (Verdict.SAME, True)


@pytest.mark.parametrize("make", [str, secret])
def test_shared_value_with_production_is_critical(make: type[str]) -> None:
    shared = row("key", {"dev": make("b"), "staging": make("a"), "production": make("a")})
    assert (shared.verdict, shared.severity, shared.odd) == (Verdict.DRIFT, Severity.CRITICAL, ("staging",))
    assert shared.note == "staging and production have the same value, which must differ"


def test_shared_value_without_production_is_a_warning() -> None:
    shared = row("key", {"dev": "a", "ci": "a", "production": "b"})
    assert (shared.severity, shared.odd) == (Severity.WARNING, ("dev", "ci"))


def test_shared_value_is_critical_where_none_is_production() -> None:
    shared = row("key", {"east": "a", "west": "a"})
    assert (shared.severity, shared.odd) == (Severity.CRITICAL, ("east", "west"))
    assert row("key", {"east": "a", "west": "a"}, Policy(baseline="west")).odd == ("east",)


def test_missing_values_share_nothing() -> None:
    assert row("key", {"dev": None, "staging": None, "production": "a"}).verdict is Verdict.IGNORED


def test_hidden_value_is_never_parity() -> None:
    made = board("key", {"dev": "a", "production": HIDDEN})
    unknown = builders.row(made, "key")
    assert (unknown.verdict, unknown.listed, proved(made)) == (Verdict.UNKNOWN, True, False)
    assert row("key", {"dev": "a", "staging": HIDDEN, "production": "a"}).verdict is Verdict.DRIFT


def test_shared_value_can_be_expected() -> None:
    policy = Policy(expectations=(Expectation("it", "key", "one vendor", ("staging",)),))
    values = {"staging": "a", "production": "a"}
    assert row("key", values, policy).verdict is Verdict.EXPECTED
    assert row("key", {**values, "dev": "a"}, policy).verdict is Verdict.DRIFT


def test_nodes_that_disagree_share_each_value() -> None:
    both = Fact("2 values", parts=(Fact("a"), Fact("b")))
    assert row("key", {"staging": "b", "production": both}).verdict is Verdict.DRIFT


@given(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=6))
def test_drift_exactly_where_two_values_are_equal(values: list[str]) -> None:
    shared = row("key", {f"e{number}": value for number, value in enumerate(values)})
    assert (shared.verdict is Verdict.DRIFT) == (len({*values}) < len(values))
    assert {*shared.odd} == {f"e{number}" for number, value in enumerate(values) if values.count(value) > 1}


def test_value_that_may_differ_is_no_drift_but_an_event() -> None:
    before, after = ({"dev": value, "production": "z"} for value in ("a", "b"))
    own = row("own", before)
    assert (own.verdict, own.listed, own.note) == (Verdict.IGNORED, False, "differs by nature")
    (event,) = changes(board("own", before), board("own", after))
    assert (event.kind, event.before, event.after, event.severity) == (ChangeKind.SETTING, "a", "b", Severity.INFO)


def test_users_severity_makes_a_difference_count() -> None:
    policy = Policy(severities=(("made-up.own", Severity.CRITICAL),))
    assert row("own", {"dev": "a", "production": "b"}, policy).severity is Severity.CRITICAL


@pytest.mark.parametrize(("dev", "severity"), [("", Severity.WARNING), (None, Severity.WARNING), ("b", Severity.INFO)])
def test_severity_of_an_empty_value_is_its_own(dev: str | None, severity: Severity) -> None:
    assert row("name", {"dev": dev, "production": "a"}).severity is severity

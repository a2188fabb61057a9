"""Drift beside approved drift: new, resolved, unchanged and unknown; the fault of a change or of a stale file."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.golden import Comparison, Status, judge
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Fact, Failure, Reading, Reason, Rule, Severity, State, ValueType
from tests import builders

RULES = builders.service(
    Rule("zone", Severity.CRITICAL, "Days shift.", explained_by=""),
    Rule("limit", Severity.WARNING, "Too many.", type=ValueType.SIZE, explained_by=""),
    Rule("token", Severity.WARNING, "Differs.", type=ValueType.SECRET, explained_by=""),
)
DOWN = Failure(Reason.REFUSED, "refused")
AGAINST_PROD = Policy("prod")


def board(**answers: builders.Answer) -> Board:
    return under(AGAINST_PROD, answers)


def under(policy: Policy, answers: Mapping[str, builders.Answer]) -> Board:
    return builders.board(answers, {"made-up": RULES}, policy)


def zone(text: str) -> Reading:
    return builders.reading({"zone": text})


def judged(now: Board, golden: Board, *, same_key: bool = True) -> Mapping[str, tuple[str, str]]:
    """Return setting -> status and message."""
    return {one.row.setting: (one.status.value, one.message) for one in judge(now, golden, same_key=same_key)}


APPROVED = board(dev=zone("a"), prod=zone("b"))


@pytest.mark.parametrize(
    ("dev", "prod", "status", "message"),
    [
        ("a", "b", "unchanged", ""),
        ("c", "b", "new", "you changed it: dev a → c"),
        ("a", "c", "new", "the golden file is stale: the baseline has changed: prod b → c"),
        ("c", "d", "new", "you changed it: dev a → c and prod b → d"),
        ("b", "b", "resolved", "the golden file is stale: this was approved, and it is gone"),
    ],
)
def test_status_says_on_which_side_a_value_changed(dev: str, prod: str, status: str, message: str) -> None:
    assert judged(board(dev=zone(dev), prod=zone(prod)), APPROVED) == {"zone": (status, message)}


def test_drift_of_a_new_setting_is_new() -> None:
    now = board(dev=builders.reading({"zone": "a", "limit": "5"}), prod=builders.reading({"zone": "b", "limit": "6"}))
    found = judged(now, APPROVED)
    assert found["zone"] == ("unchanged", "")
    assert found["limit"][0] == "new"
    assert "dev has 5 B, which the golden file lacks" in found["limit"][1]


def test_spelling_is_no_change() -> None:
    before = board(dev=builders.reading({"limit": "1024kb"}), prod=builders.reading({"limit": "5"}))
    now = board(dev=builders.reading({"limit": "1mb"}), prod=builders.reading({"limit": "5"}))
    assert judged(now, before) == {"limit": ("unchanged", "")}


@pytest.mark.parametrize("down", ["dev", "prod"])
def test_drift_of_a_failed_server_is_unknown_and_not_resolved(down: str) -> None:
    answers: dict[str, builders.Answer] = {"dev": zone("a"), "prod": zone("b")}
    assert judged(board(**answers | {down: DOWN}), APPROVED)["zone"][0] == "unknown"


def test_setting_that_only_a_failed_server_had_is_unknown() -> None:
    before = board(dev=builders.reading({"zone": "b", "limit": "1"}), prod=zone("b"))
    assert judged(board(dev=DOWN, prod=zone("b")), before)["limit"][0] == "unknown"


def test_known_part_of_a_row_is_compared_while_a_server_is_down() -> None:
    before = board(dev=zone("a"), qa=zone("c"), prod=zone("b"))
    found = judged(board(dev=zone("a"), qa=DOWN, prod=zone("b")), before)
    assert found["zone"] == ("unchanged", "")
    assert judged(board(dev=zone("x"), qa=DOWN, prod=zone("b")), before)["zone"][0] == "new"


def test_drift_that_became_expected_makes_the_file_stale() -> None:
    expected = replace(AGAINST_PROD, expectations=(Expectation("it", "zone", "small"),))
    answers = {"dev": zone("a"), "prod": zone("b")}
    now, before = under(expected, answers), under(AGAINST_PROD, answers)
    assert judged(now, before) == {
        "zone": ("resolved", "the golden file is stale: this was approved, and it is expected now")
    }
    assert judged(now, under(expected, answers)) == {}


def test_odd_environments_are_part_of_the_approval() -> None:
    before = under(Policy(), {"a": zone("1"), "b": zone("1"), "c": zone("2")})
    now = under(Policy(), {"a": zone("1"), "b": zone("2"), "c": zone("2")})
    assert judged(now, before) == {"zone": ("new", "you changed it: b 1 → 2")}


def secret(text: str) -> Reading:
    return builders.reading({"token": Fact(text * 16, state=State.SECRET)})


def test_secrets_are_compared_under_one_key_only() -> None:
    before, now = board(dev=secret("a"), prod=secret("b")), board(dev=secret("c"), prod=secret("b"))
    assert judged(now, before)["token"][0] == "new"
    assert judged(now, before, same_key=False)["token"][0] == "unknown"


def test_environment_that_the_file_lacks_is_new() -> None:
    empty = Board.of(("dev", "prod"), [builders.target("prod")], {"made-up": RULES}, AGAINST_PROD)
    golden = empty.with_outcomes([builders.outcome(builders.target("prod"), zone("b"))])
    now = board(dev=zone("a"), prod=zone("b"))
    assert judged(now, golden)["zone"] == ("new", "you changed it: dev has a, which the golden file lacks")


def test_baseline_that_moved_changes_no_other_revision() -> None:
    hashes = [Fact(digit * 40, ValueType.REVISION) for digit in "abc"]
    rule = builders.service(Rule("revision", Severity.WARNING, "x", type=ValueType.REVISION, explained_by=""))

    def released(dev: Fact, prod: Fact) -> Board:
        answers = {"dev": builders.reading({"revision": dev}), "prod": builders.reading({"revision": prod})}
        return builders.board(answers, {"made-up": rule}, AGAINST_PROD)

    short = Fact("a" * 12, ValueType.REVISION)
    assert judged(released(short, hashes[1]), released(hashes[0], hashes[1]))["revision"][0] == "unchanged"
    found = judged(released(hashes[0], hashes[2]), released(hashes[0], hashes[1]))["revision"]
    assert found[1].startswith("the golden file is stale: the baseline has changed: prod")


def test_product_is_one_row_whatever_the_kind() -> None:
    kinds = {"made-up": RULES, "other": builders.service(title="Other")}
    postgres, sqlite = builders.reading(product="PostgreSQL"), builders.reading(product="SQLite")

    def products(dev: str, prod: str) -> Board:
        answers = ((builders.target("dev", kind=dev), sqlite), (builders.target("prod", kind=prod), postgres))
        return builders.board(answers, kinds, AGAINST_PROD)

    assert judged(products("other", "made-up"), products("made-up", "made-up"))["product"] == ("unchanged", "")


def test_new_drift_below_the_limit_does_not_fail() -> None:
    rows = judge(board(dev=zone("c"), prod=zone("b")), APPROVED)
    critical = Comparison("a.json", 0.0, rows)
    assert critical.fails(Severity.CRITICAL)
    assert not critical.stale
    assert critical.words == "1 new"
    limits = [board(dev=builders.reading({"limit": size}), prod=builders.reading({"limit": "1"})) for size in "23"]
    lesser = Comparison("a.json", 0.0, judge(limits[0], limits[1]))
    assert not lesser.fails(Severity.CRITICAL)
    assert lesser.fails(Severity.WARNING)
    assert [one.status for one in lesser.rows] == [Status.NEW]

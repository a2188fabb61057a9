"""Rows of revisions: prefixes, distances, severities, and the events of their changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from parity_tui.drift.ancestry import Ancestry
from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, ChangeKind, changes
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.revisions import aligned, same_revision
from parity_tui.model import Fact, Rule, Severity, ValueType, Verdict
from tests import builders

A, B, C = "a" * 40, "b" * 40, "c" * 40
KINDS = {
    "made-up": builders.service(
        Rule("revision", Severity.INFO, "why", ValueType.REVISION, explained_by=""),
        Rule("built", Severity.INFO, "why", derived=True, explained_by="revision"),
    )
}
KNOWN = Ancestry(
    branch="main",
    head=C,
    commits={A: A, B: B, C: C, A[:7]: A, "d" * 7: ""},
    times={A: 1795737600.0 - 17 * 86400, B: 1795737600.0},
    counts={(A, B): (0, 17), (B, C): (3, 5), (A, C): (0, 22)},
)
"""B is 17 commits ahead of A; B and C diverged"""
POLICY = Policy("production", ancestry=KNOWN, today=date(2026, 11, 27))


def board(policy: Policy = POLICY, **revisions: str | Fact) -> Board:
    """Return a board of one service with these revisions by environment."""
    answers = {name: builders.reading({"revision": revision}) for name, revision in revisions.items()}
    return builders.board(answers, KINDS, policy)


def test_prefix_of_seven_is_the_same_revision() -> None:
    row = builders.row(board(dev="3f78685", production="3f786850e387550f"), "revision")
    assert row.verdict is Verdict.SAME
    row = builders.row(board(dev="3f7868", production="3f786850e387550f"), "revision")
    assert row.verdict is Verdict.DRIFT


def test_long_hashes_with_one_beginning_differ() -> None:
    one, other = "3f786850e387" + "0" * 28, "3f786850e387" + "1" * 28
    row = builders.row(board(Policy("production"), dev=one, production=other), "revision")
    assert (row.verdict, row.text(0), row.text(1)) == (Verdict.DRIFT, "3f786850e3870", "3f786850e3871")
    ambiguous = aligned([Fact(one), Fact(other), Fact("3f786850")])
    assert len({fact.canonical for fact in ambiguous}) == 3


def test_case_marks_and_other_texts() -> None:
    assert not same_revision("3f78685", "3f78685-dirty")
    assert not same_revision("1.4", "1.4.2")
    assert not same_revision("r123456", "r1234567")


def test_distance_stands_in_the_cell_and_its_base_in_the_note() -> None:
    row = builders.row(board(dev=B, staging=A[:7], production=A), "revision")
    assert [row.text(i) for i in range(3)] == ["bbbbbbbbbb · 17 ahead", "aaaaaaa", "aaaaaaa"]
    assert (row.odd, row.severity) == (("dev",), Severity.INFO)
    assert "distances from production" in row.note
    assert "dev 0 days old, staging 17 days old" in row.note


def test_diverged_is_a_state_of_its_own() -> None:
    row = builders.row(board(dev=B, production=C), "revision")
    assert row.text(0) == "bbbbbbbbbb · diverged: 3 only here, 5 only there"
    assert row.severity is Severity.WARNING
    own = Policy("production", ancestry=KNOWN, severities=(("made-up.revision", Severity.INFO),))
    assert builders.row(board(own, dev=B, production=C), "revision").severity is Severity.INFO


def test_without_baseline_the_default_branch_counts() -> None:
    row = builders.row(board(Policy(ancestry=KNOWN), dev=B, production=A), "revision")
    assert [row.text(i) for i in range(2)] == [
        "bbbbbbbbbb · diverged: 3 only here, 5 only there",
        "aaaaaaaaaa · 22 behind",
    ]
    assert "distances from main" in row.note


@pytest.mark.parametrize(
    ("ancestry", "words"),
    [
        (Ancestry("the repository is a shallow clone"), "no distances: the repository is a shallow clone"),
        (KNOWN, "the repository lacks the revision of dev: it is not fetched yet, or not pushed"),
    ],
)
def test_no_number_without_its_reason(ancestry: Ancestry, words: str) -> None:
    row = builders.row(board(Policy("production", ancestry=ancestry), dev="d" * 7, production=A), "revision")
    assert words in row.note
    assert "·" not in row.text(0)


def test_expected_revision_stays_expected() -> None:
    expected = Expectation("it", "revision", "ahead on purpose", ("dev",))
    policy = Policy("production", (expected,), ancestry=KNOWN)
    assert builders.row(board(policy, dev=B, production=A), "revision").verdict is Verdict.EXPECTED


def test_nodes_that_differ_are_counted() -> None:
    nodes = [builders.target("dev", node=f"{name}:80", host=name) for name in "abcde"]
    shas = (B, B[:9], A, A[:8], A)
    answers = [(node, builders.reading({"revision": sha})) for node, sha in zip(nodes, shas, strict=True)]
    other = (builders.target("production"), builders.reading({"revision": A[:8]}))
    row = builders.row(builders.board([*answers, other], KINDS, Policy("production")), "revision")
    assert row.text(0) == "3 of 5 nodes say aaaaaaaa, a:80 and b:80 say bbbbbbbbb"
    assert (row.verdict, row.severity) == (Verdict.DRIFT, Severity.WARNING)


def deployed(before: str, after: str, policy: Policy = POLICY) -> list[Change]:
    """Return the events of a production that moves from one revision to another."""
    old = board(policy, dev=A, production=before)
    reading = builders.reading({"revision": after})
    return changes(old, old.with_outcomes([builders.outcome(builders.target("production"), reading)]))


@pytest.mark.parametrize(
    ("before", "after", "words", "severity", "rollback"),
    [
        (A, B, "aaaaaaaaaa → bbbbbbbbbb, 17 commits", Severity.INFO, False),
        (B, A, "bbbbbbbbbb → aaaaaaaaaa, rollback by 17 commits", Severity.WARNING, True),
        (B, C, "bbbbbbbbbb → cccccccccc, diverged: 5 new commits, 3 gone", Severity.INFO, False),
        (A, "d" * 7, "aaaaaaaaaa → ddddddd", Severity.INFO, False),
    ],
)
def test_move_is_a_deploy(before: str, after: str, words: str, severity: Severity, rollback: bool) -> None:
    (change,) = deployed(before, after)
    assert (change.kind, change.transition) == (ChangeKind.DEPLOY, words)
    assert (change.severity, change.rollback) == (severity, rollback)


def test_longer_hash_of_one_revision_is_no_deploy() -> None:
    assert deployed(A[:7], A) == []


def test_other_repository_answers_recompare_revisions_only() -> None:
    facts: Mapping[str, Fact | str] = {"revision": A}
    targets = [
        (builders.target("dev"), builders.reading(facts)),
        (builders.target("production"), builders.reading({"revision": B})),
    ]
    plain = [
        (builders.target(name, service="cache", kind="plain"), builders.reading()) for name in ("dev", "production")
    ]
    old = builders.board([*targets, *plain], {**KINDS, "plain": builders.MADE_UP}, Policy("production"))
    *_, new = old.steps((), Policy("production", ancestry=KNOWN))
    assert new.sections[0].rows is not old.sections[0].rows
    assert new.sections[1] is old.sections[1]
    assert builders.row(new, "revision").text(0) == "aaaaaaaaaa · 17 behind"


def test_dates_of_releases_have_no_prefixes() -> None:
    row = builders.row(board(Policy("production"), dev="20261123", production="20261123060000"), "revision")
    assert row.verdict is Verdict.DRIFT

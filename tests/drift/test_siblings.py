"""Several apps of one environment: web and worker should run one revision."""

from __future__ import annotations

from parity_tui.drift.ancestry import Ancestry
from parity_tui.drift.board import Board
from parity_tui.drift.changes import ChangeKind, changes
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.row import SIBLINGS, Row
from parity_tui.model import Failure, Reason, Severity, Verdict
from tests import builders
from tests.drift.test_revisions import KINDS, A, B, C

DIFFERING = {"dev": (A, A), "production": (A, B)}


def board(revisions: dict[str, tuple[str, str]], policy: Policy | None = None, services: str = "web worker") -> Board:
    """Return a board of two apps; revisions by environment, "" for an app that fails."""
    failed = Failure(Reason.REFUSED, "refused")
    answers = [
        (builders.target(name, service=service), builders.reading({"revision": sha}) if sha else failed)
        for index, service in enumerate(services.split())
        for name, pair in revisions.items()
        for sha in (pair[index],)
    ]
    return builders.board(answers, KINDS, policy or Policy("production"))


def sibling(board: Board) -> Row | None:
    """Return the row about siblings, which is in the first section only."""
    found = [row for section in board.sections for row in section.rows if row.setting == SIBLINGS]
    assert found == [row for row in board.sections[0].rows if row.setting == SIBLINGS]
    return found[0] if found else None


def test_parts_of_one_app_that_differ_give_a_row() -> None:
    row = sibling(board(DIFFERING))
    assert row is not None
    assert (row.verdict, row.severity, row.odd, row.listed) == (Verdict.DRIFT, Severity.WARNING, ("production",), True)
    assert row.note == "web and worker run different revisions in production"
    assert row.cells[1].note == "web aaaaaaaaaa, worker bbbbbbbbbb"
    assert [row.text(0), row.text(1)] == ["one revision", "different revisions"]


def test_equal_parts_give_no_row() -> None:
    assert sibling(board({"dev": (A, A[:8]), "production": (B, B)})) is None


def test_apps_without_a_common_revision_are_strangers() -> None:
    strangers = {"dev": (A, B), "production": (A, C)}
    assert sibling(board(strangers)) is None
    known = Ancestry(commits={A: A, B: B, C: C})
    row = sibling(board(strangers, Policy("production", ancestry=known)))
    assert row is not None
    assert row.odd == ("dev", "production")


def test_app_that_fails_takes_no_part() -> None:
    assert sibling(board({"dev": (A, A), "production": (A, "")})) is None


def test_difference_can_be_expected() -> None:
    policy = Policy("production", (Expectation("web", SIBLINGS, "workers follow at night"),))
    row = sibling(board(DIFFERING, policy))
    assert row is not None
    assert row.verdict is Verdict.EXPECTED
    assert "workers follow at night" in row.note


def test_row_follows_the_other_section() -> None:
    old = board(DIFFERING)
    worker = builders.target("production", service="worker")
    web = builders.target("production", service="web")
    equal = old.with_outcomes([builders.outcome(worker, builders.reading({"revision": A}))])
    assert sibling(equal) is None
    again = equal.with_outcomes([builders.outcome(web, builders.reading({"revision": B}))])
    assert sibling(again) is not None
    third = again.with_outcomes([builders.outcome(web, builders.reading({"revision": C}))])
    assert sibling(third) == sibling(board({"dev": (A, A), "production": (C, A)}))
    assert {change.kind for change in changes(old, equal)} == {ChangeKind.DEPLOY}


def test_unchanged_board_keeps_its_sections() -> None:
    old = board(DIFFERING)
    assert old.with_outcomes([]).sections == old.sections
    assert all(new is known for new, known in zip(old.with_outcomes([]).sections, old.sections, strict=True))

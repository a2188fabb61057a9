"""Merging the nodes of one target: equal values, disagreement, failures."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.changes import ChangeKind, changes
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Failure, Reading, Reason, State, Target, Verdict
from tests.drift.builders import Answer, row
from tests.drift.node_builders import KIND, REFUSED, board, merged, merged_fact, node, node_outcome, reading


def test_equal_values_of_nodes_become_one_fact() -> None:
    same = merged_fact("limit", reading(limit="1mb"), reading(limit="1048576"))
    assert (same.raw, same.parts) == ("1mb", ())


def test_different_values_of_nodes_are_counted_and_named() -> None:
    split = merged_fact("limit", reading(limit="2mb"), reading(limit="1mb"), reading(limit="1mb"))
    assert split.raw == split.canonical == "2 of 3 nodes say 1 MB, dev-1:1 says 2 MB"
    assert split.note == "dev-2:1, dev-3:1: 1 MB; dev-1:1: 2 MB"
    assert [part.raw for part in split.parts] == ["1mb", "2mb"]


def test_values_are_ordered_independently_of_nodes() -> None:
    one, other = reading(limit="b"), reading(limit="a")
    assert merged_fact("limit", one, other).raw == "dev-2:1 says a, dev-1:1 says b"
    assert merged_fact("limit", other, one).raw == "dev-1:1 says a, dev-2:1 says b"


def test_setting_missing_on_one_node_is_counted() -> None:
    assert merged_fact("limit", reading(limit="1"), reading()).raw == "dev-1:1 says 1 B, dev-2:1 has none"


def test_setting_hidden_by_one_node_is_not_known() -> None:
    hiding = Reading("Valkey", "9.1.2", {}, hidden=(("limit", "needs +config"),))
    hidden = merged_fact("limit", reading(limit="1"), hiding)
    assert (hidden.state, hidden.note) == (State.HIDDEN, "on 1 of 2 nodes: needs +config")


def test_text_shortens_fingerprints_of_secrets() -> None:
    one, other = (reading(key=Fact(hash_, state=State.SECRET)) for hash_ in ("aaaabbbbcccc", "ddddeeeeffff"))
    assert merged_fact("key", one, other).raw == "dev-1:1 says ••• aaaa, dev-2:1 says ••• dddd"


def test_dead_node_is_noted_beside_living_ones() -> None:
    whole = merged(reading(limit="1"), REFUSED, reading(limit="1"))
    assert whole.failure is None
    assert whole.reading is not None
    assert whole.reading.facts["limit"].raw == "1"
    assert whole.reading.notes == ("1 of 3 nodes failed: dev-2:1 refused the connection",)
    seen = board(dev=[reading(limit="1"), REFUSED], production=reading(limit="1"))
    assert (row(seen, "limit").verdict, seen.summary.failed, seen.complete) == (Verdict.SAME, 1, True)


def test_note_on_dead_node_has_its_address() -> None:
    whole = merged(reading(), Failure(Reason.AUTH, "the password was rejected"))
    assert whole.reading is not None
    assert whole.reading.notes == ("1 of 2 nodes failed: dev-2:1: the password was rejected",)


def test_target_fails_when_all_nodes_are_dead() -> None:
    whole = merged(Failure(Reason.REFUSED, "dev-1:1 refused the connection"), Failure(Reason.TIMEOUT, "no answer"))
    assert whole.failure == Failure(Reason.REFUSED, "all 2 nodes failed: dev-1:1 refused the connection")
    assert board(dev=[REFUSED, REFUSED], production=reading()).summary.failed == 2


def test_target_is_pending_until_every_node_answers() -> None:
    assert merged(reading(limit="1"), None).pending
    assert not board(dev=[reading(limit="1"), None], production=reading(limit="2")).complete


@pytest.mark.parametrize("others", [{}, {"production": reading(limit="1")}])
def test_dead_nodes_keep_last_values_as_unknown(others: dict[str, Answer | list[Answer]]) -> None:
    before = board(None, dev=[reading(limit="1"), reading(limit="2")], **others)
    dead = [node_outcome(node("dev", n), Failure(Reason.CLOSED, "closed the connection")) for n in (1, 2)]
    after = before.with_outcomes(dead)
    cell = row(after, "limit").cells[0]
    assert (cell.state, cell.raw) == (State.UNKNOWN, "dev-1:1 says 1 B, dev-2:1 says 2 B")
    assert row(after, "limit").listed
    assert next(after.outcomes()).stale


def test_list_of_one_url_is_one_server() -> None:
    alone = Target("dev", "cache", "made", host="a", port=1, node="a:1")
    seen = Board.of(["dev"], [alone], {"made": KIND}, Policy()).with_outcomes([node_outcome(alone, reading(limit="1"))])
    assert seen.complete
    assert next(seen.outcomes()).nodes == ()


def test_changes_are_compared_node_by_node() -> None:
    """L3: a dead node changes no value."""
    before = board(dev=[reading(limit="1"), reading(limit="1")], production=reading(limit="1"))
    moved = before.with_outcomes([node_outcome(node("dev", 2), reading(limit="2"))])
    (change,) = changes(before, moved)
    assert (change.subject, change.transition) == ("cache dev-2:1 limit", "1 B → 2 B")
    dead = moved.with_outcomes([node_outcome(node("dev", 2), REFUSED)])
    (change,) = changes(moved, dead)
    assert (change.kind, change.node, change.transition) == (ChangeKind.FAILED, "dev-2:1", "refused the connection")


def test_dead_odd_node_stays_in_the_row() -> None:
    """L3: its last values are shown as of then."""
    before = board(dev=[reading(limit="1"), reading(limit="2"), reading(limit="1")], production=reading(limit="1"))
    dead = before.with_outcomes([replace(node_outcome(node("dev", 2, 3), REFUSED), at=100.0)])
    cell = row(dead, "limit").cells[0]
    when = f"{datetime.fromtimestamp(100):%Y-%m-%d %H:%M}"
    assert cell.raw == f"2 of 3 nodes say 1 B, dev-2:1 as of {when} says 2 B"
    assert (row(dead, "limit").verdict, row(dead, "limit").odd) == (Verdict.DRIFT, ("dev",))


def test_equal_readings_of_nodes_keep_the_rows() -> None:
    before = board(dev=[reading(limit="1"), reading(limit="2")], production=reading(limit="1"))
    after = before.with_outcomes([replace(node_outcome(node("dev", 2), reading(limit="2")), at=105.0)])
    assert after.sections[0].rows is before.sections[0].rows

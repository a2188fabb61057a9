"""Several nodes behind one target: one value where they agree, drift by itself where they do not."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, cast

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.changes import changes
from parity_tui.drift.nodes import merge_nodes
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import (
    Fact,
    Failure,
    Outcome,
    Reading,
    Reason,
    Rule,
    Service,
    Severity,
    State,
    Target,
    ValueType,
    Verdict,
)

KIND = Service(
    "A cache",
    ("made",),
    lambda target, dialer: cast(Any, nullcontext()),
    "none",
    (
        Rule("limit", Severity.CRITICAL, "Full.", type=ValueType.SIZE),
        Rule("threads", Severity.INFO, "Speed.", type=ValueType.NUMBER, capacity=True),
        Rule("port", Severity.IGNORED, "Belongs to the host."),
        Rule("plugin.*", Severity.WARNING, "Missing.", explained_by=""),
    ),
    release=2,
)
TABLE = RuleTable(KIND, "made")

What = Reading | Failure | None


def target(environment: str, number: int, count: int = 2) -> Target:
    """Return a node of an environment, or its only server."""
    host = f"{environment}-{number}"
    return Target(environment, "cache", "made", host=host, port=1, node=f"{host}:1" if count > 1 else "")


def says(version: str = "9.1.2", product: str = "Valkey", **facts: str | Fact) -> Reading:
    """Return what one server says."""
    return Reading(product, version, {n: f if isinstance(f, Fact) else Fact(f) for n, f in facts.items()})


def outcome(where: Target, what: What) -> Outcome:
    """Return what became of reading one server."""
    reading = what if isinstance(what, Reading) else None
    return Outcome(where, reading, what if isinstance(what, Failure) else None, 1.0, 100.0 if reading else 0.0)


def together(*whats: What) -> Outcome:
    """Return what nodes say together."""
    return merge_nodes([outcome(target("dev", n, len(whats)), what) for n, what in enumerate(whats, 1)], TABLE)


def fact(name: str, *whats: What) -> Fact:
    """Return one setting of nodes together."""
    reading = together(*whats).reading
    assert reading is not None
    return reading.facts[name]


def board(policy: Policy | None = None, **environments: What | list[What]) -> Board:
    """Return a board: a list of what its nodes say, or what its only server says, by environment."""
    heard = []
    for name, what in environments.items():
        whats = what if isinstance(what, list) else [what]
        heard += [outcome(target(name, n, len(whats)), one) for n, one in enumerate(whats, 1)]
    empty = Board.of(list(environments), [one.target for one in heard], {"made": KIND}, policy or Policy())
    return empty.with_outcomes([one for one in heard if not one.pending])


def row(board: Board, setting: str) -> Row:
    """Return a row by its name."""
    (found,) = [row for row in board.sections[0].rows if row.setting == setting]
    return found


REFUSED = Failure(Reason.REFUSED, "dev-2:1 refused the connection")


def test_nodes_that_agree_are_one_value_however_they_write_it() -> None:
    """A size is a size; the first one's way of writing is shown."""
    same = fact("limit", says(limit="1mb"), says(limit="1048576"))
    assert (same.raw, same.parts) == ("1mb", ())


def test_nodes_that_do_not_agree_are_counted_and_named() -> None:
    """Most first; the note says which node says what."""
    split = fact("limit", says(limit="2mb"), says(limit="1mb"), says(limit="1mb"))
    assert split.raw == split.canonical == "2 of 3 nodes say 1 MB, 1 says 2 MB"
    assert split.note == "dev-2:1, dev-3:1: 1 MB; dev-1:1: 2 MB"
    assert [part.raw for part in split.parts] == ["1mb", "2mb"]


def test_the_order_of_the_nodes_does_not_change_the_words() -> None:
    """By count, then by value: nothing flickers."""
    one, other = says(limit="b"), says(limit="a")
    assert fact("limit", one, other).raw == fact("limit", other, one).raw == "1 of 2 nodes says a, 1 says b"


def test_a_setting_that_one_node_lacks_is_said_so() -> None:
    """It is not the version that explains it: both are the same."""
    assert fact("limit", says(limit="1"), says()).raw == "1 of 2 nodes says 1 B, 1 has none"


def test_what_one_node_hides_is_not_called_known() -> None:
    """It may be anything."""
    hiding = Reading("Valkey", "9.1.2", {}, hidden=(("limit", "needs +config"),))
    hidden = fact("limit", says(limit="1"), hiding)
    assert (hidden.state, hidden.note) == (State.HIDDEN, "on 1 of 2 nodes: needs +config")


def test_no_secret_is_in_the_words() -> None:
    """Fingerprints are cut as they are everywhere."""
    one, other = (says(key=Fact(hash_, state=State.SECRET)) for hash_ in ("aaaabbbbcccc", "ddddeeeeffff"))
    assert fact("key", one, other).raw == "1 of 2 nodes says ••• aaaa, 1 says ••• dddd"


def test_a_dead_node_does_not_hide_the_others() -> None:
    """Their values count and stay known; the dead one is a note, and counts as failed."""
    whole = together(says(limit="1"), REFUSED, says(limit="1"))
    assert whole.failure is None
    assert whole.reading is not None
    assert whole.reading.facts["limit"].raw == "1"
    assert whole.reading.notes == ("1 of 3 nodes cannot be read: dev-2:1 refused the connection",)
    seen = board(dev=[says(limit="1"), REFUSED], production=says(limit="1"))
    assert (row(seen, "limit").verdict, seen.summary.failed, seen.complete) == (Verdict.SAME, 1, True)


def test_the_note_on_a_dead_node_has_its_address() -> None:
    """Not every failure names it."""
    whole = together(says(), Failure(Reason.AUTH, "the password was rejected"))
    assert whole.reading is not None
    assert whole.reading.notes == ("1 of 2 nodes cannot be read: dev-2:1: the password was rejected",)


def test_when_all_nodes_are_dead_the_target_has_failed() -> None:
    """In the words of the first, and how many there are."""
    whole = together(Failure(Reason.REFUSED, "dev-1:1 refused the connection"), Failure(Reason.TIMEOUT, "no answer"))
    assert whole.failure == Failure(Reason.REFUSED, "none of 2 nodes can be read: dev-1:1 refused the connection")
    assert board(dev=[REFUSED, REFUSED], production=says()).summary.failed == 2


def test_nothing_is_compared_before_every_node_has_been_heard_of() -> None:
    """Half of them would be taken back a moment later."""
    assert together(says(limit="1"), None).pending
    assert not board(dev=[says(limit="1"), None], production=says(limit="2")).complete


@pytest.mark.parametrize("others", [{}, {"production": says(limit="1")}])
def test_nodes_that_have_died_leave_their_last_values_greyed(others: dict[str, What | list[What]]) -> None:
    """As a single server does; what was drift among them alone stays in view too."""
    before = board(None, dev=[says(limit="1"), says(limit="2")], **others)
    dead = [outcome(target("dev", n), Failure(Reason.CLOSED, "closed the connection")) for n in (1, 2)]
    after = before.with_outcomes(dead)
    cell = row(after, "limit").cells[0]
    assert (cell.state, cell.raw) == (State.UNKNOWN, "1 of 2 nodes says 1 B, 1 says 2 B")
    assert row(after, "limit").listed
    assert next(after.outcomes()).stale


@pytest.mark.parametrize("baseline", ["", "production", "dev"])
def test_disagreement_is_drift_even_where_every_environment_shows_the_very_same(baseline: str) -> None:
    """Nothing of it is averaged: all of them are odd."""
    split: list[What] = [says(limit="1"), says(limit="2")]
    found = row(board(Policy(baseline), dev=split, production=split), "limit")
    assert (found.verdict, found.odd, found.listed) == (Verdict.DRIFT, ("dev", "production"), True)
    assert found.note == "the nodes of dev and of production disagree"


def test_the_environment_whose_nodes_disagree_is_the_odd_one() -> None:
    """Though there is no majority among two environments."""
    found = row(board(dev=says(limit="1"), production=[says(limit="1"), says(limit="2")]), "limit")
    assert (found.verdict, found.odd, found.severity) == (Verdict.DRIFT, ("production",), Severity.CRITICAL)
    assert found.note == "the nodes of production disagree"


def test_those_that_disagree_decide_nothing_about_the_others() -> None:
    """The majority is one of environments that are sure of themselves; a split baseline is none."""
    split: list[What] = [says(limit="1"), says(limit="3")]
    for policy in (Policy(), Policy("production")):
        found = row(
            board(policy, dev=says(limit="1"), staging=says(limit="2"), ci=says(limit="2"), production=split), "limit"
        )
        assert (found.odd, found.note) == (("dev", "production"), "the nodes of production disagree")


def test_one_environment_alone_drifts_where_its_nodes_disagree() -> None:
    """Else there would be nothing to compare it with."""
    assert row(board(production=[says(limit="1"), says(limit="2")]), "limit").verdict is Verdict.DRIFT


def test_what_differs_by_nature_is_ignored_among_nodes_too() -> None:
    """Their ports, their names."""
    found = row(board(dev=[says(port="1"), says(port="2")], production=says(port="3")), "port")
    assert (found.verdict, found.listed) == (Verdict.IGNORED, False)


def test_disagreement_can_be_expected() -> None:
    """By the environment; not where another one is excused."""
    split: list[What] = [says(limit="1"), says(limit="2")]
    for environment, verdict in (("production", Verdict.EXPECTED), ("dev", Verdict.DRIFT)):
        policy = Policy(expectations=(Expectation("cache", "limit", "a rollout", (environment,)),))
        assert row(board(policy, dev=says(limit="1"), production=split), "limit").verdict is verdict


def test_versions_of_nodes_are_both_said_and_weighed_by_their_distance() -> None:
    """A patch apart is a warning, a release apart is critical."""
    patch = row(board(dev=[says("9.1.2"), says("9.1.3")], production=says("9.1.2")), "version")
    release = row(board(dev=[says("9.1.2"), says("9.2.0")], production=says("9.1.2")), "version")
    assert (patch.text(0), patch.severity, patch.odd) == ("9.1.2 and 9.1.3", Severity.WARNING, ("dev",))
    assert (release.text(0), release.severity) == ("9.1.2 and 9.2.0", Severity.CRITICAL)


def test_the_same_two_versions_everywhere_are_drift_too() -> None:
    """A rollout that stopped half way in each environment."""
    split: list[What] = [says("9.1.2"), says("9.1.3")]
    assert row(board(dev=split, production=split), "version").odd == ("dev", "production")


def test_versions_of_nodes_are_compared_beside_another_product() -> None:
    """Where the products differ versions are not compared, but those of one environment's nodes are."""
    seen = board(dev=[says("9.1.2"), says("9.1.3")], production=says("7.0", "Redis"))
    assert row(seen, "version").verdict is Verdict.DRIFT


def test_products_of_nodes_that_differ_are_critical() -> None:
    """A migration half way."""
    found = row(board(dev=[says("7.0", "Redis"), says("9.1.2")], production=says("9.1.2")), "product")
    assert (found.text(0), found.severity, found.odd) == ("Redis and Valkey", Severity.CRITICAL, ("dev",))


def test_settings_that_only_the_newer_node_has_are_told_by_the_version() -> None:
    """Not a row each; what is a thing of its own is one."""
    newer = says("9.2.0", limit="1", added="x", **{"plugin.a": "1"})
    seen = board(dev=[says("9.1.2", limit="1"), newer], production=newer)
    assert row(seen, "added").verdict is Verdict.SAME
    assert row(seen, "plugin.a").verdict is Verdict.DRIFT


def test_which_release_has_a_setting_is_said_by_the_nodes_releases() -> None:
    """Not by all releases of the environment that has it on one node."""
    seen = board(dev=[says("9.1.2"), says("9.2.0", added="x")], production=says("9.1.2"))
    assert row(seen, "added").note == "only in 9.2.0"


def test_capacity_among_nodes_is_weighed_by_its_size() -> None:
    """A little more is for information, ten times more a warning."""
    near = board(dev=[says(threads="4"), says(threads="6")], production=says(threads="4"))
    far = board(dev=[says(threads="4"), says(threads="40")], production=says(threads="4"))
    assert (row(near, "threads").severity, row(far, "threads").severity) == (Severity.INFO, Severity.WARNING)


def test_a_node_that_moves_is_a_change_and_one_that_dies_is_none() -> None:
    """As long as it said what the others say."""
    before = board(dev=[says(limit="1"), says(limit="1")], production=says(limit="1"))
    dead = before.with_outcomes([outcome(target("dev", 2), REFUSED)])
    assert changes(before, dead) == []
    moved = before.with_outcomes([outcome(target("dev", 2), says(limit="2"))])
    (change,) = changes(before, moved)
    assert (change.before, change.after) == ("1 B", "1 of 2 nodes says 1 B, 1 says 2 B")


def test_readings_that_say_the_same_again_are_the_same_board() -> None:
    """No row is compared anew where no node said anything new."""
    before = board(dev=[says(limit="1"), says(limit="2")], production=says(limit="1"))
    after = before.with_outcomes([replace(outcome(target("dev", 2), says(limit="2")), at=105.0)])
    assert after.sections[0].rows is before.sections[0].rows


def test_one_url_in_the_list_is_one_server() -> None:
    """It has the name of a node and is heard of all the same."""
    alone = Target("dev", "cache", "made", host="a", port=1, node="a:1")
    seen = Board.of(["dev"], [alone], {"made": KIND}, Policy()).with_outcomes([outcome(alone, says(limit="1"))])
    assert seen.complete
    assert next(seen.outcomes()).nodes == ()

"""Boards in steps: the result does not depend on the way to it, and unchanged rows are reused."""

from __future__ import annotations

from random import Random

import pytest

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Outcome, Reading, Reason, Target, Verdict
from tests.drift.builders import ENVIRONMENTS, KINDS, answered, board, outcome, reading, row

NAMES = ("zone", "cache", "library.max", "libraries", "limit", "a", "b", "c")
TARGETS = [Target(name, service, "database") for service in ("one", "two") for name in ENVIRONMENTS]


def empty(policy: Policy | None = None) -> Board:
    return Board.of(ENVIRONMENTS, TARGETS, KINDS, policy or Policy())


def random_answer(random: Random) -> Reading | Failure:
    """Mostly the same; now and then another release, fewer settings, or a failure."""
    if not random.randrange(12):
        return Failure(Reason.REFUSED, "no")
    names = [name for name in NAMES if name != "library.max" or random.randrange(2)]
    facts = {name: "" if name == "libraries" and random.randrange(2) else str(random.randrange(2)) for name in names}
    hidden = random.choice(((), (), (("library.*", "not for us"),)))
    version = random.choice(("16.1", "16.1", "16.1", "16.2", "18.4"))
    product = random.choice(("Thing", "Thing", "Other"))
    return reading(facts, version, product, hidden=hidden)


def random_outcomes(random: Random) -> list[Outcome]:
    """Outcomes of about a third of the targets."""
    return [outcome(target, random_answer(random)) for target in TARGETS if not random.randrange(3)]


@pytest.mark.slow
def test_stepwise_board_equals_board_compared_at_once() -> None:
    for seed in range(40):
        random = Random(seed)
        stepwise = empty()
        for _ in range(40):
            stepwise = stepwise.with_outcomes(random_outcomes(random))
            at_once = stepwise.with_policy(Policy(baseline="dev")).with_policy(Policy())
            assert [section.rows for section in stepwise.sections] == [section.rows for section in at_once.sections]


def test_new_release_updates_notes_that_name_it() -> None:
    news = [
        Outcome(TARGETS[0], reading({"a": "1"}, "1.0", "P")),
        Outcome(TARGETS[1], reading({}, "1.0", "Q")),
        Outcome(TARGETS[2], reading({}, "1.0", "Q")),
    ]
    before = empty().with_outcomes(news)
    after = before.with_outcomes([Outcome(TARGETS[0], reading({"a": "1"}, "2.0", "P"))])
    assert row(after, "a").note == "only in P 2.0"


def test_one_changed_value_makes_one_new_row() -> None:
    before = empty().with_outcomes(Outcome(target, reading(dict.fromkeys(NAMES, "1"))) for target in TARGETS)
    after = before.with_outcomes([Outcome(TARGETS[0], reading({**dict.fromkeys(NAMES, "1"), "zone": "2"}))])
    assert after.sections[1] is before.sections[1]
    known = set(map(id, before.sections[0].rows))
    assert [one.setting for one in after.sections[0].rows if id(one) not in known] == ["zone"]


def test_steps_yield_after_each_service() -> None:
    news = [Outcome(target, reading({"zone": target.environment})) for target in TARGETS]
    before = empty()
    steps = [before, *before.steps(news, before.policy)]
    drift = [[section.rows.counts.drift for section in step.sections] for step in steps]
    assert drift == [[0, 0], [0, 0], [1, 0], [1, 1]]


def test_last_step_has_outcomes_and_policy() -> None:
    news = [Outcome(target, reading({"zone": str(number)})) for number, target in enumerate(TARGETS)]
    *_, last = empty().steps(news, Policy(baseline="dev"))
    assert last.sections == empty(Policy(baseline="dev")).with_outcomes(news).sections
    assert last.sections != empty().with_outcomes(news).sections


def test_counts_cover_listed_rows_and_worst_severity() -> None:
    news = [Outcome(target, reading({"zone": str(number), "a": "1"})) for number, target in enumerate(TARGETS)]
    before = empty().with_outcomes(news)
    rows = before.sections[0].rows
    drift = [one.severity for one in rows if one.listed and one.verdict is Verdict.DRIFT]
    assert (rows.counts.drift, rows.counts.worst) == (len(drift), min(drift, key=lambda severity: severity.rank))
    assert rows.compared == sum(one.verdict is not Verdict.IGNORED for one in rows)
    later = before.with_outcomes(Outcome(o.target, o.reading, at=9.0) for o in news)
    assert later.sections[0].rows is rows
    assert empty().sections[0].rows.counts.worst is None


def test_unchanged_rows_stay_the_same_objects() -> None:
    before = board(reading({"zone": "a", "limit": "1"}), reading({"zone": "a", "limit": "1"}))
    again = answered(before, {"dev": reading({"zone": "a", "limit": "1"})})
    assert again.sections[0].rows is before.sections[0].rows
    moved = answered(before, {"dev": reading({"zone": "b", "limit": "1"})})
    assert row(moved, "limit") is row(before, "limit")
    assert row(moved, "zone") is not row(before, "zone")


def test_result_is_independent_of_previous_boards() -> None:
    loaded = reading({"libraries": "s", "library.max": "5", "zone": "a", "cache": "1"})
    plain = reading({"libraries": "", "zone": "a", "cache": "9"}, "18.4")
    steps = answered(board(plain, plain), {"dev": loaded})
    steps = answered(steps, {"production": loaded})
    steps = answered(steps, {"production": plain})
    assert steps.sections[0].rows == board(loaded, plain).sections[0].rows

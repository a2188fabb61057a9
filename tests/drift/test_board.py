"""The board in steps: what comes out does not depend on the way, and nothing holds up whoever has keys to answer."""

from __future__ import annotations

from random import Random

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Outcome, Reading, Reason, Target, Verdict
from tests.drift.test_compare import ENVIRONMENTS, KINDS, reading

NAMES = ("zone", "cache", "library.max", "libraries", "limit", "a", "b", "c")
TARGETS = [Target(name, service, "database") for service in ("one", "two") for name in ENVIRONMENTS]


def empty(policy: Policy | None = None) -> Board:
    """Make a board of two services of which nothing is known."""
    return Board.of(ENVIRONMENTS, TARGETS, KINDS, policy or Policy())


def said(random: Random) -> Reading | Failure:
    """Make up what a server says: mostly the same, now and then another release, fewer settings, or nothing."""
    if not random.randrange(12):
        return Failure(Reason.REFUSED, "no")
    names = [name for name in NAMES if name != "library.max" or random.randrange(2)]
    facts = {name: "" if name == "libraries" and random.randrange(2) else str(random.randrange(2)) for name in names}
    hidden = random.choice(((), (), (("library.*", "not for us"),)))
    version = random.choice(("16.1", "16.1", "16.1", "16.2", "18.4"))
    product = random.choice(("Thing", "Thing", "Other"))
    return reading(facts, version, product, hidden=hidden)


def heard(random: Random) -> list[Outcome]:
    """Make up news of some targets."""
    news = ((target, said(random)) for target in TARGETS if not random.randrange(3))
    return [Outcome(target, *((None, what) if isinstance(what, Failure) else (what, None))) for target, what in news]


def test_a_board_that_news_came_to_bit_by_bit_is_the_board_compared_from_nothing() -> None:
    """Rows are taken over where nothing of theirs moved: never one too many."""
    for seed in range(40):
        random = Random(seed)
        board = empty()
        for _ in range(40):
            board = board.with_outcomes(heard(random))
            anew = board.with_policy(Policy(baseline="dev")).with_policy(Policy())
            assert [section.rows for section in board.sections] == [section.rows for section in anew.sections]


def test_a_row_that_names_a_release_is_judged_anew_when_there_is_another() -> None:
    """Though neither its own values nor the settings that explain it have moved."""
    news = [
        Outcome(TARGETS[0], reading({"a": "1"}, "1.0", "P")),
        Outcome(TARGETS[1], reading({}, "1.0", "Q")),
        Outcome(TARGETS[2], reading({}, "1.0", "Q")),
    ]
    board = empty().with_outcomes(news)
    board = board.with_outcomes([Outcome(TARGETS[0], reading({"a": "1"}, "2.0", "P"))])
    (row,) = (row for row in board.sections[0].rows if row.setting == "a")
    assert row.note == "only in P 2.0"


def test_one_value_that_moves_makes_one_row() -> None:
    """All others are the objects that they were."""
    before = empty().with_outcomes(Outcome(target, reading(dict.fromkeys(NAMES, "1"))) for target in TARGETS)
    after = before.with_outcomes([Outcome(TARGETS[0], reading({**dict.fromkeys(NAMES, "1"), "zone": "2"}))])
    assert after.sections[1] is before.sections[1]
    known = set(map(id, before.sections[0].rows))
    assert [row.setting for row in after.sections[0].rows if id(row) not in known] == ["zone"]


def test_between_two_services_there_is_time_for_something_else() -> None:
    """One step a service; the boards handed out before stay as they were, and the last has all news."""
    news = [Outcome(target, reading({"zone": target.environment})) for target in TARGETS]
    before = empty()
    steps = [before, *before.steps(news, before.policy)]
    drift = [[section.rows.counts.drift for section in board.sections] for board in steps]
    assert drift == [[0, 0], [0, 0], [1, 0], [1, 1]]


def test_another_policy_is_whole_in_the_last_step() -> None:
    """News and the policy come together, and every row is judged anew."""
    news = [Outcome(target, reading({"zone": str(number)})) for number, target in enumerate(TARGETS)]
    *_, board = empty().steps(news, Policy(baseline="dev"))
    assert board.sections == empty(Policy(baseline="dev")).with_outcomes(news).sections
    assert board.sections != empty().with_outcomes(news).sections


def test_what_is_listed_is_counted_once_and_says_the_worst() -> None:
    """The counts belong to the rows: outcomes that only tell the time leave them alone."""
    news = [Outcome(target, reading({"zone": str(number), "a": "1"})) for number, target in enumerate(TARGETS)]
    board = empty().with_outcomes(news)
    rows = board.sections[0].rows
    drift = [row.severity for row in rows if row.listed and row.verdict is Verdict.DRIFT]
    assert (rows.counts.drift, rows.counts.worst) == (len(drift), min(drift, key=lambda severity: severity.rank))
    assert rows.compared == sum(row.verdict is not Verdict.IGNORED for row in rows)
    later = board.with_outcomes(Outcome(o.target, o.reading, at=9.0) for o in news)
    assert later.sections[0].rows is rows
    assert empty().sections[0].rows.counts.worst is None

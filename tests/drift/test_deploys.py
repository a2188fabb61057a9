"""Deploy frequency and lead time of a made history of 90 days, by hand and by the program."""

from __future__ import annotations

import pytest

from parity_tui.drift.changes import Change, ChangeKind, TimedChange
from parity_tui.drift.changes.change import ROLLBACK
from parity_tui.drift.deploys import DAY, Commits, Delivery, Deploy, delivery, deploys, lead_times, moves, of_target

START = 1_790_000_000.0
HOUR = 3600.0


def sha(number: int) -> str:
    """Return the hash of a made commit, as it is shown."""
    return f"{number:07x}abc"


def moved(
    day: float, before: int, after: int, *, node: str = "", service: str = "app", back: bool = False
) -> TimedChange:
    """Return the event of a deploy to production."""
    change = Change(
        "production", service, "revision", sha(before), sha(after), kind=ChangeKind.DEPLOY, node=node,
        reason=ROLLBACK if back else "",
    )  # fmt: skip
    return TimedChange(START + day * DAY, change)


def commits(*pairs: tuple[int, float]) -> list[tuple[str, float]]:
    """Return (number, days since the start) as commits."""
    return [(f"full-{number}", START + day * DAY) for number, day in pairs]


HISTORY = [
    moved(10, 1, 2),
    moved(10 + 0.01, 1, 2, node="b:80"),  # the second server, a quarter of an hour later
    moved(30, 2, 3),
    moved(31, 3, 2, back=True),
    moved(33, 2, 3),  # the same again: its commits are old by now
    moved(73, 3, 4),
    TimedChange(START, Change("production", "app", kind=ChangeKind.FAILED)),
]
COMMITS: Commits = {
    (sha(1), sha(2)): commits((2, 8)),  # 2 days
    (sha(2), sha(3)): commits((31, 26), (32, 24), (33, 20)),  # 4, 6 and 10 days
    (sha(3), sha(4)): commits((41, 72), (42, 53)),  # 1 and 20 days
}
# By hand: deploys on the days 10, 30, 33 and 73, gaps of 20, 3 and 40 days; lead times 1, 2, 4, 6, 10, 20: median 5.


def test_ninety_days_equal_a_calculation_by_hand() -> None:
    figures = delivery(deploys(HISTORY), COMMITS, START, START + 90 * DAY)
    assert figures == Delivery(90.0, 4, 1, 0, interval=20 * DAY, lead_time=5 * DAY, commits=6)
    assert figures.per_day == pytest.approx(4 / 90)


def test_window_counts_its_own_deploys_and_new_commits() -> None:
    figures = delivery(deploys(HISTORY), COMMITS, START + 32 * DAY, START + 92 * DAY)
    assert figures == Delivery(60.0, 2, 0, 0, interval=40 * DAY, lead_time=10.5 * DAY, commits=2)


def test_nothing_observed_gives_no_figure() -> None:
    assert delivery([], {}, START, START) == Delivery(0.0)
    assert Delivery(0.0).per_day == 0.0
    alone = delivery(deploys(HISTORY[:1]), {}, START, START + DAY * 20)
    assert (alone.deploys, alone.interval, alone.lead_time) == (1, None, None)


def test_balancer_between_two_revisions_is_one_deploy() -> None:
    flapping = [moved(1 + minute / 1440, *pair) for minute, pair in enumerate([(1, 2), (2, 1), (1, 2), (2, 1), (1, 2)])]
    assert [(deploy.before, deploy.after) for deploy in deploys(flapping)] == [(sha(1), sha(2))]
    known = [
        moved(1 + minute / 1440, *pair, back=pair == (2, 1)) for minute, pair in enumerate([(1, 2), (2, 1), (1, 2)])
    ]
    assert [(deploy.before, deploy.after) for deploy in deploys(known)] == [(sha(1), sha(2))]
    assert len(deploys([moved(1, 1, 2), moved(1 + 2 * HOUR / DAY, 2, 1), moved(2, 1, 2)])) == 3


def test_rollback_counts_at_once() -> None:
    found = deploys([moved(1, 1, 2), moved(1.01, 2, 1, back=True)])
    assert [deploy.rollback for deploy in found] == [False, True]
    assert lead_times(found, {found[1].move: commits((1, 0))}) == []


def test_services_and_unknown_times_are_apart() -> None:
    event = moved(2, 1, 2, service="worker")
    uncertain = TimedChange(event.at, event.change, since=START)
    found = deploys([moved(1, 1, 2), uncertain])
    assert [deploy.service for deploy in of_target(found, "production", "worker")] == ["worker"]
    assert delivery(of_target(found, "production", "worker"), {}, START, START + DAY * 3).uncertain == 1
    assert moves(found) == [(sha(1), sha(2))]


def test_commit_from_the_future_takes_no_negative_time() -> None:
    found = [Deploy("production", "app", START, sha(1), sha(2))]
    assert lead_times(found, {found[0].move: commits((1, 5))}) == [0.0]

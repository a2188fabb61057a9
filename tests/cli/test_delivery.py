"""The gaps of time and personnel, out of a made history and a real repository."""

from __future__ import annotations

from pathlib import Path

from parity_tui.cli.delivery import delivery_of
from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, ChangeKind, TimedChange
from parity_tui.drift.policy import Policy
from parity_tui.history import HistoryState
from parity_tui.model import Entry, Fact, Ledger
from parity_tui.report.gaps import Delivery
from parity_tui.services import kinds
from tests.builders import board, reading, target
from tests.repositories import git

HOUR = 3600.0
START = 1_790_000_000.0
"""the first commit; each next one is an hour later"""


def repository(folder: Path, *authors: str) -> list[str]:
    """Make a repository with a commit by each author; return the commits."""
    git(folder, "init", "-q")
    made = []
    for number, author in enumerate(authors):
        git(folder, "commit", "-q", "--allow-empty", "-m", "x", "--author", f"{author} <{author}@shop.example>",
            "--date", f"{int(START + number * HOUR)} +0000")  # fmt: skip
        for message in "yz":  # a short revision of digits alone could be a date, and is not compared
            if git(folder, "rev-parse", "HEAD")[:7].isdigit():
                git(folder, "commit", "-q", "--allow-empty", "--amend", "-m", message)
        made.append(git(folder, "rev-parse", "HEAD"))
    return made


def app(by: str = "", *record: tuple[str, str]) -> Board:
    """Return a board of an app; ``record`` has (revision, user) of each deploy in its log."""
    log = Ledger(tuple(Entry(commit[:7], by=user) for commit, user in record)) if record else None
    facts = {"revision": "x"} | ({"deployed by": Fact(by, ledger=log)} if by else {})
    targets = [(target(name, service="app", kind="app"), reading(facts)) for name in ("dev", "production")]
    return board(targets, kinds(), Policy("production"))


def history(*moves: tuple[float, str, str]) -> HistoryState:
    state = HistoryState()
    for at, before, after in moves:
        change = Change("production", "app", "revision", before[:10], after[:10], kind=ChangeKind.DEPLOY)
        state.changes.append(TimedChange(at, change))
    return state


async def measured(made: Board, state: HistoryState | None, folder: str, now: float) -> Delivery:
    return (await delivery_of(made, state, folder, now))["production"]


async def test_deploys_of_production_are_measured(tmp_path: Path) -> None:
    first, second, third = repository(tmp_path, "ann", "bob", "ann")
    now = git(tmp_path, "log", "-1", "--format=%ct")
    seen = float(now) + HOUR
    state = history((seen, first, second), (seen + 48 * HOUR, second, third))
    found = await measured(app(), state, str(tmp_path), seen + 96 * HOUR)
    assert found.between_deploys.words == "2 days (2 deploys in 4 days)"
    assert found.lead_time.words.endswith("hours (median of 2 commits)") or "day" in found.lead_time.words
    assert found.people.words == "not measured: 2 of 2 deploys have no record of who deployed"


async def test_record_of_the_deploy_counts_its_people(tmp_path: Path) -> None:
    first, *_, last = repository(tmp_path, "ann", "bob", "ann")
    at = float(git(tmp_path, "log", "-1", "--format=%ct")) + HOUR
    found = await measured(app("ann"), history((at, first, last)), str(tmp_path), at + HOUR)
    assert found.people.words == "1 of 2 authors deploy, 50 % of 2 commits by their author"
    assert found.between_deploys.words == "not measured: 1 deploy seen, two are needed"


async def test_log_of_all_deploys_counts_their_people(tmp_path: Path) -> None:
    first, second, third, last = repository(tmp_path, "ann", "bob", "ann", "bob")
    at = float(git(tmp_path, "log", "-1", "--format=%ct")) + HOUR
    state = history((at, first, second), (at + 2 * HOUR, second, third), (at + 4 * HOUR, third, last))
    whole = app("bob", (second, "bob"), (third, "bob"), (last, "bob"))
    found = await measured(whole, state, str(tmp_path), at + 5 * HOUR)
    assert found.people.words == "1 of 2 authors deploy, 67 % of 3 commits by their author"
    twice = app("bob", (second, "bob"), (third, "bob"), (third, "ann"), (last, "bob"))
    for incomplete in (app("bob", (second, "bob"), (last, "bob")), twice):
        found = await measured(incomplete, state, str(tmp_path), at + 5 * HOUR)
        assert found.people.words == "not measured: 1 of 3 deploys have no record of who deployed"


async def test_what_is_missing_is_said(tmp_path: Path) -> None:
    found = await measured(app(), HistoryState(), "", START)
    assert found.between_deploys.words == "not measured: no deploy seen, two are needed"
    assert found.lead_time.words == "not measured: no repository is configured"
    assert found.people.words == "not measured: no deploy is known of the last 90 days"
    found = await measured(app(), None, "", START)
    assert found.between_deploys.words == "not measured: the history cannot be read"
    state = history((START, "a" * 40, "b" * 40))
    found = await measured(app(), state, str(tmp_path), START + HOUR)
    assert "is no git repository" in found.lead_time.words


async def test_environment_without_app_is_not_measured() -> None:
    assert await delivery_of(board({"dev": reading(), "production": reading()}), HistoryState(), "", START) == {}

"""Apps on real HTTP servers with a repository: what a board, its events and its history show of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parity_tui.cli.commands import create_watcher
from parity_tui.config import parse
from parity_tui.drift.board import Board
from parity_tui.drift.changes import Change, ChangeKind, changes
from parity_tui.drift.deploys import delivery, deploys, moves
from parity_tui.history.state import HistoryState
from parity_tui.report.json_report import to_json
from parity_tui.transport.git import Repository
from tests import builders
from tests.history.stores import RecordedHistory
from tests.repositories import COMMITS, START, git, made
from tests.services.app.builders import App, app

NAMES = ("dev", "staging", "production")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository of 20,000 commits with a side branch."""
    return made(tmp_path_factory.mktemp("shop"), COMMITS)


@pytest.fixture
def apps() -> Iterator[dict[str, App]]:
    """Run an app for each environment."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(app()) for name in NAMES}


def deploy(served: App, sha: str) -> None:
    """Let an app run another revision."""
    served.show("/__version__", json.dumps({"commit": sha}))


def config(apps: dict[str, App], repository: Path | None) -> str:
    """Return a configuration of the apps, with production as the baseline."""
    lines = ['baseline = "production"', *([f'repository = "{repository}"'] if repository else [])]
    lines += [
        f'[environments.{name}.services]\napp = "http://127.0.0.1:{each.port}/__version__"'
        for name, each in apps.items()
    ]
    return "\n".join(lines)


class Watched:
    """A watcher's boards, the events between them, and their history."""

    def __init__(self, boards: AsyncIterator[Board]) -> None:
        self._boards = boards
        self._previous: Board | None = None
        self.events: list[Change] = []
        self.history = RecordedHistory()

    async def until(self, condition: Callable[[Board], bool]) -> Board:
        """Return the first board that meets a condition."""
        async for board in self._boards:
            if self._previous is not None:
                self.events += changes(self._previous, board)
            self._previous = board
            if board.complete:
                self.history.record(board, time.time())
                if condition(board):
                    return board
        raise AssertionError("the watcher has ended")


@asynccontextmanager
async def watching(text: str) -> AsyncIterator[Watched]:
    """Watch the apps of a configuration."""
    watcher = create_watcher(parse(text, "parity.toml", {}, Path("/")).override(interval=0.1, timeout=30), once=False)
    async with asyncio.timeout(60):
        boards = watcher.boards()
        try:
            yield Watched(boards)
        finally:
            await boards.aclose()  # type: ignore[attr-defined]


def texts(board: Board) -> list[str]:
    """Return the cells of the row of the revision."""
    row = builders.row(board, "revision")
    return [row.text(index) for index in range(len(NAMES))]


async def test_three_apps_diverge_deploy_and_roll_back(apps: dict[str, App], repository: Path) -> None:
    side, main, older = (git(repository, "rev-parse", name) for name in ("side", "main", "main~17"))
    for name, sha in zip(NAMES, (side, older[:9], main), strict=True):
        deploy(apps[name], sha)
    async with watching(config(apps, repository)) as watched:
        board = await watched.until(lambda board: "·" in texts(board)[0])
        assert texts(board) == [
            f"{side[:10]} · diverged: 3 only here, 25 only there", f"{older[:9]} · 17 behind", main[:10],
        ]  # fmt: skip
        deploy(apps["staging"], main)
        await watched.until(lambda board: texts(board)[1] == main[:10])
        deploy(apps["production"], older)
        await watched.until(lambda board: texts(board)[2] == older[:10])
    assert [(change.environment, change.transition, change.rollback) for change in watched.events] == [
        ("staging", f"{older[:9]} → {main[:10]}, 17 commits", False),
        ("production", f"{main[:10]} → {older[:10]}, rollback by 17 commits", True),
    ]
    await figures_of_history(watched.history.stored(), repository)


async def figures_of_history(state: HistoryState, repository: Path) -> None:
    """Check the deploys that the store of a history gives, and the lead time of the commits in between."""
    kinds = [timed.change.kind for timed in state.changes]
    assert kinds == [ChangeKind.DEPLOY, ChangeKind.DEPLOY]
    found = deploys(state.changes)
    commits = {move: await Repository(str(repository)).between(*move) for move in moves(found)}
    figures = delivery(found, commits, found[0].at - 60, found[-1].at + 60)
    assert (figures.deploys, figures.rollbacks, figures.commits) == (1, 1, 17)
    committed = START + 60 * (COMMITS - 9)  # of the middle one of the last 17 commits
    assert figures.lead_time == pytest.approx(found[0].at - committed, abs=1)


async def test_report_has_distance_and_full_hash(apps: dict[str, App], repository: Path) -> None:
    main, older = (git(repository, "rev-parse", name) for name in ("main", "main~17"))
    for name, sha in zip(NAMES, (main, older, main), strict=True):
        deploy(apps[name], sha)
    watcher = create_watcher(
        parse(config(apps, repository), "parity.toml", {}, Path("/")).override(timeout=30), once=True
    )
    async for _ in watcher.boards():
        pass
    (section,) = json.loads(to_json(watcher.board, datetime.now(UTC)))["services"]
    (row,) = section["rows"]
    assert (row["setting"], row["severity"], row["odd"]) == ("revision", "info", ["staging"])
    assert row["values"]["staging"]["text"] == f"{older[:10]} · 17 behind"
    assert row["values"]["staging"]["raw"] == older
    assert section["readings"]["dev"]["version"] == main[:10]


async def test_equal_apps_without_repository_give_no_row(apps: dict[str, App]) -> None:
    for each in apps.values():
        deploy(each, "3f786850e387550fdab836ed7e6dc881de23001b")
    watcher = create_watcher(parse(config(apps, None), "parity.toml", {}, Path("/")).override(timeout=30), once=True)
    async for _ in watcher.boards():
        pass
    assert not [row for row in watcher.board.sections[0].rows if row.listed]


async def test_bad_repository_is_a_note_and_no_failure(apps: dict[str, App], tmp_path: Path) -> None:
    for name, each in apps.items():
        deploy(each, f"{len(name):07x}" + "0" * 33)
    watcher = create_watcher(
        parse(config(apps, tmp_path), "parity.toml", {}, Path("/")).override(timeout=30), once=True
    )
    async for _ in watcher.boards():
        pass
    row = builders.row(watcher.board, "revision")
    assert f"no distances: the repository {tmp_path} is no git repository" in row.note
    assert watcher.board.summary.failed == 0

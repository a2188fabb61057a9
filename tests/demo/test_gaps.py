"""The three gaps on the demo: an app of several revisions, and the ledgers of two migration tools."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from parity_tui.cli import board as command
from parity_tui.cli.board import demo_config
from parity_tui.cli.commands import create_watcher, read_once
from parity_tui.demo import Demo, app
from parity_tui.demo import demo as module
from parity_tui.demo.app import App
from parity_tui.demo.sandbox import Sandbox
from parity_tui.demo.services import SERVICES
from parity_tui.drift.board import Board
from parity_tui.drift.grades import grades_of
from parity_tui.drift.row import Row
from parity_tui.model import Severity, Verdict
from parity_tui.report.gaps import gaps_of, to_text
from parity_tui.report.text import Style
from tests.conftest import missing

ENVIRONMENTS = ("dev", "staging", "production")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce the demo to the services that the gaps of time and migrations are about."""
    monkeypatch.setattr(module, "SERVICES", {name: SERVICES[name] for name in ("database", "catalog", "app")})


def row(board: Board, service: str, setting: str) -> Row:
    section = next(section for section in board.sections if section.service == service)
    return next(row for row in section.rows if row.setting == setting)


def count(repository: Path, revisions: str) -> int:
    """Count commits by git itself."""
    argv = ["git", "-c", "safe.directory=*", "-C", str(repository), "rev-list", "--count", revisions]
    return int(subprocess.run(argv, capture_output=True, check=True).stdout)


@pytest.mark.usefixtures("few")
async def test_revisions_migrations_and_delivery_are_measured() -> None:
    async with Demo() as demo:
        await demo.ready()
        if demo.missing:
            missing(" ".join(demo.missing))
        config = demo_config(demo)
        board = await read_once(create_watcher(config, once=True))
        delivery = await command._demo_delivery(board, demo, config)
        revision = row(board, "app", "revision")
        dev, staging, production = (cell.raw or "" for cell in revision.cells)
        assert await asyncio.to_thread(count, Path(config.repository), f"{production}..{staging}") == 17
        assert await asyncio.to_thread(count, Path(config.repository), f"{staging}..{dev}") == 4
    assert [cell.canonical.partition(" · ")[2] for cell in revision.cells] == ["21 ahead", "17 ahead", ""]
    django, alembic = row(board, "database", "migrations (django)"), row(board, "catalog", "migrations (alembic)")
    assert (django.verdict, django.severity) == (Verdict.DRIFT, Severity.INFO)
    assert [cell.canonical or cell.raw for cell in django.cells[1:]] == ["9", "6 · 3 behind, oldest 5 days"]
    assert (alembic.verdict, alembic.severity) == (Verdict.DRIFT, Severity.WARNING)
    assert alembic.cells[2].canonical == "4f86a3d2e911 · another head"
    assert [delivery[name].between_deploys.words for name in ENVIRONMENTS] == [
        "1 day (15 deploys in 14 days)",
        "2 days (7 deploys in 14 days)",
        "1 week (2 deploys in 14 days)",
    ]
    assert [delivery[name].lead_time.basis for name in ENVIRONMENTS] == [
        f"median of {number} commits" for number in (59, 55, 38)
    ]
    assert delivery["dev"].people.problem == "15 of 15 deploys have no record of who deployed"
    assert [delivery[name].people.words for name in ENVIRONMENTS[1:]] == [
        "2 of 3 authors deploy, 33 % of 55 commits by their author",
        "1 of 3 authors deploy, 32 % of 38 commits by their author",
    ]
    page = to_text(gaps_of(board, grades_of(board), delivery), Style(width=80)).split("\n")
    assert len(page) <= 24
    assert max(map(len, page)) <= 80


async def test_demo_without_git_has_no_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "which", lambda name: None)
    monkeypatch.setattr(module, "SERVICES", {"app": SERVICES["app"], "cache": SERVICES["cache"]})
    async with Demo() as demo:
        assert demo.missing == ["app: no git on this machine: Debian's git, or git of another package manager"]
        assert "repository" not in demo.config_text
        assert "app" not in demo_config(demo).services
        assert demo.deploys == []


def test_deploys_move_forward_through_made_commits() -> None:
    with Sandbox() as home:
        made = App(home)
        folders = [made.folder(name) for name in ENVIRONMENTS]
        deploys = made.deploys
        latest = {deploy.environment: deploy.after for deploy in deploys}
        assert [(folder / "REVISION").read_text().strip() for folder in folders[1:]] == [
            latest["staging"],
            latest["production"],
        ]
        assert all(count(made.repository, f"{each.before}..{each.after}") > 0 for each in deploys)
    assert Counter(deploy.environment for deploy in deploys) == {"dev": 15, "staging": 7, "production": 2}
    assert not home.root.exists()

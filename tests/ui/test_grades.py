"""Letters in the heads of the panes."""

from __future__ import annotations

import asyncio

import pytest

from parity_tui.config.eol_data import shipped
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Reason
from parity_tui.report.gaps import Delivery, Span
from parity_tui.services import kinds
from parity_tui.ui import sheets_screen
from parity_tui.ui.terminal.capabilities import Terminal
from parity_tui.ui.view.grading import Grading
from tests import builders
from tests.drift.builders import board, reading
from tests.drift.test_end_of_life import TODAY
from tests.ui.board_user import each_size, opened_board

POLICY = Policy("production")
GRADED = board(reading({"zone": "a"}), reading({"limit": "1"}), reading({"limit": "2"}), policy=POLICY)


def heads(line: str) -> list[list[str]]:
    return [head.split() for head in line.split("│")[1:]]


@each_size
@pytest.mark.parametrize("ascii", [False, True])
async def test_letter_is_at_the_right_of_its_head(size: tuple[int, int], ascii: bool) -> None:  # noqa: A002
    async with opened_board(size, GRADED, Terminal(ascii=ascii)) as user:
        titles = user.lines[1].replace("|", "│")
        assert [head[1:] for head in heads(titles)[:2]] == [["dev", "C"], ["staging", "B"]]
        assert heads(titles)[2][1] == "production"
        assert all(head.endswith(f"{letter} ") for head, letter in zip(titles.split("│")[1:], "CB", strict=False))


async def test_letter_stays_beside_the_state_of_its_pane() -> None:
    away = board(Failure(Reason.REFUSED, "refused"), reading(), reading(), policy=POLICY)
    async with opened_board((80, 24), away) as user:
        assert heads(user.lines[1])[0][1:] == ["dev", "failed", "?"]


async def test_letter_follows_the_board() -> None:
    async with opened_board(board=GRADED) as user:
        await user.give(board(reading(), reading(), reading(), policy=POLICY))
        assert [head[-1] for head in heads(user.lines[1])] == ["A+", "A+", "baseline"]


async def test_board_that_is_not_read_has_no_letters() -> None:
    async with opened_board() as user:
        assert user.grid.grades.environments == {}


def test_many_environments_are_graded_in_parts() -> None:
    from parity_tui.model import Outcome, Target
    from tests.drift.builders import KINDS

    names = [*(f"env{number}" for number in range(40)), "production"]
    targets = [Target(name, "db", "database") for name in names]
    made = Board.of(names, targets, KINDS, Policy()).with_outcomes(Outcome(each, reading()) for each in targets)
    grading = Grading()
    grading.begin(made)
    assert [grading.advance() for _ in range(6)] == [False] * 5 + [True]
    assert len(grading.grades.environments) == 40
    grading.begin(made)
    assert grading.advance()


@each_size
async def test_sheet_of_the_gaps_opens_and_closes(size: tuple[int, int]) -> None:
    async with opened_board(size, GRADED) as user:
        await user.press("T")
        text = " ".join(user.modal.split())
        assert "The three gaps, against production" in text
        assert "dev C: db: zone is a here, – in production" in text
        assert "not measured: no app is configured" in text
        await user.press("escape")
        assert not user.has_modal


async def test_sheet_names_the_command_that_measures() -> None:
    """Only the environment that has an app is measured there."""
    targets = [builders.target("production", service="app", kind="app"), builders.target("dev", service="db")]
    made = builders.board([(each, reading({"revision": "3f78685"})) for each in targets], kinds(), POLICY)
    async with opened_board((120, 40), made) as user:
        await user.press("T")
        lines = [" ".join(line.split()) for line in user.modal.splitlines()]
    assert sum("production not measured: the command gaps reads" in line for line in lines) == 3
    assert sum("dev not measured: no app is configured" in line for line in lines) == 2


async def test_sheet_measures_delivery() -> None:
    """By the history and the repository, as the command gaps does."""
    measured = {"dev": Delivery(Span(7200.0, basis="3 deploys in 6 hours"), Span(5400.0))}

    async def measure(of: Board) -> dict[str, Delivery]:
        await asyncio.sleep(0)
        return measured if len(of.environments) == 3 else {}

    async with opened_board((120, 40), GRADED, delivery=measure) as user:
        await user.press("T")
        await user.until(lambda: user.has_modal)
        lines = [" ".join(line.split()) for line in user.modal.splitlines()]
    assert any("dev 2 hours (3 deploys in 6 hours)" in line for line in lines), lines
    assert any("production not measured: no app is configured" in line for line in lines)


async def test_sheet_does_not_wait_for_a_repository_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_screen, "_PATIENCE", 0.01)

    async def hang(of: Board) -> dict[str, Delivery]:
        await asyncio.Event().wait()
        return {}

    async with opened_board((120, 40), GRADED, delivery=hang) as user:
        await user.press("T")
        await user.until(lambda: user.has_modal)
        assert "The three gaps" in user.modal


async def test_slow_gaps_say_what_they_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_screen, "_SLOW", 0.01)
    monkeypatch.setattr(sheets_screen, "_PATIENCE", 60.0)
    go = asyncio.Event()

    async def wait(of: Board) -> dict[str, Delivery]:
        await go.wait()
        return {}

    async with opened_board((120, 40), GRADED, delivery=wait) as user:
        await user.press("T")
        await user.until(lambda: "reading the history and the repository" in user.screen)
        go.set()
        await user.until(lambda: user.has_modal)
        await user.press("escape")
        assert "reading the history" not in user.screen


async def test_gaps_do_not_cover_a_sheet_that_was_opened_meanwhile() -> None:
    go = asyncio.Event()

    async def wait(of: Board) -> dict[str, Delivery]:
        await go.wait()
        return {}

    async with opened_board((120, 40), GRADED, delivery=wait) as user:
        await user.press("T", "question_mark")
        go.set()
        await user.until(lambda: not any(worker.is_running for worker in user.app.workers if worker.name == "gaps"))
        assert "The three gaps" not in user.modal


async def test_sheet_of_the_gaps_opens_before_all_is_read() -> None:
    async with opened_board() as user:
        await user.press("T")
        assert "The three gaps" in user.modal


async def test_row_on_age_has_a_detail_and_an_expectation() -> None:
    old = reading({"zone": "a"}, "13.23", "PostgreSQL")
    aged = board(old, old, policy=Policy("production", today=TODAY, lifecycle=shipped()))
    async with opened_board(board=aged) as user:
        await user.to("end of life")
        text = " ".join(user.screen.split())
        assert "critical · in dev and production" in text
        assert "PostgreSQL 13 has ended. Facts of 2026-08-22." in text
        await user.press("v")
        assert "ended 2025-11-13" in user.modal
        await user.press("escape", "e", *"soon", "enter")
        assert 'setting = "end of life"' in user.modal

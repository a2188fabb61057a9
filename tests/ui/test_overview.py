"""The overview: folded services, counts of each environment, failures first, the pinned baseline, equal panes."""

from __future__ import annotations

import pytest

from parity_tui.config.eol_data import shipped
from parity_tui.drift.board import Board
from parity_tui.drift.mark_counts import count_marks
from parity_tui.drift.policy import Policy
from parity_tui.model import Failure, Outcome, Reason, Target
from parity_tui.ui.theme.renderer import _fit_product
from tests.drift.builders import KINDS, board, reading
from tests.drift.test_end_of_life import TODAY
from tests.ui import boards
from tests.ui.board_user import opened_board

FOUR = ("dev", "test", "staging", "production")


def twelve_services(baseline: str = "production") -> Board:
    """Return a board of four environments and twelve services: one failed, two with drift."""
    targets = [Target(name, f"service-{number:02}", "database") for number in range(12) for name in FOUR]
    empty = Board.of(FOUR, targets, KINDS, Policy(baseline=baseline))
    return empty.with_outcomes(map(_outcome, targets))


def _outcome(target: Target) -> Outcome:
    service, environment = target.service, target.environment
    if (service, environment) == ("service-07", "staging"):
        return Outcome(target, failure=Failure(Reason.REFUSED, "refused the connection"))
    facts = {"zone": "x", "limit": "5", "port": "1", "library.max": "5"}
    if service == "service-09" and environment == "dev":
        facts |= {"zone": "y", "limit": "9"}
    if service == "service-03" and environment == "test":
        facts["limit"] = "8"
    return Outcome(target, reading(facts, "16.14", "PostgreSQL"))


async def test_first_screen_answers_which_service_and_environment() -> None:
    async with opened_board((80, 24), twelve_services()) as user:
        services = [line.split()[1] for line in user.lines[2:14]]
        assert services[:3] == ["service-07", "service-09", "service-03"]
        assert len(set(services)) == 12
        assert all(name in user.lines[1] for name in ("dev", "test", "staging", "production"[:6]))
        failed, worst, warned = user.lines[2:5]
        assert "✗" in failed.split("│")[0]
        assert "refused" in failed.split("│")[3]
        assert worst.split("│")[1].split()[-2:] == ["16.14", "‼1"]
        assert "‼" not in worst.split("│")[2]
        assert "!1" in warned.split("│")[2]
        assert all("16.14" in cell for line in user.lines[5:14] for cell in line.split("│")[1:])


async def test_board_that_fits_opens_unfolded() -> None:
    async with opened_board((120, 40)) as user:
        assert "‼ TimeZone" in user.screen
    async with opened_board((80, 24)) as user:
        assert "▸ database" in user.screen
        assert "TimeZone" not in user.screen


async def test_tab_opens_the_next_folded_service_with_drift() -> None:
    async with opened_board((80, 24), twelve_services()) as user:
        await user.press("z", "z")
        await user.press("tab")
        assert user.under_cursor == "zone"
        await user.press("tab", "tab")
        assert user.under_cursor == "limit"
        assert user.grid.lines[user.grid.cursor].section.service == "service-03"
        await user.press("shift+tab")
        assert user.grid.lines[user.grid.cursor].section.service == "service-09"


async def test_exclamation_mark_goes_to_the_next_failure() -> None:
    async with opened_board((120, 40)) as user:
        await user.press("!")
        first = (user.under_cursor, user.grid.panes.current)
        await user.press("!")
        second = (user.under_cursor, user.grid.panes.current)
        assert {first[0], second[0]} == {"reporting", "queue"}
        await user.press("!")
        assert (user.under_cursor, user.grid.panes.current) == first
    async with opened_board((80, 24), boards.wide(3)) as user:
        await user.press("!")
        assert "no failures" in user.screen


async def test_baseline_stays_in_view_and_in_the_first_line() -> None:
    async with opened_board((80, 24), boards.wide(20)) as user:
        await user.press("b", *"llllllllll")
        assert "region-00" in user.lines[1]
        assert "region-10" in user.lines[1]
        assert "against region-00" in user.lines[0]
    async with opened_board((44, 24), twelve_services()) as user:
        assert "against production" in user.lines[0]


async def test_equals_sign_hides_panes_without_differences() -> None:
    async with opened_board((120, 40), twelve_services()) as user:
        await user.press("=")
        assert [name for name in FOUR if name in user.lines[1]] == ["dev", "test", "staging", "production"]
    equal = twelve_services()
    reading = _outcome(Target("dev", "service-00", "database")).reading
    recovered = equal.with_outcomes(Outcome(outcome.target, reading) for outcome in equal.outcomes())
    async with opened_board((120, 40), recovered) as user:
        await user.press("=")
        assert [name for name in FOUR if name in user.lines[1]] == ["production"]
        assert "3 hidden" in user.lines[1]
        await user.give(twelve_services())
        assert [name for name in FOUR if name in user.lines[1]] == ["dev", "test", "staging", "production"]
        await user.press("=")
        assert "hidden" not in user.lines[1]


@pytest.mark.parametrize(("baseline", "shown"), [("production", ["dev", "production"]), ("", ["dev"])])
async def test_equals_sign_hides_panes_of_equal_age(baseline: str, shown: list[str]) -> None:
    """A+ in the head and "=" agree: an alarm that all environments share is no difference between them."""
    old, older = (reading({"zone": "a"}, version, "PostgreSQL") for version in ("16.14", "16.13"))
    policy = Policy(baseline, today=TODAY, lifecycle=shipped())
    async with opened_board((120, 40), board(older, old, old, policy=policy)) as user:
        assert "patches behind" in user.screen
        assert "A+" in user.lines[1]
        await user.press("=")
        assert [name for name in ("dev", "staging", "production") if name in user.lines[1]] == shown
        assert f"environments {'equal to production' if baseline else 'without differences'}" in user.screen


def test_marks_are_counted_for_each_environment() -> None:
    board = twelve_services()
    counts = {section.service: count_marks(section.rows, board.environments) for section in board.sections}
    assert counts["service-09"]["dev"] == {"critical": 1, "warning": 1}
    assert counts["service-09"]["production"] == {}
    assert counts["service-03"]["test"] == {"warning": 1}


def test_product_is_cut_but_never_the_version() -> None:
    texts = [_fit_product("RabbitMQ", "4.1.3", room, "…") for room in range(5, 20)]
    assert all("4.1.3" in text for text in texts)

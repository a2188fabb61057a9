"""The three gaps as a page: at most 24 lines of 80 columns for three environments."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from parity_tui.drift.grades import grades_of
from parity_tui.drift.people import People
from parity_tui.drift.policy import Policy
from parity_tui.report.gaps import Delivery, Gaps, Span, gaps_of, to_json, to_markdown, to_text
from parity_tui.report.text import Style, width
from tests.drift.builders import board, reading

BOARD = board(
    reading({"zone": "Europe/Paris" * 3, "limit": "1"}),
    reading({"zone": "UTC", "limit": "1"}),
    reading({"zone": "UTC", "limit": "2"}),
    policy=Policy("production"),
)
HOUR = 3600.0
DELIVERY = {
    "dev": Delivery(
        Span(HOUR, basis="700 deploys in 30 days"), Span(600), People(authors=9, deploying=9, commits=70, own=7)
    ),
    "staging": Delivery(Span(26 * HOUR), Span(90), People(authors=9, deploying=3, commits=70, own=35)),
    "production": Delivery(Span(14 * 24 * HOUR), Span(36 * HOUR), People("3 of 4 deploys have no record")),
}


def page(delivery: dict[str, Delivery] | None = None) -> Gaps:
    return gaps_of(BOARD, grades_of(BOARD), delivery)


def test_page_without_app_says_so_once() -> None:
    lines = to_text(page(), Style()).splitlines()
    assert lines == [
        "The three gaps, against production",
        "",
        "Time between deploys (traditional: weeks; twelve-factor: hours)",
        "  not measured: no app is configured",
        "Lead time for changes (traditional: weeks; twelve-factor: hours)",
        "  not measured: no app is configured",
        "Authors and deployers (traditional: different people; twelve-factor: the same",
        "people)",
        "  not measured: no record of deploys",
        "Dev and prod (traditional: divergent; twelve-factor: as similar as possible)",
        "  dev         C: db: zone is Europe/ParisEurope/ParisEurope/Paris here, UTC in",
        "              production",
        "              db C",
        "  staging     B: db: limit is 1 here, 2 in production",
        "              db B",
        "  production  the others are compared with it",
    ]


@pytest.mark.parametrize("columns", [80, 60, 120])
def test_measured_page_fits_a_terminal(columns: int) -> None:
    lines = to_text(page(DELIVERY), Style(width=columns)).splitlines()
    assert all(width(line) <= columns for line in lines)
    assert columns < 80 or len(lines) <= 24
    text = " ".join(" ".join(lines).split())
    assert "dev 1 hour (700 deploys in 30 days)" in text
    assert "production 2 weeks" in text
    assert "staging 1.5 minutes" in text
    assert "staging 3 of 9 authors deploy, 50 % of 70 commits by their author" in text
    assert "production not measured: 3 of 4 deploys have no record" in text


def test_page_without_reference_says_how_to_name_one() -> None:
    made = board(reading(), reading()).with_policy(Policy())
    renamed = gaps_of(made, grades_of(made).__class__())
    assert "--baseline NAME names one" in " ".join(to_text(renamed, Style()).split())


def test_ascii_page_has_only_ascii() -> None:
    assert to_text(page(DELIVERY), Style(unicode=False)).isascii()


def test_json_has_numbers_or_reasons() -> None:
    document = json.loads(to_json(page(DELIVERY), datetime(2026, 11, 23, 6, tzinfo=UTC)))
    assert (document["schema"], document["taken_at"], document["graded_against"]) == (
        1,
        "2026-11-23T06:00:00Z",
        "production",
    )
    dev, production = document["environments"]["dev"], document["environments"]["production"]
    assert dev["time_between_deploys"] == {"seconds": 3600.0, "basis": "700 deploys in 30 days"}
    assert dev["people"] == {"authors": 9, "deploying": 9, "commits": 70, "deployed_by_author": 7}
    assert (dev["grade"]["grade"], dev["services"]["db"]["grade"]) == ("C", "C")
    assert production["people"] == {"authors": None, "reason": "3 of 4 deploys have no record"}
    assert production["grade"] is None
    nothing = json.loads(to_json(page(), datetime.now(UTC)))["environments"]["dev"]
    assert nothing["lead_time"] == {"seconds": None, "reason": "no app is configured"}


def test_markdown_is_one_table() -> None:
    lines = to_markdown(page(DELIVERY)).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in table} == {7}
    assert table[0] == "|  | traditional | twelve-factor | dev | staging | production |"
    assert table[-1] == "| db |  |  | C | B |  |"

"""Workflow commands of GitHub Actions: levels, escapes, limits; nothing of a server starts a command."""

from __future__ import annotations

import re

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Failure, Reason, Rule, Severity, State
from parity_tui.report.github import to_github
from parity_tui.secrets import fingerprint
from tests import builders

COMMAND = re.compile(r"::(?P<level>error|warning|notice) title=(?P<title>[^:,\r\n]+)::(?P<message>[^\r\n]+)")
KINDS = {
    "made-up": builders.service(
        Rule("zone", Severity.CRITICAL, "Days shift: by 100%, or more.", explained_by=""),
        Rule("limit.*", Severity.WARNING, "Too many.", explained_by=""),
    )
}


def board(**answers: builders.Answer) -> Board:
    return builders.board(answers, KINDS, Policy("prod"))


def commands(text: str) -> list[tuple[str, str, str]]:
    """Return level, title and message of every line but the last; each must be a command."""
    matches = [COMMAND.fullmatch(line) for line in text.split("\n")[:-1]]
    assert all(matches), text
    return [(match["level"], match["title"], match["message"]) for match in matches if match]


def test_drift_at_or_above_the_limit_is_an_error() -> None:
    made = board(
        dev=builders.reading({"zone": "a", "limit.x": "1", "other": "5"}),
        prod=builders.reading({"zone": "b", "limit.x": "2", "other": "6"}),
    )
    found = commands(to_github(made, Severity.CRITICAL))
    assert [(level, title) for level, title, _ in found] == [
        ("error", "critical%3A it zone"),
        ("notice", "warning%3A it limit.x"),
        ("notice", "info%3A it other"),
    ]
    assert found[0][2] == "dev: a; prod: b. Days shift: by 100%25, or more."
    assert to_github(made, Severity.CRITICAL).endswith("\n1 critical, 1 warning, 1 info")


def test_unread_server_is_a_warning() -> None:
    made = board(dev=Failure(Reason.REFUSED, "db:1 refused"), prod=builders.reading({"zone": "b"}))
    assert commands(to_github(made, Severity.WARNING))[0] == ("warning", "dev it was not read", "db:1 refused")


def test_at_most_ten_annotations_of_a_level() -> None:
    one, other = ({f"limit.{number:02}": f"{value}{number}" for number in range(25)} for value in "12")
    text = to_github(board(dev=builders.reading(one), prod=builders.reading(other)), Severity.WARNING)
    found = commands(text)
    assert len(found) == 10
    assert found[-1][1] == "16 more"


def test_texts_of_servers_start_no_command_and_show_no_secret() -> None:
    secret = Fact(fingerprint("swordfish"), state=State.SECRET)
    hostile: dict[str, Fact | str] = {
        "limit.\n::error::x": "1\r\n::stop-commands::x",
        "limit.b": "x" * 10_000,
        "zone": secret,
    }
    made = board(dev=builders.reading(hostile), prod=builders.reading({"zone": "b"}, "\n::warning::x"))
    text = to_github(made, Severity.INFO)
    assert commands(text)
    assert "swordfish" not in text
    assert max(map(len, text.split("\n"))) < 3000

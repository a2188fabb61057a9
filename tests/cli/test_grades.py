"""Grades in reports and `check --min-grade`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parity_tui.cli import Exit, main
from parity_tui.cli.exit import exit_code
from parity_tui.cli.option_groups import LETTERS
from parity_tui.drift import grades
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Fact, Failure, Reason, State
from parity_tui.report.json_report import document
from parity_tui.report.markdown import to_markdown
from parity_tui.report.text import Style, to_text
from tests.drift.builders import board, reading

POLICY = Policy("production")
WARNED = board(reading({"limit": "1"}), reading({"limit": "1"}), reading({"limit": "2"}), policy=POLICY)
HIDDEN = Fact(state=State.HIDDEN, note="needs more rights")


def test_letters_of_the_command_line_are_those_of_grades() -> None:
    assert LETTERS == grades.LETTERS


def test_grade_below_the_least_is_drift() -> None:
    assert [exit_code(WARNED, None, least) for least in LETTERS] == [Exit.DRIFT] * 2 + [Exit.PARITY] * 3
    assert exit_code(WARNED, "warning", "B") == Exit.DRIFT
    assert exit_code(WARNED, "critical", "B") == Exit.PARITY
    assert exit_code(WARNED, None) == Exit.DRIFT


def test_open_grade_that_could_suffice_is_unknown() -> None:
    failed = board(reading({"zone": "a"}), Failure(Reason.REFUSED, "refused"), reading({"zone": "a"}), policy=POLICY)
    assert exit_code(failed, None, "B") == Exit.UNKNOWN
    hidden = board(reading({"zone": HIDDEN, "limit": "1"}), reading({"zone": "a", "limit": "2"}), policy=POLICY)
    assert [exit_code(hidden, None, least) for least in ("A", "B")] == [Exit.DRIFT, Exit.UNKNOWN]
    accept = Policy("production", (Expectation("db", "zone", "no rights", hidden=True),))
    assert exit_code(hidden.with_policy(accept), None, "B") == Exit.PARITY


def test_grades_are_in_every_report() -> None:
    reason = "db: limit is 1 here, 2 in production"
    made = document(WARNED, datetime(2026, 1, 1, tzinfo=UTC))
    grade = {"grade": "B", "at_best": "B", "reason": reason, "expected": 0}
    assert made["grades"] == {"dev": grade, "staging": grade}
    assert (made["graded_against"], made["grade_rules"]) == ("production", 1)
    assert made["services"][0]["grades"] == {"dev": grade, "staging": grade}
    assert f"- dev: **B** — {reason}" in to_markdown(WARNED)
    assert to_text(WARNED, Style()).splitlines()[1:3] == [f"dev      B   {reason}", f"staging  B   {reason}"]


def test_long_reason_is_wrapped_below_itself() -> None:
    made = board(reading({"zone": "a" * 30}), reading({"zone": "b" * 30}), policy=POLICY)
    text = to_text(made, Style(width=50)).splitlines()
    begin = next(number for number, line in enumerate(text) if line.startswith("dev "))
    lines = text[begin : begin + 3]
    assert lines[0].startswith("dev  C   db: zone is")
    assert all(len(line) <= 50 for line in lines)
    assert lines[1].startswith("         ")


def test_least_grade_without_reference_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PARITY_CONFIG", raising=False)
    Path("parity.toml").write_text(
        "".join(f"[environments.{name}.services]\ncache = 'memory://'\n" for name in ("a", "b"))
    )
    assert main(["check", "--min-grade", "B"]) == Exit.USAGE
    assert capsys.readouterr().err == "--min-grade needs an environment to grade against: --baseline NAME\n"
    assert main(["check", "--min-grade", "B", "--baseline", "a", "--format", "json"]) == Exit.PARITY
    assert json.loads(capsys.readouterr().out)["grades"]["b"]["grade"] == "A+"

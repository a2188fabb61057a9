"""Reports of boards on which parity is not proved: nodes, blind spots, variables that are left out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from parity_tui.cli import Exit
from parity_tui.cli.commands import exit_code
from parity_tui.config.config import LeftOut
from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Outcome, Reading, Severity, Target
from parity_tui.report.json_report import document, to_json
from parity_tui.report.junit import to_junit
from parity_tui.report.markdown import to_markdown
from parity_tui.report.text import Style, to_text
from tests.drift import builders, node_builders
from tests.drift.node_builders import REFUSED

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def not_green(board: Board) -> list[str]:
    """Return the message of every test case of a JUnit report that is not green."""
    root = ElementTree.fromstring(to_junit(board, Severity.WARNING))
    return [str(found.get("message")) for tag in ("failure", "error", "skipped") for found in root.iter(tag)]


def test_dead_node_of_an_equal_cluster_is_named() -> None:
    cluster: list[builders.Answer] = [node_builders.reading(limit="1")] * 2
    board = node_builders.board(dev=[*cluster, REFUSED], production=node_builders.reading(limit="1"))
    assert "\n? 3 settings agree (1 of 4 nodes failed)\n" in to_text(board, Style())
    assert "\n3 settings agree (1 of 4 nodes failed).\n" in to_markdown(board)
    assert exit_code(board, "warning") is Exit.UNKNOWN
    assert len(not_green(board)) == 1


def test_blind_spot_is_one_line_with_its_names_on_demand() -> None:
    closed = builders.reading({"port": "1"}, hidden=(("*", "needs GRANT x"),))
    board = builders.board(closed, closed)
    text, all_text = to_text(board, Style()), to_text(board, Style(), everything=True)
    assert "6 settings and plugin.* hidden in any environment: needs GRANT x" in " ".join(text.split())
    assert ("libraries, plugin.*, zone" in text, "libraries, plugin.*, zone" in all_text) == (False, True)
    assert "libraries, plugin.\\*, zone" in to_markdown(board, everything=True)
    assert [message[:9] for message in not_green(board)] == ["unknown: "]
    (row,) = document(board, NOON)["services"][0]["rows"]
    assert (row["count"], row["verdict"]) == (7, "unknown")
    assert row["members"][:3] == ["libraries", "plugin.*", "zone"]


def test_section_without_compared_settings_never_agrees() -> None:
    quiet = Policy(severities=(("database.*", Severity.IGNORED),))
    board = builders.board(builders.reading({"zone": "a"}), builders.reading({"zone": "a"}), policy=quiet)
    assert "\n? nothing to compare\n" in to_text(board, Style())
    assert exit_code(board, "warning") is Exit.UNKNOWN
    assert not_green(board) == ["nothing to compare"]


@pytest.fixture
def left_out() -> Board:
    """Equal caches beside a variable that is left out."""
    targets = [Target(name, "cache", "database") for name in ("dev", "production")]
    item = LeftOut("dev", "SEARCH_URL", 'scheme "elastic" is not known')
    board = Board.of(("dev", "production"), targets, builders.KINDS, Policy(), [item])
    return board.with_outcomes([Outcome(target, Reading("Thing", "1", {})) for target in targets])


def test_variable_that_is_left_out_is_named_in_every_report(left_out: Board) -> None:
    sentence = 'dev: SEARCH_URL is left out: scheme "elastic" is not known'
    assert f"\n? {sentence}\n" in to_text(left_out, Style())
    assert "- dev: SEARCH\\_URL is left out" in to_markdown(left_out)
    assert not_green(left_out) == [sentence]
    assert json.loads(to_json(left_out, NOON))["left_out"] == [
        {"environment": "dev", "name": "SEARCH_URL", "reason": 'scheme "elastic" is not known'}
    ]


def test_variable_that_is_left_out_is_no_parity(left_out: Board) -> None:
    assert exit_code(left_out, "warning") is Exit.UNKNOWN
    assert left_out.summary.unknown == 1
    assert to_text(left_out, Style()).endswith("\n1 blind spot")

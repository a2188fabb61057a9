"""Reports say since when a target fails and a setting differs, where the history knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.history.recorder import Recorder
from parity_tui.history.since import dated, last_changes
from parity_tui.history.state import HistoryState
from parity_tui.model import Failure, Outcome, Reason, Severity
from parity_tui.report.json_report import to_json
from parity_tui.report.junit import to_junit
from parity_tui.report.markdown import to_markdown
from parity_tui.report.text import Style, to_text
from tests.drift.change_builders import EMPTY, NODES, TARGETS, answer_of, answered, empty_board, reading
from tests.history.stores import RecordedHistory

HOUR = 3600.0
REFUSED = Failure(Reason.REFUSED, "db:1 refused the connection")
BEFORE = answered(EMPTY, reading(zone="a"), reading(zone="a"), at=2 * HOUR - 1)
DRIFT = answered(BEFORE, reading(zone="b"), at=2 * HOUR)


def local(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def history_of(*boards: Board) -> HistoryState:
    """Return the history after boards that were recorded hour by hour, read from its store."""
    history = RecordedHistory()
    for hour, board in enumerate(boards, 1):
        history.record(board, hour * HOUR)
    return history.store.load_moves()


def formats(board: Board, state: HistoryState) -> Iterator[str]:
    """Yield the report in every format for people."""
    changes = last_changes(state, board)
    yield " ".join(to_text(board, Style(width=200), changes=changes).split())
    yield to_markdown(board, changes=changes).replace("\\", "")
    yield to_junit(board, Severity.WARNING, changes=changes)


def test_each_format_says_since_when_a_row_drifts() -> None:
    state = history_of(BEFORE, DRIFT)
    for text in formats(DRIFT, state):
        assert f"since {local(2 * HOUR)}: dev changed a → b" in text
    document = json.loads(to_json(DRIFT, datetime.now(UTC), changes=last_changes(state, DRIFT)))
    row = next(row for row in document["services"][0]["rows"] if row["setting"] == "zone")
    assert row["since"] == "1970-01-01T02:00:00Z"


def test_change_that_no_board_saw_has_two_times() -> None:
    first = history_of(BEFORE)
    recorder = Recorder(first)
    recorder.record(answered(EMPTY, reading(zone="b"), reading(zone="a")), 9 * HOUR)
    for text in formats(DRIFT, recorder.state):
        assert f"between {local(HOUR)} and {local(9 * HOUR)}: dev changed a → b" in text


@pytest.mark.parametrize("zone", ["a", "c"])
def test_outdated_history_says_nothing(zone: str) -> None:
    """The value has changed since, when no board was open."""
    state = history_of(BEFORE, DRIFT)
    now = answered(EMPTY, reading(zone=zone), reading(zone="z"), at=5 * HOUR)
    assert last_changes(state, now) == {}


def test_each_format_says_since_when_a_target_fails() -> None:
    down = BEFORE.with_outcomes([Outcome(TARGETS[0], failure=REFUSED, failed_since=2 * HOUR)])
    state = history_of(BEFORE, down)
    once = EMPTY.with_outcomes([Outcome(TARGETS[0], failure=REFUSED), answer_of(TARGETS[1], reading(zone="a"))])
    now = dated(state, once)
    for text in formats(now, state):
        assert f"refused the connection, since {local(2 * HOUR)}" in text
    found = json.loads(to_json(now, datetime.now(UTC)))["services"][0]["readings"]["dev"]
    assert (found["state"], found["since"]) == ("failed", "1970-01-01T02:00:00Z")
    unknown = json.loads(to_json(once, datetime.now(UTC)))["services"][0]["readings"]["dev"]
    assert "since" not in unknown


def test_each_format_names_the_dead_node() -> None:
    """L3: with the time since when."""
    board = empty_board(*NODES, replace(TARGETS[1])).with_outcomes(
        [*(answer_of(node, reading(zone="a")) for node in NODES), answer_of(TARGETS[1], reading(zone="a"))]
    )
    dead = board.with_outcomes([Outcome(NODES[1], failure=REFUSED, failed_since=2 * HOUR)])
    text, markdown, junit = formats(dead, HistoryState())
    for report in (text, markdown):
        assert f"1 of 3 nodes failed: b:1, since {local(2 * HOUR)}" in report
    assert f"refused the connection, since {local(2 * HOUR)}" in junit
    document = json.loads(to_json(dead, datetime.now(UTC)))
    nodes = document["services"][0]["readings"]["dev"]["nodes"]
    assert [(node["node"], node.get("since")) for node in nodes] == [
        ("a:1", None), ("b:1", "1970-01-01T02:00:00Z"), ("c:1", None),
    ]  # fmt: skip

"""Lines of history are folded into known values and changes; broken ones are skipped."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parity_tui.history.state import MAX_CHANGES, HistoryState


def line(**words: Any) -> bytes:
    """Make a line of the file, with any fields."""
    whole = {"schema": 1, "at": "2026-11-23T06:00:00Z", "environment": "dev", "service": "db", **words}
    return json.dumps(whole).encode()


def change_line(before: str, after: str, **words: Any) -> bytes:
    return line(setting="zone", before=before, after=after, severity="critical", **words)


def read(*lines: bytes) -> HistoryState:
    state = HistoryState()
    for data in lines:
        state.read_line(data)
    return state


def changes(state: HistoryState) -> list[str]:
    return [f"{timed.change.subject} {timed.change.transition}".strip() for timed in state.changes]


def test_last_values_and_changes_are_known() -> None:
    state = read(line(values={"zone": "a", "limit": "1"}), change_line("a", "b"), line(values={"more": "x"}))
    assert state.values == {("dev", "db", ""): {"zone": "b", "limit": "1", "more": "x"}}
    assert changes(state) == ["db zone a → b"]


def test_change_recorded_by_two_boards_counts_once() -> None:
    """Fault 56."""
    restart = line(setting="version", before="1", after="2", restarted=True, instance="pid 7")
    state = read(
        line(values={"zone": "a"}),
        change_line("a", "b"),
        restart,
        change_line("a", "b"),
        restart,
        change_line("b", "a"),
    )
    assert changes(state) == ["db zone a → b", "db restarted 1 → 2", "db zone b → a"]


def test_each_restart_of_a_server_is_a_change() -> None:
    """Fault 17."""
    restarts = [line(setting="version", before="1", after="1", restarted=True, instance=f"pid {n}") for n in range(5)]
    assert changes(read(*restarts, restarts[-1])) == ["db restarted"] * 5


def test_board_keeps_newest_changes_and_command_all() -> None:
    lines = [change_line(str(number), str(number + 1)) for number in range(MAX_CHANGES + 10)]
    assert len(read(*lines).changes) == MAX_CHANGES
    state = HistoryState(None)
    for data in lines:
        state.read_line(data)
    assert len(state.changes) == MAX_CHANGES + 10


@pytest.mark.parametrize(
    "broken",
    [
        b"\x00\x00\x00\x00",
        b"\xff\xfe",
        b'{"schema":1,"at":"2026-11-2',
        b"[" * 5000,
        b"null",
        b'{"schema":"1"}',
        line(at="yesterday"),
        line(at="0001-01-01T00:00:00Z"),
        line(at="9999-12-31T23:59:59Z"),
        line(at="2026-11-23T06:00:00"),
        line(values=[1]),
        change_line("a", "b", since="0001-01-01T00:00:00Z"),
        line(setting="x", severity="dreadful"),
        line(schema=0),
    ],
)
def test_broken_line_is_skipped_and_counted(broken: bytes) -> None:
    """Fault 57."""
    state = read(line(values={"zone": "a"}), broken, change_line("a", "b"))
    assert (state.broken, state.newer) == (1, 0)
    assert changes(state) == ["db zone a → b"]


def test_empty_line_is_ignored() -> None:
    """Fault 56."""
    assert read(b"", b"\n", b"\r\n").broken == 0


def test_line_of_newer_version_is_not_broken() -> None:
    """Fault 58."""
    state = read(change_line("a", "b"), b'{"schema": 2, "at": 5, "what": ["new"]}', line(schema=99))
    assert (state.broken, state.newer) == (0, 2)
    assert changes(state) == ["db zone a → b"]


def test_order_of_lines_counts_not_the_clock() -> None:
    """Fault 60."""
    state = read(
        line(values={"zone": "a"}),
        change_line("a", "b", at="2026-11-23T09:00:00Z"),
        change_line("b", "c", at="2026-11-23T08:00:00Z"),
    )
    assert changes(state) == ["db zone a → b", "db zone b → c"]
    assert state.values["dev", "db", ""]["zone"] == "c"

"""What lines of history add up to, whoever wrote them and in whatever state they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parity_tui.history.state import MAX_CHANGES, HistoryState


def line(**words: Any) -> bytes:
    """Return a line of the file as some program may have encode it."""
    whole = {"schema": 1, "at": "2026-11-23T06:00:00Z", "environment": "dev", "service": "db", **words}
    return json.dumps(whole).encode()


def moved(before: str, after: str, **words: Any) -> bytes:
    """Return the line of a value that has moved."""
    return line(setting="zone", before=before, after=after, severity="critical", **words)


def read(*lines: bytes) -> HistoryState:
    """Return what lines add up to."""
    past = HistoryState()
    for data in lines:
        past.read_line(data)
    return past


def told(past: HistoryState) -> list[str]:
    """Return what has moved, in short."""
    return [f"{move.change.subject} {move.change.transition}".strip() for move in past.changes]


def test_values_are_known_and_moves_are_told() -> None:
    """The last value counts, and what was never seen before has not moved."""
    past = read(line(values={"zone": "a", "limit": "1"}), moved("a", "b"), line(values={"more": "x"}))
    assert past.values == {("dev", "db"): {"zone": "b", "limit": "1", "more": "x"}}
    assert told(past) == ["db zone a → b"]


def test_two_that_saw_the_same_told_it_once() -> None:
    """Fault 56: Each board that was open has encode the same move."""
    restart = line(setting="version", before="1", after="2", restarted=True, instance="pid 7")
    past = read(line(values={"zone": "a"}), moved("a", "b"), restart, moved("a", "b"), restart, moved("b", "a"))
    assert told(past) == ["db zone a → b", "db restarted 1 → 2", "db zone b → a"]


def test_each_restart_of_a_server_that_comes_and_goes_is_told() -> None:
    """Fault 17: However fast they follow each other: those of one run of the server are one, seen by two boards."""
    restarts = [line(setting="version", before="1", after="1", restarted=True, instance=f"pid {n}") for n in range(5)]
    assert told(read(*restarts, restarts[-1])) == ["db restarted"] * 5


def test_a_board_remembers_the_newest_and_the_command_all() -> None:
    """There may be more than anybody wants on a screen."""
    lines = [moved(str(number), str(number + 1)) for number in range(MAX_CHANGES + 10)]
    assert len(read(*lines).changes) == MAX_CHANGES
    past = HistoryState(None)
    for data in lines:
        past.read_line(data)
    assert len(past.changes) == MAX_CHANGES + 10


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
        moved("a", "b", since="0001-01-01T00:00:00Z"),
        line(setting="x", severity="dreadful"),
        line(schema=0),
    ],
)
def test_a_line_that_is_broken_is_passed_over_and_counted(broken: bytes) -> None:
    """Fault 57: The lines around it count as ever."""
    past = read(line(values={"zone": "a"}), broken, moved("a", "b"))
    assert (past.broken, past.newer) == (1, 0)
    assert told(past) == ["db zone a → b"]


def test_an_empty_line_is_nothing() -> None:
    """Fault 56: A board that meets the line of another half encode begins a new one, which leaves an empty one."""
    assert read(b"", b"\n", b"\r\n").broken == 0


def test_a_line_of_a_newer_version_is_not_taken_for_a_broken_one() -> None:
    """Fault 58: Whatever else stands in it."""
    past = read(moved("a", "b"), b'{"schema": 2, "at": 5, "what": ["new"]}', line(schema=99))
    assert (past.broken, past.newer) == (0, 2)
    assert told(past) == ["db zone a → b"]


def test_the_order_is_that_of_the_lines_whatever_the_clock_said() -> None:
    """Fault 60: A clock that went backwards does not turn two moves round."""
    past = read(
        line(values={"zone": "a"}),
        moved("a", "b", at="2026-11-23T09:00:00Z"),
        moved("b", "c", at="2026-11-23T08:00:00Z"),
    )
    assert told(past) == ["db zone a → b", "db zone b → c"]
    assert past.values["dev", "db"]["zone"] == "c"

"""Visible lines of a view, where the cursor goes, and a search in parts. Needs no Textual."""

from __future__ import annotations

import pytest

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Outcome, Reading, Severity, Target, Verdict
from parity_tui.ui.view import visible_rows
from parity_tui.ui.view.row_index import RowIndex
from parity_tui.ui.view.visible_lines import View, VisibleLines, follow
from parity_tui.ui.view.visible_rows import VisibleRows
from tests.drift.builders import KINDS, reading

NAMES = ("dev", "production")
TARGETS = [Target(name, service, "database") for service in ("one", "two") for name in NAMES]
FACTS = {"zone": "x", "limit": "5", "port": "1", "libraries": "s", "library.max": "5"}


def board(**dev: str) -> Board:
    """Return a board of two equal services, in which dev has other values."""
    readings = {"dev": reading({**FACTS, **dev}), "production": reading(FACTS)}
    empty = Board.of(NAMES, TARGETS, KINDS, Policy())
    return empty.with_outcomes(Outcome(target, readings[target.environment]) for target in TARGETS)


def many(count: int) -> Board:
    """Return a board of one service with ``count`` rows."""
    facts = {f"setting_{number}": Fact(f"value {number}") for number in range(count)}
    empty = Board.of(NAMES, TARGETS[:2], KINDS, Policy())
    return empty.with_outcomes(Outcome(target, Reading("Thing", "1", facts)) for target in TARGETS[:2])


def named(lines: VisibleLines) -> list[str]:
    """Return the setting or service of each line."""
    return [line.row.setting if line.row else line.section.service for line in lines]


def lines(of: Board, **view: object) -> VisibleLines:
    return VisibleRows().lines(of, View(**view))  # type: ignore[arg-type]


def test_view_decides_which_lines_are_visible() -> None:
    drifting = board(zone="y", limit="9")
    assert named(lines(drifting)) == ["one", "zone", "limit", "two", "zone", "limit"]
    assert named(lines(drifting, least=Severity.CRITICAL)) == ["one", "zone", "two", "zone"]
    assert len(lines(drifting, everything=True)) == len(lines(drifting)) + 2 * 5
    assert named(lines(drifting, text="ZON")) == ["one", "zone", "two", "zone"]
    assert named(lines(board())) == ["one", "two"]


def test_lines_are_found_by_number_and_key() -> None:
    visible_lines = lines(board(zone="y", limit="9"), everything=True)
    assert [visible_lines.find(line.key) for line in visible_lines] == list(range(len(visible_lines)))
    assert [line.key for line in visible_lines[1:3]] == [visible_lines[1].key, visible_lines[2].key]
    assert visible_lines.find(("three", "", "")) is None


def test_drift_is_visited_in_a_circle() -> None:
    """The worst service comes first, and with it the worst line."""
    visible_lines = lines(board(zone="y", limit="9"))
    assert visible_lines.drifting == [1, 2, 4, 5]
    assert [visible_lines.drift(number, 1) for number in (0, 1, 2, 5)] == [1, 2, 4, 1]
    assert [visible_lines.drift(number, -1) for number in (0, 1, 3, 5)] == [5, 5, 2, 4]
    assert (visible_lines.worst(), lines(board()).worst(), lines(board()).drift(0, 1)) == (1, 0, None)
    first = board(limit="9").sections[0]
    mixed = board(zone="y")
    sorted_lines = lines(Board(NAMES, (first, mixed.sections[1]), mixed.policy, mixed.tables))
    assert (named(sorted_lines)[0], sorted_lines.worst()) == ("two", 1)


@pytest.mark.parametrize("text", ["", "li", "m"])
def test_worst_line_is_first_of_worst_severity(text: str) -> None:
    """Also where rows that another one explains come between."""
    explained = lines(board(zone="y", limit="9", libraries="t"), everything=not text, text=text)
    drifts = [
        (line.row.severity.rank, number)
        for number, line in enumerate(explained)
        if line.row and line.row.verdict is Verdict.DRIFT
    ]
    assert explained.worst() == min(drifts)[1]


def test_worst_line_may_be_of_a_later_service() -> None:
    """While a target is pending, services stay in the order of the configuration."""
    pending = Board.of(NAMES, [*TARGETS, Target("dev", "three", "database")], KINDS, Policy())
    dev = {"one": reading({**FACTS, "limit": "9"}), "two": reading({**FACTS, "zone": "y"})}
    readings = [dev[each.service] if each.environment == "dev" else reading(FACTS) for each in TARGETS]
    visible_lines = lines(pending.with_outcomes(map(Outcome, TARGETS, readings)))
    assert named(visible_lines) == ["one", "limit", "two", "zone", "three"]
    assert visible_lines.worst() == 3


def test_longest_name_is_that_of_a_visible_line() -> None:
    drifting = board(zone="y")
    assert max(map(len, FACTS)) > len("zone")
    assert [lines(drifting).longest(least) for least in (0, 4, 6, 99)] == [4, 4, 6, 99]
    assert [lines(drifting, everything=True).longest(least) for least in (0, 10, 12)] == [11, 11, 12]


def test_longest_name_is_measured_in_cells() -> None:
    wide = Reading("Thing", "1", {"名前名前": Fact("1")})
    both = Board.of(NAMES, TARGETS, KINDS, Policy()).with_outcomes(Outcome(target, wide) for target in TARGETS[:2])
    assert lines(both, everything=True, text="名").longest(0) == 8


def test_matches_are_a_sequence_of_rows() -> None:
    rows = many(30).sections[0].rows
    found = RowIndex(rows).search("value 2")
    names = ["setting_2", *(f"setting_{number}" for number in range(20, 30))]
    assert sorted(row.setting for row in found) == sorted(names)
    assert [*found[2:5]] == list(found)[2:5]
    assert [*reversed(found[:3])] == list(found)[2::-1]
    assert (len(found), found[-1] is list(found)[-1]) == (11, True)


def test_longer_text_finds_among_earlier_matches() -> None:
    index = RowIndex(many(30).sections[0].rows)
    for text in ("value", "value 1", "value 12", "value 2", "", "value 1"):
        assert [row.setting for row in index.search(text)] == [
            row.setting for row in index.rows if text in f"{row.setting} {row.cells[0].raw}"
        ], text


def test_cursor_follows_its_line_or_a_neighbour() -> None:
    """Below it, then the next service, then above it."""
    visible = VisibleRows()
    drifting = board(zone="y", limit="9")
    few, everything = visible.lines(drifting, View()), visible.lines(drifting, View(everything=True))
    assert [named(everything)[follow(few, number, everything)] for number in range(6)] == named(few)
    gone = named(everything).index("port")
    assert everything[gone].section.service == "one"
    assert named(few)[follow(everything, gone, few)] == "two"
    last = len(everything) - 1
    assert follow(everything, last, few) == 5
    assert follow(everything, named(everything).index("zone"), VisibleLines()) == 0


def test_explained_rows_unfold_below_their_row() -> None:
    fewer = {name: value for name, value in FACTS.items() if name != "library.max"}
    readings = {"dev": reading({**fewer, "libraries": "t"}), "production": reading(FACTS)}
    empty = Board.of(NAMES, TARGETS, KINDS, Policy())
    folded = empty.with_outcomes(Outcome(target, readings[target.environment]) for target in TARGETS[:2])
    line = lines(folded)[1]
    assert (line.row and line.row.setting, line.explained, line.open) == ("libraries", 1, False)
    assert named(lines(folded)) == ["one", "libraries", "two"]
    assert named(lines(folded, everything=True)).count("library.max") == 1
    opened = lines(folded, unfolded=frozenset({line.key}))
    assert named(opened)[:3] == ["one", "libraries", "library.max"]
    assert (opened[1].open, opened[2].nested) == (True, True)


def test_long_search_is_done_in_parts() -> None:
    """The result depends neither on the parts nor on a board in between."""
    visible, large = VisibleRows(), many(4 * visible_rows.INDEXED_AT_ONCE)
    assert [visible.prepare_search(large) for _ in range(5)] == [False, False, False, False, True]
    assert visible.prepare_search(large)
    newer = large.with_outcomes([Outcome(TARGETS[0], Reading("Thing", "1", {"setting_7": Fact("other")}))])
    assert named(visible.lines(newer, View(text="other"))) == ["one", "setting_7"]
    assert named(visible.lines(newer, View(text="value 4999"))) == ["one", "setting_4999"]


def test_refresh_without_changes_keeps_the_rows() -> None:
    """Only the outcomes are newer."""
    visible, view, before = VisibleRows(), View(text="zone"), board(zone="y")
    first = visible.lines(before, view)
    after = before.with_outcomes(Outcome(o.target, o.reading, at=9.0) for o in before.outcomes())
    second = visible.lines(after, view)
    assert second.parts[0].rows is first.parts[0].rows
    assert second[0].section is after.sections[0]

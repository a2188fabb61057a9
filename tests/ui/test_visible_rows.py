"""Which lines there are, where the cursor goes, and a search of very many rows that lets keys have their turn."""

from __future__ import annotations

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Outcome, Reading, Severity, Target
from parity_tui.ui.view import visible_rows
from parity_tui.ui.view.visible_rows import View, VisibleLines, VisibleRows, follow
from tests.drift.builders import KINDS, reading

NAMES = ("dev", "production")
TARGETS = [Target(name, service, "database") for service in ("one", "two") for name in NAMES]
FACTS = {"zone": "x", "limit": "5", "port": "1", "libraries": "s", "library.max": "5"}


def board(**dev: str) -> Board:
    """Make a board of two services that are alike but for what ``dev`` has otherwise in both."""
    said = {"dev": reading({**FACTS, **dev}), "production": reading(FACTS)}
    empty = Board.of(NAMES, TARGETS, KINDS, Policy())
    return empty.with_outcomes(Outcome(target, said[target.environment]) for target in TARGETS)


def many(count: int) -> Board:
    """Make a board of one service with so many rows."""
    facts = {f"setting_{number}": Fact(f"value {number}") for number in range(count)}
    empty = Board.of(NAMES, TARGETS[:2], KINDS, Policy())
    return empty.with_outcomes(Outcome(target, Reading("Thing", "1", facts)) for target in TARGETS[:2])


def named(lines: VisibleLines) -> list[str]:
    """Return what stands on each line."""
    return [place.row.setting if place.row else place.section.service for place in lines]


def lines(of: Board, **view: object) -> VisibleLines:
    """Return the lines of a board under a view."""
    return VisibleRows().lines(of, View(**view))  # type: ignore[arg-type]


def test_lines_are_those_that_are_wanted() -> None:
    """Drift; from a severity on; everything; what has a text."""
    drifting = board(zone="y", limit="9")
    assert named(lines(drifting)) == ["one", "zone", "limit", "two", "zone", "limit"]
    assert named(lines(drifting, least=Severity.CRITICAL)) == ["one", "zone", "two", "zone"]
    assert len(lines(drifting, everything=True)) == len(lines(drifting)) + 2 * 5
    assert named(lines(drifting, text="ZON")) == ["one", "zone", "two", "zone"]
    assert named(lines(board())) == ["one", "two"]


def test_a_line_can_be_asked_for_by_number_and_by_key() -> None:
    """From the first to the last, and none beyond."""
    found = lines(board(zone="y", limit="9"), everything=True)
    assert [found.find(place.key) for place in found] == list(range(len(found)))
    assert [place.key for place in found[1:3]] == [found[1].key, found[2].key]
    assert found.find(("three", "", "")) is None


def test_drift_is_gone_to_in_a_circle() -> None:
    """Both ways; the worst is the first of its severity, wherever it stands."""
    found = lines(board(zone="y", limit="9"))
    assert found.drifting == [1, 2, 4, 5]
    assert [found.drift(number, 1) for number in (0, 1, 2, 5)] == [1, 2, 4, 1]
    assert [found.drift(number, -1) for number in (0, 1, 3, 5)] == [5, 5, 2, 4]
    assert (found.worst(), lines(board()).worst(), lines(board()).drift(0, 1)) == (1, 0, None)
    first = board(limit="9").sections[0]
    mixed = board(zone="y")
    assert lines(Board(NAMES, (first, mixed.sections[1]), mixed.policy, mixed.tables)).worst() == 3


def test_the_cursor_follows_its_line_and_goes_to_the_next_where_that_is_gone() -> None:
    """Below it, then the next service, then above it."""
    seen = VisibleRows()
    drifting = board(zone="y", limit="9")
    few, everything = seen.lines(drifting, View()), seen.lines(drifting, View(everything=True))
    assert [named(everything)[follow(few, number, everything)] for number in range(6)] == named(few)
    gone = named(everything).index("port")
    assert everything[gone].section.service == "one"
    assert named(few)[follow(everything, gone, few)] == "two"
    last = len(everything) - 1
    assert follow(everything, last, few) == 5
    assert follow(everything, named(everything).index("zone"), VisibleLines()) == 0


def test_what_is_explained_stands_below_what_explains_it() -> None:
    """Once it is opened."""
    fewer = {name: value for name, value in FACTS.items() if name != "library.max"}
    said = {"dev": reading({**fewer, "libraries": "t"}), "production": reading(FACTS)}
    empty = Board.of(NAMES, TARGETS, KINDS, Policy())
    folded = empty.with_outcomes(Outcome(target, said[target.environment]) for target in TARGETS[:2])
    place = lines(folded)[1]
    assert (place.row and place.row.setting, place.explained, place.open) == ("libraries", 1, False)
    assert named(lines(folded)) == ["one", "libraries", "two"]
    assert named(lines(folded, everything=True)).count("library.max") == 1
    opened = lines(folded, unfolded=frozenset({place.key}))
    assert named(opened)[:3] == ["one", "libraries", "library.max"]
    assert (opened[1].open, opened[2].nested) == (True, True)


def test_a_search_of_very_many_rows_is_done_part_by_part() -> None:
    """Each part is small; what is found does not depend on it, nor on a board that comes in between."""
    seen, found = VisibleRows(), many(4 * visible_rows._AT_ONCE)
    assert [seen.prepare_search(found) for _ in range(5)] == [False, False, False, False, True]
    assert seen.prepare_search(found)
    newer = found.with_outcomes([Outcome(TARGETS[0], Reading("Thing", "1", {"setting_7": Fact("other")}))])
    assert named(seen.lines(newer, View(text="other"))) == ["one", "setting_7"]
    assert named(seen.lines(newer, View(text="value 4999"))) == ["one", "setting_4999"]


def test_a_refresh_that_moves_nothing_keeps_the_lines() -> None:
    """Only the outcomes are newer: the rows in view are not picked again."""
    seen, view, before = VisibleRows(), View(text="zone"), board(zone="y")
    first = seen.lines(before, view)
    after = before.with_outcomes(Outcome(o.target, o.reading, at=9.0) for o in before.outcomes())
    second = seen.lines(after, view)
    assert second.parts[0].rows is first.parts[0].rows
    assert second[0].section is after.sections[0]

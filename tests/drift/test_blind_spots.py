"""Blind spots: one row for each reason, in some or in all environments; accepted ones are expected."""

from __future__ import annotations

from datetime import date

import pytest

from parity_tui.drift.board import Board
from parity_tui.drift.parity import proved
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.row import Row
from parity_tui.model import Fact, Failure, Reading, Reason, Severity, State, Verdict
from tests.drift.builders import answered, board, listed, reading, row

WHY = "the user app may not ask: ACL SETUSER app +config|get"
CLOSED = reading({}, hidden=(("*", WHY),))


def only_listed(of: Board) -> Row:
    (name,) = listed(of)
    return row(of, name)


def accepting(setting: str, *environments: str, until: date | None = None, today: date = date.min) -> Policy:
    accepted = Expectation("db", setting, "no rights there", environments, owner="dba", until=until, hidden=True)
    return Policy(expectations=(accepted,), today=today)


def test_glob_hidden_everywhere_is_one_blind_spot() -> None:
    found = only_listed(board(CLOSED, CLOSED))
    assert (found.setting, found.verdict) == ("hidden: 6 settings and plugin.*", Verdict.UNKNOWN)
    assert found.severity is Severity.CRITICAL
    assert found.note == f"6 settings and plugin.* hidden in any environment: {WHY}"
    assert found.members == ("libraries", "plugin.*", "zone", "limit", "new_name", "buffers", "cache")
    assert [cell.state for cell in found.cells] == [State.HIDDEN, State.HIDDEN]
    assert not proved(board(CLOSED, CLOSED))


def test_glob_of_nothing_but_globs_is_a_blind_spot() -> None:
    hides = (("plugin.*", WHY), ("library.*", WHY))
    found = only_listed(board(reading({"zone": "a"}, hidden=hides), reading({"zone": "a"}, hidden=hides)))
    assert (found.setting, found.members) == ("hidden: plugin.*", ("plugin.*",))


def test_hidden_information_is_no_blind_spot() -> None:
    hides = (("library.*", WHY), ("cache", WHY))
    made = board(reading({"zone": "a"}, hidden=hides), reading({"zone": "a"}, hidden=hides))
    assert listed(made) == []
    assert proved(made)


def test_settings_hidden_for_one_reason_fold_under_one_row() -> None:
    shows = reading({"zone": "a", "limit": "1", "plugin.x": "1"})
    made = board(shows, reading({}, hidden=(("zone", WHY), ("limit", WHY), ("plugin.*", WHY))), shows)
    found = only_listed(made)
    assert found.note == f"3 settings hidden in staging: {WHY}"
    assert found.members == ("plugin.x", "zone", "limit")
    assert [found.text(index) for index in (0, 2)] == ["shown", "shown"]
    assert row(made, "zone").explained_by == found.setting
    assert made.summary.unknown == 1


def test_each_reason_has_a_row() -> None:
    hides = (("zone", "needs A"), ("limit", "needs A"), ("plugin.*", "needs B"), ("new_name", "needs B"))
    made = board(reading(hidden=hides), reading(hidden=hides))
    assert listed(made) == ["hidden: 1 setting and plugin.*", "hidden: 2 settings"]


def test_known_difference_stays_drift_beside_a_hidden_value() -> None:
    hides = reading({}, hidden=(("zone", WHY), ("limit", WHY)))
    made = board(reading({"zone": "a", "limit": "1"}), hides, reading({"zone": "b", "limit": "1"}))
    assert row(made, "zone").verdict is Verdict.DRIFT
    assert listed(made) == ["hidden: 2 settings", "zone"]


def test_expected_difference_does_not_cover_a_hidden_value() -> None:
    policy = Policy(expectations=(Expectation("db", "zone", "meant", ("dev",)),))
    hides = reading({}, hidden=(("zone", WHY),))
    made = board(reading({"zone": "a"}), hides, reading({"zone": "b"}), policy=policy)
    assert listed(made) == ["hidden: zone", "zone"]
    assert not proved(made)


def test_folded_setting_does_not_cover_a_hidden_value() -> None:
    older, newer = reading({}, "16.1"), reading({"limit": "1"}, "18.1")
    made = board(older, reading({}, "18.1", hidden=(("limit", WHY),)), newer)
    assert row(made, "limit").explained_by == "version"
    assert "hidden: limit" in listed(made)


def test_setting_that_a_server_of_the_release_lacks_is_not_missed() -> None:
    shows = reading({"zone": "a"})
    made = board(shows, reading({"zone": "a"}, hidden=(("limit", WHY),)))
    assert listed(made) == ["limit"]  # named by the server itself
    made = board(shows, reading({"zone": "a"}, hidden=(("*", WHY),)))
    assert only_listed(made).members == ("plugin.*",)  # one that a plugin brings may be there


@pytest.mark.parametrize("environments", [(), ("dev", "production")])
def test_accepted_blind_spot_is_expected(environments: tuple[str, ...]) -> None:
    made = board(CLOSED, CLOSED, policy=accepting("*", *environments))
    found = only_listed(made)
    assert (found.verdict, found.note.endswith("; expected: no rights there (dba)")) == (Verdict.EXPECTED, True)
    assert (made.summary.unknown, made.summary.expected) == (0, 1)
    assert proved(made)


def test_blind_spot_is_accepted_in_named_environments_only() -> None:
    made = board(CLOSED, CLOSED, policy=accepting("*", "dev"))
    assert [row(made, name).verdict for name in listed(made)] == [Verdict.UNKNOWN, Verdict.EXPECTED]
    assert not proved(made)


def test_accepted_setting_leaves_the_others_blind() -> None:
    made = board(CLOSED, CLOSED, policy=accepting("zone"))
    assert [row(made, name).verdict for name in listed(made)] == [Verdict.UNKNOWN, Verdict.EXPECTED]
    assert listed(made)[1] == "hidden: zone"


def test_single_hidden_setting_can_be_accepted() -> None:
    made = board(reading({"zone": "a"}), reading(hidden=(("zone", WHY),)), policy=accepting("zone"))
    assert (listed(made), proved(made)) == (["hidden: zone"], True)


def test_hidden_product_can_be_accepted() -> None:
    hides = (("product", "no name"), ("version", "no name"))
    blind = reading({"zone": "a"}, version="", product="unknown", hidden=hides)
    assert listed(board(blind, blind)) == ["product", "version"]
    assert proved(board(blind, blind, policy=accepting("*")))


def test_accepted_blind_spot_accepts_no_drift() -> None:
    made = board(reading({"zone": "a"}), reading({"zone": "b"}), policy=accepting("*"))
    assert row(made, "zone").verdict is Verdict.DRIFT


def test_expectation_of_drift_accepts_no_blind_spot() -> None:
    made = board(CLOSED, CLOSED, policy=Policy(expectations=(Expectation("db", "*", "meant"),)))
    assert made.summary.unknown == 1


def test_ended_expectation_is_a_blind_spot_again() -> None:
    last = date(2026, 11, 27)
    assert proved(board(CLOSED, CLOSED, policy=accepting("*", until=last, today=last)))
    made = board(CLOSED, CLOSED, policy=accepting("*", until=last, today=date(2026, 11, 28)))
    assert only_listed(made).verdict is Verdict.UNKNOWN
    assert only_listed(made).note.endswith("; was expected until 2026-11-27: no rights there")


def test_severity_of_the_user_decides_what_is_a_blind_spot() -> None:
    hides = reading({"cache": "1"}, hidden=(("zone", WHY), ("limit", WHY)))
    quiet = Policy(severities=(("database.zone", Severity.INFO), ("database.limit", Severity.IGNORED)))
    assert proved(board(hides, hides, policy=quiet))
    blind = reading({"zone": "a"}, hidden=(("cache", WHY), ("buffers", WHY)))
    loud = Policy(severities=(("database.cache", Severity.WARNING),))
    assert listed(board(blind, blind, policy=loud)) == ["cache"]


def test_rights_that_come_and_go_give_the_same_rows_as_at_once() -> None:
    shows, hides = reading({"zone": "a", "limit": "1"}), reading({}, hidden=(("zone", WHY), ("limit", WHY)))
    steps = board(shows, shows)
    for answer in (hides, reading({"zone": "b"}, hidden=hides.hidden), Failure(Reason.REFUSED, "no"), hides, shows):
        steps = answered(steps, {"dev": answer})
        if isinstance(answer, Reading):
            assert steps.sections[0].rows == board(answer, shows).sections[0].rows
    assert row(steps, "zone").verdict is Verdict.SAME


def test_unknown_value_of_an_answering_server_is_a_blind_spot() -> None:
    strange = Fact("a", state=State.UNKNOWN, note="set by this session")
    made = board(reading({"zone": strange, "limit": strange}), reading({"zone": "a", "limit": "1"}))
    assert only_listed(made).note == "2 settings hidden in dev: set by this session"

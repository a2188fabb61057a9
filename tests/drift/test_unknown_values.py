"""Unknown values are never equal: failures, hidden settings, secrets."""

from __future__ import annotations

from parity_tui.model import Fact, Failure, Reason, State, Verdict
from tests.drift.builders import answered, board, listed, reading, row


def test_unknown_value_is_never_the_same() -> None:
    made = board(reading({"zone": "UTC"}), reading({"zone": "UTC"}), Failure(Reason.TIMEOUT, "no answer"))
    found = row(made, "zone")
    assert (found.verdict, found.listed, found.note) == (Verdict.UNKNOWN, False, "timeout")
    assert found.cells[2].state is State.UNKNOWN
    assert made.summary.failed == 1
    assert made.summary.unknown == 0


def test_known_values_drift_beside_an_unknown_one() -> None:
    made = board(reading({"zone": "UTC"}), reading({"zone": "Paris"}), Failure(Reason.TIMEOUT, "no answer"))
    assert row(made, "zone").verdict is Verdict.DRIFT


def test_hidden_critical_setting_is_a_blind_spot() -> None:
    hides = (("zone", "needs GRANT x"), ("cache", "needs GRANT x"))
    made = board(reading({"zone": "UTC", "cache": "1"}), reading({}, hidden=hides))
    found = row(made, "zone")
    assert (found.verdict, found.cells[1].state, found.note) == (Verdict.UNKNOWN, State.HIDDEN, "needs GRANT x")
    assert listed(made) == ["zone"]
    assert made.summary.unknown == 1


def test_hidden_product_and_version_are_unknown() -> None:
    hides = (("product", "no name"), ("version", "no version"))
    made = board(reading({}), reading({}, version="", product="unknown", hidden=hides))
    assert {name: row(made, name).verdict for name in ("product", "version")} == {
        "product": Verdict.UNKNOWN,
        "version": Verdict.UNKNOWN,
    }
    assert listed(made) == ["product", "version"]


def test_setting_hidden_everywhere_is_a_blind_spot() -> None:
    hides = (("zone", "needs GRANT x"),)
    assert listed(board(reading(hidden=hides), reading(hidden=hides))) == ["zone"]


def test_target_of_unknown_kind_has_unknown_values() -> None:
    nothing = Failure(Reason.CONFIG, "the variable X is not set")
    made = board(reading({"zone": "a"}), nothing, reading({"zone": "a"}), kinds="database - database")
    assert row(made, "zone").verdict is Verdict.UNKNOWN


def test_missing_right_is_noted_before_a_failure() -> None:
    made = board(
        reading({"zone": "a"}), Failure(Reason.REFUSED, "no"), reading({}, hidden=(("zone", "needs GRANT x"),))
    )
    assert row(made, "zone").note == "needs GRANT x"


def test_failed_target_keeps_last_values_as_unknown() -> None:
    before = board(reading({"zone": "a", "limit": "1"}), reading({"zone": "b", "limit": "1"}))
    after = answered(before, {"production": Failure(Reason.CLOSED, "gone")})
    found = row(after, "zone")
    assert (found.verdict, found.listed, found.cells[1].raw) == (Verdict.UNKNOWN, True, "b")
    assert not row(after, "limit").listed
    assert after.summary.critical == 0
    assert row(answered(after, {"production": reading({"zone": "a", "limit": "1"})}), "zone").verdict is Verdict.SAME


def test_secrets_are_compared_but_not_shown() -> None:
    made = board(
        reading({"zone": Fact("aaaa1111", state=State.SECRET)}),
        reading({"zone": Fact("bbbb2222", state=State.SECRET)}),
    )
    found = row(made, "zone")
    assert found.verdict is Verdict.DRIFT
    assert found.text(0) != found.text(1)
    assert "1111" not in found.text(0)

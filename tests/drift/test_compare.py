"""Readings -> rows: what is drift, whose, how bad, and what is never called the same."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date
from typing import Any, cast

import pytest

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.row import Row
from parity_tui.model import (
    Fact,
    Failure,
    Outcome,
    Reading,
    Reason,
    Rule,
    Service,
    Severity,
    State,
    Target,
    ValueType,
    Verdict,
)

NUMBER, SIZE = ValueType.NUMBER, ValueType.SIZE

DATABASE = Service(
    title="A database",
    schemes=("db",),
    connect=lambda target, dialer: cast(Any, nullcontext()),
    privilege="none",
    rules=(
        Rule("zone", Severity.CRITICAL, "Days shift."),
        Rule("limit", Severity.WARNING, "Too many.", type=NUMBER),
        Rule("cache", Severity.INFO, "Speed.", type=SIZE, capacity=True),
        Rule("buffers", Severity.INFO, "", type=SIZE, derived=True, explained_by="cache"),
        Rule("port", Severity.IGNORED, "The address belongs to the host."),
        Rule("plugin.*", Severity.CRITICAL, "Functions are missing.", explained_by=""),
        Rule("libraries", Severity.CRITICAL, "Functions are missing.", type=ValueType.SET),
        Rule("library.*", Severity.INFO, "", explained_by="libraries"),
        Rule("new_name", Severity.WARNING, "", aliases=("old_name",)),
    ),
)
OTHER = Service("Another", ("other",), DATABASE.connect, "none", (Rule("zone", Severity.INFO),))
KINDS = {"database": DATABASE, "other": OTHER}
ENVIRONMENTS = ("dev", "staging", "production")

Facts = Mapping[str, Fact | str]


def reading(facts: Facts | None = None, version: str = "16.1", product: str = "Thing", **more: Any) -> Reading:
    """Make a reading; a bare text is the raw value of a fact."""
    return Reading(
        product, version, {n: f if isinstance(f, Fact) else Fact(f) for n, f in (facts or {}).items()}, **more
    )


def board(*readings: Reading | Failure | None, policy: Policy | None = None, kinds: str = "") -> Board:
    """Make a board of one service: a Failure for a target that does not answer, None for one not configured."""
    names = ENVIRONMENTS[: len(readings)] if len(readings) != 2 else ("dev", "production")
    used = [kind.strip("-") for kind in kinds.split()] or ["database"] * len(readings)
    targets = [
        Target(name, "db", kind) for name, kind, what in zip(names, used, readings, strict=True) if what is not None
    ]
    empty = Board.of(names, targets, KINDS, policy or Policy())
    return heard(empty, dict(zip(names, readings, strict=True)))


def heard(before: Board, news: Mapping[str, Reading | Failure | None]) -> Board:
    """Let some targets answer."""
    outcomes = [
        Outcome(
            outcome.target,
            what if isinstance(what := news[outcome.target.environment], Reading) else None,
            what if isinstance(what, Failure) else None,
        )
        for outcome in before.outcomes()
        if news.get(outcome.target.environment) is not None
    ]
    return before.with_outcomes(outcomes)


def row(of: Board, setting: str) -> Row:
    """Return the only row of a setting."""
    (found,) = [row for row in of.sections[0].rows if row.setting == setting]
    return found


def listed(of: Board) -> list[str]:
    """Return the settings that a person is shown."""
    return [row.setting for row in of.sections[0].rows if row.listed]


def test_equal_servers_give_no_rows() -> None:
    """Zero noise: addresses differ and that is all."""
    made = board(reading({"zone": "UTC", "port": "1"}), reading({"zone": "UTC", "port": "2"}))
    assert listed(made) == []
    assert row(made, "zone").verdict is Verdict.SAME
    assert (row(made, "port").verdict, row(made, "port").note) == (
        Verdict.IGNORED,
        "The address belongs to the host.",
    )


def test_the_odd_one_out_is_named_by_majority() -> None:
    """Two of three agree: the third is odd."""
    made = board(reading({"zone": "UTC"}), reading({"zone": "Paris"}), reading({"zone": "UTC"}))
    assert listed(made) == ["zone"]
    found = row(made, "zone")
    assert (found.verdict, found.severity, found.odd) == (Verdict.DRIFT, Severity.CRITICAL, ("staging",))


def test_without_a_majority_nobody_is_odd() -> None:
    """Two environments that differ: neither is right, and the row says so."""
    found = row(board(reading({"zone": "UTC"}), reading({"zone": "Paris"})), "zone")
    assert (found.odd, found.note) == ((), "no value has a majority")


def test_with_a_baseline_whoever_differs_from_it_is_odd() -> None:
    """The majority does not matter then."""
    made = board(
        reading({"zone": "UTC"}),
        reading({"zone": "UTC"}),
        reading({"zone": "Paris"}),
        policy=Policy(baseline="production"),
    )
    assert row(made, "zone").odd == ("dev", "staging")


def test_a_baseline_that_does_not_answer_leaves_it_to_the_majority() -> None:
    """… and the row says so."""
    made = board(
        reading({"zone": "UTC"}),
        reading({"zone": "Paris"}),
        Failure(Reason.REFUSED, "no"),
        policy=Policy(baseline="production"),
    )
    found = row(made, "zone")
    assert (found.verdict, found.odd) == (Verdict.DRIFT, ())
    assert "production is not known" in found.note


def test_unknown_is_never_the_same() -> None:
    """Two agree, one did not answer: not same, not drift, and one line for the target instead of a row each."""
    made = board(reading({"zone": "UTC"}), reading({"zone": "UTC"}), Failure(Reason.TIMEOUT, "no answer"))
    found = row(made, "zone")
    assert (found.verdict, found.listed, found.note) == (Verdict.UNKNOWN, False, "timeout")
    assert found.cells[2].state is State.UNKNOWN
    assert made.summary.failed == 1
    assert made.summary.unknown == 0


def test_known_values_that_differ_are_drift_beside_an_unknown_one() -> None:
    """What is known is enough to say so."""
    made = board(reading({"zone": "UTC"}), reading({"zone": "Paris"}), Failure(Reason.TIMEOUT, "no answer"))
    assert row(made, "zone").verdict is Verdict.DRIFT


def test_nothing_is_the_same_as_nothing() -> None:
    """One environment alone, or one that alone has a kind, has nothing to compare with."""
    alone = row(board(reading({"zone": "UTC"})), "zone")
    assert (alone.verdict, alone.note) == (Verdict.IGNORED, "nothing to compare it with")


def test_a_critical_setting_hidden_by_rights_is_a_blind_spot() -> None:
    """It is listed, with what would show it; one that matters little is not."""
    hides = (("zone", "needs GRANT x"), ("cache", "needs GRANT x"))
    made = board(reading({"zone": "UTC", "cache": "1"}), reading({}, hidden=hides))
    found = row(made, "zone")
    assert (found.verdict, found.cells[1].state, found.note) == (Verdict.UNKNOWN, State.HIDDEN, "needs GRANT x")
    assert listed(made) == ["zone"]
    assert made.summary.unknown == 1


def test_a_product_or_version_that_is_hidden_is_neither_the_same_nor_drift() -> None:
    """A web server that does not name itself."""
    hides = (("product", "no name"), ("version", "no version"))
    made = board(reading({}), reading({}, version="", product="unknown", hidden=hides))
    assert {name: row(made, name).verdict for name in ("product", "version")} == {
        "product": Verdict.UNKNOWN,
        "version": Verdict.UNKNOWN,
    }
    assert listed(made) == ["product", "version"]


def test_hidden_everywhere_is_a_blind_spot_too() -> None:
    """Nobody shows it: two unknown values are not the same."""
    hides = (("zone", "needs GRANT x"),)
    assert listed(board(reading(hidden=hides), reading(hidden=hides))) == ["zone"]


def test_a_target_whose_kind_cannot_be_known_is_unknown_everywhere() -> None:
    """Its URL is a variable that is not set: it may be of any kind, and is never taken for another one."""
    nothing = Failure(Reason.CONFIG, "the variable X is not set")
    made = board(reading({"zone": "a"}), nothing, reading({"zone": "a"}), kinds="database - database")
    assert row(made, "zone").verdict is Verdict.UNKNOWN


def test_another_kind_is_critical_and_settings_are_compared_within_a_kind() -> None:
    """The product row says it all; nobody compares the zone of one product with that of another."""
    made = board(
        reading({"zone": "a"}, product="Other"),
        reading({"zone": "UTC"}),
        reading({"zone": "Paris"}),
        kinds="other database database",
    )
    product = row(made, "product")
    assert (product.verdict, product.severity, product.odd) == (Verdict.DRIFT, Severity.CRITICAL, ("dev",))
    zones = {found.kind: found for found in made.sections[0].rows if found.setting == "zone"}
    assert zones["database"].verdict is Verdict.DRIFT
    assert zones["database"].cells[0].state is State.ABSENT
    assert zones["other"].verdict is Verdict.IGNORED


def test_a_baseline_of_another_kind_has_no_say_in_the_settings_of_this_one() -> None:
    """The others are compared with each other."""
    made = board(
        reading({"zone": "a"}),
        reading({"zone": "b"}),
        reading({"zone": "c"}, product="Other"),
        kinds="database database other",
        policy=Policy(baseline="production"),
    )
    zones = {found.kind: found for found in made.sections[0].rows if found.setting == "zone"}
    assert zones["database"].odd == ()
    assert zones["database"].note == "production has something else here, and no value has a majority"


def test_what_a_blind_spot_needs_is_said_before_who_does_not_answer() -> None:
    """One hides it, another is away."""
    made = board(
        reading({"zone": "a"}), Failure(Reason.REFUSED, "no"), reading({}, hidden=(("zone", "needs GRANT x"),))
    )
    assert row(made, "zone").note == "needs GRANT x"


def test_an_environment_without_the_service_is_drift_of_type() -> None:
    """A role that one environment does not fill."""
    made = board(reading(), None, reading())
    assert (row(made, "product").verdict, row(made, "product").odd) == (Verdict.DRIFT, ("staging",))


@pytest.mark.parametrize(
    ("one", "other", "severity"),
    [("16.1", "18.4", Severity.CRITICAL), ("16.1", "16.4", Severity.WARNING), ("8.10", "8.1", Severity.WARNING)],
)
def test_the_distance_of_versions_decides(one: str, other: str, severity: Severity) -> None:
    """Another release is critical, another patch a warning; 8.10 is not 8.1."""
    found = row(board(reading(version=one), reading(version=other)), "version")
    assert (found.verdict, found.severity) == (Verdict.DRIFT, severity)


def test_settings_of_one_version_only_are_folded_under_the_version() -> None:
    """One line says how many, instead of a row for each."""
    made = board(reading({"a": "1"}, "16.1"), reading({"a": "1", "io": "x", "io2": "y"}, "18.4"))
    assert listed(made) == ["version"]
    assert row(made, "io").explained_by == "version"
    assert "2 settings only in 18.4" in row(made, "version").note


def test_a_setting_that_one_of_two_equal_versions_lacks_is_drift() -> None:
    """The version does not explain it."""
    made = board(reading({"a": "1"}), reading({}), reading({"a": "1"}, "18.4"))
    assert row(made, "a").verdict is Verdict.DRIFT


def test_what_differs_among_those_that_have_it_is_drift_whatever_the_others_lack() -> None:
    """The old version takes no part, the two new ones differ."""
    made = board(reading(), reading({"io": "x"}, "18.4"), reading({"io": "y"}, "18.4"))
    assert row(made, "io").verdict is Verdict.DRIFT


def test_a_missing_plugin_is_never_explained_by_the_version() -> None:
    """It can be missing by itself."""
    made = board(reading({"plugin.x": "1"}), reading({}, "18.4"))
    assert (row(made, "plugin.x").verdict, row(made, "plugin.x").severity) == (Verdict.DRIFT, Severity.CRITICAL)


def test_the_settings_of_a_library_are_folded_under_the_libraries() -> None:
    """A library loaded on one side only is one difference, not twenty."""
    loaded = reading({"libraries": "stats", "library.max": "5", "library.track": "on"})
    made = board(loaded, reading({"libraries": ""}))
    assert listed(made) == ["libraries"]
    assert "2 settings explained by libraries" in row(made, "libraries").note or row(made, "library.max").explained_by


def test_a_computed_setting_is_folded_under_its_cause() -> None:
    """Nobody configured it."""
    made = board(
        reading({"cache": "100", "buffers": Fact("3", default=True)}),
        reading({"cache": "200", "buffers": Fact("6", default=True)}),
    )
    assert listed(made) == ["cache"]


def test_a_computed_setting_that_only_one_version_has_is_folded_under_the_version() -> None:
    """Whether its cause drifts or not."""
    made = board(reading({"cache": "100"}), reading({"cache": "200", "buffers": Fact("6", default=True)}, "18.4"))
    assert listed(made) == ["version", "cache"]


def test_a_default_that_changed_with_the_version_is_said_to_have_done_so() -> None:
    """Nobody configured anything, and yet it differs."""
    made = board(reading({"zone": Fact("a", default=True)}), reading({"zone": Fact("b", default=True)}, "18.4"))
    assert "the default changed with the version" in row(made, "zone").note
    assert "1 default changed with it" in row(made, "version").note


def test_another_name_of_the_same_setting_is_the_same_setting() -> None:
    """Versions and forks rename things."""
    made = board(reading({"old_name": "1"}), reading({"new_name": "1"}))
    assert row(made, "new_name").verdict is Verdict.SAME


@pytest.mark.parametrize(("big", "severity"), [("400", Severity.INFO), ("401", Severity.WARNING)])
def test_capacity_matters_beyond_a_factor_of_four(big: str, severity: Severity) -> None:
    """A laptop is smaller than a server; forty times smaller is no rehearsal."""
    assert row(board(reading({"cache": "100"}), reading({"cache": big})), "cache").severity is severity


def test_expected_drift_is_shown_as_expected() -> None:
    """With its reason; it does not count as drift."""
    policy = Policy(expectations=(Expectation("db", "cache", "laptops are small", ("dev",), owner="dba"),))
    made = board(reading({"cache": "1"}), reading({"cache": "8"}), reading({"cache": "8"}), policy=policy)
    found = row(made, "cache")
    assert (found.verdict, found.listed) == (Verdict.EXPECTED, True)
    assert found.note == "expected: laptops are small (dba)"
    assert (made.summary.expected, made.summary.info) == (1, 0)


def test_an_expectation_covers_only_those_that_it_names() -> None:
    """The environment dev may differ; staging may not."""
    policy = Policy(expectations=(Expectation("db", "*", "laptops", ("dev",)),))
    found = row(board(*(reading({"zone": zone}) for zone in "abc"), policy=policy), "zone")
    assert found.verdict is Verdict.DRIFT


def test_a_guard_that_is_broken_makes_it_drift_again() -> None:
    """The value has moved since somebody said that it was meant to be."""
    policy = Policy(expectations=(Expectation("db", "cache", "small", ("dev",), {"dev": "1kB"}),))
    kept = board(reading({"cache": "1024"}), reading({"cache": "8"}), policy=policy)
    moved = board(reading({"cache": "1025"}), reading({"cache": "8"}), policy=policy)
    assert row(kept, "cache").verdict is Verdict.EXPECTED
    assert row(moved, "cache").verdict is Verdict.DRIFT
    assert "expected 1kB in dev" in row(moved, "cache").note


def test_an_expectation_ends_with_its_day() -> None:
    """That day still counts, the next does not."""
    expectation = Expectation("db", "zone", "migration", until=date(2027, 3, 31))
    verdicts = [
        row(
            board(
                reading({"zone": "a"}),
                reading({"zone": "b"}),
                policy=Policy(expectations=(expectation,), today=today),
            ),
            "zone",
        ).verdict
        for today in (date(2027, 3, 31), date(2027, 4, 1))
    ]
    assert verdicts == [Verdict.EXPECTED, Verdict.DRIFT]


def test_the_user_has_the_last_word_on_severity() -> None:
    """As kind.setting in the configuration."""
    policy = Policy(severities=(("database.zone", Severity.INFO), ("database.lim*", Severity.IGNORED)))
    made = board(reading({"zone": "a", "limit": "1"}), reading({"zone": "b", "limit": "2"}), policy=policy)
    assert row(made, "zone").severity is Severity.INFO
    assert row(made, "limit").verdict is Verdict.IGNORED


def test_the_worst_comes_first() -> None:
    """Type, version, then by severity, then by name."""
    made = board(
        reading({"a": "1", "limit": "1", "zone": "a"}, "16.1", "Thing"),
        reading({"a": "2", "limit": "2", "zone": "b"}, "16.2", "Thing"),
    )
    assert listed(made) == ["zone", "version", "limit", "a"]


def test_a_target_that_fails_later_keeps_its_last_values_as_unknown() -> None:
    """Drift that was seen stays in view, greyed, but is not counted."""
    before = board(reading({"zone": "a", "limit": "1"}), reading({"zone": "b", "limit": "1"}))
    after = heard(before, {"production": Failure(Reason.CLOSED, "gone")})
    found = row(after, "zone")
    assert (found.verdict, found.listed, found.cells[1].raw) == (Verdict.UNKNOWN, True, "b")
    assert not row(after, "limit").listed
    assert after.summary.critical == 0
    assert row(heard(after, {"production": reading({"zone": "a", "limit": "1"})}), "zone").verdict is Verdict.SAME


def test_what_did_not_change_stays_the_same_object() -> None:
    """A refresh that says the same makes no row, and one changed cell makes one."""
    before = board(reading({"zone": "a", "limit": "1"}), reading({"zone": "a", "limit": "1"}))
    again = heard(before, {"dev": reading({"zone": "a", "limit": "1"})})
    assert again.sections[0].rows is before.sections[0].rows
    moved = heard(before, {"dev": reading({"zone": "b", "limit": "1"})})
    assert row(moved, "limit") is row(before, "limit")
    assert row(moved, "zone") is not row(before, "zone")


def test_secrets_are_compared_and_never_shown() -> None:
    """Two fingerprints that differ are drift; the text shows four digits of them."""
    made = board(
        reading({"zone": Fact("aaaa1111", state=State.SECRET)}),
        reading({"zone": Fact("bbbb2222", state=State.SECRET)}),
    )
    found = row(made, "zone")
    assert found.verdict is Verdict.DRIFT
    assert found.text(0) != found.text(1)
    assert "1111" not in found.text(0)


def test_the_comparison_does_not_depend_on_what_was_known_before() -> None:
    """A board reached in steps is the board made at once, whatever explained what on the way."""
    loaded = reading({"libraries": "s", "library.max": "5", "zone": "a", "cache": "1"})
    plain = reading({"libraries": "", "zone": "a", "cache": "9"}, "18.4")
    steps = heard(board(plain, plain), {"dev": loaded})
    steps = heard(steps, {"production": loaded})
    steps = heard(steps, {"production": plain})
    assert steps.sections[0].rows == board(loaded, plain).sections[0].rows

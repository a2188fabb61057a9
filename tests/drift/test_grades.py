"""Letters for environments: decided by the worst row, with properties that any board keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity_tui.config.eol_data import shipped
from parity_tui.drift.board import Board
from parity_tui.drift.compare import compare
from parity_tui.drift.grades import LETTERS, UNSEEN, Grade, Grader, Grades, grades_of
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, State, Target
from parity_tui.services import kinds
from tests.builders import board as made_board
from tests.builders import target
from tests.drift.builders import KINDS, board, reading
from tests.drift.test_end_of_life import TODAY

POLICY = Policy(baseline="production")
REFUSED = Failure(Reason.REFUSED, "refused")
HIDDEN = Fact(state=State.HIDDEN, note="needs more rights")


def grade(dev: Reading | Failure | None, production: Reading | Failure | None, **fields: Any) -> Grade:
    return grades_of(board(dev, production, **{"policy": POLICY, **fields})).environments["dev"]


def test_equal_servers_have_the_best_letter() -> None:
    found = grade(reading({"zone": "a"}), reading({"zone": "a"}))
    assert found == Grade("A+", "nothing differs and nothing is hidden", "A+")


@pytest.mark.parametrize(
    ("dev", "production", "letter", "reason"),
    [
        ({"cache": "1024"}, {"cache": "2048"}, "A", "db: cache is 1 kB here, 2 kB in production"),
        ({"limit": "1"}, {"limit": "2"}, "B", "db: limit is 1 here, 2 in production"),
        ({"zone": "a", "limit": "1"}, {"zone": "b", "limit": "2"}, "C", "db: zone is a here, b in production"),
        ({"zone": "a"}, {"zone": "b" * 90}, "C", f"db: zone is a here, {'b' * 39}… in production"),
    ],
)
def test_worst_row_decides(dev: dict[str, str], production: dict[str, str], letter: str, reason: str) -> None:
    found = grade(reading(dev), reading(production))
    assert (found.letter, found.reason) == (letter, reason)


def test_another_release_is_a_gap_of_versions() -> None:
    found = grade(reading({}, "3.10.8", "RabbitMQ"), reading({}, "4.1.0", "RabbitMQ"))
    assert found.words == "C: db is RabbitMQ 3.10.8 here, 4.1.0 in production"


@pytest.mark.parametrize("kinds", ["", "other database"])
def test_another_product_is_the_worst(kinds: str) -> None:
    found = grade(reading({}, "3.40", "SQLite"), reading({}, "18.4", "PostgreSQL"), kinds=kinds)
    assert found.words == "D: db is SQLite 3.40 here, PostgreSQL 18.4 in production"


def test_missing_service_counts_like_another_product() -> None:
    targets = [Target("dev", "other", "other"), Target("production", "db", "database")]
    made = Board.of(("dev", "production"), targets, KINDS, POLICY).with_outcomes(
        Outcome(target, reading({"zone": "a"})) for target in targets
    )
    assert grades_of(made).environments["dev"].words == "D: other is Thing 16.1 here, missing in production"


def test_what_was_not_read_leaves_the_letter_open() -> None:
    found = grade(REFUSED, reading({"zone": "a"}))
    assert (found.letter, found.best, found.unread) == (UNSEEN, "A+", True)
    assert found.reason == "at best A+: db here: refused"
    hidden = reading({"zone": HIDDEN, "limit": "1"})
    found = grade(hidden, reading({"zone": "a", "limit": "2"}))
    assert (found.letter, found.best) == (UNSEEN, "B")
    assert found.reason == "at best B: db: needs more rights; db: limit is 1 here, 2 in production"


def test_another_product_needs_no_further_reading() -> None:
    found = grade(reading({"zone": HIDDEN}, "8", "Valkey"), reading({"zone": "a"}, "8", "Redis"))
    assert found.letter == "D"


def test_hidden_information_costs_the_best_letter_only() -> None:
    found = grade(reading({"host.a": HIDDEN, "zone": "a"}), reading({"host.a": "1", "zone": "a"}))
    assert (found.letter, found.reason) == ("A", "db: host.a is not seen")


def test_expectation_does_not_lift_the_letter() -> None:
    policy = Policy("production", (Expectation("db", "*", "meant"),))
    found = grade(reading({"zone": "a", "limit": "1"}), reading({"zone": "b", "limit": "2"}), policy=policy)
    assert found.words == "C (2 expected): db: zone is a here, b in production"


def test_accepted_blind_spot_stays_open_but_read() -> None:
    policy = Policy("production", (Expectation("db", "*", "no rights", hidden=True),))
    found = grade(reading({"zone": HIDDEN}), reading({"zone": "a"}), policy=policy)
    assert (found.letter, found.unread, found.expected) == (UNSEEN, False, 1)


def test_one_server_twice_has_no_letter() -> None:
    found = grade(reading({"zone": "a"}, instance="1"), reading({"zone": "a"}, instance="1"))
    assert (found.letter, found.best) == (UNSEEN, "A+")


def test_age_is_no_gap_between_environments() -> None:
    policy = Policy("production", today=TODAY, lifecycle=shipped())
    old = reading({}, "13.23", "PostgreSQL")
    assert grade(old, old, policy=policy).letter == "A+"


def test_board_without_baseline_and_production_has_no_letters() -> None:
    made = Board.of(("a", "b"), [Target("a", "db", "database"), Target("b", "db", "database")], KINDS, Policy())
    assert grades_of(made) == Grades()
    assert grades_of(board(reading(), reading(), policy=Policy("dev"))).reference == "dev"


def test_letter_reaches_the_least_one_or_not() -> None:
    assert [Grade("B", "", "B").reaches(least) for least in LETTERS] == [False, False, True, True, True]


def test_grader_compares_only_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(*arguments: Any) -> Any:
        calls.append(arguments[1][0])
        return compare(*arguments)

    monkeypatch.setattr("parity_tui.drift.grades.compare", counted)
    made = board(reading({"zone": "a"}), reading({"zone": "a"}), reading({"zone": "a"}), policy=POLICY)
    grader = Grader()
    assert grader.grades(made) == grader.grades(made)
    assert calls == ["dev", "staging"]
    target = next(made.outcomes()).target
    changed = made.with_outcomes([Outcome(target, reading({"zone": "b"}))])
    assert grader.grades(changed).environments["dev"].letter == "C"
    assert calls == ["dev", "staging", "dev"]
    assert grader.grades(changed) == grades_of(changed)


def test_overridden_setting_counts_though_the_servers_agree() -> None:
    override = {"override.role.app.work_mem": Fact("65536")}
    own: dict[str, Fact | str] = {"work_mem": Fact("4096", unit="kB"), "TimeZone": "UTC"}
    answers = {"dev": reading(own), "staging": reading(own), "production": reading({**own, **override})}
    targets = [(target(name, kind="postgres", user="app"), answer) for name, answer in answers.items()]
    three, two = (grades_of(made_board(part, kinds(), POLICY)) for part in (targets, targets[1:]))
    assert three.environments["staging"] == two.environments["staging"]
    assert three.environments["dev"].reason == "it: override.role.app.work_mem is – here, 65536 in production"


def test_override_with_the_servers_own_value_is_no_difference() -> None:
    own: dict[str, Fact | str] = {"work_mem": Fact("65536", unit="kB", source="postgresql.conf:1"), "TimeZone": "UTC"}
    overrides = {"dev": {}, "staging": {"override.role.app.work_mem": Fact("131072", unit="kB")},
                 "production": {"override.role.app.work_mem": Fact("65536", unit="kB")}}  # fmt: skip
    targets = [
        (target(name, kind="postgres", user="app"), reading({**own, **override}))
        for name, override in overrides.items()
    ]
    for part in (targets, [targets[0], targets[2]]):
        found = grades_of(made_board(part, kinds(), POLICY)).environments
        assert found["dev"].letter == "A+"


def test_hidden_capacity_may_be_a_warning() -> None:
    assert grade(reading({"cache": "1"}), reading({"cache": "9"})).letter == "B"
    found = grade(reading({"cache": HIDDEN}), reading({"cache": "9"}))
    assert (found.letter, found.best) == (UNSEEN, "A+")


def test_worst_service_decides() -> None:
    answers = {"a": ("1", "1"), "b": ("1", "2"), "c": ("3", "3")}
    targets = [
        (Target(name, service, "database"), reading({"limit": value}))
        for service, values in answers.items()
        for name, value in zip(("dev", "production"), values, strict=True)
    ]
    found = grades_of(made_board(targets, KINDS, POLICY))
    assert {service: each.letter for (service, _), each in found.services.items()} == {"a": "A+", "b": "B", "c": "A+"}
    assert found.environments["dev"].words == "B: b: limit is 1 here, 2 in production"


NAMES = ("zone", "limit", "cache", "host.a", "plugin.x", "unheard-of", "libraries")


@dataclass(frozen=True)
class Server:
    """A made-up server: product, version, and its settings."""

    product: str
    version: str
    facts: Mapping[str, str]
    hidden: frozenset[str] = frozenset()
    failed: bool = False

    def answer(self) -> Reading | Failure:
        if self.failed:
            return REFUSED
        facts = {name: HIDDEN if name in self.hidden else Fact(raw) for name, raw in self.facts.items()}
        return reading(facts, self.version, self.product)


SERVERS = st.builds(
    Server,
    product=st.sampled_from(["Thing", "Thing", "Thing", "Other"]),
    version=st.sampled_from(["16.1", "16.2", "17.0"]),
    facts=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["1", "2", "9"])),
    hidden=st.sets(st.sampled_from(NAMES), max_size=2).map(frozenset),
    failed=st.sampled_from([False] * 5 + [True]),
)


def letters(*servers: Server) -> dict[str, Grade]:
    made = board(*(server.answer() for server in servers), policy=POLICY)
    return dict(grades_of(made).environments)


def bounds(found: Grade) -> tuple[int, int]:
    """Return the worst and the best letter that are possible, as ranks from the best."""
    best = LETTERS.index(found.best)
    return (len(LETTERS) - 1 if found.letter == UNSEEN else best), best


@settings(max_examples=200, deadline=None)
@given(SERVERS, SERVERS, SERVERS)
def test_another_environment_never_changes_a_letter(dev: Server, staging: Server, production: Server) -> None:
    three, two = letters(dev, staging, production), letters(dev, production)
    assert three["dev"] == two["dev"]
    assert bounds(letters(staging, dev, production)["staging"]) == bounds(two["dev"])


@settings(max_examples=200, deadline=None)
@given(SERVERS, SERVERS, st.sampled_from(("product", "version", *NAMES)))
def test_aligning_a_row_never_lowers_the_letter(dev: Server, production: Server, name: str) -> None:
    if name in ("product", "version"):
        aligned = replace(dev, **{name: getattr(production, name)})
        if name == "version":  # the settings that only one version has come along with it
            aligned = replace(aligned, facts={**production.facts, **{
                each: raw for each, raw in dev.facts.items() if each in production.facts}})  # fmt: skip
    else:
        facts = {each: raw for each, raw in dev.facts.items() if each != name}
        aligned = replace(dev, facts=facts | {each: raw for each, raw in production.facts.items() if each == name})
    before, after = bounds(letters(dev, production)["dev"]), bounds(letters(aligned, production)["dev"])
    assert after[1] <= before[1]
    if before[0] != before[1] or after[0] != after[1]:  # settings of another product were not looked at
        return
    assert after[0] <= before[0]


@settings(max_examples=200, deadline=None)
@given(SERVERS, SERVERS, st.sets(st.sampled_from(NAMES)), st.booleans())
def test_hiding_never_raises_the_letter(dev: Server, production: Server, names: set[str], failed: bool) -> None:
    less = replace(dev, hidden=dev.hidden | names, failed=dev.failed or failed)
    assert bounds(letters(less, production)["dev"])[0] >= bounds(letters(dev, production)["dev"])[0]


@settings(max_examples=50, deadline=None)
@given(SERVERS, SERVERS)
def test_same_input_gives_the_same_letter(dev: Server, production: Server) -> None:
    assert letters(dev, production) == letters(dev, production)

"""Random boards on which readings change one by one: the way to a board leaves no trace in its rows and letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from parity_tui.drift.board import Board
from parity_tui.drift.compare_row import compare_row
from parity_tui.drift.grades import Grader, grades_of
from parity_tui.drift.lifecycle import Lifecycle, Lines, ReleaseLine
from parity_tui.drift.mark_counts import count_marks
from parity_tui.drift.policy import Expectation, Policy
from parity_tui.drift.row import Group, Row
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, State, Target
from parity_tui.services import kinds
from tests.drift.builders import KINDS, answered, board, reading, row

ENVIRONMENTS = ("dev", "staging", "production", "eu")
NAMES = {
    "database": ("zone", "cache", "buffers", "library.max", "libraries", "limit", "host.a", "part.a.b", "port", "a"),
    "postgres": ("work_mem", "shared_buffers", "max_connections", "override.role.web.work_mem", "TimeZone", "port",
                 "override.all.max_connections", "jit", "tls.certificate", "tls.version"),
    "rabbitmq": ("vhost./", "vhost.x", "queue.x/a", "queue.x/b", "policy.x.all", "vm_memory_high_watermark", "a"),
    "app": ("revision", "image", "library.redis", "runtime.python", "a"),
    "other": ("zone", "a"),
}  # fmt: skip
PRODUCTS = {"postgres": "PostgreSQL", "rabbitmq": "RabbitMQ"}
SERVICES = {"one": "database", "two": "postgres", "queue": "rabbitmq", "web": "app", "worker": "app"}
REVISIONS = ("3f786850e387", "3f78685", "89e6c98d9288")
ALL = {**KINDS, **{kind: kinds()[kind] for kind in ("postgres", "rabbitmq", "app")}}
POLICIES = (
    Policy(),
    Policy(baseline="production", today=date(2026, 1, 1), expectations=(
        Expectation("one", "zone", "on purpose", ("dev",)),
        Expectation("two", "*", "not for us", hidden=True),
    ), lifecycle=Lifecycle({"postgresql": Lines(date(2025, 12, 1), (
        ReleaseLine("16", date(2026, 3, 1), False, "16.9", date(2025, 11, 1)),
        ReleaseLine("18", None, False, "18.4"),
    ))})),
)  # fmt: skip


def targets(random: Random) -> list[Target]:
    """Return a target for most services and environments, some with nodes, some of another kind."""
    made = []
    for name, kind in SERVICES.items():
        for environment in ENVIRONMENTS:
            kind_here = "other" if name == "one" and not random.randrange(6) else kind
            nodes = ("n1", "n2") if not random.randrange(5) else ("",)
            if random.randrange(8):
                made += [_target(environment, name, kind_here, node) for node in nodes]
    return made


def _target(environment: str, service: str, kind: str, node: str) -> Target:
    return Target(environment, service, kind, host=f"{environment}{node}", port=1, node=node, user="web")


def value(random: Random, name: str) -> Fact:
    """Return one of few values, seldom an unknown one."""
    if name == "revision":
        return Fact(random.choice(REVISIONS))
    state = State.HIDDEN if not random.randrange(40) else State.UNKNOWN if not random.randrange(40) else State.VALUE
    default = random.choice((True, False, None))
    return Fact(str(random.randrange(3)), state=state, note="not for us" * (state is State.HIDDEN), default=default)


def first(random: Random, target: Target) -> Reading:
    """Return the first reading of a target."""
    names = [name for name in NAMES[target.kind] if random.randrange(6)]
    version = random.choice(("16.1", "16.1", "16.1", "18.4"))
    fields: dict[str, Any] = {
        "hidden": random.choice(((), (), (), (("library.*", "not for us"), ("queue.*", "no right")))),
        "instance": random.choice(("", "1", f"{target.environment}{target.node}")),
        "address": random.choice(("", "10.0.0.1:1", target.address)),
    }
    facts = {name: value(random, name) for name in names}
    return reading(facts, version, PRODUCTS.get(target.kind, "Thing"), **fields)


def changed(random: Random, outcome: Outcome) -> Outcome:
    """Return the outcome after most often one value changed, sometimes more, a release, or a failure."""
    old, chance = outcome.reading, random.randrange(20)
    if old is None or chance == 0:
        return Outcome(outcome.target, first(random, outcome.target))
    if chance == 1:
        return Outcome(outcome.target, failure=Failure(Reason.REFUSED, "no"))
    facts, names = dict(old.facts), NAMES[outcome.target.kind]
    for name in random.sample(names, random.choice((1, 1, 1, 2))):
        if name in facts or chance == 2:
            facts[name] = value(random, name)
        if chance == 3:
            facts.pop(name, None)
    fields: dict[str, Any] = {"instance": "1"} if chance == 4 else {"hidden": ()} if chance == 5 else {}
    fields |= {"version": "18.4"} if chance == 6 else {"package": "16.1-1.pgdg"} if chance == 7 else {}
    return Outcome(outcome.target, replace(old, facts=facts, **fields), at=random.choice((0.0, 1.0)))


def from_nothing(board: Board, made: Sequence[Target]) -> Board:
    """Return the board of the same outcomes, compared at once."""
    empty = Board.of(board.environments, made, ALL, board.policy)
    return empty.with_outcomes(outcome for outcome in board.servers() if not outcome.pending)


@pytest.mark.parametrize("policy", POLICIES, ids=("bare", "decided"))
def test_boards_do_not_depend_on_their_past(policy: Policy) -> None:
    for seed in range(3, 9):
        random, grader = Random(seed), Grader()
        made = targets(random)
        board = Board.of(ENVIRONMENTS, made, ALL, policy)
        board = board.with_outcomes(Outcome(target, first(random, target)) for target in made)
        for step in range(40):
            server = random.choice(list(board.servers()))
            board = board.with_outcomes([changed(random, server)])
            marks = [count_marks(section.rows, ENVIRONMENTS) for section in board.sections]
            grades = grader.grades(board)
            if step % 3 == 2:
                fresh = from_nothing(board, made)
                assert [section.rows for section in board.sections] == [section.rows for section in fresh.sections]
                assert marks == [count_marks(section.rows, ENVIRONMENTS) for section in fresh.sections]
                assert (board.summary, grades) == (fresh.summary, grades_of(fresh))


def test_value_hidden_by_override_stays_folded() -> None:
    made = [_target(name, "two", "postgres", "") for name in ("dev", "staging", "production")]
    plain = reading({"work_mem": "1", "jit": "on"})
    hidden = Fact("2", state=State.UNKNOWN, note="overridden")
    override = reading({"work_mem": hidden, "override.role.web.work_mem": "3", "jit": "on"})
    board = Board.of(ENVIRONMENTS[:3], made, ALL, Policy())
    board = board.with_outcomes(map(Outcome, made, (override, plain, plain)))
    (folded,) = [row for row in board.sections[0].rows if row.setting == "work_mem"]
    after = board.with_outcomes([Outcome(made[2], reading({"work_mem": "1", "jit": "off"}))])
    assert folded.explained_by == "override.role.web.work_mem"
    assert any(row is folded for row in after.sections[0].rows)


def test_changed_value_compares_only_its_own_row(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def counted(group: Group, setting: str, *arguments: Any) -> Row:
        compared.append(setting)
        return compare_row(group, setting, *arguments)

    facts = {**dict.fromkeys(NAMES["database"], "1"), "zone": "dev"}
    made = [_target(f"env{number}", "one", "other", "") for number in range(30)]
    board = Board.of([target.environment for target in made], made, ALL, Policy())
    board = board.with_outcomes(Outcome(target, reading(facts, instance=target.environment)) for target in made)
    for module in ("compare", "recompare"):
        monkeypatch.setattr(f"parity_tui.drift.{module}.compare_row", counted)
    for news in ({"limit": "2"}, {"limit": "3"}, {"limit": "3", "unheard": "1"}, {"limit": "3"}):
        board = board.with_outcomes([Outcome(made[7], reading({**facts, **news}, instance="env7"))])
    assert compared == ["limit", "limit", "unheard"]
    assert board.sections == from_nothing(board, made).sections


def test_appearing_setting_is_folded_under_its_cause() -> None:
    plain, host = {"zone": "1"}, {"zone": "1", "host.a": "1"}
    before = board(reading(host), reading(plain), reading(plain))
    after = answered(before, {"dev": reading({**host, "part.a.b": "1"})})
    assert row(after, "part.a.b").explained_by == "host.a"

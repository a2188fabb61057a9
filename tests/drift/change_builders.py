"""Builders for tests of changes: one service in two environments."""

from __future__ import annotations

from typing import Any, cast

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.model import Fact, Outcome, Reading, Rule, Service, Severity, Target
from tests.drift.builders import Answer, outcome

KIND = Service(
    "A database",
    ("db",),
    cast(Any, None),
    "none",
    (
        Rule("zone", Severity.CRITICAL, "Days shift."),
        Rule("port", Severity.IGNORED, "The address belongs to the host."),
        Rule("uptime", Severity.IGNORED, "A counter."),
        Rule("role", Severity.IGNORED, "A role is no drift.", notify=True),
    ),
)
TARGETS = [Target("dev", "db", "database"), Target("production", "db", "database")]
NODES = [Target("dev", "db", "database", node=name) for name in ("a:1", "b:1", "c:1")]


def empty_board(*targets: Target) -> Board:
    """Make a board before anything is read."""
    names = list(dict.fromkeys(target.environment for target in targets))
    return Board.of(names, targets, {"database": KIND}, Policy())


EMPTY = empty_board(*TARGETS)


def reading(version: str = "1.0", instance: str = "1", **facts: str | Fact) -> Reading:
    """Make a reading; a bare text is the raw value of a fact."""
    made = {name: fact if isinstance(fact, Fact) else Fact(fact) for name, fact in facts.items()}
    return Reading("Thing", version, made, instance=instance)


def answered(before: Board, *answers: Answer, at: float = 100.0, connection: int = 1) -> Board:
    """Return the board after the answers of dev and production; None or nothing: no answer."""
    pairs = zip(TARGETS, answers, strict=False)
    return before.with_outcomes(answer_of(target, answer, at, connection) for target, answer in pairs if answer)


def answer_of(target: Target, answer: Answer, at: float = 100.0, connection: int = 1) -> Outcome:
    """Make the outcome of one attempt; `at` and `connection` belong to a reading."""
    if not isinstance(answer, Reading):
        return outcome(target, answer)
    return outcome(target, answer, milliseconds=1.0, at=at, connection=connection)


def both(**facts: Any) -> Board:
    """Return the board after both environments gave the same facts."""
    return answered(EMPTY, reading(**facts), reading(**facts))

"""Builders of readings and boards for the tests of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, cast

from parity_tui.drift.board import Board
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.model import Fact, Failure, Outcome, Reading, Rule, Service, Severity, Target, ValueType

DATABASE = Service(
    title="A database",
    schemes=("db",),
    connect=lambda target, dialer: cast(Any, nullcontext()),
    privilege="none",
    rules=(
        Rule("zone", Severity.CRITICAL, "Days shift."),
        Rule("limit", Severity.WARNING, "Too many.", type=ValueType.NUMBER),
        Rule("cache", Severity.INFO, "Speed.", type=ValueType.SIZE, capacity=True),
        Rule("buffers", Severity.INFO, "", type=ValueType.SIZE, derived=True, explained_by="cache"),
        Rule("port", Severity.IGNORED, "The address belongs to the host."),
        Rule("plugin.*", Severity.CRITICAL, "Functions are missing.", explained_by=""),
        Rule("libraries", Severity.CRITICAL, "Functions are missing.", type=ValueType.SET),
        Rule("library.*", Severity.INFO, "", explained_by="libraries"),
        Rule("host.*", Severity.INFO, "Refused.", explained_by=""),
        Rule("part.*", Severity.INFO, "Missing.", explained_by=lambda name: (f"host.{name.split('.')[1]}",)),
        Rule("new_name", Severity.WARNING, "", aliases=("old_name",)),
    ),
)
OTHER = Service("Another", ("other",), DATABASE.connect, "none", (Rule("zone", Severity.INFO),))
KINDS = {"database": DATABASE, "other": OTHER}
ENVIRONMENTS = ("dev", "staging", "production")

Facts = Mapping[str, Fact | str]
Answer = Reading | Failure | None
"""None: no such service, or no answer yet"""


def reading(facts: Facts | None = None, version: str = "16.1", product: str = "Thing", **fields: Any) -> Reading:
    """Make a reading; a bare text is the raw value of a fact."""
    made = {name: fact if isinstance(fact, Fact) else Fact(fact) for name, fact in (facts or {}).items()}
    return Reading(product, version, made, **fields)


def outcome(target: Target, answer: Answer, **fields: Any) -> Outcome:
    """Make the outcome of one attempt."""
    read = answer if isinstance(answer, Reading) else None
    return Outcome(target, read, answer if isinstance(answer, Failure) else None, **fields)


def board(*answers: Answer, policy: Policy | None = None, kinds: str = "") -> Board:
    """Make a board of the service "db", one answer for each environment; `kinds` are separated by blanks."""
    names = ENVIRONMENTS[: len(answers)] if len(answers) != 2 else ("dev", "production")
    used = [kind.strip("-") for kind in kinds.split()] or ["database"] * len(answers)
    targets = [
        Target(name, "db", kind) for name, kind, answer in zip(names, used, answers, strict=True) if answer is not None
    ]
    empty = Board.of(names, targets, KINDS, policy or Policy())
    return answered(empty, dict(zip(names, answers, strict=True)))


def answered(before: Board, answers: Mapping[str, Answer]) -> Board:
    """Return the board after some environments have answered."""
    news = ((one.target, answers.get(one.target.environment)) for one in before.outcomes())
    return before.with_outcomes(outcome(target, answer) for target, answer in news if answer is not None)


def row(of: Board, setting: str) -> Row:
    """Return the only row of a setting in the first section."""
    (found,) = [row for row in of.sections[0].rows if row.setting == setting]
    return found


def listed(of: Board) -> list[str]:
    """Return the settings of the listed rows, in order."""
    return [row.setting for row in of.sections[0].rows if row.listed]

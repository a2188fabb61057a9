"""Builders for tests of targets with several nodes."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, cast

from parity_tui.drift.board import Board
from parity_tui.drift.nodes import merge_nodes
from parity_tui.drift.policy import Policy
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Failure, Outcome, Reading, Reason, Rule, Service, Severity, Target, ValueType
from tests.drift.builders import Answer, outcome

KIND = Service(
    "A cache",
    ("made",),
    lambda target, dialer: cast(Any, nullcontext()),
    "none",
    (
        Rule("limit", Severity.CRITICAL, "Full.", type=ValueType.SIZE),
        Rule("threads", Severity.INFO, "Speed.", type=ValueType.NUMBER, capacity=True),
        Rule("port", Severity.IGNORED, "Belongs to the host."),
        Rule("plugin.*", Severity.WARNING, "Missing.", explained_by=""),
    ),
    release=2,
)
TABLE = RuleTable(KIND, "made")
REFUSED = Failure(Reason.REFUSED, "dev-2:1 refused the connection")


def node(environment: str, number: int, count: int = 2) -> Target:
    """Make a node of an environment, or its only server."""
    host = f"{environment}-{number}"
    return Target(environment, "cache", "made", host=host, port=1, node=f"{host}:1" if count > 1 else "")


def reading(version: str = "9.1.2", product: str = "Valkey", **facts: str | Fact) -> Reading:
    """Make a reading; a bare text is the raw value of a fact."""
    return Reading(product, version, {n: f if isinstance(f, Fact) else Fact(f) for n, f in facts.items()})


def node_outcome(target: Target, answer: Answer) -> Outcome:
    """Make the outcome of reading one node."""
    return outcome(target, answer, milliseconds=1.0, at=100.0 if isinstance(answer, Reading) else 0.0)


def merged(*answers: Answer) -> Outcome:
    """Return the merged outcome of nodes with these answers."""
    nodes = [node_outcome(node("dev", n, len(answers)), answer) for n, answer in enumerate(answers, 1)]
    return merge_nodes(nodes, TABLE)


def merged_fact(setting: str, *answers: Answer) -> Fact:
    """Return one fact of the merged reading."""
    whole = merged(*answers).reading
    assert whole is not None
    return whole.facts[setting]


def board(policy: Policy | None = None, **environments: Answer | list[Answer]) -> Board:
    """Make a board: environment -> the answer of its only server, or a list for its nodes."""
    outcomes = []
    for name, given in environments.items():
        answers = given if isinstance(given, list) else [given]
        outcomes += [node_outcome(node(name, n, len(answers)), one) for n, one in enumerate(answers, 1)]
    empty = Board.of(list(environments), [one.target for one in outcomes], {"made": KIND}, policy or Policy())
    return empty.with_outcomes([one for one in outcomes if not one.pending])

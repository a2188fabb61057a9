"""Builders shared by all tests: targets, readings, outcomes, boards, and a kind of service without any server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parity_tui.drift.board import Board
from parity_tui.drift.compare import compare
from parity_tui.drift.policy import Policy
from parity_tui.drift.row import Row
from parity_tui.drift.rules import RuleTable
from parity_tui.model import Fact, Failure, Outcome, Reading, Rule, Service, Target, Verdict
from parity_tui.secrets import Secret
from parity_tui.services import kinds

Answer = Reading | Failure | None
"""the result of an attempt; None: not tried yet"""


def service(*rules: Rule, title: str = "Made up", scheme: str = "made-up", **fields: Any) -> Service:
    """Return a kind of service with these rules, to which nothing can connect."""
    return Service(title, (scheme,), _no_connection, "none", rules, **fields)


def _no_connection(*_: object) -> Any:
    raise NotImplementedError


MADE_UP = service()
"""a kind without rules"""


def target(
    environment: str = "dev",
    *,
    service: str = "it",
    kind: str = "made-up",
    host: str = "127.0.0.1",
    port: int = 1,
    password: str | None = None,
    **fields: Any,
) -> Target:
    """Return a target; its scheme is the first one of its kind, its password the text itself."""
    schemes = kinds()[kind].schemes if kind in set(kinds()) else ()
    fields.setdefault("scheme", schemes[0] if schemes else kind)
    secret = (lambda: Secret(password)) if password is not None else None
    return Target(environment, service, kind, host=host, port=port, password=secret, **fields)


def reading(
    facts: Mapping[str, Fact | str] | None = None, version: str = "1.0", product: str = "Thing", **fields: Any
) -> Reading:
    """Return a reading; a plain text is the raw value of a fact."""
    made = {name: fact if isinstance(fact, Fact) else Fact(fact) for name, fact in (facts or {}).items()}
    return Reading(product, version, made, **fields)


def outcome(target: Target, answer: Answer, **fields: Any) -> Outcome:
    """Return the outcome of one attempt."""
    if isinstance(answer, Failure):
        return Outcome(target, failure=answer, **fields)
    return Outcome(target, answer, **fields)


def board(
    answers: Mapping[str, Answer] | Sequence[tuple[Target, Answer]],
    kinds: Mapping[str, Service] | None = None,
    policy: Policy | None = None,
) -> Board:
    """Return the board after the answers: by target, or by environment, which makes a board of one made-up service."""
    if isinstance(answers, Mapping):
        answers = [(target(environment), answer) for environment, answer in answers.items()]
    targets = [each for each, _ in answers]
    environments = list(dict.fromkeys(each.environment for each in targets))
    empty = Board.of(environments, targets, kinds or {"made-up": MADE_UP}, policy or Policy())
    return empty.with_outcomes(outcome(each, answer) for each, answer in answers if answer is not None)


def row(board: Board, setting: str) -> Row:
    """Return the only row of a setting in the first section."""
    (found,) = [row for row in board.sections[0].rows if row.setting == setting]
    return found


def rows(
    *readings: Reading,
    kind: str | Sequence[str],
    policy: Policy | None = None,
    names: Sequence[str] = (),
    user: str = "",
) -> dict[str, Row]:
    """Compare readings of one service, one for each environment (env0, env1 … by default); return rows by setting."""
    used = [kind] * len(readings) if isinstance(kind, str) else kind
    names = names or [f"env{number}" for number, _ in enumerate(readings)]
    tables = {each: RuleTable(kinds()[each], each) for each in used}
    outcomes = [
        Outcome(target(name, kind=each, user=user), tables[each].resolve(answer))
        for name, each, answer in zip(names, used, readings, strict=True)
    ]
    environments = [each.target.environment for each in outcomes]
    return {row.setting: row for row in compare("it", environments, outcomes, tables, policy or Policy())}


def drift(*readings: Reading, kind: str | Sequence[str]) -> set[str]:
    """Compare readings of one service; return the settings that drift."""
    return {name for name, row in rows(*readings, kind=kind).items() if row.verdict is Verdict.DRIFT}

"""The findings on one service of two environments: the worst of its rows, and what was not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.row import SAME_SERVER, Row
from parity_tui.drift.values import printable
from parity_tui.model import Failure, Outcome, Rule, Severity, Verdict

_OF_SEVERITY = {Severity.CRITICAL: 3, Severity.WARNING: 2, Severity.INFO: 1}
_OTHER_PRODUCT = 4
_LONGEST = 40
"""characters of a value in a reason"""


class Findings(Struct, frozen=True):
    """The result of comparing one service of two environments."""

    rank: int = 0
    """index of the worst letter in LETTERS"""
    reason: str = ""
    expected: int = 0
    unseen: str = ""
    """what was not read, "" if everything relevant was"""
    accepted: bool = True
    """whether the user accepts all that was not read"""
    minor: str = ""
    """what was not seen, and can be information at most"""


def findings_of(rows: Iterable[Row], outcomes: Sequence[Outcome | None], names: tuple[str, str]) -> Findings:
    """Return the worst of the rows of two environments, and what was not read."""
    found = Findings(unseen="; ".join(_unread(outcomes, ("here", f"in {names[1]}"))))
    if found.unseen:
        found = replace(found, accepted=False)
    for row in rows:
        if row.explained_by:
            continue
        if row.verdict is Verdict.UNKNOWN or (
            row.verdict is Verdict.EXPECTED and (row.members or row.setting == SAME_SERVER)
        ):
            found = _with_unknown(found, row)
        elif row.verdict in (Verdict.DRIFT, Verdict.EXPECTED):
            found = _with_difference(found, row, outcomes, names[1])
    return found


def _unread(outcomes: Sequence[Outcome | None], places: Sequence[str]) -> Iterator[str]:
    """Yield a clause for each environment whose service, or a node of it, was not read."""
    for outcome, place in zip(outcomes, places, strict=True):
        for server in (outcome.nodes or (outcome,)) if outcome else ():
            if server.reading is None or server.failure is not None:
                reason = server.failure.reason.value if isinstance(server.failure, Failure) else "not read yet"
                yield printable(f"{server.target.service} {place}: {reason}")
                break


def _with_unknown(found: Findings, row: Row) -> Findings:
    expected = row.verdict is Verdict.EXPECTED
    found = replace(found, expected=found.expected + expected)
    if not row.listed and _worst_possible(row.rule) is Severity.INFO:
        return replace(found, minor=found.minor or printable(f"{row.service}: {row.setting} is not seen"))
    if row.severity is Severity.IGNORED:
        return found
    words = found.unseen or printable(f"{row.service}: {row.note or row.setting}")
    return replace(found, unseen=words, accepted=found.accepted and expected)


def _worst_possible(rule: Rule) -> Severity:
    """Return the worst severity that a difference of a setting can have: hiding it must not raise a letter."""
    least = Severity.WARNING if rule.capacity else rule.severity
    return min(least, rule.severity, rule.presence or least, *rule.by_value.values(), key=lambda each: each.rank)


def _with_difference(found: Findings, row: Row, outcomes: Sequence[Outcome | None], reference: str) -> Findings:
    found = replace(found, expected=found.expected + (row.verdict is Verdict.EXPECTED))
    rank = _OTHER_PRODUCT if row.setting == "product" else _OF_SEVERITY.get(row.severity, 0)
    if rank <= found.rank:
        return found
    return replace(found, rank=rank, reason=_reason(row, outcomes, reference))


def _reason(row: Row, outcomes: Sequence[Outcome | None], reference: str) -> str:
    """Return a difference in words: "queue is RabbitMQ 3.10.8 here, 4.1.0 in production"."""
    here, there = (_text(row, index) for index in (0, 1))
    if row.setting not in ("product", "version"):
        return printable(f"{row.service}: {row.setting} is {here} here, {there} in {reference}")
    products = [outcome.reading.product if outcome and outcome.reading else "" for outcome in outcomes]
    releases = [
        f"{outcome.reading.product} {outcome.reading.version}".strip() if outcome and outcome.reading else "missing"
        for outcome in outcomes
    ]
    if row.setting == "version" and products[0] == products[1]:
        releases[1] = there
    return printable(f"{row.service} is {releases[0]} here, {releases[1]} in {reference}")


def _text(row: Row, index: int) -> str:
    text = row.text(index) or "missing"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

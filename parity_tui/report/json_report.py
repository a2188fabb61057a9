"""A board as JSON, schema 1."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict

from parity_tui.drift.board import Board, Section
from parity_tui.drift.grades import RULES_VERSION, Grade, Grades, grades_of
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Fact, Outcome, Reason, State
from parity_tui.report import Changes, rows

SCHEMA = 1
_REASONS = frozenset(Reason)

_ESCAPE = re.compile(r"\\(?:ud[89ab]..\\ud[c-f]..|u(?P<half>d[89a-f]..)|.)")


def to_json(
    board: Board,
    taken_at: datetime,
    *,
    everything: bool = False,
    changes: Changes | None = None,
    further: Mapping[str, Any] | None = None,
) -> str:
    """Return the board as JSON text in ASCII, safe to print on a terminal; ``further`` keys are added at the end."""
    return dumped({**document(board, taken_at, everything=everything, changes=changes), **(further or {})})


def dumped(document: Mapping[str, Any]) -> str:
    r"""Return a document as JSON text in ASCII. Lone surrogates, which many parsers refuse, are written out as text.

    >>> print(dumped({"raw": "caf\udce9 \ud800 \U0001f600"}))
    {
     "raw": "caf\\xe9 \\ud800 \ud83d\ude00"
    }
    """
    return _ESCAPE.sub(_without_surrogate, json.dumps(document, indent=1))


def _without_surrogate(escape: re.Match[str]) -> str:
    if not (half := escape["half"]):
        return escape[0]
    return rf"\\x{half[2:]}" if half >= "dc80" else rf"\\u{half}"


def document(
    board: Board, taken_at: datetime, *, everything: bool = False, changes: Changes | None = None
) -> dict[str, Any]:
    """Return the board as plain lists and dictionaries, schema 1; ``changes`` has the times since rows differ."""
    grades = grades_of(board)
    return {
        "schema": SCHEMA,
        "taken_at": utc(taken_at),
        "baseline": board.policy.baseline or None,
        "environments": list(board.environments),
        "grades": {name: grade_of(grade) for name, grade in grades.environments.items()},
        "graded_against": grades.reference or None,
        "grade_rules": RULES_VERSION,
        "left_out": [
            {"environment": item.environment, "name": item.name, "reason": item.reason} for item in board.left_out
        ],
        "summary": asdict(board.summary),
        "services": [_service(board, section, everything, changes or {}, grades) for section in board.sections],
    }


def grade_of(grade: Grade) -> dict[str, Any]:
    """Return a grade as a dictionary; `at_best` differs from `grade` where something was not read."""
    return {"grade": grade.letter, "at_best": grade.best, "reason": grade.reason, "expected": grade.expected}


def utc(moment: datetime) -> str:
    """Return a moment in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _since(at: float) -> dict[str, str]:
    """Return the key `since` for seconds since the epoch, none for 0.0."""
    return {"since": utc(datetime.fromtimestamp(at, UTC))} if at else {}


def _service(board: Board, section: Section, everything: bool, changes: Changes, grades: Grades) -> dict[str, Any]:
    outcomes = zip(board.environments, section.outcomes, strict=True)
    graded = ((name, grades.services.get((section.service, name))) for name in board.environments)
    return {
        "name": section.service,
        "grades": {name: grade_of(grade) for name, grade in graded if grade},
        "readings": {name: _reading(outcome) for name, outcome in outcomes if outcome},
        "rows": [_row(board, row, changes) for row in rows(section, everything)],
    }


def _reading(outcome: Outcome) -> dict[str, Any]:
    about: dict[str, Any] = {"kind": outcome.target.kind}
    if outcome.failure is not None:
        failure = {"reason": outcome.failure.reason, "message": outcome.failure.message}
        return {"state": "failed", **about, **failure, **_since(outcome.failed_since)}
    reading = outcome.reading
    if reading is None:
        return {"state": "pending", **about}
    document = {
        "state": "ok",
        **about,
        "product": reading.product,
        "version": reading.version,
        "address": reading.address,
        "milliseconds": outcome.milliseconds,
        "notes": list(reading.notes),
    }
    if outcome.target.snapshot:
        document |= {"snapshot": outcome.target.snapshot, "at": utc(datetime.fromtimestamp(outcome.at, UTC))}
    if outcome.nodes:
        document["nodes"] = [{"node": node.target.node, **_reading(node)} for node in outcome.nodes]
    return document


def _row(board: Board, row: Row, changes: Changes) -> dict[str, Any]:
    change = changes.get((row.service, printable(row.setting)))
    cells = zip(board.environments, row.cells, range(len(row.cells)), strict=True)
    return {
        "setting": row.setting,
        "kind": row.kind,
        "verdict": row.verdict.value,
        "severity": row.severity.value,
        "odd": list(row.odd),
        "why": row.why,
        "note": row.note,
        **_since(change.at if change else 0.0),
        "values": {name: _value(fact, row.text(index)) for name, fact, index in cells},
        **({"members": list(row.members), "count": len(row.members)} if row.members else {}),
    }


def _value(fact: Fact, text: str) -> dict[str, Any]:
    """Return one value: its state, its text unless hidden, its raw text unless secret, and the reason if unknown."""
    value: dict[str, Any] = {"state": fact.state.value, "text": None, "raw": None}
    if fact.state is State.VALUE:
        value.update(text=text, raw=fact.raw)
    elif fact.state is State.SECRET:
        value.update(text=text)
    elif fact.note in _REASONS:
        value.update(reason=fact.note)
    if fact.note and fact.note not in _REASONS:
        value.update(note=fact.note)
    if fact.source:
        value.update(source=fact.source)
    return value

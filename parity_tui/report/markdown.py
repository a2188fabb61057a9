"""A board as Markdown, to be pasted into a ticket."""

from __future__ import annotations

from collections.abc import Iterable

from parity_tui.drift.board import Board, Section
from parity_tui.drift.grades import grades_of
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.model import Verdict
from parity_tui.report import (
    Changes,
    agreement,
    conclusion,
    headline,
    left_out,
    name_of,
    rows,
    since_of,
    state_of,
    value_of,
    why_of,
)


def to_markdown(board: Board, *, everything: bool = False, changes: Changes | None = None, origin: str = "") -> str:
    """Return a heading, a summary and a table for each service; the arguments are those of the text report."""
    lines = ["# Parity report", "", f"{_sentence(headline(board))} {_sentence(conclusion(board))}", ""]
    lines += [_sentence(escaped(origin)), ""] if origin else []
    lines += _grades(board)
    for section in board.sections:
        lines += [f"## {escaped(section.service)}", ""]
        lines += _table(board, section, everything, changes or {})
        if not any(row.listed for row in section.rows):
            lines += ["", _sentence(agreement(section))]
        lines.append("")
    if board.left_out:
        lines += ["## Left out", "", *(f"- {escaped(sentence)}" for sentence in left_out(board)), ""]
    return "\n".join(lines)


def _grades(board: Board) -> Iterable[str]:
    grades = grades_of(board).environments
    for name, grade in grades.items():
        expected = f" ({grade.expected} expected)" if grade.expected else ""
        yield f"- {escaped(name)}: **{grade.letter}**{expected} — {escaped(grade.reason)}"
    if grades:
        yield ""


def _sentence(text: str) -> str:
    """Return the text with a capital and a full stop; names in it keep their case."""
    return f"{text[:1].upper()}{text[1:]}."


def _table(board: Board, section: Section, everything: bool, changes: Changes) -> Iterable[str]:
    yield table_line(map(escaped, ("", "setting", *board.environments, "why it matters")))
    yield table_line(["---"] * (len(board.environments) + 3))
    yield table_line(("", "", *(f"*{escaped(state_of(outcome))}*" for outcome in section.outcomes), ""))
    for row in rows(section, everything):
        yield table_line((_verdict(row), _name(row), *_values(board, row), _explanation(row, everything, changes)))


def _name(row: Row) -> str:
    """Return the name of a row as code, or as text if it contains characters that would end the code or the cell."""
    name = name_of(row)
    return escaped(name) if set(name) & {"`", "|"} else f"`{name}`"


def _values(board: Board, row: Row) -> Iterable[str]:
    """Yield the values of a row, those of the outlying environments in bold."""
    for index, environment in enumerate(board.environments):
        text = escaped(value_of(row, index))
        yield f"**{text}**" if environment in row.odd else text


def _verdict(row: Row) -> str:
    return row.severity.value if row.verdict is Verdict.DRIFT else row.verdict.value


def _explanation(row: Row, everything: bool, changes: Changes) -> str:
    members = (", ".join(map(printable, row.members)),) if row.members and everything else ()
    return escaped(" — ".join(filter(None, (*why_of(row), since_of(row, changes), *members))))


def table_line(cells: Iterable[str]) -> str:
    """Return a line of a table; the cells are Markdown."""
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Return text that Markdown shows literally."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|~" else c for c in text)

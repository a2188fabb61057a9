"""A board as workflow commands of GitHub Actions: annotations, which a run and a pull request show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from parity_tui.drift.board import Board
from parity_tui.drift.golden import Comparison, Status
from parity_tui.drift.row import Row
from parity_tui.drift.values import printable
from parity_tui.drift.words import plural
from parity_tui.model import Severity, Verdict
from parity_tui.report import conclusion, left_out, name_of, state_of, value_of
from parity_tui.report import golden as report

_MOST = 10
"""annotations of one level that GitHub shows for a step"""
_LONGEST = 2000
"""characters of a message"""

Note = tuple[str, str]
"""title and message"""


def to_github(board: Board, fail_on: Severity, *, compared: Comparison | None = None) -> str:
    """Return a line for each annotation, and the conclusion in the last line.

    An error fails the check: drift at or above ``fail_on``, or what is new against a golden file. A warning is what
    could not be read or seen; a notice is everything else.
    """
    lines = [*_level("error", list(_errors(board, fail_on, compared))), *_level("warning", list(_warnings(board)))]
    lines += _level("notice", list(_notices(board, fail_on, compared)))
    return "\n".join([*lines, report.headline(compared) if compared else conclusion(board)])


def _rows(board: Board, verdict: Verdict) -> Iterator[Row]:
    return (row for section in board.sections for row in section.rows if row.listed and row.verdict is verdict)


def _errors(board: Board, fail_on: Severity, compared: Comparison | None) -> Iterator[Note]:
    if compared is not None:
        for one in compared.of(Status.NEW):
            if one.row.severity.rank <= fail_on.rank:
                yield _title(one.row, "new, "), f"{printable(one.message)}. {_text(board, one.row)}"
        return
    rows = (row for row in _rows(board, Verdict.DRIFT) if row.severity.rank <= fail_on.rank)
    yield from ((_title(row), _text(board, row)) for row in sorted(rows, key=lambda row: row.severity.rank))


def _warnings(board: Board) -> Iterator[Note]:
    for section in board.sections:
        for server in section.failed:
            yield f"{server.target.environment} {section.service} was not read", state_of(server)
    for row in _rows(board, Verdict.UNKNOWN):
        yield f"{row.service} {name_of(row)} is not compared", printable(row.note)
    yield from (("left out", sentence) for sentence in left_out(board))


def _notices(board: Board, fail_on: Severity, compared: Comparison | None) -> Iterator[Note]:
    if compared is None:
        rows = [row for row in _rows(board, Verdict.DRIFT) if row.severity.rank > fail_on.rank]
        yield from ((_title(row), _text(board, row)) for row in rows)
        return
    lesser = [one for one in compared.of(Status.NEW) if one.row.severity.rank > fail_on.rank]
    for one in (*lesser, *compared.of(Status.RESOLVED, Status.UNKNOWN)):
        yield _title(one.row, f"{one.status.value}, "), printable(one.message)
    if unchanged := compared.of(Status.UNCHANGED):
        yield "approved", f"{plural(len(unchanged), 'difference is', 'differences are')} as approved"
    if advice := report.advice(compared):
        yield "golden file", advice


def _title(row: Row, prefix: str = "") -> str:
    return f"{prefix}{row.severity.value}: {row.service} {name_of(row)}"


def _text(board: Board, row: Row) -> str:
    """Return the values of a row and why they matter."""
    values = (f"{name}: {value_of(row, index)}" for index, name in enumerate(board.environments))
    return "; ".join(values) + (f". {printable(row.why)}" if row.why else "")


def _level(level: str, notes: Sequence[Note]) -> Iterable[str]:
    """Yield the annotations of one level; the last one counts those that GitHub would not show."""
    shown = list(notes) if len(notes) <= _MOST else list(notes[: _MOST - 1])
    if len(shown) < len(notes):
        rest = len(notes) - len(shown)
        shown.append((f"{rest} more", f"{rest} more of this level: parity-tui check --format text lists them"))
    for title, message in shown:
        cut = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
        yield f"::{level} title={_property(title[:200])}::{_data(cut)}"


def _data(text: str) -> str:
    r"""Return text that a workflow command takes as its message.

    >>> _data("50% \n::error::x")
    '50%25 %0A::error::x'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return text that a workflow command takes as a property.

    >>> _property("a: b, c")
    'a%3A b%2C c'
    """
    return _data(text).replace(":", "%3A").replace(",", "%2C")

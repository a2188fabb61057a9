"""The drift of a board beside the drift that was approved: new, resolved, unchanged, or unknown now."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from parity_tui.drift.board import Board, Section
from parity_tui.drift.grade import NOT_KNOWN
from parity_tui.drift.revisions import same_value
from parity_tui.drift.row import Row
from parity_tui.drift.words import listing, plural
from parity_tui.model import ABSENT, Fact, Severity, State, Verdict

STALE = "the golden file is stale"
CHANGED = "you changed it"

RowKey = tuple[str, str, str]
"""service, kind and setting"""


class Status(StrEnum):
    """How a difference relates to those that were approved."""

    NEW = "new"
    RESOLVED = "resolved"
    """approved, and no longer there"""
    UNCHANGED = "unchanged"
    UNKNOWN = "unknown"
    """approved, and not seen now"""


class Judged(Struct, frozen=True):
    """One difference, of the board or of the golden file."""

    status: Status
    row: Row
    """of the board; of the golden file where the board has none"""
    message: str = ""
    """why it is not as it was approved"""
    stale: bool = False
    """whether the golden file has to be approved again, for no environment but the baseline has changed"""

    @property
    def key(self) -> RowKey:
        """Service, kind and setting."""
        return key_of(self.row)


class Comparison(Struct, frozen=True):
    """A board beside a golden file."""

    name: str
    """of the file"""
    taken_at: float
    """seconds since the epoch"""
    rows: tuple[Judged, ...]
    """new ones first, worst first"""

    def of(self, *statuses: Status) -> tuple[Judged, ...]:
        """Return the differences of these statuses."""
        return tuple(one for one in self.rows if one.status in statuses)

    @property
    def stale(self) -> bool:
        """Whether the golden file has to be approved again."""
        return any(one.stale for one in self.rows)

    @property
    def words(self) -> str:
        """The number of differences of each status, in words."""
        counts = [(len(self.of(status)), status.value) for status in Status]
        return ", ".join(plural(count, word, word) for count, word in counts if count) or "nothing differs"

    def fails(self, least: Severity) -> bool:
        """Return whether a difference of at least this severity is new."""
        return any(one.row.severity.rank <= least.rank for one in self.of(Status.NEW))


def key_of(row: Row) -> RowKey:
    """Return what identifies a row on every board; the row of the product is of no kind."""
    return row.service, "" if row.setting == "product" else row.kind, row.setting


def judge(board: Board, golden: Board, *, same_key: bool = True) -> tuple[Judged, ...]:
    """Return the differences of a board and of a golden file, each with its status; new ones first.

    Args:
        board: the present board.
        golden: the board of the golden file: the same environments in the same order, under the same policy.
        same_key: whether fingerprints of secrets can be compared between the two.
    """
    before = {key_of(row): row for section in golden.sections for row in section.rows}
    sections = {section.service: section for section in board.sections}
    now = {key_of(row): row for section in board.sections for row in section.rows}
    judged = [_present(board, row, before.get(key), same_key) for key, row in now.items() if _is_drift(row)]
    for key, row in before.items():
        if _is_drift(row) and not ((other := now.get(key)) and _is_drift(other)):
            judged.append(_gone(row, now.get(key), sections.get(row.service)))
    order = list(Status)
    return tuple(sorted(judged, key=lambda one: (order.index(one.status), one.row.severity.rank, one.key)))


def _is_drift(row: Row) -> bool:
    return row.verdict is Verdict.DRIFT


def _present(board: Board, row: Row, approved: Row | None, same_key: bool) -> Judged:
    """Return the status of a difference that is there now."""
    names = board.environments
    known = [i for i, cell in enumerate(row.cells) if cell.state not in NOT_KNOWN]
    before: Sequence[Fact] = approved.cells if approved else (ABSENT,) * len(names)
    hashed = [i for i in known if not same_key and State.SECRET is row.cells[i].state is before[i].state]
    changed = [i for i in known if i not in hashed and _differs(row, i, before[i])]
    if approved is None or not _is_drift(approved) or changed or not _same_odd(row, approved, names, known):
        message, stale = _news(board, row, approved, changed)
        return Judged(Status.NEW, row, message, stale)
    if hashed:
        return Judged(Status.UNKNOWN, row, "the secret of the golden file is hashed with another key")
    return Judged(Status.UNCHANGED, row)


def _differs(row: Row, index: int, before: Fact) -> bool:
    return not same_value(row.cells[index], before, row.rule)


def _same_odd(row: Row, approved: Row, names: Sequence[str], known: Sequence[int]) -> bool:
    """Return whether the same environments are odd, of those whose value is known."""
    seen = {names[i] for i in known}
    return seen & set(row.odd) == seen & set(approved.odd)


def _news(board: Board, row: Row, approved: Row | None, changed: Sequence[int]) -> tuple[str, bool]:
    """Return why a difference is new, and whether that is the golden file's fault."""
    names, baseline = board.environments, board.policy.baseline
    moves = [_move(names[i], row, approved, i) for i in changed]
    if [names[i] for i in changed] == [baseline]:
        return f"{STALE}: the baseline has changed: {moves[0]}", True
    if changed:
        return f"{CHANGED}: {listing(moves)}", False
    return f"{STALE}: no value has changed, but this was no difference of its own then", True


def _move(name: str, row: Row, approved: Row | None, index: int) -> str:
    after = row.text(index)
    if approved is None or (approved.cells[index].state is State.ABSENT and approved.cells[index].note):
        return f"{name} has {after}, which the golden file lacks"
    return f"{name} {approved.text(index) or '?'} → {after}"


def _gone(approved: Row, row: Row | None, section: Section | None) -> Judged:
    """Return the status of a difference that was approved and is not there now."""
    unread = section is not None and any(outcome and outcome.failure for outcome in section.outcomes)
    if (row is None and unread) or (row is not None and row.verdict is Verdict.UNKNOWN):
        return Judged(Status.UNKNOWN, row or approved, "approved, and not seen now")
    why = "it is expected now" if row is not None and row.verdict is Verdict.EXPECTED else "it is gone"
    if section is None:
        why = "the configuration no longer has the service"
    return Judged(Status.RESOLVED, row or approved, f"{STALE}: this was approved, and {why}", True)

"""What has moved from one board to the next: values, and servers that were started anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from parity_tui.drift.board import Board, Section, TargetKey, target_key
from parity_tui.drift.row import Row
from parity_tui.drift.values import comparison_key, display_text
from parity_tui.model import Outcome, Severity, State

VERSION = "version"


class Change(Struct, frozen=True):
    """One thing that has moved between two boards."""

    environment: str
    service: str
    setting: str
    before: str
    after: str
    """both as a person reads them"""
    severity: Severity
    restarted: bool = False
    """the server was started anew, or another one has taken its place; the setting is its version, which may be the
    same as before"""
    node: str = ""
    """which of several servers was started anew"""
    instance: str = ""
    """what tells it, as it was started anew, from the same server at any other time"""

    @property
    def subject(self) -> str:
        """The service, and what of it has moved.

        >>> Change("eu", "cache", "version", "9.1", "9.1", Severity.INFO, restarted=True, node="10.0.0.7:6379").subject
        'cache 10.0.0.7:6379 restarted'
        """
        return " ".join(filter(None, (self.service, self.node, "restarted" if self.restarted else self.setting)))

    @property
    def transition(self) -> str:
        """From what to what, "" for a server that was started anew and is the same.

        >>> Change("staging", "database", "version", "15.3", "15.4", Severity.INFO, restarted=True).transition
        '15.3 → 15.4'
        """
        return "" if self.before == self.after else f"{self.before} → {self.after}"


class TimedChange(Struct, frozen=True):
    """One change, and when it was seen."""

    at: float
    """seconds since the epoch"""
    change: Change
    since: float | None = None
    """when the value was last seen to be the old one, where nobody looked in between"""


def changes(before: Board, after: Board) -> list[Change]:
    """Return every value that was known, and is known now, and is another one, and every restart.

    Ignored settings are left out but for those that are news all the same: the role of a server. Boards of another
    configuration have nothing in common.
    """
    found: list[Change] = []
    for old, new in _sections(before, after):
        anew = list(_restarts(after.environments, old, new))
        found += anew
        if old.rows is not new.rows:
            told = {restart.environment for restart in anew}
            found += (
                c for c in _moves(after.environments, old, new) if c.setting != VERSION or c.environment not in told
            )
    return found


def restarts(before: Board, after: Board) -> list[Change]:
    """Return the servers that were started anew between two boards."""
    return [c for old, new in _sections(before, after) for c in _restarts(after.environments, old, new)]


def _sections(before: Board, after: Board) -> Iterator[tuple[Section, Section]]:
    """Return each section as it was and as it is, none where the boards are not of the same servers."""
    same = before.environments == after.environments and list(_places(before)) == list(_places(after))
    return zip(before.sections, after.sections, strict=True) if same else iter(())


def _places(board: Board) -> Iterator[TargetKey]:
    """Return what tells the servers of a board from those of another."""
    return (target_key(server.target) for server in board.servers())


def _moves(environments: Sequence[str], before: Section, after: Section) -> Iterator[Change]:
    """Return the values of a service that have moved."""
    rows = {(row.kind, row.setting): row for row in before.rows}
    for row in after.rows:
        was = rows.get((row.kind, row.setting))
        if was is not None and was is not row and (row.severity is not Severity.IGNORED or row.rule.notify):
            yield from _moved(environments, was, row)


def _moved(environments: Sequence[str], was: Row, row: Row) -> Iterator[Change]:
    """Return the cells of a row that hold another value than before."""
    severity = Severity.INFO if row.severity is Severity.IGNORED else row.severity
    for index, environment in enumerate(environments):
        old, new = was.cells[index], row.cells[index]
        if old is new or old.raw is None or new.raw is None or new.state is State.UNKNOWN:
            continue
        # A target that was away may come back with another value: that is a change too.
        if comparison_key(replace(old, state=new.state), row.rule) != comparison_key(new, row.rule):
            before, after = display_text(old, row.rule), display_text(new, row.rule)
            yield Change(environment, row.service, row.setting, before, after, severity)


def _restarts(environments: Sequence[str], before: Section, after: Section) -> Iterator[Change]:
    """Return the servers of a service that were started anew."""
    for environment, old, new in zip(environments, before.outcomes, after.outcomes, strict=True):
        if old is None or new is None or old is new:
            continue
        for was, server in zip(old.nodes or (old,), new.nodes or (new,), strict=True):
            if _restarted(was, server) and was.reading and server.reading:
                yield Change(
                    environment, after.service, VERSION, was.reading.version, server.reading.version,
                    Severity.INFO, restarted=True, node=server.target.node, instance=server.reading.instance,
                )  # fmt: skip


def _restarted(was: Outcome, server: Outcome) -> bool:
    """Tell whether a server was started anew. No server does that on a connection: a pooler passes on many of them."""
    if was.reading is None or server.reading is None or was.connection == server.connection:
        return False
    old, new = was.reading.instance, server.reading.instance
    return bool(old and new and old != new)

"""Changes from one board to the next: values and server restarts."""

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
    """One value that changed between two boards, or one restart."""

    environment: str
    service: str
    setting: str
    before: str
    after: str
    """both as shown to a person"""
    severity: Severity
    restarted: bool = False
    """the server restarted or was replaced; `setting` is then "version", whose value may be unchanged"""
    node: str = ""
    """the node that restarted, "" if the target has only one server"""
    instance: str = ""
    """identifies the run of the server that began with the restart"""

    @property
    def subject(self) -> str:
        """The service and its setting, or its node that restarted.

        >>> Change("eu", "cache", "version", "9.1", "9.1", Severity.INFO, restarted=True, node="10.0.0.7:6379").subject
        'cache 10.0.0.7:6379 restarted'
        """
        return " ".join(filter(None, (self.service, self.node, "restarted" if self.restarted else self.setting)))

    @property
    def transition(self) -> str:
        """The old and the new value, "" for a restart without a new version.

        >>> Change("staging", "database", "version", "15.3", "15.4", Severity.INFO, restarted=True).transition
        '15.3 → 15.4'
        """
        return "" if self.before == self.after else f"{self.before} → {self.after}"


class TimedChange(Struct, frozen=True):
    """One change and the time at which it was seen."""

    at: float
    """seconds since the epoch"""
    change: Change
    since: float | None = None
    """when the old value was last seen, if no board was open in between"""


def changes(before: Board, after: Board) -> list[Change]:
    """Return every restart, and every value that is known in both boards and differs.

    Ignored settings are omitted unless their rule has `notify` (the role of a server). Boards of different servers
    have no changes.
    """
    found: list[Change] = []
    for old, new in _section_pairs(before, after):
        restarted = list(_section_restarts(after.environments, old, new))
        found += restarted
        if old.rows is not new.rows:
            reported = {restart.environment for restart in restarted}
            values = _value_changes(after.environments, old, new)
            found += (c for c in values if c.setting != VERSION or c.environment not in reported)
    return found


def restarts(before: Board, after: Board) -> list[Change]:
    """Return only the restarts between two boards."""
    return [c for old, new in _section_pairs(before, after) for c in _section_restarts(after.environments, old, new)]


def _section_pairs(before: Board, after: Board) -> Iterator[tuple[Section, Section]]:
    """Return each section before and after, none if the boards are not of the same servers."""
    same = before.environments == after.environments and _server_keys(before) == _server_keys(after)
    return zip(before.sections, after.sections, strict=True) if same else iter(())


def _server_keys(board: Board) -> list[TargetKey]:
    return [target_key(server.target) for server in board.servers()]


def _value_changes(environments: Sequence[str], before: Section, after: Section) -> Iterator[Change]:
    rows = {(row.kind, row.setting): row for row in before.rows}
    for row in after.rows:
        was = rows.get((row.kind, row.setting))
        if was is not None and was is not row and (row.severity is not Severity.IGNORED or row.rule.notify):
            yield from _row_changes(environments, was, row)


def _row_changes(environments: Sequence[str], was: Row, row: Row) -> Iterator[Change]:
    severity = Severity.INFO if row.severity is Severity.IGNORED else row.severity
    for index, environment in enumerate(environments):
        old, new = was.cells[index], row.cells[index]
        if old is new or old.raw is None or new.raw is None or new.state is State.UNKNOWN:
            continue
        # With the new state, so that a target which comes back with another value is a change as well.
        if comparison_key(replace(old, state=new.state), row.rule) != comparison_key(new, row.rule):
            before, after = display_text(old, row.rule), display_text(new, row.rule)
            yield Change(environment, row.service, row.setting, before, after, severity)


def _section_restarts(environments: Sequence[str], before: Section, after: Section) -> Iterator[Change]:
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
    # On one connection another instance is no restart: a pooler forwards to several servers.
    if was.reading is None or server.reading is None or was.connection == server.connection:
        return False
    old, new = was.reading.instance, server.reading.instance
    return bool(old and new and old != new)
